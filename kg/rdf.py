"""Small helpers around quads."""

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.prefixes import GRAPH, expand

if TYPE_CHECKING:
    from rdflib import BNode, Literal, URIRef

_STRING = expand("xsd:string")


def graph_of(quad: ox.Quad) -> str:
    """Return the name of a quad's graph below the project's graph IRI, such as ``entities``; of others, the IRI."""
    assert isinstance(quad.graph_name, ox.NamedNode), "every quad of a dataset is in a named graph"
    return quad.graph_name.value.removeprefix(GRAPH)


def graph_named(name: str) -> ox.NamedNode:
    """Return the graph that `graph_of` names."""
    return ox.NamedNode(name if ":" in name else GRAPH + name)


def to_rdflib(node: "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple") -> "URIRef | BNode | Literal":
    """Return a node as rdflib has it. It parses texts too, but slowly, and renames blank nodes."""
    from rdflib import BNode, Literal, URIRef

    if isinstance(node, ox.NamedNode):
        return URIRef(node.value)
    if isinstance(node, ox.BlankNode):
        return BNode(node.value)
    assert isinstance(node, ox.Literal), "records and ontology quote no triples"
    plain = node.language or node.datatype.value == _STRING
    return Literal(node.value, lang=node.language, datatype=None if plain else URIRef(node.datatype.value))
