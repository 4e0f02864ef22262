"""``/search``: entities and external terms by name, for people who type and for programs that complete."""

from dataclasses import asdict

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels, served
from api.rest.blueprint import blueprint
from api.rest.description import answer_of
from api.rest.lists import ListParameters, list_of, next_page, offset_of, table_of
from api.rest.models import Hit
from kg.prefixes import ONTOLOGY, contract
from kg.read.filters import choice, options
from kg.read.labels import Json, local
from kg.search import Hit as SearchHit
from kg.search import Results

#: The number of hits considered when entities are listed by name.
MAX_HITS = 1_000
_TERM = "Term"  # the type of terms of other ontologies

Hits = list_of(
    "Hits",
    Hit,
    facets=(
        dict[str, int],
        Field(description="How many hits there are of each type; those of a subclass count for the class, too"),
    ),
)


class SearchParameters(ListParameters):
    """What to search for."""

    q: str = Field(
        max_length=200, description="A name, or the beginning of one", json_schema_extra={"example": "thiosulfat"}
    )
    type: list[str] = Field(
        [],
        description="Only these classes and their subclasses, or TYPEs of ids; Term: terms of other ontologies; "
        "Finding and Question: by words of their sentences",
        json_schema_extra={"example": ["Treatment"]},
    )


@blueprint.get("/search", summary="Search by name", responses=answer_of(Hits))
def search_names(query: SearchParameters) -> Response:
    """Find labels, synonyms, ids and names of mapped terms: exact ones first, typing errors and accents forgiven.

    Findings and questions are searched only where ``type`` names them.
    """

    def make() -> Json:
        offset = offset_of(query)
        results = search(query.q, [_type(name) for name in query.type], query.limit, offset)
        page: Json = {"items": [_hit(hit) for hit in results.hits], "total": results.total}
        if offset + query.limit < results.total:
            page["next"] = next_page(offset + query.limit)
        return page | {"facets": results.facets}

    return respond_data(make, table_of(Hit))


def search(text: str, types: list[str], limit: int, offset: int) -> Results:
    """Search the snapshot that answers this request; RDF files served as they are have no index, so no hits.

    An IRI finds what its CURIE does, or its id if it is one of ours.
    """
    text = contract(text).removeprefix("ckgid:")
    snapshot = served().snapshot
    return snapshot.search_index.search(text, types, limit=limit, offset=offset) if snapshot else Results((), 0, {})


def _type(name: str) -> str:
    classes = {one: ONTOLOGY + one for one in (_TERM, "Source", "Study", "Finding", "Question", "Disagreement")}
    classes.update(options(labels(), "type"))
    return local(choice(classes, "type", name, labels().iri))


def _hit(hit: SearchHit) -> Json:
    shaped = {"id": hit.id, **asdict(hit), "match": str(hit.match), "role": str(hit.role)}
    return {key: value for key, value in shaped.items() if value is not None}
