"""``/mappings``: what the entities are called in other vocabularies, as SSSOM."""

from typing import Literal

from flask import Response
from pydantic import Field
from werkzeug.exceptions import NotFound

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import blueprint, known
from api.rest.lists import Page, page_of
from api.rest.table import items_of
from kg.prefixes import expand
from kg.queries import Parameter
from kg.read.entities import read_mappings
from kg.read.labels import Json
from kg.read.models import MappingRow, Shape

Predicate = Literal[
    "skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch", "skos:relatedMatch"
]  # fmt: skip

_NO_TERM = expand("sssom:NoTermFound")


class MappingRows(Shape):
    """A page of mappings."""

    items: list[MappingRow]
    total: int = Field(ge=0)
    next: str | None = None


class MappingFilters(Page):
    """Which mappings are asked for: those that fit every filter."""

    subject: list[str] = Field([], description="id or IRI of an entity, or an identifier that names one; repeated: any")
    predicate: list[Predicate] = Field([])
    object: list[str] = Field(
        [],
        description="CURIE or IRI of an external term; sssom:NoTermFound: entities without any",
        json_schema_extra={"example": ["MONDO:0005100"]},
    )


@blueprint.get("/mappings", summary="Mappings to other vocabularies", responses={200: MappingRows})
def mappings(query: MappingFilters) -> Response:
    """List the mappings with the columns of SSSOM, and as TSV as an SSSOM table."""

    def make() -> Json:
        given: dict[str, Parameter] = {
            "subject_id": [known(name) for name in query.subject],
            "predicate_id": [expand(name) for name in query.predicate],
            "object_id": [_term(name) for name in query.object],
        }
        found = read_mappings(labels(), {name: iris for name, iris in given.items() if iris})
        return page_of(list(found), query, lambda iris: [found[iri] for iri in iris])

    return respond_data(make, items_of(MappingRow))


def _term(name: str) -> str:
    iri = labels().iri(name)
    if iri not in labels().matches and iri != _NO_TERM:
        raise NotFound(f"nothing is mapped to {name!r}")
    return iri
