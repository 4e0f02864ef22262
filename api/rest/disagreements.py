"""``/disagreements``: where sources differ, where they only seem to, and why."""

from functools import partial
from typing import Literal

from flask import Response
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import Parameters, Whole, blueprint, known, known_below, term
from api.rest.lists import Page, page_of
from api.rest.table import items_of
from kg.prefixes import ONTOLOGY
from kg.queries import Parameter
from kg.read.disagreements import CLASSES, find_disagreements, read_disagreements
from kg.read.labels import Json
from kg.read.models import Disagreement, Shape


class Disagreements(Shape):
    """A page of disagreements."""

    items: list[Disagreement]
    total: int = Field(ge=0)
    next: str | None = None


class OfDisagreement(Parameters):
    """The last part of a disagreement's id."""

    slug: str = Field(json_schema_extra={"example": "infection-after-surgery"})


class DisagreementFilters(Page):
    """Which disagreements are asked for: those that fit every filter."""

    kind: list[Literal["disagreement", "apparent"]] = Field([], description="Real ones, or what only looks like one")
    about: list[str] = Field(
        [], description="id, IRI or external identifier that a finding on a side is about; or below it"
    )
    finding: list[str] = Field([], description="id or IRI of a finding on a side")
    reason: list[str] = Field([], json_schema_extra={"example": ["unstated"]})
    status: list[Literal["open", "explained"]] = Field([])


@blueprint.get("/disagreements", summary="Disagreements", responses={200: Disagreements})
def disagreements(query: DisagreementFilters) -> Response:
    """List disagreements, real and apparent, with both sides, in the order of their ids."""

    def make() -> Json:
        given: dict[str, Parameter] = {
            "kind": [CLASSES[kind] for kind in query.kind],
            "about": known_below(query.about),
            "finding": [known(name) for name in query.finding],
            "reason": [term(name) for name in query.reason],
            "status": [ONTOLOGY + name for name in query.status],
        }
        filters = {name: iris for name, iris in given.items() if iris}
        return page_of(find_disagreements(labels(), filters), query, partial(read_disagreements, labels()))

    return respond_data(make, items_of(Disagreement))


@blueprint.get("/disagreements/<slug>", summary="One disagreement", responses={200: Disagreement})
def disagreement(path: OfDisagreement, query: Whole) -> Response:
    """Return a disagreement with its sides."""
    return respond_data(lambda: read_disagreements(labels(), [known(f"disagreement/{path.slug}")])[0])
