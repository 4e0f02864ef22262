"""Records as data frames and networks: the same columns, numbers of the same types, whatever an answer holds."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import networkx as nx
import pandas as pd

from kg.client.citation import cite, cite_source
from kg.read.models import Disagreement, Finding, Graph, QuestionReference, Reference, Source
from kg.read.rows import Value, read_rows

#: Between several things in one cell.
SEPARATOR = "; "

_FINDING = (
    "id", "kind", "subject", "predicate", "object", "negated", "direction", "measure", "instrument",
    "value", "lower", "upper", "interval", "spread", "unit", "baseline_value", "baseline_lower", "baseline_upper",
    "numerator", "denominator", "sample_size", "p_value", "reported", "population", "size", "site", "laterality",
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
_QUESTION = ("id", "words", "asker", "kind", "parameters")

_DECIMAL = ("value", "lower", "upper", "spread", "baseline_value", "baseline_lower", "baseline_upper", "p_value")
_WHOLE = ("numerator", "denominator", "sample_size", "size", "evidence_level", "year", "findings")
_TYPES = {**dict.fromkeys(_DECIMAL, "float64"), **dict.fromkeys(_WHOLE, "Int64"), "negated": "bool"}
_MAX_INT64 = 2**63 - 1


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


def questions(every: Iterable[QuestionReference]) -> pd.DataFrame:
    """Return questions by id, with the names of their parameters."""
    rows = [
        one.model_dump() | {"parameters": SEPARATOR.join(parameter.name for parameter in one.parameters)}
        for one in every
    ]
    return _table(rows, _QUESTION).set_index("id")


def select(answer: bytes) -> pd.DataFrame:
    """Return SPARQL JSON results as a table; raises ValueError for those of an ASK.

    >>> select(b'{"head": {}, "boolean": true}')
    Traceback (most recent call last):
        ...
    ValueError: only a SELECT has a table as its answer
    """
    names = json.loads(answer)["head"].get("vars")
    if names is None:
        raise ValueError("only a SELECT has a table as its answer")
    return _columns(names, [[row.get(name) for name in names] for row in read_rows(answer)])


def answer(columns: Sequence[str], rows: Sequence[Sequence[Value | None]]) -> pd.DataFrame:
    """Return rows as a table whose columns have the types of their values.

    >>> answer(["n", "label"], [[3, "a"], [None, "b"]]).dtypes["n"]
    Int64Dtype()
    """
    return _columns(columns, rows)


def network(graph: Graph) -> "nx.MultiDiGraph[str]":
    """Return a graph with entities as nodes and relations as edges, each by its predicate."""
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in graph.nodes:
        made.add_node(node.id, label=node.label, type=node.type, iri=node.iri, distance=node.distance)
    for edge in graph.edges:
        level = edge.best_level.rank if edge.best_level else None
        made.add_edge(
            edge.from_.id, edge.to.id, key=edge.predicate,
            predicate=edge.predicate, findings=edge.findings, evidence_level=level, directions=edge.directions,
        )  # fmt: skip
    return made


def _table(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=pd.Index(names))
    return table.astype({name: type_ for name, type_ in _TYPES.items() if name in names})


def _columns(names: Sequence[str], rows: Sequence[Sequence[Value | None]]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pd.DataFrame({name: _column(values) for name, values in zip(names, columns, strict=True)})


def _column(values: Sequence[Value | None]) -> "pd.Series[Any]":
    """Return a column of the narrowest type that holds all its values; whole numbers stay whole beside missing ones."""
    column: pd.Series[Any] = pd.Series(list(values), dtype="object")
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return column.astype("boolean")
    if kinds == {int} and all(abs(int(value)) <= _MAX_INT64 for value in values if value is not None):
        return column.astype("Int64")
    if kinds and kinds <= {int, float}:
        return column.astype("float64")
    return column.infer_objects()


def _finding(finding: Finding) -> dict[str, object]:
    baseline, population = finding.baseline, finding.population
    return {
        **finding.model_dump(),
        "subject": finding.subject.label,
        "object": finding.object.label if finding.object else None,
        "negated": bool(finding.negated),
        "baseline_value": baseline.value if baseline else None,
        "baseline_lower": baseline.lower if baseline else None,
        "baseline_upper": baseline.upper if baseline else None,
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
