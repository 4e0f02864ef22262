"""Reads ontologies in JSON that is not RDF, in the shape that OBO files of the same ontology have.

OBO Graphs (https://github.com/geneontology/obographs): nodes with their metadata, edges and the axioms between nodes;
axioms on blank nodes are left out. Columns, as ontologies are written for data frames: ``terms``, the ``parents`` of
each, and ``meta``, a column for each property.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, TypeVar

import pyoxigraph as ox
from pydantic import BaseModel, ValidationError

from kg.load.obo import Identifiers, named
from kg.load.source import RefusedFileError

_TYPES = {"CLASS": "owl:Class", "INDIVIDUAL": "owl:NamedIndividual"}
_PROPERTIES = {"ANNOTATION": "owl:AnnotationProperty", "OBJECT": "owl:ObjectProperty", "DATA": "owl:DatatypeProperty"}
_EDGES = {
    "is_a": "rdfs:subClassOf",
    "subPropertyOf": "rdfs:subPropertyOf",
    "type": "rdf:type",
    "inverseOf": "owl:inverseOf",
}
_SYNONYMS = {"hasExactSynonym", "hasBroadSynonym", "hasNarrowSynonym", "hasRelatedSynonym"}
#: Neither format declares prefixes.
_iri = Identifiers({}, "graph").iri
_COLUMNS = {"name": "rdfs:label", "definition": "obo:IAO_0000115", "namespace": "oboInOwl:hasOBONamespace"}


class _Value(BaseModel):
    val: str
    pred: str = ""


class _Meta(BaseModel):
    definition: _Value | None = None
    comments: list[str] = []
    subsets: list[str] = []
    xrefs: list[_Value] = []
    synonyms: list[_Value] = []
    basicPropertyValues: list[_Value] = []  # noqa: N815 (the format's own names, here and below)
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


class _Equivalents(BaseModel):
    nodeIds: list[str]  # noqa: N815


class _Restriction(BaseModel):
    propertyId: str  # noqa: N815
    fillerId: str  # noqa: N815


class _LogicalDefinition(BaseModel):
    definedClassId: str  # noqa: N815
    genusIds: list[str] = []  # noqa: N815
    restrictions: list[_Restriction | None] = []


class _DomainRange(BaseModel):
    predicateId: str  # noqa: N815
    domainClassIds: list[str] = []  # noqa: N815
    rangeClassIds: list[str] = []  # noqa: N815


class _Graph(BaseModel):
    id: str | None = None
    meta: _Meta | None = None
    nodes: list[_Node] = []
    edges: list[_Edge] = []
    equivalentNodesSets: list[_Equivalents] = []  # noqa: N815
    logicalDefinitionAxioms: list[_LogicalDefinition] = []  # noqa: N815
    domainRangeAxioms: list[_DomainRange] = []  # noqa: N815


class _Document(BaseModel):
    graphs: list[_Graph]


class _Columns(BaseModel):
    terms: list[str]
    parents: list[list[str]]
    meta: dict[str, list[str | None]] = {}


def read_obo_graphs(document: dict[str, Any]) -> Iterator[ox.Quad]:
    """Read the graphs of a document. Raises RefusedFileError when it does not have the shape of OBO Graphs."""
    for graph in _validated(_Document, document, "OBO Graphs JSON").graphs:
        if graph.id:
            yield ox.Quad(_iri(graph.id), named("rdf:type"), named("owl:Ontology"))
            yield from _meta(_iri(graph.id), graph.meta)
        for node in graph.nodes:
            yield from _node(node)
        for edge in graph.edges:
            relation = named(_EDGES[edge.pred]) if edge.pred in _EDGES else _iri(edge.pred)
            yield ox.Quad(_iri(edge.sub), relation, _iri(edge.obj))
        yield from _axioms(graph)


def read_columns(document: dict[str, Any]) -> Iterator[ox.Quad]:
    """Read the terms of an ontology in columns. Raises RefusedFileError when its columns do not fit together."""
    columns = _validated(_Columns, document, "an ontology in columns")
    texts = {curie: columns.meta[name] for name, curie in _COLUMNS.items() if name in columns.meta}
    lengths = {len(columns.parents), *map(len, texts.values())}
    if lengths != {len(columns.terms)}:
        raise RefusedFileError("is not an ontology in columns: its columns differ in length")
    for number, (term, parents) in enumerate(zip(columns.terms, columns.parents, strict=True)):
        subject = _iri(term)
        yield ox.Quad(subject, named("rdf:type"), named("owl:Class"))
        yield ox.Quad(subject, named("oboInOwl:id"), ox.Literal(term))
        for parent in parents:
            yield ox.Quad(subject, named("rdfs:subClassOf"), _iri(parent))
        for curie, column in texts.items():
            if text := column[number]:
                yield ox.Quad(subject, named(curie), ox.Literal(text))


_Model = TypeVar("_Model", bound=BaseModel)


def _validated(model: type[_Model], document: dict[str, Any], name: str) -> _Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"]))
        raise RefusedFileError(f"is not {name}: {place}: {first['msg']}") from None


def _axioms(graph: _Graph) -> Iterator[ox.Quad]:
    """Yield what the axioms between nodes say, in the shape of OBO: an intersection is what follows from it."""
    for equivalents in graph.equivalentNodesSets:
        for one, other in combinations(equivalents.nodeIds, 2):
            yield ox.Quad(_iri(one), named("owl:equivalentClass"), _iri(other))
    for definition in graph.logicalDefinitionAxioms:
        for genus in definition.genusIds:
            yield ox.Quad(_iri(definition.definedClassId), named("rdfs:subClassOf"), _iri(genus))
        for restriction in filter(None, definition.restrictions):
            relation = _iri(restriction.propertyId)
            yield ox.Quad(_iri(definition.definedClassId), relation, _iri(restriction.fillerId))
    for axiom in graph.domainRangeAxioms:
        for domain in axiom.domainClassIds:
            yield ox.Quad(_iri(axiom.predicateId), named("rdfs:domain"), _iri(domain))
        for range_ in axiom.rangeClassIds:
            yield ox.Quad(_iri(axiom.predicateId), named("rdfs:range"), _iri(range_))


def _node(node: _Node) -> Iterator[ox.Quad]:
    subject = _iri(node.id)
    kind = _PROPERTIES.get(node.propertyType or "") if node.type == "PROPERTY" else _TYPES.get(node.type or "")
    if kind:
        yield ox.Quad(subject, named("rdf:type"), named(kind))
    if node.lbl is not None:
        yield ox.Quad(subject, named("rdfs:label"), ox.Literal(node.lbl))
    yield from _meta(subject, node.meta)


def _meta(subject: ox.NamedNode, meta: _Meta | None) -> Iterator[ox.Quad]:
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
        yield ox.Quad(subject, named("oboInOwl:inSubset"), _iri(subset))
    if meta.version:
        yield ox.Quad(subject, named("owl:versionIRI"), _iri(meta.version))
    if meta.deprecated:
        yield ox.Quad(subject, named("owl:deprecated"), ox.Literal(True))
    for value in meta.basicPropertyValues:
        # The format does not tell an IRI from a text.
        is_iri = value.val.startswith(("http://", "https://")) and " " not in value.val
        yield ox.Quad(subject, _iri(value.pred), _iri(value.val) if is_iri else ox.Literal(value.val))
