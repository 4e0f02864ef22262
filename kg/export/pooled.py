"""Pooled results as tables: one row for each result, and the studies of one with the figures that were pooled."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kg.export.delimited import SEPARATOR, write_rows
from kg.export.extract import Extract
from kg.prefixes import ID
from kg.read.labels import Json
from kg.read.synthesis import find_pooled, read_pooled, study_name

#: The columns of a table of studies, and how each is read.
_STUDY: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "finding": lambda study: study["id"],
    "study": study_name,
    "source": lambda study: study["source"]["id"],
    "year": lambda study: study.get("year"),
    "people": lambda study: study.get("people"),
    "events": lambda study: study.get("events"),
    "total": lambda study: study.get("total"),
    "effect": lambda study: study.get("effect"),
    "standard_error": lambda study: study.get("error"),
    "basis": lambda study: study["basis"],
    "estimate": lambda study: study["estimate"],
    "lower": lambda study: study["lower"],
    "upper": lambda study: study["upper"],
}
#: The columns of a table of results, each with its meaning.
RESULT = {
    "id": "id of the pooled result",
    "label": "what was pooled",
    "sentence": "the result in plain words",
    "subject": "label of the subject of the question",
    "predicate": "relation of the question",
    "object": "label of the object of the question",
    "direction": "direction of the question, if it has one",
    "in_common": "what the findings have in common",
    "measure": "share, oddsRatio, hazardRatio, riskRatio or difference",
    "unit": "% for proportions, 1 for ratios, else a UCUM code",
    "studies": "number of studies",
    "people": "people of all studies together, where each study reports them",
    "estimate": "mean",
    "lower": "lower bound of the confidence interval",
    "upper": "upper bound of the confidence interval",
    "level": "confidence level in per cent",
    "prediction_lower": "lower bound of the prediction interval of a further study",
    "prediction_upper": "upper bound of the prediction interval of a further study",
    "tau_squared": "variance between studies of logits, logarithms of ratios or differences",
    "i_squared": "share of the variance that is between studies, in per cent",
    "method": "method of the ontology",
    "inputs": "ids of the findings that were pooled",
    "omitted": "ids of the findings that answer the question, too, and were left out",
    "computed_with": "programs and their versions",
}


def read_selected(extract: Extract) -> list[Json]:
    """Return the pooled results all of whose inputs are in an extract, those of most studies first."""
    selected = {iri.removeprefix(ID) for iri in extract.findings}
    results = read_pooled(extract.labels, find_pooled(extract.labels))
    return [result for result in results if selected.issuperset(study["id"] for study in result["studies"])]


def write_studies(result: Json) -> bytes:
    """Return the studies of a pooled result as CSV: the finding, the counts or the effect, and what these come from."""
    rows = ([read(study) for read in _STUDY.values()] for study in result["studies"])
    return b"".join(write_rows([list(_STUDY), *rows]))


def result_row(result: Json) -> Iterator[Any]:
    """Yield the values of the columns of a result; lists are texts."""
    lists = {
        "studies": len(result["studies"]),
        "inputs": SEPARATOR.join(study["id"] for study in result["studies"]),
        "omitted": SEPARATOR.join(finding["id"] for finding in result["omitted"]),
        "subject": result["subject"]["label"],
        "object": result["object"]["label"],
        "in_common": SEPARATOR.join(result["in_common"]),
        "computed_with": SEPARATOR.join(result["computed_with"]),
    }
    for column in RESULT:
        yield lists.get(column, result.get(column))
