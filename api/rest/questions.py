"""``/questions``: the competency questions, with their SPARQL and their answers now."""

from flask import Response, request, url_for
from pydantic import ConfigDict, Field
from werkzeug.exceptions import NotFound

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import ItemParameters, Parameters, blueprint
from api.rest.description import answer_of
from api.rest.lists import ListParameters, list_of, page_of, table_of
from api.rest.models import Question, QuestionReference
from kg.errors import FilterError
from kg.prefixes import ID
from kg.read.filters import find_entity
from kg.read.labels import Json
from kg.read.questions import questions, read_question, read_question_reference


class QuestionPath(Parameters):
    """The last part of a question's id."""

    slug: str = Field(json_schema_extra={"example": "infection-after-calcinosis-surgery"})


class QuestionParameters(ItemParameters):
    """Other entities for the parameters of the question, by name; ids, several values are alternatives."""

    model_config = ConfigDict(extra="allow")


@blueprint.get("/questions", summary="Questions", responses=answer_of(list_of("Questions", QuestionReference)))
def list_questions(query: ListParameters) -> Response:
    """List the competency questions in the order of their ids."""

    def read(iris: list[str]) -> list[Json]:
        return [read_question_reference(labels(), questions()[iri.rpartition("/")[2]]) for iri in iris]

    return respond_data(
        lambda: page_of([f"{ID}question/{slug}" for slug in questions()], query, read), table_of(QuestionReference)
    )


@blueprint.get("/questions/<slug>", summary="One question and its answer", responses=answer_of(Question))
def question(path: QuestionPath, query: QuestionParameters) -> Response:
    """Return a question with its SPARQL and its answer now, for other entities if some are given."""

    def make() -> Json:
        asked = questions().get(path.slug)
        if asked is None:
            raise NotFound(f"there is no question {path.slug!r}")
        chosen = {}
        for name in request.args.keys() - {"format"}:
            if name not in asked.parameters:
                raise FilterError(
                    f"the question has no parameter {name!r}; its parameters: {', '.join(asked.parameters) or 'none'}"
                )
            chosen[name] = [find_entity(labels(), value).removeprefix(ID) for value in request.args.getlist(name)]
        return read_question(labels(), asked, url_for("sparql.answer", _external=True), chosen)

    return respond_data(make)
