"""Disagreements, and what only looks like one: the question, the sides, and why they differ."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.prefixes import ONTOLOGY
from kg.queries import Parameter, read_query
from kg.read.entities import first, read_records, without_nothing
from kg.read.findings import read_findings
from kg.read.names import Json, Names, local
from kg.read.rows import Value

#: The class of each kind: what is a disagreement, and what only looks like one.
CLASSES = {"disagreement": f"{ONTOLOGY}Disagreement", "apparent": f"{ONTOLOGY}ApparentDisagreement"}


def find_disagreements(names: Names, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the IRIs of the disagreements that fit all filters, in order."""
    return [str(row["contrast"]) for row in names.ask(read_query("read/disagreements", **filters))]


def read_disagreements(names: Names, iris: Sequence[str]) -> list[Json]:
    """Return disagreements whole, each side with its findings."""
    if not iris:
        return []
    written = read_records(names, iris)
    rows = names.ask(read_query("read/sides", contrast=iris))
    whole = {str(one["iri"]): one for one in read_findings(names, sorted({str(row["finding"]) for row in rows}))}
    sides: defaultdict[str, dict[str, Json]] = defaultdict(dict)
    for row in rows:
        side = sides[str(row["contrast"])].setdefault(str(row["side"]), {"label": row["label"], "findings": []})
        findings = side["findings"]
        assert isinstance(findings, list)
        findings.append(whole[str(row["finding"])])
    return [_disagreement(names, iri, written[iri], list(sides[iri].values())) for iri in iris]


def _disagreement(names: Names, iri: str, written: Mapping[str, list[Value]], sides: list[Json]) -> Json:
    status = first(written, "status")
    return without_nothing(
        {
            **names.reference(iri),
            "question": first(written, "question"),
            "sides": sides,
            "reasons": [
                {"id": local(reason), "label": names.labels[str(reason)]}
                for reason in sorted(map(str, written["reason"]))
            ],
            "status": None if status is None else local(status),
            "description": first(written, "description"),
        }
    )
