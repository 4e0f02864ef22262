"""``/graph``, ``/paths`` and ``/stats``: the entities as a network."""

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels, once_per_snapshot, served
from api.rest.blueprint import ItemParameters, blueprint
from api.rest.description import answer_of
from api.rest.models import Graph, Paths, Stats
from kg.read.entities import find_entities
from kg.read.filters import Filters, find_entity, resolve
from kg.read.labels import Json
from kg.read.network import MAX_PATHS, Network, read_stats

_ID = "id, IRI or external identifier of an entity"


class GraphParameters(ItemParameters):
    """An entity, and how far from it."""

    center: str = Field(description=_ID, json_schema_extra={"example": "treatment/topical-sodium-thiosulfate"})
    depth: int = Field(1, ge=0, le=4, description="Number of steps at most")
    types: list[str] = Field(
        [], description="Only entities of these classes or their subclasses: a class, or the TYPE of an id"
    )


class PathParameters(ItemParameters):
    """Two entities, and how long a path between them may be."""

    from_: str = Field(
        alias="from", description=_ID, json_schema_extra={"example": "treatment/topical-sodium-thiosulfate"}
    )
    to: str = Field(description=_ID, json_schema_extra={"example": "outcome/pain"})
    max_length: int = Field(4, ge=1, le=8, description="Number of steps of a path at most")
    limit: int = Field(10, ge=1, le=MAX_PATHS, description="Number of paths at most")


@blueprint.get("/graph", summary="Entities near an entity", responses=answer_of(Graph))
def graph(query: GraphParameters) -> Response:
    """Return the entities within some steps of one, and every relation between them with its findings."""

    def make() -> Json:
        types = resolve(labels(), Filters.read(("type", name) for name in query.types))
        within = set(find_entities(labels(), types).all()) if types else None
        return network().around(find_entity(labels(), query.center), query.depth, within)

    return respond_data(make)


@blueprint.get("/paths", summary="Paths between two entities", responses=answer_of(Paths))
def paths(query: PathParameters) -> Response:
    """Return paths between two entities, the shortest first; each step names the findings behind it."""
    return respond_data(
        lambda: network().paths(
            find_entity(labels(), query.from_), find_entity(labels(), query.to), query.max_length, query.limit
        )
    )


@blueprint.get("/stats", summary="The dataset in numbers", responses=answer_of(Stats))
def stats(query: ItemParameters) -> Response:
    """Return numbers of findings, entities and triples, and figures of the network."""

    def make() -> Json:
        snapshot = served().snapshot
        counts = dict(snapshot.counts) if snapshot else {}
        return {
            "version": served().version,
            "counts": {name: number for name, number in counts.items() if name != "graphs"},
            "graphs": counts.get("graphs", {}),
            **read_stats(network()),
        }

    return respond_data(make)


@once_per_snapshot
def network() -> Network:
    """Return the network of the snapshot that answers this request."""
    return Network(labels())
