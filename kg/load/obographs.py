"""Reads OBO Graphs JSON, in the shape that OBO and RDF/XML files of the same ontology have.

https://github.com/geneontology/obographs: nodes with their metadata, edges as triples. Axioms on blank nodes stay out.
"""

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
from pydantic import BaseModel, ValidationError

from kg.load.limits import RefusedFileError
from kg.load.terms import Identifiers, named

_SYNONYMS = ("hasExactSynonym", "hasBroadSynonym", "hasNarrowSynonym", "hasRelatedSynonym")
_TYPES = {"CLASS": "owl:Class", "INDIVIDUAL": "owl:NamedIndividual"}
_PROPERTIES = {"ANNOTATION": "owl:AnnotationProperty", "OBJECT": "owl:ObjectProperty", "DATA": "owl:DatatypeProperty"}
_EDGES = {"is_a": "rdfs:subClassOf", "subPropertyOf": "rdfs:subPropertyOf", "type": "rdf:type"}
_EDGES |= {"inverseOf": "owl:inverseOf"}


class _Value(BaseModel):
    val: str
    pred: str = ""


class _Meta(BaseModel):
    definition: _Value | None = None
    comments: list[str] = []
    subsets: list[str] = []
    xrefs: list[_Value] = []
    synonyms: list[_Value] = []
    basicPropertyValues: list[_Value] = []  # noqa: N815 (the format's own name)
    version: str | None = None
    deprecated: bool = False


class _Node(BaseModel):
    id: str
    lbl: str | None = None
    type: str | None = None
    propertyType: str | None = None  # noqa: N815
    meta: _Meta | None = None


class _Edge(BaseModel):
    sub: str
    pred: str
    obj: str


class _Graph(BaseModel):
    id: str | None = None
    meta: _Meta | None = None
    nodes: list[_Node] = []
    edges: list[_Edge] = []


class _Document(BaseModel):
    graphs: list[_Graph]


def read_obo_graphs(document: dict[str, Any]) -> Iterator[ox.Quad]:
    """Read the graphs of a document. Raises RefusedFileError when it is not shaped as OBO Graphs are."""
    try:
        graphs = _Document.model_validate(document).graphs
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"]))
        raise RefusedFileError(f"is not OBO Graphs JSON: {place}: {first['msg']}") from None
    iri = Identifiers({}, "graph").iri
    for graph in graphs:
        if graph.id:
            yield ox.Quad(iri(graph.id), named("rdf:type"), named("owl:Ontology"))
            yield from _meta(iri(graph.id), graph.meta, iri)
        for found in graph.nodes:
            yield from _node(found, iri)
        for edge in graph.edges:
            relation = named(_EDGES[edge.pred]) if edge.pred in _EDGES else iri(edge.pred)
            yield ox.Quad(iri(edge.sub), relation, iri(edge.obj))


def _node(found: _Node, iri: Any) -> Iterator[ox.Quad]:
    subject = iri(found.id)
    types = _PROPERTIES if found.type == "PROPERTY" else _TYPES
    kind = types.get((found.propertyType if found.type == "PROPERTY" else found.type) or "")
    if kind:
        yield ox.Quad(subject, named("rdf:type"), named(kind))
    if found.lbl is not None:
        yield ox.Quad(subject, named("rdfs:label"), ox.Literal(found.lbl))
    yield from _meta(subject, found.meta, iri)


def _meta(subject: ox.NamedNode, meta: _Meta | None, iri: Any) -> Iterator[ox.Quad]:
    if meta is None:
        return
    texts = [("rdfs:comment", text) for text in meta.comments]
    texts += [("oboInOwl:hasDbXref", xref.val) for xref in meta.xrefs]
    texts += [(f"oboInOwl:{synonym.pred}", synonym.val) for synonym in meta.synonyms if synonym.pred in _SYNONYMS]
    if meta.definition:
        texts.append(("obo:IAO_0000115", meta.definition.val))
    for curie, text in texts:
        yield ox.Quad(subject, named(curie), ox.Literal(text))
    for subset in meta.subsets:
        yield ox.Quad(subject, named("oboInOwl:inSubset"), iri(subset))
    if meta.version:
        yield ox.Quad(subject, named("owl:versionIRI"), iri(meta.version))
    if meta.deprecated:
        yield ox.Quad(subject, named("owl:deprecated"), ox.Literal(True))
    for value in meta.basicPropertyValues:
        # The format does not tell an IRI from a text.
        target = iri(value.val) if value.val.startswith(("http://", "https://")) and " " not in value.val else None
        yield ox.Quad(subject, iri(value.pred), target or ox.Literal(value.val))
