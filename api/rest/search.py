"""``/search``: entities and external terms by name, for people who type and for programs that complete."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels, served
from api.rest.blueprint import blueprint
from api.rest.description import answer_of
from api.rest.lists import ListParameters, list_of, next_page, offset_of, table_of
from api.rest.models import Combination, Hit
from kg.prefixes import ONTOLOGY, contract
from kg.read.combination import Choice, combine, read_choice, read_nearest
from kg.read.entities import CLASSES
from kg.read.filters import Filters, choice, options
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
    combination=(
        Combination | None,
        Field(
            None,
            description="Where the text names several entities, or one and finds nothing, and no `type` is asked for",
        ),
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

    Findings and questions are searched only where ``type`` names them. ``combination`` tells how many findings are
    about all the entities that the text names and, where none is, the nearest that some are about.
    """

    def make() -> Json:
        offset = offset_of(query)
        results = search(query.q, [_type(name) for name in query.type], query.limit, offset)
        page: Json = {"items": [_hit(hit) for hit in results.hits], "total": results.total}
        if offset + query.limit < results.total:
            page["next"] = next_page(offset + query.limit)
        page["facets"] = results.facets
        if not query.type and (found := read_combination(query.q, 2 if results.total else 1)):
            page["combination"] = _combination(found)
        return page

    return respond_data(make, table_of(Hit))


def search(text: str, types: list[str], limit: int, offset: int) -> Results:
    """Search the snapshot that answers this request; RDF files served as they are have no index, so no hits.

    An IRI finds what its CURIE does, or its id if it is one of ours.
    """
    text = contract(text).removeprefix("ckgid:")
    snapshot = served().snapshot
    return snapshot.search_index.search(text, types, limit=limit, offset=offset) if snapshot else Results((), 0, {})


@dataclass(frozen=True)
class Combined:
    """What a text names several of: the findings about all of it, the nearest where there are none, and other words."""

    choice: Choice
    nearest: Sequence[Choice]
    others: Sequence[str]


def read_combination(text: str, least: int) -> Combined | None:
    """Return what findings there are about all the entities that a text names; None where it names too few."""
    snapshot = served().snapshot
    hits, others = snapshot.search_index.named(text, CLASSES.values()) if snapshot else ([], [])
    filters, left = combine(hit.id for hit in hits)
    if len(filters.pairs) < least:
        return None
    found = read_choice(labels(), filters)
    labelled = [hit.label for hit in hits if hit.id in left]
    return Combined(found, [] if found.findings else read_nearest(labels(), filters), [*labelled, *others])


def _combination(found: Combined) -> Json:
    nearest = {"nearest": [_choice(one) for one in found.nearest]} if found.nearest else {}
    return _choice(found.choice) | nearest | ({"others": found.others} if found.others else {})


def _choice(one: Choice) -> Json:
    return {"filters": _filters(one.filters), "findings": one.findings}


def _filters(filters: Filters) -> Json:
    """Return filters by their names, each with its entity."""
    return {name: labels().reference(labels().iri(value)) for name, value in filters.pairs}


def _type(name: str) -> str:
    classes = {one: ONTOLOGY + one for one in (_TERM, "Source", "Study", "Finding", "Question", "Disagreement")}
    classes.update(options(labels(), "type"))
    return local(choice(classes, "type", name, labels().iri))


def _hit(hit: SearchHit) -> Json:
    shaped = {"id": hit.id, **asdict(hit), "match": str(hit.match), "role": str(hit.role)}
    return {key: value for key, value in shaped.items() if value is not None}
