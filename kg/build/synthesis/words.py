"""What was computed, in plain words: a title for each pooled result, and a sentence that tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.build.jsonld import Node
from kg.build.synthesis.selection import Candidate, Question
from kg.build.synthesis.writing import name
from kg.prefixes import ID
from kg.rounding import rounded

#: The label of a term or an entity, by its IRI.
Labels = Mapping[str, str]

#: How a result is titled, by the predicate of its question; all others are titled by the question itself.
_TITLES = {
    "hasPhenotype": "{figure} of {object} in {subject}",
    "hasAutoantibody": "{figure} of {object} in {subject}",
    "hasComplication": "{object} after {subject}: {figure}",
    "hasAdverseEffect": "{object} with {subject}: {figure}",
    "hasOutcome": "{object}{direction} with {subject}: {figure}",
    "occursAt": "{subject} at the site {object}: {figure}",
    "associatedWith": "{figure} of {object} with {subject}",
    "riskFactorFor": "{figure} of {object} with {subject}",
}
#: How a proportion is told; all others are told by the question itself.
_SHARES = {
    "hasPhenotype": "{share} of people with {subject} had {object}",
    "hasAutoantibody": "{share} of people with {subject} had {object}",
    "hasComplication": "{object} followed {subject} in {share} of people",
    "hasAdverseEffect": "{object} came with {subject} in {share} of people",
    "hasOutcome": "with {subject}, {object}{direction} was reported in {share} of people",
}
_RATIOS = {
    "oddsRatio": "the odds of {object} were {ratio} times as high {against}",
    "hazardRatio": "{object} came {ratio} times as fast {against}",
    "riskRatio": "the risk of {object} was {ratio} times as high {against}",
}
#: Marks that begin so are comparators, when they tell a circumstance: people who are not just those without.
_OTHERS = tuple(f"{ID}{kind}/" for kind in ("population", "disease", "subtype"))


@dataclass(frozen=True)
class Shared:
    """What pooled findings have in common, in words.

    ``figure`` is the measure or the statistic, ``adjustment`` that of ratios, ``unit`` what is counted when it is not
    people; ``rest`` has sites, instruments and circumstances.
    """

    figure: str
    adjustment: str
    unit: str
    rest: tuple[str, ...]


def read_shared(finding: Candidate, labels: Labels) -> Shared:
    """Read the marks of a finding; those that are pooled have the same."""
    by_reason: dict[str, list[str]] = {}
    for mark, reason in sorted(finding.marks):
        by_reason.setdefault(name(reason), []).append(labels.get(mark, mark))
    figure = by_reason.pop("differentMeasure", []) + by_reason.pop("differentStatistic", [])
    adjustment = by_reason.pop("differentAdjustment", [""])
    unit = by_reason.pop("differentUnit", [""])
    diseases = [f"people with other diseases: {one}" for one in by_reason.pop("differentDisease", [])]
    rest = [", ".join(by_reason[reason]) for reason in sorted(by_reason)]
    return Shared(", ".join(figure) or "difference of means", adjustment[0], unit[0], (*rest, *diseases))


def question_in_words(question: Question, labels: Labels) -> str:
    """Return a question as the labels of its parts."""
    parts = [question.subject, question.predicate, question.object, question.direction]
    return ", ".join(labels[part] for part in parts if part)


def title(question: Question, inputs: Sequence[Candidate], labels: Labels) -> str:
    """Return a title: what is pooled, and what its findings have in common, which tells it from all others."""
    shared = read_shared(inputs[0], labels)
    form = _TITLES.get(name(question.predicate), "{question}: {figure}")
    text = form.format(figure=shared.figure, **_ends(question, labels))
    untold = "method of detection not reported" if _is_found(question) and not _has_method(inputs[0]) else ""
    unit = things(shared.unit) if shared.unit else ""
    details = [one for one in (shared.adjustment, unit, *shared.rest, untold) if one]
    return capital(text) + (f" ({'; '.join(details)})" if details else "")


def sentence(question: Question, inputs: Sequence[Candidate], result: Node, labels: Labels) -> str:
    """Return what was pooled in one or two sentences."""
    shared, ends = read_shared(inputs[0], labels), _ends(question, labels)
    estimate = estimate_of(result)
    if result.get("estimateUnit") == "%":
        form = _SHARES.get(name(question.predicate), "{question}: {share} of people")
        said = form.format(share=estimate, **ends)
    elif form := _RATIOS.get(name(result["effectMeasure"]["id"]), ""):
        said = form.format(ratio=estimate, against=_against(inputs[0], ends["subject"]), **ends)
    else:
        said = f"{ends['question']}: the means of the two groups were {estimate} apart"
    total = result.get("peopleCount")
    among = f"In {len(inputs)} studies" + (f" of {total:,} people" if total else "")
    details = f"95 % confidence interval {bounds_of(result, 'confidence')}"
    details += f"; {shared.adjustment}" * bool(shared.adjustment)
    if "predictionLower" in result:
        further = f"The true figure of a further study is expected to be {bounds_of(result, 'prediction')}."
    else:
        further = "Two studies cannot tell how far studies differ: the interval hangs on how well these two agree."
    return f"{among}, {said} ({details}). {further}"


def estimate_of(node: Node) -> str:
    """Return the estimate of a node, rounded, with its unit."""
    unit = node.get("estimateUnit", "")
    return f"{rounded(float(node['estimate']['@value']), unit)} {unit if unit != '1' else ''}".rstrip()


def bounds_of(node: Node, kind: str) -> str:
    """Return the bounds of an interval of a node: of ``confidence``, or of ``prediction``."""
    unit = node.get("estimateUnit", "")
    lower, upper = (rounded(float(node[kind + end]["@value"]), unit) for end in ("Lower", "Upper"))
    return f"{lower} to {upper} {unit if unit != '1' else ''}".rstrip()


def things(unit: str) -> str:
    """Return what is counted, in the plural: people, unless a unit or the label of a thing counted says otherwise.

    >>> things("{limb}"), things("by lesions"), things("")
    ('limbs', 'lesions', 'people')
    """
    return f"{unit.strip('{}').removeprefix('by ').rstrip('s')}s" if unit else "people"


def number_of(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> number_of(1, "finding"), number_of(2, "study"), number_of(1200, "person")
    ('1 finding', '2 studies', '1,200 people')
    """
    plural = {"person": "people", "study": "studies"}.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else plural}"


def capital(words: str) -> str:
    """Return words with a capital letter at the beginning."""
    return words[:1].upper() + words[1:]


def _against(finding: Candidate, subject: str) -> str:
    """Say with what a ratio compares: people without, others, or those one step of a quantity below."""
    if step := finding.row.get("step"):
        return f"with {subject}, {step}"
    others = any(mark.startswith(_OTHERS) for mark, reason in finding.marks if name(reason) == "differentCircumstance")
    return f"with {subject} as {'in the group compared' if others else 'without'}"


def _ends(question: Question, labels: Labels) -> dict[str, str]:
    return {
        "subject": labels[question.subject],
        "object": labels[question.object],
        "direction": f" {labels[question.direction]}" if question.direction else "",
        "question": question_in_words(question, labels),
    }


def _is_found(question: Question) -> bool:
    """Tell whether the question is how often something is found, which depends on how it is looked for."""
    return name(question.predicate) == "hasPhenotype"


def _has_method(finding: Candidate) -> bool:
    return any(mark.startswith(f"{ID}diagnostic/") for mark, _ in finding.marks)
