"""``/evidence-map`` and ``/gaps``: what was studied, and what was not."""

from typing import Literal

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import Whole, blueprint, known_below
from api.rest.lists import Page, page_of
from api.rest.table import items_of
from kg.queries import Parameter
from kg.read.evidence_map import classes, find_gaps, read_evidence_map
from kg.read.labels import Json
from kg.read.models import EvidenceMap, Gap, Shape

Aspect = Literal["outcome", "complication", "site", "subtype"]


class Columns(Whole):
    """What the columns are."""

    by: Aspect = Field("outcome", description="complication: adverse effects, too")


class Gaps(Shape):
    """A page of gaps."""

    items: list[Gap]
    total: int = Field(ge=0)
    next: str | None = None


class GapFilters(Page):
    """Which gaps are asked for."""

    by: list[Aspect] = Field([], description="Only gaps on these aspects")
    treatment: list[str] = Field(
        [], description="id, IRI or external identifier: only gaps of these treatments and their kinds"
    )


@blueprint.get("/evidence-map", summary="The evidence map", responses={200: EvidenceMap})
def evidence_map(query: Columns) -> Response:
    """Return every treatment that was tried against every outcome, complication, site or subtype, empty cells too."""
    return respond_data(lambda: read_evidence_map(labels(), query.by))


@blueprint.get("/gaps", summary="What nobody studied", responses={200: Gaps})
def gaps(query: GapFilters) -> Response:
    """Rank what is unstudied, or studied at the lowest evidence level only; the most surprising gaps come first."""

    def make() -> Json:
        filters: dict[str, Parameter] = {}
        if query.by:
            filters["type"] = [iri for by in query.by for iri in classes(by)]
        if query.treatment:
            filters["of"] = known_below(query.treatment)
        found = {str(gap["iri"]): gap for gap in find_gaps(labels(), filters)}
        return page_of(list(found), query, lambda iris: [found[iri] for iri in iris])

    return respond_data(make, items_of(Gap))
