"""Records as data frames: the same columns, and numbers of the same types, whatever the records hold."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from kg.client.citation import cite, cite_source
from kg.read.models import Disagreement, EvidenceMap, Finding, Gap, Hit, QuestionReference, Reference, Source

#: Between several things in one cell.
SEPARATOR = "; "

_FINDING = (
    "id", "kind", "subject", "predicate", "object", "negated", "direction", "measure", "instrument",
    "value", "lower", "upper", "interval", "spread", "unit", "baseline_value", "baseline_lower", "baseline_upper",
    "numerator", "denominator", "exact_lower", "exact_upper", "sample_size", "p_value", "reported",
    "population", "size", "site", "laterality",
    "timepoint", "comparator", "dose", "route", "condition", "qualifier", "certainty", "study_design",
    "evidence_level", "statement", "citation", "section", "relays", "disagreements",
    "subject_id", "object_id", "population_id", "site_id", "source_id",
)  # fmt: skip
_SOURCE = (
    "id", "label", "authors", "title", "container", "year", "volume", "issue", "pages", "doi", "pmid", "url",
    "study_design", "claimed_level", "findings", "citation",
)  # fmt: skip
_CONTRAST = ("disagreement", "type", "question", "status", "reasons", "side")
_OF_SIDE = (
    "finding", "subject", "object", "direction", "value", "lower", "upper", "unit", "numerator", "denominator",
    "reported", "population", "evidence_level", "statement", "citation",
)  # fmt: skip
_CELL = (
    "treatment", "aspect", "findings", "directions", "best_level", "largest_population", "treatment_id", "aspect_id",
)  # fmt: skip
_GAP = ("treatment", "aspect", "reason", "findings", "expected", "treatment_id", "aspect_id")
_QUESTION = ("id", "words", "asker", "kind", "parameters")

_DECIMAL = ("value", "lower", "upper", "spread", "baseline_value", "baseline_lower", "baseline_upper", "p_value",
            "exact_lower", "exact_upper", "expected")  # fmt: skip
_WHOLE = ("numerator", "denominator", "sample_size", "size", "evidence_level", "year", "findings", "best_level",
          "largest_population")  # fmt: skip
_TYPES = {**dict.fromkeys(_DECIMAL, "float64"), **dict.fromkeys(_WHOLE, "Int64"), "negated": "bool"}


def entities(references: Iterable[Reference]) -> pd.DataFrame:
    """Return entities by id: IRI, class and label."""
    return _table([one.model_dump() for one in references], tuple(Reference.model_fields)).set_index("id")


def findings(every: Iterable[Finding]) -> pd.DataFrame:
    """Return findings by id."""
    return _table([_finding(one) for one in every], _FINDING).set_index("id")


def sources(every: Iterable[Source]) -> pd.DataFrame:
    """Return sources by id."""
    return _table([one.model_dump() | {"citation": cite_source(one)} for one in every], _SOURCE).set_index("id")


def disagreements(every: Iterable[Disagreement]) -> pd.DataFrame:
    """Return a row for each finding of each side of each disagreement."""
    rows = [
        {
            **_finding(finding),
            "disagreement": one.id,
            "type": one.type,
            "question": one.question,
            "status": one.status,
            "reasons": SEPARATOR.join(reason.label for reason in one.reasons),
            "side": side.label,
            "finding": finding.id,
        }
        for one in every
        for side in one.sides
        for finding in side.findings
    ]
    return _table(rows, _CONTRAST + _OF_SIDE)


def hits(every: Iterable[Hit]) -> pd.DataFrame:
    """Return what was found by name, by id: by which of its names, and how well that fits."""
    return _table([one.model_dump() for one in every], tuple(Hit.model_fields)).set_index("id")


def evidence_map(whole: EvidenceMap) -> pd.DataFrame:
    """Return a row for each cell, with the number of its findings."""
    labels = {one.id: one.label for one in (*whole.treatments, *whole.aspects)}
    rows = [
        {
            "treatment": labels[cell.treatment],
            "aspect": labels[cell.aspect],
            "findings": len(cell.findings),
            "directions": _join(f"{name}: {number}" for name, number in cell.directions.items()),
            "best_level": cell.best_level,
            "largest_population": cell.largest_population,
            "treatment_id": cell.treatment,
            "aspect_id": cell.aspect,
        }
        for cell in whole.cells
    ]
    return _table(rows, _CELL)


def gaps(every: Iterable[Gap]) -> pd.DataFrame:
    """Return a row for each gap, in the order of their ranks."""
    rows = [
        one.model_dump()
        | {
            "treatment": one.treatment.label,
            "aspect": one.aspect.label,
            "treatment_id": one.treatment.id,
            "aspect_id": one.aspect.id,
        }
        for one in every
    ]
    return _table(rows, _GAP)


def questions(every: Iterable[QuestionReference]) -> pd.DataFrame:
    """Return questions by id, with the names of their parameters."""
    rows = [
        one.model_dump() | {"parameters": SEPARATOR.join(parameter.name for parameter in one.parameters)}
        for one in every
    ]
    return _table(rows, _QUESTION).set_index("id")


def _table(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=pd.Index(names))
    return table.astype({name: type_ for name, type_ in _TYPES.items() if name in names})


def _finding(finding: Finding) -> dict[str, object]:
    baseline, population, exact = finding.baseline, finding.population, finding.exact_interval
    return {
        **finding.model_dump(),
        "subject": finding.subject.label,
        "object": finding.object.label if finding.object else None,
        "negated": bool(finding.negated),
        "baseline_value": baseline.value if baseline else None,
        "baseline_lower": baseline.lower if baseline else None,
        "baseline_upper": baseline.upper if baseline else None,
        "exact_lower": exact.lower if exact else None,
        "exact_upper": exact.upper if exact else None,
        "population": population.label if population else None,
        "size": population.size if population else None,
        "site": _join(site.label for site in finding.site),
        "evidence_level": finding.evidence_level.rank,
        "citation": cite(finding.source),
        "section": finding.locator.section,
        "relays": _join(study.id for study in finding.relays),
        "disagreements": _join(one.id for one in finding.disagreements),
        "subject_id": finding.subject.id,
        "object_id": finding.object.id if finding.object else None,
        "population_id": population.id if population else None,
        "site_id": _join(site.id for site in finding.site),
        "source_id": finding.source.id,
    }


def _join(words: Iterable[str]) -> str | None:
    return SEPARATOR.join(words) or None
