"""How much the dataset holds, in VoID: the whole, its classes, its properties, its named graphs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from kg.build.describe.statements import FILE, node, part, statement
from kg.prefixes import ID, PREFIXES, contract
from kg.rdf import graph_named

_TYPE = node("rdf:type")
#: What a fragment may hold beside letters and digits; an IRI that no prefix shortens may hold more.
_SAFE = "/?:@!$&'()*+,;=-._~%"


def describe_statistics(quads: Iterable[ox.Quad], counts: Mapping[str, Any]) -> Iterator[ox.Quad]:
    """Yield the statistics of a dataset.

    The numbers of the whole are those of the default graph, in which each triple stands once.
    """
    # Counted as the engine counts: its store takes numbers that differ by their spelling alone for one.
    store = ox.Store()
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    triples = list(store)
    classes = Counter(triple.object for triple in triples if triple.predicate == _TYPE)
    properties = Counter(triple.predicate for triple in triples)
    statistics = {
        "void:triples": len(triples),
        "void:distinctSubjects": len({triple.subject for triple in triples}),
        "void:distinctObjects": len({triple.object for triple in triples}),
        "void:properties": len(properties),
        "void:classes": len(classes),
        "void:entities": counts["entities"],
    }
    for name, number in statistics.items():
        yield statement(FILE, name, ox.Literal(number))
    yield from _graphs(counts["graphs"])
    yield from _partitions("class", "void:entities", classes)
    yield from _partitions("property", "void:triples", properties)
    yield from _vocabularies(properties)
    yield from _example(triple.subject for triple in triples)


def _graphs(graphs: Mapping[str, int]) -> Iterator[ox.Quad]:
    for name, number in graphs.items():
        graph = graph_named(name)
        yield statement(FILE, "void:subset", graph)
        yield statement(graph, "rdf:type", node("void:Dataset"))
        yield statement(graph, "void:triples", ox.Literal(number))


def _partitions(kind: str, unit: str, sizes: Mapping[Any, int]) -> Iterator[ox.Quad]:
    for term, number in sorted(sizes.items(), key=lambda item: str(item[0])):
        if isinstance(term, ox.NamedNode):
            partition = part(f"{kind}/{quote(contract(term.value), safe=_SAFE)}")
            yield statement(FILE, f"void:{kind}Partition", partition)
            yield statement(partition, f"void:{kind}", term)
            yield statement(partition, unit, ox.Literal(number))


def _vocabularies(properties: Iterable[ox.NamedNode]) -> Iterator[ox.Quad]:
    """Yield the vocabularies that the properties come from."""
    used = {contract(term.value).partition(":")[0] for term in properties}
    for prefix in sorted(used & PREFIXES.keys()):
        yield statement(FILE, "void:vocabulary", ox.NamedNode(PREFIXES[prefix]))


def _example(subjects: Iterable[Any]) -> Iterator[ox.Quad]:
    """Yield one finding that shows what the dataset is made of."""
    findings = [term.value for term in subjects if isinstance(term, ox.NamedNode) and f"{ID}finding/" in term.value]
    for finding in sorted(findings)[:1]:
        yield statement(FILE, "void:exampleResource", ox.NamedNode(finding))
        yield statement(FILE, "idot:exampleIdentifier", ox.Literal(finding.removeprefix(ID)))
