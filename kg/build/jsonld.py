"""From record to RDF and back, through the JSON-LD context and nothing else."""

import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pyoxigraph as ox
from pyld import jsonld

from kg.prefixes import ID

Node = dict[str, Any]


class Context:
    """The project's JSON-LD context (``ontology/context.jsonld``)."""

    def __init__(self, document: Node) -> None:
        self.document = document

    @classmethod
    def read(cls, path: Path) -> "Context":
        """Read a context file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @cached_property
    def types(self) -> dict[str, str | None]:
        """Every key that a record may have, with the type it is coerced to (None: a plain string)."""
        terms = self.document["@context"]
        return {
            key: term.get("@type") if isinstance(term, dict) else None
            for key, term in terms.items()
            if not key.startswith("@") and (isinstance(term, dict) or term.startswith("@"))
        }

    def to_quads(self, node: Node, graph: str) -> list[ox.Quad]:
        """Map one record, as JSON-LD, to quads of the named graph."""
        text = jsonld.to_rdf(
            {**self.document, **node},
            {"format": "application/n-quads", "documentLoader": _refuse, "base": ID},
        )
        name = ox.NamedNode(graph)
        return [
            ox.Quad(quad.subject, quad.predicate, quad.object, name)
            for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS)
        ]

    def from_triples(self, triples: Iterable[ox.Triple | ox.Quad]) -> list[Node]:
        """Map triples back to nodes under the context, one a subject, in the order of their ids."""
        text = ox.serialize(
            (ox.Triple(triple.subject, triple.predicate, triple.object) for triple in triples),
            format=ox.RdfFormat.N_TRIPLES,
        )
        assert text is not None
        expanded = jsonld.from_rdf(text.decode(), {"format": "application/n-quads"})
        compacted = jsonld.compact(expanded, self.document, {"documentLoader": _refuse, "base": ID, "graph": True})
        return sorted(compacted["entities"], key=lambda node: str(node["id"]))


def _refuse(url: str, _options: object) -> NoReturn:
    raise ValueError(f"a record may not name another context: {url}")
