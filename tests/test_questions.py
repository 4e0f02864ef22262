"""The competency questions: asked of the library and over HTTP, the answers held against the documents'."""

import csv
import io
import shutil
from pathlib import Path

import pytest
import typer
from flask.testing import FlaskClient

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
