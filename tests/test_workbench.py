"""What the workbench is made of: its page, and the JSON that its script asks for."""

import re

import pytest
from flask.testing import FlaskClient

from kg.prefixes import ID, PREFIXES
from kg.queries import read_questions
from kg.read.snippets import snippets

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_without_a_query_gets_the_workbench_and_a_program_the_service_description(
    client: FlaskClient,
) -> None:
    page = client.get("/sparql", headers=BROWSER)
    assert (page.status_code, page.mimetype, page.headers["Vary"]) == (200, "text/html", "Accept")
    assert client.get("/sparql", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"
    assert client.get("/sparql", headers=BROWSER, query_string={"query": "ASK {}"}).mimetype != "text/html"


def test_the_page_lists_every_question_by_its_kind(client: FlaskClient) -> None:
    text = client.get("/sparql", headers=BROWSER).text
    assert set(re.findall(r'data-question="([^"]+)"', text)) == {question.slug for question in read_questions()}
    for question in read_questions():
        assert f"<h2>{question.notes['kind']}</h2>" in text


def test_the_vocabulary_holds_what_a_query_is_written_with(client: FlaskClient) -> None:
    found = client.get("/workbench/vocabulary").json
    assert found["prefixes"] == PREFIXES
    words = {word["iri"]: word for word in found["terms"]}
    assert words[f"{PREFIXES['ckg']}treats"]["kind"] == "property"
    assert words[f"{PREFIXES['ckg']}Treatment"]["kind"] == "class"
    assert words[f"{PREFIXES['ckgf']}pooledProportion"]["kind"] == "function"
    assert words[f"{PREFIXES['rdfs']}label"]["kind"] == "property"
    ours = [word for word in found["terms"] if word["iri"].startswith((PREFIXES["ckg"], PREFIXES["ckgf"]))]
    assert [word["iri"] for word in ours if not (word.get("label") and word.get("definition"))] == []
    assert len(words) == len(found["terms"])


def test_the_vocabulary_names_every_entity(client: FlaskClient) -> None:
    called = client.get("/workbench/vocabulary").json["entities"]
    asked = f"SELECT ?label {{ <{ID}site/hand> <{PREFIXES['rdfs']}label> ?label }}"
    rows = client.get("/sparql", query_string={"query": asked, "format": "csv"}).text.split()
    assert called["site/hand"] == rows[1]
    assert called["finding/debulking-2021-30"] == ""  # it is called by its id


def test_the_questions_are_given_as_they_stand(client: FlaskClient) -> None:
    assert client.get("/workbench/questions").json == {question.slug: question.text for question in read_questions()}


def test_snippets_of_any_query_are_those_of_the_library(client: FlaskClient) -> None:
    query = 'SELECT ("SPARQL\n é" AS ?x) {}'
    answer = client.post("/workbench/snippets", data={"query": query})
    assert answer.json == snippets(query, "http://localhost/sparql")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"q": "ASK {}"}}, 400),
        ({"data": {"query": ["ASK {}", "ASK {}"]}}, 400),
        ({"json": {"query": "ASK {}"}}, 415),
    ],
)
def test_what_is_no_query_is_a_clear_problem(sent: dict[str, object], status: int, client: FlaskClient) -> None:
    answer = client.post("/workbench/snippets", **sent)  # type: ignore[arg-type]
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("path", ["/static/bundle/workbench.js", "/workbench/vocabulary", "/workbench/questions"])
def test_what_the_page_loads_is_compressed_and_confirmed(path: str, client: FlaskClient) -> None:
    plain, small = (client.get(path, headers=asked, buffered=True) for asked in ({}, {"Accept-Encoding": "gzip"}))
    assert plain.headers.get("Content-Encoding") is None
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) / 3
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    held = {"If-None-Match": small.headers["ETag"], "Accept-Encoding": "gzip"}
    assert client.get(path, headers=held, buffered=True).status_code == 304
