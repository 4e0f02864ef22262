"""``/compare``: treatments side by side."""

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import Whole, blueprint, known
from kg.read.compare import compare
from kg.read.models import Comparison


class Compared(Whole):
    """Which treatments, and on what."""

    treatment: list[str] = Field(
        min_length=2,
        max_length=10,
        description="ids, IRIs or external identifiers of two or more treatments; findings on their kinds count",
        json_schema_extra={"example": ["treatment/calcinosis-debulking", "treatment/extracorporeal-shockwave-therapy"]},
    )
    outcome: str | None = Field(
        None, description="id, IRI or external identifier: only this outcome, complication or effect and its kinds"
    )


@blueprint.get("/compare", summary="Treatments side by side", responses={200: Comparison})
def comparison(query: Compared) -> Response:
    """Return a row for each outcome, complication, adverse effect and disease; unlike measures are never blended."""
    return respond_data(
        lambda: compare(
            labels(), [known(name) for name in query.treatment], known(query.outcome) if query.outcome else None
        )
    )
