"""The words of the pages: labels of terms, figures with their units, and the summary of a treatment."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.http.serving import labels, once_per_snapshot
from kg.prefixes import ID, ONTOLOGY
from kg.read.filters import DENIED, NONE

#: Units of time, by their UCUM codes.
_TIMES = {"a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute"}
#: Units whose UCUM code is not what a person reads; a ratio has none.
_UNITS = {"1": "", "/(100.a)": "per 100 years", "{patient}/{study}": "patients per study"}
_SCORE = "score"  # stands before its number
_MATCHES = {
    "exactMatch": "exact match",
    "closeMatch": "close match",
    "broadMatch": "broader term",
    "narrowMatch": "narrower term",
    "relatedMatch": "related term",
}
_CLASSES = {
    "SurgicalTreatment": "Surgery",
    "Treatment": "General and other treatments",
    "DrugTreatment": "Drugs",
    "TopicalTreatment": "Topical treatments",
    "PhysicalTreatment": "Physical treatments",
    "WoundCare": "Wound care",
    "PreventiveMeasure": "Prevention",
    "PerioperativeCare": "Perioperative care",
}
#: The headings of the kinds of entities, by the first part of their ids.
PLURALS = {
    "disease": "Diseases",
    "subtype": "Disease subtypes",
    "autoantibody": "Autoantibodies",
    "marker": "Markers",
    "site": "Anatomical sites",
    "treatment": "Treatments",
    "outcome": "Outcomes",
    "complication": "Complications",
    "adverse-effect": "Adverse effects",
    "risk-factor": "Risk factors",
    "indication": "Indications",
    "diagnostic": "Diagnostics",
    "phenotype": "Phenotypes",
    "population": "Populations",
    "source": "Sources",
    "study": "Cited studies",
    "finding": "Findings",
    "disagreement": "Disagreements",
    "pooled": "Pooled results",
    "rating": "Ratings of certainty",
    "question": "Questions",
    "function": "SPARQL functions",
}
#: The filters by what findings are about, in the order of a sentence.
ABOUT = ("treatment", "outcome", "site", "disease", "population", "about")
#: The verdicts of a result that is clear; the others are of unclear benefit, or not settled.
SETTLED = ("favourable", "unfavourable", "nullResult")
#: What stands for the direction of a finding that has none of the ontology.
_NO_DIRECTIONS = {DENIED: "denied", NONE: "no direction given"}


def class_plural(name: str) -> str:
    """Return the heading of a class of treatments."""
    return _CLASSES.get(name, plain(name).capitalize())


def sentence_case(label: str) -> str:
    """Return a label as a heading has it.

    >>> sentence_case("sodium thiosulfate"), sentence_case("mRNA")
    ('Sodium thiosulfate', 'mRNA')
    """
    return label if label[1:2].isupper() else label[:1].upper() + label[1:]


def plain(term: str) -> str:
    """Return the label of a term of the ontology."""
    return labels().terms.get(ONTOLOGY + term, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", term).lower())


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article.

    >>> with_article("ontologist"), with_article("researcher")
    ('an ontologist', 'a researcher')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def filter_value(name: str, value: str) -> str:
    """Return a value of a filter of findings: the label of its entity or term, or a limit in words."""
    match name:
        case "kind":
            return kind(value)
        case "max_level":
            return f"level {value}" if value == "1" else f"level {value} or better"
        case "since":
            return f"{value} or later"
        case "direction" if value in _NO_DIRECTIONS:
            return _NO_DIRECTIONS[value]
        case "source" if "/" not in value:
            value = f"source/{value}"
    entity = labels().find(value)
    return (
        str(labels().reference(entity)["label"]) if entity else plain(value.removeprefix(ONTOLOGY).removeprefix("ckg:"))
    )


def filter_values(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the values of several filters in one phrase: what findings are about, then the rest."""
    return join([filter_value(name, value) for name, value in sorted(pairs, key=_place)])


def _place(pair: tuple[str, str]) -> int:
    return ABOUT.index(pair[0]) if pair[0] in ABOUT else len(ABOUT)


def join(words: Sequence[str]) -> str:
    """Return words as people list them.

    >>> join(["finger", "pain"]), join(["finger", "pain", "calcinosis"]), join([])
    ('finger and pain', 'finger, pain and calcinosis', '')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def kind(name: str) -> str:
    """Return a kind of finding in words.

    >>> kind("adverse-effect")
    'adverse effect'
    """
    return name.replace("-", " ")


def figure(finding: Mapping[str, Any]) -> str:
    """Return the figure of a finding with its unit and interval, then the baseline and the figure of the comparator.

    >>> figure({"lower": 2, "upper": 12, "unit": "mo"}), figure({"value": 1, "unit": "a"})
    ('2 to 12 months', '1 year')
    >>> figure({"lower": 80, "unit": "%"}), figure({"value": 15, "unit": "%", "lower": 10, "upper": 20})
    ('from 80 %', '15 % (from 10 to 20)')
    >>> figure({"value": 3, "unit": "{score}", "baseline": {"value": 8}, "spread": 1.5}), figure({})
    ('score 3 ± 1.5; baseline score 8', '')
    >>> figure({"comparison": {"value": 1, "unit": "wk"}})
    'comparator 1 week'
    """
    unit = {"unit": finding["unit"]} if "unit" in finding else {}
    beside = {"baseline": finding.get("baseline"), "comparator": finding.get("comparison")}
    parts = [_figure(finding), *(f"{name} {quantity(unit | figures)}" for name, figures in beside.items() if figures)]
    return "; ".join(part for part in parts if part)


def _figure(figures: Mapping[str, Any]) -> str:
    value, bounds = figures.get("value"), _bounds(figures)
    if value is None and not bounds:
        return ""
    main = bounds if value is None else f"{value}" + (f" ± {figures['spread']}" if "spread" in figures else "")
    qualifier = plain(figures["qualifier"]) if "qualifier" in figures else ""
    if qualifier and value is None:
        main = main.removeprefix("from ").removeprefix("up to ")  # the qualifier replaces it
    unit = _unit(figures.get("unit", ""), value if value is not None else figures.get("upper"))
    words = [unit, qualifier, main] if unit == _SCORE else [qualifier, main, unit]
    text = " ".join(word for word in words if word)
    if value is not None and bounds:
        text += f" ({plain(figures['interval']) if 'interval' in figures else 'from'} {bounds})"
    return text


def quantity(figures: Mapping[str, Any]) -> str:
    """Return a figure beside the result, such as a follow-up, in words.

    >>> quantity({"lower": 3, "upper": 5, "unit": "{session}"}), quantity({"numerator": 3, "denominator": 41})
    ('3 to 5 sessions', '3 of 41')
    """
    statistic = [plain(figures["statistic"])] if "statistic" in figures else []
    return " ".join([*statistic, _figure(figures) or counts(figures)])


def counts(finding: Mapping[str, Any]) -> str:
    """Return numerator and denominator, with the exact interval of the proportion.

    >>> counts({"numerator": 13, "denominator": 39,
    ...     "exact_interval": {"estimate": 33.3333, "lower": 19.0881, "upper": 50.2172, "level": 95}})
    '13 of 39: 33.3 % (95 % interval 19.1 to 50.2)'
    >>> counts({"numerator": 3}), counts({"denominator": 41}), counts({})
    ('3', 'of 41', '')
    """
    of = f"of {finding['denominator']}" if "denominator" in finding else ""
    text = " ".join(word for word in (str(finding.get("numerator", "")), of) if word)
    if exact := finding.get("exact_interval"):
        share, lower, upper = (f"{exact[key]:.1f}" for key in ("estimate", "lower", "upper"))
        text += f": {share} % ({exact['level']} % interval {lower} to {upper})"
    return text


def level(level: Mapping[str, Any]) -> str:
    """Return an evidence level in words.

    >>> level({"rank": 4, "label": "OCEBM level 4"})
    '4 of 5 (OCEBM level 4; 1 is the best, 5 is opinion)'
    """
    return f"{level['rank']} of 5 ({level['label']}; 1 is the best, 5 is opinion)"


def unit(code: str) -> str:
    """Return the name of a unit, as the label of an axis.

    >>> unit("mo"), unit("%"), unit("{score}"), unit("")
    ('months', '%', 'score', '')
    """
    return _unit(code, None)


def match(predicate: str) -> str:
    """Return the relation to a term of another vocabulary in words."""
    return _MATCHES.get(predicate.rpartition(":")[2], predicate)


def heading(column: str) -> str:
    """Return the variable of a query result in words.

    >>> heading("bestLevel")
    'best level'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).replace("_", " ").lower()


def cell(value: object, column: str) -> dict[str, Any]:
    """Return a value of a query result in words and, for an entity or its label, ``kind`` and ``slug`` of its page.

    >>> cell("{patient}", "followUpUnit"), cell(12.5, "value"), cell(None, "unit")
    ({'words': 'patients'}, {'words': '12.5'}, {'words': ''})
    """
    text = "" if value is None else str(value)
    if column.lower().endswith("unit"):
        return {"words": unit(text)}
    if text.startswith(ONTOLOGY):
        return {"words": plain(text.removeprefix(ONTOLOGY))}
    iri = text if text.startswith(ID) else _named().get(text) if isinstance(value, str) else None
    if iri and (label := labels().label(iri)):
        kind, _, slug = iri.removeprefix(ID).partition("/")
        return {"words": label, "kind": kind, "slug": slug}
    return {"words": text}


@once_per_snapshot
def _named() -> dict[str, str]:
    """Return the IRI of each entity whose label no other entity has."""
    common = Counter(one["label"] for one in labels().entities.values())
    return {one["label"]: iri for iri, one in labels().entities.items() if common[one["label"]] == 1}


#: Whose evidence a finding is that is not on people with systemic sclerosis alone.
OTHER_PEOPLE = {
    "mixed": "people with systemic sclerosis and people with other diseases together",
    "indirect": "people with other diseases",
}


def summary(label: str, counts: Mapping[str, int], verdicts: Mapping[str, int], hedged: Mapping[str, int]) -> list[str]:
    """Return the sentences that head the page of a treatment, made by rule from numbers of findings.

    ``counts`` come from ``kg.read.evidence``, ``verdicts`` are the numbers of findings by verdict, ``hedged`` those of
    them that their source only calls possible or probable.

    >>> for sentence in summary("debulking", {"findings": 26, "sources": 1, "best": 4, "oldest": 2021, "newest": 2021},
    ...     {"favourable": 3, "nullResult": 6, "unsettled": 7, "useOnly": 3}, {"favourable": 1}):
    ...     print(sentence)
    There are 26 findings on debulking, from 1 source of 2021.
    Of its results, 3 are favourable (1 of these called only possible or probable), none is unfavourable, \
and 6 found no change or difference.
    7 more are aims, hypotheses, uncertain, or not reported.
    The best evidence level is 4 of 5 (1 is the best, 5 is opinion).
    >>> summary("rest", {"findings": 1, "sources": 1, "best": 5}, {"useOnly": 1}, {})[1:]
    ['It gives no result.', 'All of it is opinion or relayed (evidence level 5 of 5; 1 is the best).']
    >>> summary("nothing", {"findings": 0, "sources": 0}, {}, {})
    ['There are no findings on nothing.']
    >>> summary("etidronate", {"findings": 0, "sources": 0, "elsewhere": 2}, {}, {})[0]
    'There are no findings on etidronate in systemic sclerosis.'
    """
    elsewhere = counts.get("elsewhere", 0)
    apart = [
        f"{elsewhere} finding{'s' if elsewhere > 1 else ''} in people with other diseases, or in mixed groups, "
        f"{'are' if elsewhere > 1 else 'is'} listed separately below and not counted here."
    ] * bool(elsewhere)
    if not counts["findings"]:
        return [f"There are no findings on {label}{' in systemic sclerosis' if apart else ''}.", *apart]
    there = "There is 1 finding" if counts["findings"] == 1 else f"There are {counts['findings']} findings"
    sources = f"{counts['sources']} source{'s' if counts['sources'] != 1 else ''}"
    sentences = [f"{there} on {label}, from {sources}{_years(counts)}."]
    for_, against, null, change, unsettled = (verdicts.get(name, 0) for name in (*SETTLED, "changeOnly", "unsettled"))
    if for_ or against or null:
        hedges = {name: _hedge(verdicts.get(name, 0), hedged.get(name, 0)) for name in SETTLED}
        sentences.append(
            f"Of its results, {for_ or 'none'} {'is' if for_ < 2 else 'are'} favourable{hedges['favourable']}, "
            f"{against or 'none'} {'is' if against < 2 else 'are'} unfavourable{hedges['unfavourable']}, "
            f"and {null or 'none'} found no change or difference{hedges['nullResult']}."
        )
    elif not change and "unprovenBenefit" not in verdicts:
        sentences.append("It gives no result." if counts["findings"] == 1 else "None of them gives a result.")
    if change:
        sentences.append(f"{change} more {'is' if change == 1 else 'are'} a change of unclear benefit.")
    if unproven := verdicts.get("unprovenBenefit", 0):
        sentences.append(f"{unproven} say{'s' if unproven == 1 else ''} that a benefit has not been proven so far.")
    if unsettled:
        more = "more " if for_ or against or null or change or unproven else ""
        what = "is an aim, a hypothesis" if unsettled == 1 else "are aims, hypotheses"
        sentences.append(f"{unsettled} {more}{what}, uncertain, or not reported.")
    if "best" not in counts:
        return sentences + apart
    if counts["best"] == 5:
        sentences.append("All of it is opinion or relayed (evidence level 5 of 5; 1 is the best).")
    else:
        sentences.append(f"The best evidence level is {counts['best']} of 5 (1 is the best, 5 is opinion).")
    return sentences + apart


def kinds_counted(kinds: Sequence[Mapping[str, object]]) -> str:
    """Return how many findings come from kinds of the treatment, if it has any.

    >>> kinds_counted([{"label": "calcinosis excision", "findings": 143}, {"label": "curettage", "findings": 1}])
    'Findings on more specific treatments are included: calcinosis excision (143), curettage (1).'
    """
    counted = ", ".join(f"{kind['label']} ({kind['findings']})" for kind in kinds)
    return f"Findings on more specific treatments are included: {counted}." if kinds else ""


def _years(counts: Mapping[str, int]) -> str:
    if "newest" not in counts:
        return " without a year"
    return f" of {counts['newest']}" if counts["sources"] == 1 else f", the newest of {counts['newest']}"


def _hedge(number: int, hedged: int) -> str:
    """Return how many results are called only possible, if any.

    >>> _hedge(3, 0), _hedge(3, 3), _hedge(3, 1)
    ('', ' (called only possible or probable)', ' (1 of these called only possible or probable)')
    """
    if not hedged:
        return ""
    return f" ({'' if hedged == number else f'{hedged} of these '}called only possible or probable)"


def _bounds(figures: Mapping[str, Any]) -> str:
    lower, upper = figures.get("lower"), figures.get("upper")
    if lower is None:
        return "" if upper is None else f"up to {upper}"
    return f"from {lower}" if upper is None else f"{lower} to {upper}"


def _unit(code: str, number: float | None) -> str:
    """Return a unit as a person reads it: what is counted in the plural, a symbol as it is.

    >>> _unit("{lesion}", 2), _unit("a", 1), _unit("{score}", 8), _unit("mm2", 22), _unit("1", 3.9)
    ('lesions', 'year', 'score', 'mm²', '')
    """
    counted = _TIMES.get(code) or (re.fullmatch(r"\{(\w+)\}", code) or ["", ""])[1]
    if not counted:
        return _UNITS.get(code, code.translate(str.maketrans("23", "²³")))
    return counted if counted == _SCORE or number == 1 else f"{counted}s"
