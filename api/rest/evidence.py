"""``/pooled``, ``/summary``, ``/compare``, ``/disagreements``, ``/evidence-map``, ``/gaps``: findings side by side."""

from functools import partial
from typing import Literal

from flask import Response, abort
from pydantic import Field

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import ItemParameters, Parameters, blueprint, named
from api.rest.description import answer_of
from api.rest.lists import ListParameters, list_of, page_of, table_of
from api.rest.models import Comparison, Disagreement, EvidenceMap, Gap, PooledResult, SummaryRow
from kg.export.summary import write_table
from kg.prefixes import ID, ONTOLOGY
from kg.queries import Parameter
from kg.read.compare import compare
from kg.read.disagreements import find_disagreements, read_disagreements
from kg.read.entities import CONTRASTS
from kg.read.evidence_map import classes, find_gaps, read_evidence_map
from kg.read.filters import choice, find_below, find_entity, options
from kg.read.labels import Json
from kg.read.summary import read_summary
from kg.read.synthesis import find_pooled, read_pooled

#: Most studies, and most omitted findings, of a pooled result in a list; the result itself has all.
_BEHIND = 40

Aspect = Literal["outcome", "complication", "site", "subtype"]


class CompareParameters(ItemParameters):
    """The treatments to compare, and on what."""

    treatment: list[str] = Field(
        min_length=2,
        max_length=10,
        description="ids, IRIs or external identifiers of two or more treatments; findings on their kinds count",
        json_schema_extra={"example": ["treatment/calcinosis-debulking", "treatment/extracorporeal-shockwave-therapy"]},
    )
    outcome: str | None = Field(
        None, description="id, IRI or external identifier: only this outcome, complication or effect and its kinds"
    )


class DisagreementPath(Parameters):
    """The last part of a disagreement's id."""

    slug: str = Field(json_schema_extra={"example": "infection-after-surgery"})


class DisagreementParameters(ListParameters):
    """Filters of disagreements."""

    kind: list[Literal["disagreement", "apparent"]] = Field([], description="Real disagreements, or apparent ones")
    about: list[str] = Field(
        [],
        description="Disagreements with a finding about this entity. Id, IRI or external identifier;"
        " entities below it count too.",
    )
    finding: list[str] = Field([], description="Disagreements that this finding takes part in. Id or IRI.")
    reason: list[str] = Field([], json_schema_extra={"example": ["unstated"]})
    status: list[Literal["open", "explained"]] = Field([])


class MapParameters(ItemParameters):
    """What the columns are."""

    by: Aspect = Field("outcome", description="complication: adverse effects, too")


class GapParameters(ListParameters):
    """Filters of gaps."""

    by: list[Aspect] = Field([], description="Only gaps on these aspects")
    treatment: list[str] = Field(
        [], description="Gaps of this treatment and its kinds. Id, IRI or external identifier."
    )


class PooledPath(Parameters):
    """The last part of a pooled result's id."""

    slug: str = Field(json_schema_extra={"example": "systemic-sclerosis-has-phenotype-calcinosis-cutis-prevalence"})


class PooledParameters(ListParameters):
    """Filters of pooled results."""

    about: str | None = Field(
        None,
        description="Results on this entity or its kinds. Id, IRI or external identifier.",
        json_schema_extra={"example": "disease/calcinosis-cutis"},
    )


class SummaryParameters(ListParameters):
    """Which table."""

    treatment: str | None = Field(
        None,
        description="Rows on this treatment; findings on its kinds count. Id, IRI or external identifier.",
        json_schema_extra={"example": "treatment/extracorporeal-shockwave-therapy"},
    )
    table: Literal["prevalence", "risk-factors"] | None = Field(
        None, description="Another table instead; prevalence when nothing is given"
    )


@blueprint.get("/pooled", summary="Pooled results", responses=answer_of(list_of("PooledResults", PooledResult)))
def pooled(query: PooledParameters) -> Response:
    """List what was pooled, with the best of its studies; the results of most studies come first."""

    def make() -> Json:
        about = find_entity(labels(), query.about) if query.about else None
        return page_of(find_pooled(labels(), about), query, lambda iris: read_pooled(labels(), iris, _BEHIND))

    return respond_data(make, table_of(PooledResult))


@blueprint.get("/pooled/<slug>", summary="One pooled result", responses=answer_of(PooledResult))
def pooled_result(path: PooledPath, query: ItemParameters) -> Response:
    """Return a pooled result with its studies and sensitivity analyses."""
    return respond_data(lambda: read_pooled(labels(), [named(f"pooled/{path.slug}")])[0])


@blueprint.get("/summary", summary="Summary of findings", responses=answer_of(list_of("SummaryRows", SummaryRow)))
def summary(query: SummaryParameters) -> Response:
    """List one row for each question: studies, people, results for and against, figures, and signals of certainty.

    Rows on a treatment come by the outcomes that matter first; all others by the number of people.
    """
    if query.treatment and query.table:
        abort(400, "a summary of findings is on a treatment, or it is one of the tables prevalence and risk-factors")

    def make() -> Json:
        subject = find_entity(labels(), query.treatment) if query.treatment else None
        if subject and not subject.startswith(f"{ID}treatment/"):
            abort(400, f"{subject.removeprefix(ID)} is not a treatment")
        rows = {
            row["iri"]: row
            for row in read_summary(labels(), "treatment" if subject else query.table or "prevalence", subject)
        }
        return page_of(list(rows), query, lambda iris: [rows[iri] for iri in iris])

    return respond_data(make, lambda page, delimiter: write_table(page["items"], delimiter))


@blueprint.get("/compare", summary="Treatments side by side", responses=answer_of(Comparison))
def comparison(query: CompareParameters) -> Response:
    """Return a row for each outcome, complication, adverse effect and disease; unlike measures are never blended."""

    def make() -> Json:
        treatments = [find_entity(labels(), name) for name in query.treatment]
        return compare(labels(), treatments, find_entity(labels(), query.outcome) if query.outcome else None)

    return respond_data(make)


@blueprint.get("/disagreements", summary="Disagreements", responses=answer_of(list_of("Disagreements", Disagreement)))
def disagreements(query: DisagreementParameters) -> Response:
    """List disagreements, real and apparent, with both sides, in the order of their ids."""

    def make() -> Json:
        reasons = options(labels(), "reason")
        given: dict[str, Parameter] = {
            "kind": [CONTRASTS[kind] for kind in query.kind],
            "about": find_below(labels(), query.about),
            "finding": [find_entity(labels(), name) for name in query.finding],
            "reason": [choice(reasons, "reason", name) for name in query.reason],
            "status": [ONTOLOGY + name for name in query.status],
        }
        filters = {name: iris for name, iris in given.items() if iris}
        return page_of(find_disagreements(labels(), filters), query, partial(read_disagreements, labels()))

    return respond_data(make, table_of(Disagreement))


@blueprint.get("/disagreements/<slug>", summary="One disagreement", responses=answer_of(Disagreement))
def disagreement(path: DisagreementPath, query: ItemParameters) -> Response:
    """Return a disagreement with its sides."""
    return respond_data(lambda: read_disagreements(labels(), [named(f"disagreement/{path.slug}")])[0])


@blueprint.get("/evidence-map", summary="The evidence map", responses=answer_of(EvidenceMap))
def evidence_map(query: MapParameters) -> Response:
    """Return every treatment that was tried against every outcome, complication, site or subtype, empty cells too."""
    return respond_data(lambda: read_evidence_map(labels(), query.by))


@blueprint.get("/gaps", summary="What nobody studied", responses=answer_of(list_of("Gaps", Gap)))
def gaps(query: GapParameters) -> Response:
    """Rank what is unstudied, or studied at the lowest evidence level only; what concerns most people comes first."""

    def make() -> Json:
        filters: dict[str, Parameter] = {}
        if query.by:
            filters["type"] = [iri for by in query.by for iri in classes(by)]
        if query.treatment:
            filters["of"] = find_below(labels(), query.treatment)
        ranked = {gap["iri"]: gap for gap in find_gaps(labels(), filters)}
        return page_of(list(ranked), query, lambda iris: [ranked[iri] for iri in iris])

    return respond_data(make, table_of(Gap))
