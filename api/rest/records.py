"""``/entities``, ``/findings`` and ``/sources``."""

from functools import partial

from flask import Response
from pydantic import Field
from werkzeug.exceptions import NotFound

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import Parameters, Whole, blueprint, known, known_below, term
from api.rest.lists import Page, page_of
from api.rest.searching import MAX_HITS, search
from api.rest.table import items_of
from kg.prefixes import ID, ONTOLOGY
from kg.queries import Parameter
from kg.read.entities import find_entities, find_sources, read_entity, read_sources
from kg.read.findings import ENTITY_FILTERS, find_findings, read_findings
from kg.read.labels import Json
from kg.read.models import Direction, Entity, Finding, Kind, Reference, Shape, Source
from kg.read.schema import class_of

_ENTITY = "id, IRI or external identifier; what lies below it is taken in; repeated: any of them"


class Entities(Shape):
    """A page of entities."""

    items: list[Reference]
    total: int = Field(ge=0)
    next: str | None = None


class Findings(Shape):
    """A page of findings."""

    items: list[Finding]
    total: int = Field(ge=0)
    next: str | None = None


class Sources(Shape):
    """A page of sources."""

    items: list[Source]
    total: int = Field(ge=0)
    next: str | None = None


class OfEntity(Parameters):
    """The two parts of an entity's id."""

    type: str = Field(json_schema_extra={"example": "treatment"})
    slug: str = Field(json_schema_extra={"example": "topical-sodium-thiosulfate"})


class OfIdentifier(Parameters):
    """An identifier of another vocabulary, as a CURIE."""

    identifier: str = Field(json_schema_extra={"example": "MONDO:0005100"})


class OfFinding(Parameters):
    """The last part of a finding's id."""

    slug: str = Field(json_schema_extra={"example": "debulking-2021-30"})


class OfSource(Parameters):
    """The last part of the id of a source, or of a study that one cites."""

    slug: str = Field(json_schema_extra={"example": "debulking-2021"})


class EntityFilters(Page):
    """Which entities are asked for."""

    q: str | None = Field(None, max_length=200, description="A name or a part of one; the best fit comes first")
    type: list[str] = Field(
        [],
        description="Class, its subclasses taken in; repeated: any",
        json_schema_extra={"example": ["DrugTreatment"]},
    )
    id: list[str] = Field([], description="id, IRI or external identifier that names one; repeated: any")
    below: list[str] = Field(
        [],
        description="At or below this entity or external term; repeated: any",
        json_schema_extra={"example": ["CHEBI:22693"]},
    )


class FindingFilters(Page):
    """Which findings are asked for: those that fit every filter."""

    kind: list[Kind] = Field([])
    subject: list[str] = Field([], description=_ENTITY)
    object: list[str] = Field([], description=_ENTITY)
    about: list[str] = Field([], description=f"Subject, object, site, or disease of the population. {_ENTITY}")
    source: list[str] = Field([], description="id or IRI of a source; repeated: any of them")
    population: list[str] = Field([], description="id or IRI of a population; repeated: any of them")
    site: list[str] = Field([], description=_ENTITY)
    measure: list[str] = Field([], json_schema_extra={"example": ["prevalence"]})
    direction: list[Direction] = Field([])
    max_level: int | None = Field(None, ge=1, le=5, description="This evidence level or a better one; 1 is the best")


@blueprint.get("/entities", summary="Entities", responses={200: Entities})
def entities(query: EntityFilters) -> Response:
    """List entities in the order of their ids."""

    def make() -> Json:
        filters: dict[str, Parameter] = {"type": [term(name) for name in query.type]} if query.type else {}
        if query.id:
            filters["entity"] = [known(name) for name in query.id]
        if query.below:
            filters["below"] = known_below(query.below)
        if query.q is not None:
            found = search(query.q, query.type or ["Entity"], MAX_HITS, 0).hits
            fitting = set(find_entities(labels(), filters)) if query.id or query.below else labels().entities.keys()
            iris = [hit.iri for hit in found if hit.iri in fitting]
            return page_of(iris, query, lambda chosen: [labels().reference(iri) for iri in chosen])
        return page_of(find_entities(labels(), filters), query, lambda iris: [labels().reference(iri) for iri in iris])

    return respond_data(make, items_of(Reference))


@blueprint.get("/entities/<type>/<slug>", summary="One entity", responses={200: Entity})
def entity(path: OfEntity, query: Whole) -> Response:
    """Return an entity whole: its names, its place in the hierarchy, its mappings, its edges."""
    return respond_data(lambda: read_entity(labels(), known(f"{path.type}/{path.slug}")))


@blueprint.get("/entities/<identifier>", summary="One entity by its identifier elsewhere", responses={200: Entity})
def entity_elsewhere(path: OfIdentifier, query: Whole) -> Response:
    """Return the entity that an external identifier names: by an exact match, or else by the only close one."""
    return respond_data(lambda: read_entity(labels(), known(path.identifier)))


@blueprint.get("/findings", summary="Findings", responses={200: Findings})
def findings(query: FindingFilters) -> Response:
    """List findings in the order of their ids."""

    def make() -> Json:
        filters: dict[str, Parameter] = {
            name: known_below(chosen) for name in ENTITY_FILTERS if (chosen := getattr(query, name))
        }
        if query.kind:
            filters["kind"] = [class_of(kind) for kind in query.kind]
        if query.measure:
            filters["measure"] = [term(name) for name in query.measure]
        if query.direction:
            filters["direction"] = [ONTOLOGY + name for name in query.direction]
        if query.max_level is not None:
            filters["max_level"] = query.max_level
        return page_of(find_findings(labels(), filters), query, partial(read_findings, labels()))

    return respond_data(make, items_of(Finding))


@blueprint.get("/findings/<slug>", summary="One finding", responses={200: Finding})
def finding(path: OfFinding, query: Whole) -> Response:
    """Return a finding whole."""
    return respond_data(lambda: read_findings(labels(), [known(f"finding/{path.slug}")])[0])


@blueprint.get("/sources", summary="Sources", responses={200: Sources})
def sources(query: Page) -> Response:
    """List the sources in the order of their ids."""
    return respond_data(
        lambda: page_of(find_sources(labels()), query, partial(read_sources, labels())), items_of(Source)
    )


@blueprint.get("/sources/<slug>", summary="One source", responses={200: Source})
def source(path: OfSource, query: Whole) -> Response:
    """Return a source, or a study that one cites."""

    def make() -> Json:
        found = [iri for kind in ("source", "study") if (iri := f"{ID}{kind}/{path.slug}") in labels().entities]
        if not found:
            raise NotFound(f"there is no source {path.slug!r}")
        return read_sources(labels(), found[:1])[0]

    return respond_data(make)
