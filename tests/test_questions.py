"""The competency questions: asked of the library and over HTTP, the answers held against the documents'."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
import typer
from flask.testing import FlaskClient
from lxml import html

import kg.queries
from kg.cli.questions import questions
from kg.engine import Engine
from kg.queries import read_questions
from kg.snapshot import Snapshot

QUESTIONS = read_questions()
ASKERS = {"researcher", "rheumatologist", "hand surgeon", "wound-care clinician", "ontologist"}
KINDS = {
    "look-up", "list", "multi-hop", "comparison", "aggregation", "negation", "hierarchy", "evidence level",
    "provenance", "disagreement",
}  # fmt: skip


def table(text: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(text))]


def test_the_service_answers_what_the_documents_say(whole_client: FlaskClient) -> None:
    for question in QUESTIONS:
        response = whole_client.post("/sparql", data={"query": question.text, "format": "csv"})
        assert (question.slug, table(response.text)) == (question.slug, [question.columns, *question.expected])


def test_there_are_questions_of_every_kind_and_asker() -> None:
    assert len(QUESTIONS) >= 50
    assert {question.notes["asker"] for question in QUESTIONS} == ASKERS
    assert {question.notes["kind"] for question in QUESTIONS} == KINDS
    assert all(question.notes["read in"] for question in QUESTIONS)
    assert all(question.expected or question.columns == ("true",) for question in QUESTIONS)


def test_answers_that_changed_are_shown_and_accepted(
    whole_folder: Path,
    whole_engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The expected answer to one question has a row too few; its file is as before once the answer is accepted."""
    for name in ("case-steroids", "case-wound-course"):
        for extension in ("rq", "csv"):
            shutil.copy(kg.queries.QUESTIONS / f"{name}.{extension}", tmp_path)
    file = tmp_path / "case-steroids.csv"
    expected = file.read_text(encoding="utf-8")
    *rows, last = expected.splitlines()
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.setattr(kg.queries, "QUESTIONS", tmp_path)
    monkeypatch.setattr(Snapshot, "engine", lambda _: whole_engine)  # it is loaded already
    with pytest.raises(typer.Exit) as ended:
        questions(data=whole_folder)
    assert ended.value.exit_code == 1
    shown = capsys.readouterr().out
    assert f"+{last}" in shown and "1 answer not as expected" in shown and "case-wound-course" not in shown
    questions(accept=True, data=whole_folder)
    assert "1 answer accepted" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == expected
    questions(data=whole_folder)
    assert capsys.readouterr().out == ""


def test_every_question_is_answered_in_a_sentence_before_the_table(whole_client: FlaskClient) -> None:
    for question in QUESTIONS:
        page = html.fromstring(whole_client.get(f"/page/question/{question.slug}").text)
        assert ("answer" in question.notes) != ("in short" in question.notes), question.slug
        assert page.xpath("boolean(//p[@class='lead']/following-sibling::div/table[@class='answer'])"), question.slug


@pytest.mark.parametrize("dataset", ["whole_client", "client"])
def test_the_sentence_says_what_the_rows_say(dataset: str, request: pytest.FixtureRequest) -> None:
    """Its numbers stand in a row, count rows or values, add up a column, or are fixed words; no field is left."""
    client = request.getfixturevalue(dataset)
    for question in QUESTIONS:
        page = html.fromstring(client.get(f"/page/question/{question.slug}").text)
        leads = page.xpath("//p[@class='lead']")
        if "answer" not in question.notes or not leads:
            continue
        sentence, template = leads[0].text_content(), question.notes["answer"]
        rows = [
            [cell.text_content().strip() for cell in row] for row in page.xpath("//table[@class='answer']/tbody/tr")
        ]
        named = _numbers(" ".join(cell for row in rows for cell in row) + re.sub(r"\{[^}]*\}", "", template))
        most = sum(sum(map(int, filter(str.isdecimal, row))) for row in rows) if ":sum}" in template else len(rows)
        unheard = {number for number in _numbers(sentence) - named if not (number.isdecimal() and int(number) <= most)}
        assert (question.slug, unheard) == (question.slug, set())
        assert not re.search(r"[{}|]|\s[,.;:]|\(\)", sentence), (question.slug, sentence)
        # None is a number here: it stands for a count without a noun.
        assert "none" not in sentence or re.search(r"\{rows[^:}]*\}|:count\}", template), (question.slug, sentence)
        assert sentence.endswith(".") and sentence[0].isalnum() and "  " not in sentence, (question.slug, sentence)


def test_a_sentence_asks_for_values_that_occur(whole_client: FlaskClient) -> None:
    """A misspelt value would count none."""
    words, asked = set(), set()
    for question in QUESTIONS:
        page = html.fromstring(whole_client.get(f"/page/question/{question.slug}").text)
        words |= {cell.text_content().strip() for cell in page.xpath("//table[@class='answer']/tbody/tr/td")}
        conditions = re.findall(r"\[\w+!?=([^\]]+)\]", question.notes.get("answer", ""))
        asked |= {value for condition in conditions for value in condition.split("/")}
    assert asked and asked <= words


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text))
