"""The extension functions and aggregates that queries may call."""

from collections.abc import Iterator

import pyoxigraph as ox

from kg.build.describe.statements import node, statement
from kg.engine.functions import AGGREGATES, COUNTS, FUNCTIONS


def describe_functions() -> Iterator[ox.Quad]:
    """Yield name, arguments and meaning of each function and aggregate."""
    kinds = {"sd:Function": FUNCTIONS, "sd:Aggregate": AGGREGATES}
    for kind, rows in kinds.items():
        for row in rows:
            yield from _describe(row.iri, kind, f"{row.name}({row.arguments})", f"{row.meaning}; {row.formula}")
    meaning = "numerator and denominator in one value, such as 13/39"
    yield from _describe(COUNTS, "rdfs:Datatype", "counts", meaning)


def _describe(iri: ox.NamedNode, kind: str, label: str, definition: str) -> Iterator[ox.Quad]:
    yield statement(iri, "rdf:type", node(kind))
    yield statement(iri, "rdfs:label", ox.Literal(label))
    yield statement(iri, "skos:definition", ox.Literal(definition))
