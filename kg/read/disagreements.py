"""Disagreements, real and apparent: the question, the sides, and the reasons why they differ."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.queries import Parameter, read_query
from kg.read.entities import Properties, first, read_properties
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels, drop_empty, local
from kg.read.listing import Listing


def find_disagreements(labels: Labels, filters: Mapping[str, Parameter]) -> Listing:
    """Return the disagreements that fit all filters."""
    return Listing(labels.engine, read_query("read/disagreements", **filters))


def read_disagreements(labels: Labels, iris: Sequence[str], *, in_short: bool = False) -> list[Json]:
    """Return disagreements, each side with its findings: whole or, in short, as references."""
    if not iris:
        return []
    written = read_properties(labels.engine, iris)
    rows = labels.select("read/sides", contrast=iris)
    named = sorted({row["finding"] for row in rows})
    found = labels.references(named).values() if in_short else read_findings(labels, named)
    findings = {one["iri"]: one for one in found}
    sides: defaultdict[str, dict[str, Json]] = defaultdict(dict)
    for row in rows:
        side = sides[row["contrast"]].setdefault(row["side"], {"label": row["label"], "findings": []})
        side["findings"].append(findings[row["finding"]])
    return [_disagreement(labels, iri, written[iri], list(sides[iri].values())) for iri in iris]


def _disagreement(labels: Labels, iri: str, written: Properties, sides: list[Json]) -> Json:
    status = first(written, "status")
    return drop_empty(
        {
            **labels.reference(iri),
            "question": first(written, "question"),
            "sides": sides,
            "reasons": [{"id": local(reason), "label": labels.terms[reason]} for reason in sorted(written["reason"])],
            "status": status and local(status),
            "description": first(written, "description"),
        }
    )
