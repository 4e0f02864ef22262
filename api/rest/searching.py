"""``/search``: entities and external terms by name, for people who type and for programs that complete."""

from dataclasses import asdict

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import served
from api.rest.blueprint import blueprint
from api.rest.lists import Page, next_page, offset_of
from api.rest.table import items_of
from kg.prefixes import contract
from kg.read.labels import Json
from kg.read.models import Hit, Shape
from kg.search import Hit as Found
from kg.search import Results

#: How many hits are looked at when entities are listed by name.
MAX_HITS = 1_000


class Hits(Shape):
    """A page of what was found."""

    items: list[Hit]
    total: int = Field(ge=0)
    next: str | None = None
    facets: dict[str, int] = Field(description="How many there are of each type; kinds of a type count for it")


class Search(Page):
    """What is looked for."""

    q: str = Field(
        max_length=200, description="A name, or the beginning of one", json_schema_extra={"example": "thiosulfat"}
    )
    type: list[str] = Field(
        [],
        description="Only these types and their kinds: a class, Entity for our own, Term for those of other ontologies",
        json_schema_extra={"example": ["Treatment"]},
    )


@blueprint.get("/search", summary="Search by name", responses={200: Hits})
def search_names(query: Search) -> Response:
    """Find labels, synonyms, ids and names of mapped terms: exact ones first, typing errors and accents forgiven."""

    def make() -> Json:
        offset = offset_of(query)
        results = search(query.q, query.type, query.limit, offset)
        page: Json = {"items": [_shape(hit) for hit in results.hits], "total": results.total}
        if offset + query.limit < results.total:
            page["next"] = next_page(offset + query.limit)
        return page | {"facets": results.facets}

    return respond_data(make, items_of(Hit))


def search(text: str, types: list[str], limit: int, offset: int) -> Results:
    """Search the snapshot that answers this request; plain files have no index, and nothing is found in them.

    An IRI finds what its CURIE does, or its id if it is one of ours.
    """
    text = contract(text).removeprefix("ckgid:")
    snapshot = served().snapshot
    return snapshot.search_index.search(text, types, limit=limit, offset=offset) if snapshot else Results((), 0, {})


def _shape(hit: Found) -> Json:
    shaped = {"id": hit.id, **asdict(hit), "match": str(hit.match), "role": str(hit.role)}
    return {key: value for key, value in shaped.items() if value is not None}
