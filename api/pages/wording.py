"""The words of the pages: figures with their units, relations and levels as people read them."""

import re
from collections.abc import Mapping
from typing import Any

from api.http.serving import labels
from kg.prefixes import ID, ONTOLOGY

#: Units of time, by their UCUM codes.
_UNITS = {"a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute"}
_SCORE = "score"  # stands before its number
_INVARIABLE = frozenset({"%", "cm", "mm", "mg", "g", "kg", "ml", _SCORE})
_INTERVALS = {"range": "range", "iqr": "interquartile range", "ci95": "95 % confidence interval", "sd": "± one SD"}
_QUALIFIERS = {"lessThan": "less than", "greaterThan": "more than", "atLeast": "at least", "upTo": "up to"}
_MATCHES = {
    "exactMatch": "the same",
    "closeMatch": "nearly the same",
    "broadMatch": "a wider term",
    "narrowMatch": "a narrower term",
    "relatedMatch": "something related",
}
_CLASSES = {
    "SurgicalTreatment": "Operations",
    "Treatment": "Treatment in general, and others",
    "DrugTreatment": "Drugs",
    "TopicalTreatment": "On the skin",
    "PhysicalTreatment": "Physical treatments",
    "WoundCare": "Wound care",
    "PreventiveMeasure": "Prevention",
    "PerioperativeCare": "Before, during and after an operation",
}
#: The headings of the kinds of things, by the first part of their ids.
PLURALS = {
    "disease": "Diseases",
    "subtype": "Subtypes of disease",
    "autoantibody": "Autoantibodies",
    "site": "Sites of the body",
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
    "study": "Studies that the sources cite",
    "finding": "Findings",
    "disagreement": "Disagreements",
    "question": "Questions",
    "function": "Functions for queries",
}


def class_plural(name: str) -> str:
    """Return a class of treatments as the heading of a group."""
    return _CLASSES.get(name, plain(name).capitalize())


def plain(term: str) -> str:
    """Return the label of a term of the ontology."""
    return labels().terms.get(ONTOLOGY + term, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", term).lower())


def figure(finding: Mapping[str, Any]) -> str:
    """Return what was measured: the figure with its unit, its interval and the figure before it.

    >>> figure({"value": 15, "unit": "%", "lower": 10, "upper": 20, "interval": "ci95", "qualifier": "upTo"})
    'up to 15 % (95 % confidence interval 10 to 20)'
    >>> figure({"lower": 2, "upper": 12, "unit": "mo"}), figure({"value": 1, "unit": "a"})
    ('2 to 12 months', '1 year')
    >>> figure({"lower": 80, "unit": "%", "qualifier": "greaterThan"}), figure({"lower": 80, "unit": "%"})
    ('more than 80 %', 'from 80 %')
    >>> figure({"value": 3, "unit": "{score}", "baseline": {"value": 8}, "spread": 1.5}), figure({})
    ('score 3 ± 1.5; before 8', '')
    """
    value, bounds = finding.get("value"), _bounds(finding)
    if value is None and not bounds:
        return ""
    main = bounds if value is None else f"{value}" + (f" ± {finding['spread']}" if "spread" in finding else "")
    qualifier = _QUALIFIERS.get(finding.get("qualifier", ""), finding.get("qualifier"))
    if qualifier and value is None:
        main = main.removeprefix("from ").removeprefix("up to ")  # the qualifier says it
    unit = _unit(finding.get("unit", ""), value if value is not None else finding.get("upper"))
    words = [unit, qualifier, main] if unit == _SCORE else [qualifier, main, unit]
    text = " ".join(word for word in words if word)
    if value is not None and bounds:
        kind = _INTERVALS.get(finding.get("interval", ""), "from")
        text += f" ({kind} {bounds})"
    before = finding.get("baseline", {})
    if before:
        text += f"; before {before.get('value', _bounds(before))}"
    return text


def counts(finding: Mapping[str, Any]) -> str:
    """Return how many of how many, with the exact interval of the share.

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


def unit(code: str) -> str:
    """Return the name of a unit, as an axis bears it.

    >>> unit("mo"), unit("%"), unit("{score}"), unit("")
    ('months', '%', 'score', '')
    """
    return _unit(code, None)


def match(predicate: str) -> str:
    """Return how a term of another vocabulary is related, in words."""
    return _MATCHES.get(predicate.rpartition(":")[2], predicate)


def heading(column: str) -> str:
    """Return the name of a column of an answer as words.

    >>> heading("bestLevel")
    'best level'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).replace("_", " ").lower()


def cell(value: object) -> dict[str, Any]:
    """Return a value of an answer as its words and, where it is a thing with a page, the two parts of its id."""
    text = "" if value is None else str(value)
    if text.startswith(ONTOLOGY):
        return {"words": plain(text.removeprefix(ONTOLOGY))}
    if text in labels().entities:
        kind, _, slug = text.removeprefix(ID).partition("/")
        return {"words": labels().entities[text]["label"], "kind": kind, "slug": slug}
    return {"words": text}


def _bounds(figures: Mapping[str, Any]) -> str:
    lower, upper = figures.get("lower"), figures.get("upper")
    if lower is None:
        return "" if upper is None else f"up to {upper}"
    return f"from {lower}" if upper is None else f"{lower} to {upper}"


def _unit(code: str, number: float | None) -> str:
    word = _UNITS.get(code, code.strip("{}"))
    return word if not word or word in _INVARIABLE or number == 1 else f"{word}s"
