"""Relationships: from findings to what they are about and rest on, and direct ones between entities."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kg.export.batches import batches
from kg.export.extract import Extract
from kg.export.neo4j.sheets import Rows
from kg.read.entities import read_sources
from kg.read.labels import Json

_EVIDENCE = (":START_ID", ":END_ID", ":TYPE", "side")
_DIRECT = (
    ":START_ID",
    ":END_ID",
    ":TYPE",
    "id",
    "predicate",
    "label",
    "negated:boolean",
    "direction",
    "standing",
    "weight:int",
    "rank:int",
    "level",
    "findings:string[]",
    "sources:string[]",
)
# Members of a finding that name something, and the type of the relationship to it.
_NAMED = {
    "subject": "SUBJECT",
    "object": "OBJECT",
    "population": "POPULATION",
    "site": "SITE",
    "source": "SOURCE",
    "relays": "RELAYS",
}
# What is denied or open is never of the type that a question about the relation asks for.
_PREFIXES = {"denied": "DENIED_", "open": "OPEN_"}


def to_type(predicate: str, standing: str) -> str:
    """Return the type of direct relationships.

    >>> to_type("hasOutcome", "affirmed"), to_type("hasOutcome", "denied"), to_type("treats", "open")
    ('HAS_OUTCOME', 'DENIED_HAS_OUTCOME', 'OPEN_TREATS')
    """
    return _PREFIXES.get(standing, "") + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", predicate).upper()


def evidence(extract: Extract, note: Callable[[Iterable[Json]], None]) -> Rows:
    """Return the relationships of the selected findings; ``note`` is told what they lead to and come from."""
    chosen = frozenset(extract.findings)

    def rows() -> Iterator[Json]:
        sources: set[str] = set()
        contrasts: set[str] = set()
        for whole in extract.read_findings():
            finding: dict[str, Any] = whole
            sources.add(finding["source"]["iri"])
            contrasts.update(one["iri"] for one in finding.get("disagreements", ()))
            for key, type_ in _NAMED.items():
                ends = finding.get(key, [])
                ends = ends if isinstance(ends, list) else [ends]
                note(ends)
                yield from (_row(finding["id"], type_, end["id"]) for end in ends)
            before = (one for one in finding.get("follows_event", ()) if one["iri"] in chosen)
            yield from (_row(finding["id"], "FOLLOWS", one["id"]) for one in before)
        yield from _citations(sorted(sources))
        yield from _sides(sorted(contrasts))

    def _citations(iris: list[str]) -> Iterator[Json]:
        for batch in batches(iris):
            for source in read_sources(extract.labels, list(batch)):
                cited: Any = source.get("cites", [])
                note(cited)
                yield from (_row(source["id"], "CITES", study["id"]) for study in cited)

    def _sides(iris: list[str]) -> Iterator[Json]:
        entities = extract.labels.entities
        for batch in batches(iris):
            for row in extract.labels.select("read/sides", contrast=batch):
                contrast, finding = entities[row["contrast"]], entities[row["finding"]]
                if finding["iri"] in chosen:
                    note([contrast])
                    yield {**_row(contrast["id"], "INVOLVES", finding["id"]), "side": row["label"]}

    return _EVIDENCE, rows()


def direct(extract: Extract) -> Rows:
    """Return the direct relationships between selected entities, and the hierarchy."""

    def rows() -> Iterator[Json]:
        for edge in extract.network.edges:
            yield {
                **_row(edge.source, to_type(edge.predicate, edge.standing), edge.target),
                "id": edge.id,
                "predicate": edge.predicate,
                "label": edge.label,
                "negated": edge.negated,
                "direction": edge.direction,
                "standing": edge.standing,
                "weight": edge.weight,
                "rank": edge.rank,
                "level": edge.level,
                "findings": edge.findings,
                "sources": edge.sources,
            }

    return _DIRECT, rows()


def _row(start: object, type_: str, end: object) -> Json:
    return {":START_ID": start, ":END_ID": end, ":TYPE": type_}
