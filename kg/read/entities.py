"""Entities: what they are called, what they are kinds or parts of, and what findings join them to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.engine import Engine, Value
from kg.prefixes import contract
from kg.queries import Parameter, read_query
from kg.read.labels import Json, Labels, local
from kg.read.schema import kind_of

#: What is written of something, by the name of the property.
Written = Mapping[str, list[Value]]

_HIERARCHY = {"subtypeOf": ("subtype_of", "subtypes"), "partOf": ("part_of", "parts")}


def find_entities(labels: Labels, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the IRIs of the entities that fit all filters, in order."""
    return [row["entity"] for row in labels.engine.select(read_query("read/entities", **filters))]


def read_entity(labels: Labels, iri: str) -> Json:
    """Return an entity whole."""
    written = read_records(labels, [iri])[iri]
    kinds = {
        kind_of(local(row["kind"])): row["findings"]
        for row in labels.engine.select(read_query("read/kinds-about", entity=iri))
    }
    shaped: Json = {
        **labels.reference(iri),
        "synonyms": sorted(map(str, written.get("altLabel", ()))),
        "definition": first(written, "definition"),
        "description": first(written, "description"),
        "note": first(written, "note"),
        "size": labels.sizes.get(iri),
        "diseases": [labels.reference(value) for value in sorted(map(str, written.get("ofDisease", ())))],
        **_hierarchy(labels, iri),
        "mappings": _mappings(labels, iri),
        "edges": _edges(labels, iri),
        "findings": kinds,
        "disagreements": [
            labels.reference(row["contrast"])
            for row in labels.engine.select(read_query("read/disagreements", about=iri))
        ],
        "source": next(iter([labels.reference(value) for value in written.get("describedIn", ())]), None),
    }
    return without_nothing(shaped)


def read_records(labels: Labels, iris: Sequence[str]) -> Mapping[str, Written]:
    """Return everything written of records: by IRI, then by the name of the property."""
    return read_written(labels.engine, iris)


def read_written(engine: Engine, iris: Sequence[str]) -> Mapping[str, Written]:
    """Return everything written of anything that has an IRI, likewise."""
    found: defaultdict[str, defaultdict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    if iris:
        for row in engine.select(read_query("read/records", subject=iris)):
            name = contract(row["property"]).rpartition(":")[2]
            found[row["subject"]][name].append(row["value"])
    return found


def first(written: Written, name: str) -> Value | None:
    """Return the value of a property that has one at most."""
    return next(iter(written.get(name, ())), None)


def without_nothing(shaped: Json) -> Json:
    """Leave out keys without a value."""
    return {key: value for key, value in shaped.items() if value not in (None, {}, [])}


def _hierarchy(labels: Labels, iri: str) -> Json:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for row in labels.engine.select(read_query("read/hierarchy", entity=iri)):
        found[_HIERARCHY[local(row["relation"])][bool(row["below"])]].append(labels.reference(row["other"]))
    return dict(found)


def _mappings(labels: Labels, iri: str) -> list[Json]:
    return [
        without_nothing(
            {
                "id": contract(row["other"]),
                "iri": row["other"],
                "label": row.get("label"),
                "predicate": contract(row["predicate"]),
                "justification": contract(row["justification"]),
                "comment": row.get("comment"),
            }
        )
        for row in labels.engine.select(read_query("read/mappings", entity=iri))
    ]


def _edges(labels: Labels, iri: str) -> list[Json]:
    edges: dict[str, Json] = {}
    for row in labels.engine.select(read_query("read/edges", entity=iri)):
        edge = edges.setdefault(row["edge"], read_edge(labels, row))
        if "direction" in row:
            directions = edge.setdefault("directions", [])
            assert isinstance(directions, list)
            directions.append(local(row["direction"]))
    return list(edges.values())


def read_edge(labels: Labels, row: Mapping[str, Value]) -> Json:
    """Return an edge: what it joins, by which relation, by how many findings, and the level of the best of them."""
    return {
        "iri": row["edge"],
        "from": labels.reference(row["from"]),
        "predicate": local(row["predicate"]),
        "to": labels.reference(row["to"]),
        "findings": row["findings"],
        "best_level": labels.level(row["level"]),
    }
