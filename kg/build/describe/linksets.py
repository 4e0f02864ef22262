"""The links to other vocabularies, as VoID linksets: one for each vocabulary that entities are mapped to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.build.describe.statements import FILE, node, part, statement
from kg.prefixes import EXTERNAL, GRAPH, contract

_MAPPINGS = ox.NamedNode(GRAPH + "mappings")
#: Where the registry of prefixes describes a vocabulary; every prefix of a mapping is registered there.
_REGISTRY = "https://bioregistry.io/"


def describe_linksets(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield, for each vocabulary, how many entities are linked to it by which property."""
    links: defaultdict[str, Counter[ox.NamedNode]] = defaultdict(Counter)
    for quad in quads:
        if quad.graph_name == _MAPPINGS and contract(quad.predicate.value).startswith("skos:"):
            links[_vocabulary(quad.object)][quad.predicate] += 1
    for vocabulary, sizes in sorted(links.items()):
        yield from _linkset(vocabulary, sizes)


def _vocabulary(term: object) -> str:
    assert isinstance(term, ox.NamedNode)
    return contract(term.value).partition(":")[0]


def _linkset(vocabulary: str, sizes: Counter[ox.NamedNode]) -> Iterator[ox.Quad]:
    linkset, target = part(f"linkset/{vocabulary}"), ox.NamedNode(_REGISTRY + vocabulary.lower())
    yield statement(FILE, "void:subset", linkset)
    yield statement(linkset, "rdf:type", node("void:Linkset"))
    yield statement(linkset, "dcterms:title", ox.Literal(f"Mappings to {vocabulary}", language="en"))
    yield statement(linkset, "void:subjectsTarget", FILE)
    yield statement(linkset, "void:objectsTarget", target)
    yield statement(linkset, "void:triples", ox.Literal(sizes.total()))
    for predicate, number in sorted(sizes.items(), key=lambda item: str(item[0])):
        links = part(f"linkset/{vocabulary}/{contract(predicate.value)}")
        yield statement(linkset, "void:linkPredicate", predicate)
        yield statement(linkset, "void:propertyPartition", links)
        yield statement(links, "void:property", predicate)
        yield statement(links, "void:triples", ox.Literal(number))
    yield statement(target, "rdf:type", node("void:Dataset"))
    yield statement(target, "dcterms:title", ox.Literal(vocabulary))
    yield statement(target, "void:uriSpace", ox.Literal(EXTERNAL[vocabulary]))
