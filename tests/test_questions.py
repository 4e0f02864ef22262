"""The competency questions: asked of the library and over HTTP, the answers held against the documents'."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from kg.engine import FORMATS, Engine, Query
from kg.queries import Question, read_questions

QUESTIONS = read_questions()
ASKERS = {"researcher", "rheumatologist", "hand surgeon", "wound-care clinician", "ontologist"}
KINDS = {
    "look-up", "list", "multi-hop", "comparison", "aggregation", "negation", "hierarchy", "evidence level",
    "provenance", "disagreement",
}  # fmt: skip


def table(text: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(text))]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slug)
def test_the_graph_answers_what_the_documents_say(question: Question, engine: Engine) -> None:
    answer = engine.answer(Query(question.text), (FORMATS["csv"],)).read().decode()
    assert table(answer) == [question.columns, *question.expected]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slug)
def test_the_service_gives_the_same_answer(question: Question, client: FlaskClient) -> None:
    response = client.post("/sparql", data={"query": question.text, "format": "csv"})
    assert table(response.text) == [question.columns, *question.expected]


def test_there_are_questions_of_every_kind_and_asker() -> None:
    assert len(QUESTIONS) >= 50
    assert {question.notes["asker"] for question in QUESTIONS} == ASKERS
    assert {question.notes["kind"] for question in QUESTIONS} == KINDS
    assert all(question.notes["read in"] for question in QUESTIONS)
    assert all(question.expected or question.columns == ("true",) for question in QUESTIONS)
