"""``/questions``: the competency questions, with their SPARQL and their answers now."""

from flask import Response, request, url_for
from pydantic import ConfigDict, Field
from werkzeug.exceptions import BadRequest, NotFound

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import Parameters, Whole, blueprint, known
from api.rest.lists import Page, page_of
from api.rest.table import items_of
from kg.prefixes import ID
from kg.read.labels import Json
from kg.read.models import Question, QuestionReference, Shape
from kg.read.questions import questions, read_question, read_question_reference


class Questions(Shape):
    """A page of questions."""

    items: list[QuestionReference]
    total: int = Field(ge=0)
    next: str | None = None


class OfQuestion(Parameters):
    """The last part of a question's id."""

    slug: str = Field(json_schema_extra={"example": "infection-after-calcinosis-surgery"})


class Chosen(Whole):
    """Other entities for the question's parameters, each by the parameter's name; ids, which may be repeated."""

    model_config = ConfigDict(extra="allow")


@blueprint.get("/questions", summary="Questions", responses={200: Questions})
def list_questions(query: Page) -> Response:
    """List the competency questions in the order of their ids."""

    def make() -> Json:
        every = questions()
        iris = [f"{ID}question/{slug}" for slug in every]
        return page_of(
            iris,
            query,
            lambda chosen: [read_question_reference(labels(), every[iri.rpartition("/")[2]]) for iri in chosen],
        )

    return respond_data(make, items_of(QuestionReference))


@blueprint.get("/questions/<slug>", summary="One question and its answer", responses={200: Question})
def question(path: OfQuestion, query: Chosen) -> Response:
    """Return a question with its SPARQL and its answer now, asked of other entities if some are chosen."""

    def make() -> Json:
        found = questions().get(path.slug)
        if found is None:
            raise NotFound(f"there is no question {path.slug!r}")
        chosen = {}
        for name in request.args.keys() - {"format"}:
            if name not in found.parameters:
                parameters = ", ".join(found.parameters) or "none"
                raise BadRequest(f"the question has no parameter {name!r}; its parameters: {parameters}")
            chosen[name] = [known(value).removeprefix(ID) for value in request.args.getlist(name)]
        return read_question(labels(), found, url_for("sparql.answer", _external=True), chosen)

    return respond_data(make)
