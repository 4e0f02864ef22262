"""What the dataset says of itself: the graph ``metadata``."""

from typing import Any

import pyoxigraph as ox

from kg import __version__
from kg.prefixes import BASE, GRAPH, expand

DATASET = ox.NamedNode(BASE.rstrip("/"))
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def describe(counts: dict[str, Any]) -> list[ox.Quad]:
    """Describe a dataset in VoID: title, licence, version, and how much it holds, graph by graph."""
    graph = ox.NamedNode(GRAPH + "metadata")

    def quad(subject: ox.NamedNode, curie: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(subject, ox.NamedNode(expand(curie)), value, graph)

    quads = [
        quad(DATASET, "rdf:type", ox.NamedNode(expand("void:Dataset"))),
        quad(DATASET, "dcterms:title", ox.Literal("calcikg: evidence on calcinosis in systemic sclerosis")),
        quad(DATASET, "dcterms:license", ox.NamedNode(_LICENCE)),
        quad(DATASET, "owl:versionInfo", ox.Literal(__version__)),
        quad(DATASET, "void:triples", ox.Literal(counts["triples"])),
    ]
    for name, triples in counts["graphs"].items():
        part = ox.NamedNode(GRAPH + name)
        quads += [
            quad(DATASET, "void:subset", part),
            quad(part, "rdf:type", ox.NamedNode(expand("void:Dataset"))),
            quad(part, "void:triples", ox.Literal(triples)),
        ]
    return quads
