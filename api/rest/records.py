"""``/entities``, ``/findings``, ``/sources`` and ``/mappings``: the records."""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from flask import Response
from pydantic import ConfigDict, Field
from werkzeug.exceptions import NotFound

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import ItemParameters, Parameters, blueprint, filters_of, named, takes_filters
from api.rest.description import answer_of
from api.rest.lists import ListParameters, list_of, page_of, table_of
from api.rest.models import Entity, Finding, MappingRow, Reference, Source
from api.rest.search import MAX_HITS, search
from kg.errors import FilterError
from kg.export.delimited import write_rows
from kg.prefixes import ID, expand
from kg.queries import Parameter
from kg.read.entities import find_entities, find_sources, read_entity, read_mappings, read_sources
from kg.read.filters import FILTERS, FINDING_FILTERS, find_below, find_entity, finding_filters, resolve
from kg.read.findings import find_findings, read_findings
from kg.read.labels import Json, local

Predicate = Literal[
    "skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch", "skos:relatedMatch"
]  # fmt: skip

_NO_TERM = expand("sssom:NoTermFound")
_TYPE = [one for one in FILTERS if one.name == "type"]


class EntityPath(Parameters):
    """The two parts of an entity's id."""

    type: str = Field(json_schema_extra={"example": "treatment"})
    slug: str = Field(json_schema_extra={"example": "topical-sodium-thiosulfate"})


class IdentifierPath(Parameters):
    """An identifier of another vocabulary, as a CURIE."""

    identifier: str = Field(json_schema_extra={"example": "MONDO:0005100"})


class FindingPath(Parameters):
    """The last part of a finding's id."""

    slug: str = Field(json_schema_extra={"example": "debulking-2021-30"})


class SourcePath(Parameters):
    """The last part of the id of a source, or of a study that one cites."""

    slug: str = Field(json_schema_extra={"example": "debulking-2021"})


@takes_filters(_TYPE)
class EntityParameters(ListParameters):
    """Filters of entities."""

    q: str | None = Field(None, max_length=200, description="A name or a part of one; the best match comes first")
    id: list[str] = Field([], description="The entity that this names. Id, IRI or external identifier.")
    below: list[str] = Field(
        [],
        description="Entities at or below this entity or external term",
        json_schema_extra={"example": ["UBERON:0000026"]},
    )


@takes_filters(FINDING_FILTERS)
class FindingParameters(ListParameters):
    """Filters of findings: those that fit every filter, and of several values of one filter any.

    The keys of the schema whose values are terms or entities are filters, too.
    """

    model_config = ConfigDict(extra="allow")


class MappingParameters(ListParameters):
    """Filters of mappings."""

    subject: list[str] = Field([], description="Mappings of this entity. Id, IRI or external identifier.")
    predicate: list[Predicate] = Field([])
    object: list[str] = Field(
        [],
        description="CURIE or IRI of an external term; sssom:NoTermFound: entities without any",
        json_schema_extra={"example": ["MONDO:0005100"]},
    )


@blueprint.get("/entities", summary="Entities", responses=answer_of(list_of("Entities", Reference)))
def entities(query: EntityParameters) -> Response:
    """List entities in the order of their ids."""

    def make() -> Json:
        filters = resolve(labels(), filters_of(EntityParameters, _TYPE))
        if query.id:
            filters["entity"] = [find_entity(labels(), name) for name in query.id]
        if query.below:
            filters["below"] = find_below(labels(), query.below)
        iris = _by_name(query.q, filters) if query.q is not None else find_entities(labels(), filters)
        return page_of(iris, query, lambda chosen: [labels().reference(iri) for iri in chosen])

    return respond_data(make, table_of(Reference))


@blueprint.get("/entities/<type>/<slug>", summary="One entity", responses=answer_of(Entity))
def entity(path: EntityPath, query: ItemParameters) -> Response:
    """Return an entity whole: its names, its place in the hierarchy, its mappings, its edges."""
    return respond_data(lambda: read_entity(labels(), named(f"{path.type}/{path.slug}")))


@blueprint.get("/entities/<identifier>", summary="One entity by its identifier elsewhere", responses=answer_of(Entity))
def entity_elsewhere(path: IdentifierPath, query: ItemParameters) -> Response:
    """Return the entity that an external identifier names: by an exact match, or else by the only close one."""
    return respond_data(lambda: read_entity(labels(), named(path.identifier)))


@blueprint.get("/findings", summary="Findings", responses=answer_of(list_of("Findings", Finding)))
def findings(query: FindingParameters) -> Response:
    """List findings in the order of their ids."""

    def make() -> Json:
        filters = resolve(labels(), filters_of(FindingParameters, finding_filters(labels())))
        return page_of(find_findings(labels(), filters), query, partial(read_findings, labels()))

    return respond_data(make, _findings_table)


@blueprint.get("/findings/<slug>", summary="One finding", responses=answer_of(Finding))
def finding(path: FindingPath, query: ItemParameters) -> Response:
    """Return a finding whole."""
    return respond_data(lambda: read_findings(labels(), [named(f"finding/{path.slug}")])[0])


@blueprint.get("/sources", summary="Sources", responses=answer_of(list_of("Sources", Source)))
def sources(query: ListParameters) -> Response:
    """List the sources in the order of their ids."""
    return respond_data(
        lambda: page_of(find_sources(labels()), query, partial(read_sources, labels())), table_of(Source)
    )


@blueprint.get("/sources/<slug>", summary="One source", responses=answer_of(Source))
def source(path: SourcePath, query: ItemParameters) -> Response:
    """Return a source, or a study that one cites."""

    def make() -> Json:
        iris = [iri for kind in ("source", "study") if labels().get(iri := f"{ID}{kind}/{path.slug}")]
        if not iris:
            raise NotFound(f"there is no source {path.slug!r}")
        return read_sources(labels(), iris[:1])[0]

    return respond_data(make)


@blueprint.get(
    "/mappings", summary="Mappings to other vocabularies", responses=answer_of(list_of("Mappings", MappingRow))
)
def mappings(query: MappingParameters) -> Response:
    """List the mappings with the columns of SSSOM, and as TSV as an SSSOM table."""

    def make() -> Json:
        given: dict[str, Parameter] = {
            "subject_id": [find_entity(labels(), name) for name in query.subject],
            "predicate_id": [expand(name) for name in query.predicate],
            "object_id": [_mapped(name) for name in query.object],
        }
        rows = read_mappings(labels(), {name: iris for name, iris in given.items() if iris})
        return page_of(list(rows), query, lambda iris: [rows[iri] for iri in iris])

    return respond_data(make, table_of(MappingRow))


def _by_name(text: str, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the entities that a text names and that fit the filters, the best match first."""
    types = filters.get("type", [])
    assert isinstance(types, list)
    hits = [hit.iri for hit in search(text, [local(iri) for iri in types] or ["Entity"], MAX_HITS, 0).hits]
    fitting = set(find_entities(labels(), filters).among(hits))
    return [iri for iri in hits if iri in fitting]


def _findings_table(page: Json, delimiter: str) -> str:
    columns = labels().schema.columns
    rows = ([column.read(one) for column in columns] for one in page["items"])
    return b"".join(write_rows([[column.name for column in columns], *rows], delimiter)).decode()


def _mapped(name: str) -> str:
    iri = labels().iri(name)
    if iri not in labels().matches and iri != _NO_TERM:
        raise FilterError(f"nothing is mapped to {name!r}")
    return iri
