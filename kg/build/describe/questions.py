"""The competency questions as entities of the graph ``metadata``, so that SPARQL finds them too.

They are described as the SPARQL examples of the life sciences are (SHACL for the text, schema.org for the endpoint and
keywords), so that tools which collect such examples read ours.
"""

from collections.abc import Iterator

import pyoxigraph as ox

from kg.build.describe.statements import DATASET, node, statement
from kg.prefixes import BASE, ID
from kg.queries import Question, read_questions


def describe_questions() -> Iterator[ox.Quad]:
    """Describe every question: its words, its SPARQL, who asks it, and the entities that it is asked of."""
    for question in read_questions():
        yield from _describe(question)


def _describe(question: Question) -> Iterator[ox.Quad]:
    subject = ox.NamedNode(f"{ID}question/{question.slug}")
    yield statement(subject, "rdf:type", node("sh:SPARQLExecutable"))
    yield statement(subject, "rdf:type", node("sh:SPARQLSelectExecutable"))
    yield statement(subject, "rdfs:label", ox.Literal(question.words))
    yield statement(subject, "sh:select", ox.Literal(question.text))
    yield statement(subject, "dcterms:isPartOf", DATASET)
    yield statement(subject, "schema:target", ox.NamedNode(BASE + "sparql"))
    for name in ("asker", "kind"):
        yield statement(subject, "schema:keywords", ox.Literal(question.notes[name]))
    for one in sorted({one for ids in question.parameters.values() for one in ids}):
        yield statement(subject, "dcterms:subject", ox.NamedNode(ID + one))
