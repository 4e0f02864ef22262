"""Disagreements, and what only looks like one: the question, the sides, and why they differ."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.engine import Value
from kg.prefixes import ONTOLOGY
from kg.queries import Parameter, read_query
from kg.read.entities import first, read_records, without_nothing
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels, local

#: The class of each kind: what is a disagreement, and what only looks like one.
CLASSES = {"disagreement": f"{ONTOLOGY}Disagreement", "apparent": f"{ONTOLOGY}ApparentDisagreement"}


def find_disagreements(labels: Labels, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the IRIs of the disagreements that fit all filters, in order."""
    return [row["contrast"] for row in labels.engine.select(read_query("read/disagreements", **filters))]


def read_disagreements(labels: Labels, iris: Sequence[str]) -> list[Json]:
    """Return disagreements whole, each side with its findings."""
    if not iris:
        return []
    written = read_records(labels, iris)
    rows = labels.engine.select(read_query("read/sides", contrast=iris))
    whole = {str(one["iri"]): one for one in read_findings(labels, sorted({row["finding"] for row in rows}))}
    sides: defaultdict[str, dict[str, Json]] = defaultdict(dict)
    for row in rows:
        side = sides[row["contrast"]].setdefault(row["side"], {"label": row["label"], "findings": []})
        findings = side["findings"]
        assert isinstance(findings, list)
        findings.append(whole[row["finding"]])
    return [_disagreement(labels, iri, written[iri], list(sides[iri].values())) for iri in iris]


def _disagreement(labels: Labels, iri: str, written: Mapping[str, list[Value]], sides: list[Json]) -> Json:
    status = first(written, "status")
    return without_nothing(
        {
            **labels.reference(iri),
            "question": first(written, "question"),
            "sides": sides,
            "reasons": [
                {"id": local(reason), "label": labels.terms[str(reason)]}
                for reason in sorted(map(str, written["reason"]))
            ],
            "status": None if status is None else local(status),
            "description": first(written, "description"),
        }
    )
