"""From record to RDF, through the JSON-LD context and nothing else."""

import json
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from kg.prefixes import ID, PREFIXES

Node = dict[str, Any]


class Context:
    """The JSON-LD context of the records."""

    def __init__(self, document: Node) -> None:
        self.document = document

    @cached_property
    def types(self) -> dict[str, str | None]:
        """Every key that a record may have, with the type of its value (None: text)."""
        return {
            key: term.get("@type") if isinstance(term, dict) else None
            for key, term in self.document["@context"].items()
            if not key.startswith("@") and (isinstance(term, dict) or term.startswith("@"))
        }

    @cached_property
    def keys(self) -> dict[str, str]:
        """The key that stands for a property, by the IRI of the property."""
        keys = {PREFIXES["rdf"] + "type": "type"}
        for key, term in self.document["@context"].items():
            if isinstance(term, dict):
                prefix, _, name = str(term.get("@id", term.get("@reverse"))).partition(":")
                keys.setdefault(PREFIXES[prefix] + name, key)
        return keys

    def to_quads(self, node: Node, graph: str) -> list[ox.Quad]:
        """Return a JSON-LD node as quads of a named graph. Raises SyntaxError for an id that is not an IRI."""
        name = ox.NamedNode(graph)
        text = json.dumps({**self.document, **node}, ensure_ascii=False)
        return [
            ox.Quad(quad.subject, quad.predicate, quad.object, name)
            for quad in ox.parse(text, format=ox.RdfFormat.JSON_LD, base_iri=ID)
        ]
