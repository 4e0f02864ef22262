"""The competency questions as entities of the graph ``metadata``, so that SPARQL finds them too.

They are described as the SPARQL examples of the life sciences are (SHACL for the text, schema.org for the endpoint and
keywords), so that tools which collect such examples read ours.
"""

import pyoxigraph as ox

from kg.metadata import DATASET
from kg.prefixes import BASE, GRAPH, ID, expand
from kg.queries import Question, read_questions


def describe_questions() -> list[ox.Quad]:
    """Describe every question: its words, its SPARQL, who asks it, and the entities that it is asked of."""
    return [quad for question in read_questions() for quad in _describe(question)]


def _describe(question: Question) -> list[ox.Quad]:
    subject, graph = ox.NamedNode(f"{ID}question/{question.slug}"), ox.NamedNode(GRAPH + "metadata")
    asked_of = sorted({one for ids in question.parameters.values() for one in ids})
    described: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (expand("rdf:type"), ox.NamedNode(expand("sh:SPARQLExecutable"))),
        (expand("rdf:type"), ox.NamedNode(expand("sh:SPARQLSelectExecutable"))),
        (expand("rdfs:label"), ox.Literal(question.words)),
        (expand("sh:select"), ox.Literal(question.text)),
        (expand("dcterms:isPartOf"), DATASET),
        (expand("schema:target"), ox.NamedNode(BASE + "sparql")),
        *((expand("schema:keywords"), ox.Literal(question.notes[name])) for name in ("asker", "kind")),
        *((expand("dcterms:subject"), ox.NamedNode(ID + one)) for one in asked_of),
    ]
    return [ox.Quad(subject, ox.NamedNode(name), value, graph) for name, value in described]
