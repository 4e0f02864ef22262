"""The ontology in the formats that machines read, with the same bytes whenever its triples are the same."""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
from rdflib import OWL, XSD, BNode, Graph, Literal, URIRef
from rdflib.plugins.serializers.turtle import TurtleSerializer

from kg.build.ontology_page.model import Node

#: By extension. Turtle is not among them: people read it, so it is written with its blank nodes in place.
_FORMATS = {"nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD}


def write_formats(folder: Path, triples: Sequence[ox.Triple], prefixes: dict[str, str]) -> None:
    """Write ``ontology.ttl``, ``.nt``, ``.rdf`` and ``.jsonld`` into a folder."""
    for extension, kind in _FORMATS.items():
        ox.serialize(triples, folder / f"ontology.{extension}", format=kind, prefixes=prefixes)
    graph = Graph(bind_namespaces="none")
    for prefix, iri in prefixes.items():
        graph.bind(prefix, iri)
    # Not by way of a text: its parser would name the blank nodes anew, and the writer sorts by their names.
    for triple in triples:
        graph.add((_term(triple.subject), _term(triple.predicate), _term(triple.object)))
    writer = TurtleSerializer(graph)
    writer.topClasses = [OWL.Ontology]  # what stands first
    with (folder / "ontology.ttl").open("wb") as file:
        writer.serialize(file)


def _term(node: Node) -> URIRef | BNode | Literal:
    if isinstance(node, ox.NamedNode):
        return URIRef(node.value)
    if isinstance(node, ox.BlankNode):
        return BNode(node.value)
    assert isinstance(node, ox.Literal), "the ontology quotes no triples"
    plain = node.language or URIRef(node.datatype.value) == XSD.string
    return Literal(node.value, lang=node.language, datatype=None if plain else URIRef(node.datatype.value))
