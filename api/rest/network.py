"""``/graph``, ``/paths`` and ``/stats``: the entities as a network."""

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels, once_per_snapshot, served
from api.rest.blueprint import Whole, blueprint, known
from kg.read.labels import Json
from kg.read.models import Graph, Paths, Stats
from kg.read.network import MAX_PATHS, Network, read_stats

_ID = "id, IRI or external identifier of an entity"


class Around(Whole):
    """Around what, how far, and which."""

    center: str = Field(description=_ID, json_schema_extra={"example": "treatment/topical-sodium-thiosulfate"})
    depth: int = Field(1, ge=0, le=4, description="How many steps away at most")
    types: list[str] = Field([], description="Only entities of these types, as entities have them; repeated: any")


class Between(Whole):
    """Between what, and how long."""

    from_: str = Field(
        alias="from", description=_ID, json_schema_extra={"example": "treatment/topical-sodium-thiosulfate"}
    )
    to: str = Field(description=_ID, json_schema_extra={"example": "outcome/pain"})
    max_length: int = Field(4, ge=1, le=8, description="How many steps a path has at most")
    limit: int = Field(10, ge=1, le=MAX_PATHS, description="How many paths at most")


@blueprint.get("/graph", summary="What lies around an entity", responses={200: Graph})
def graph(query: Around) -> Response:
    """Return the entities within some steps of one, and every relation between them with its findings."""
    return respond_data(lambda: network().around(known(query.center), query.depth, query.types))


@blueprint.get("/paths", summary="What joins two entities", responses={200: Paths})
def paths(query: Between) -> Response:
    """Return paths between two entities, the shortest first; each step is explained by its findings."""
    return respond_data(lambda: network().paths(known(query.from_), known(query.to), query.max_length, query.limit))


@blueprint.get("/stats", summary="What the dataset holds", responses={200: Stats})
def stats(query: Whole) -> Response:
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
