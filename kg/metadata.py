"""What the dataset says of itself: the graph ``metadata``."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from kg import __version__
from kg.engine.functions import AGGREGATES, FUNCTIONS
from kg.engine.numbers import COUNTS
from kg.prefixes import BASE, GRAPH, contract, expand

DATASET = ox.NamedNode(BASE.rstrip("/"))
_TYPE = ox.NamedNode(expand("rdf:type"))
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def describe(counts: dict[str, Any], described: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Describe a dataset in VoID: title, licence, version, and how much it holds, graph by graph.

    The numbers of the whole are those of the default graph, in which each triple stands once.
    """
    graph = ox.NamedNode(GRAPH + "metadata")

    def quad(subject: ox.NamedNode, curie: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(subject, ox.NamedNode(expand(curie)), value, graph)

    quads = [
        quad(DATASET, "rdf:type", ox.NamedNode(expand("void:Dataset"))),
        quad(DATASET, "dcterms:title", ox.Literal("calcikg: evidence on calcinosis in systemic sclerosis")),
        quad(DATASET, "dcterms:license", ox.NamedNode(_LICENCE)),
        quad(DATASET, "owl:versionInfo", ox.Literal(__version__)),
        quad(DATASET, "void:sparqlEndpoint", ox.NamedNode(BASE + "sparql")),
        quad(DATASET, "void:uriSpace", ox.Literal(BASE)),
    ]
    # Counted as the engine counts: its store takes numbers that differ by their spelling alone for one.
    store = ox.Store()
    store.bulk_extend(ox.Quad(found.subject, found.predicate, found.object) for found in described)
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
    quads += [quad(DATASET, name, ox.Literal(number)) for name, number in statistics.items()]
    for name, number in counts["graphs"].items():
        part = ox.NamedNode(GRAPH + name)
        quads += [
            quad(DATASET, "void:subset", part),
            quad(part, "rdf:type", ox.NamedNode(expand("void:Dataset"))),
            quad(part, "void:triples", ox.Literal(number)),
        ]
    for kind, partitions, relation in (("class", classes, "void:class"), ("property", properties, "void:property")):
        for term, number in sorted(partitions.items(), key=lambda item: str(item[0])):
            if isinstance(term, ox.NamedNode):
                part = ox.NamedNode(f"{DATASET.value}#{kind}/{contract(term.value)}")
                quads += [
                    quad(DATASET, f"void:{kind}Partition", part),
                    quad(part, relation, term),
                    quad(part, "void:entities" if kind == "class" else "void:triples", ox.Literal(number)),
                ]
    return quads


def describe_functions() -> list[ox.Quad]:
    """Describe the extension functions and aggregates that queries may call."""
    graph = ox.NamedNode(GRAPH + "metadata")
    kinds = {"sd:Function": FUNCTIONS, "sd:Aggregate": AGGREGATES}
    described = [
        (row.iri, kind, f"{row.name}({row.arguments})", f"{row.meaning}; {row.formula}")
        for kind, rows in kinds.items()
        for row in rows
    ]
    described.append((COUNTS, "rdfs:Datatype", "counts", "numerator and denominator in one value, such as 13/39"))
    return [
        ox.Quad(iri, ox.NamedNode(expand(curie)), value, graph)
        for iri, kind, label, definition in described
        for curie, value in (
            ("rdf:type", ox.NamedNode(expand(kind))),
            ("rdfs:label", ox.Literal(label)),
            ("skos:definition", ox.Literal(definition)),
        )
    ]
