"""Entities: what they are called, what they are kinds or parts of, and what findings join them to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.prefixes import contract
from kg.queries import Parameter, read_query
from kg.read.names import Json, Names, kind_of, local
from kg.read.rows import Ask, Value

#: What is written of something, by the name of the property.
Written = Mapping[str, list[Value]]

_HIERARCHY = {"subtypeOf": ("subtype_of", "subtypes"), "partOf": ("part_of", "parts")}


def find_entities(names: Names, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the IRIs of the entities that fit all filters, in order."""
    return [str(row["entity"]) for row in names.ask(read_query("read/entities", **filters))]


def read_entity(names: Names, iri: str) -> Json:
    """Return an entity whole."""
    written = read_records(names, [iri])[iri]
    kinds = {
        kind_of(local(row["kind"])): row["findings"] for row in names.ask(read_query("read/kinds-about", entity=iri))
    }
    shaped: Json = {
        **names.reference(iri),
        "synonyms": sorted(map(str, written.get("altLabel", ()))),
        "definition": first(written, "definition"),
        "description": first(written, "description"),
        "note": first(written, "note"),
        "size": names.sizes.get(iri),
        "diseases": [names.reference(value) for value in sorted(map(str, written.get("ofDisease", ())))],
        **_hierarchy(names, iri),
        "mappings": _mappings(names, iri),
        "edges": _edges(names, iri),
        "findings": kinds,
        "disagreements": [
            names.reference(row["contrast"]) for row in names.ask(read_query("read/disagreements", about=iri))
        ],
        "source": next(iter([names.reference(value) for value in written.get("describedIn", ())]), None),
    }
    return without_nothing(shaped)


def read_records(names: Names, iris: Sequence[str]) -> Mapping[str, Written]:
    """Return everything written of records: by IRI, then by the name of the property."""
    return read_written(names.ask, iris)


def read_written(ask: Ask, iris: Sequence[str]) -> Mapping[str, Written]:
    """Return everything written of anything that has an IRI, likewise."""
    found: defaultdict[str, defaultdict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    if iris:
        for row in ask(read_query("read/records", subject=iris)):
            name = contract(str(row["property"])).rpartition(":")[2]
            found[str(row["subject"])][name].append(row["value"])
    return found


def first(written: Written, name: str) -> Value | None:
    """Return the value of a property that has one at most."""
    return next(iter(written.get(name, ())), None)


def without_nothing(shaped: Json) -> Json:
    """Leave out keys without a value."""
    return {key: value for key, value in shaped.items() if value not in (None, {}, [])}


def _hierarchy(names: Names, iri: str) -> Json:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for row in names.ask(read_query("read/hierarchy", entity=iri)):
        found[_HIERARCHY[local(row["relation"])][bool(row["below"])]].append(names.reference(row["other"]))
    return dict(found)


def _mappings(names: Names, iri: str) -> list[Json]:
    return [
        without_nothing(
            {
                "id": contract(str(row["other"])),
                "iri": row["other"],
                "label": row.get("label"),
                "predicate": contract(str(row["predicate"])),
                "justification": contract(str(row["justification"])),
                "comment": row.get("comment"),
            }
        )
        for row in names.ask(read_query("read/mappings", entity=iri))
    ]


def _edges(names: Names, iri: str) -> list[Json]:
    edges: dict[str, Json] = {}
    for row in names.ask(read_query("read/edges", entity=iri)):
        edge = edges.setdefault(str(row["edge"]), read_edge(names, row))
        if "direction" in row:
            directions = edge.setdefault("directions", [])
            assert isinstance(directions, list)
            directions.append(local(row["direction"]))
    return list(edges.values())


def read_edge(names: Names, row: Mapping[str, Value]) -> Json:
    """Return an edge: what it joins, by which relation, by how many findings, and the level of the best of them."""
    return {
        "iri": row["edge"],
        "from": names.reference(row["from"]),
        "predicate": local(row["predicate"]),
        "to": names.reference(row["to"]),
        "findings": row["findings"],
        "best_level": names.level(row["level"]),
    }
