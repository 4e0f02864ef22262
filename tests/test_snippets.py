"""The snippets of the competency questions, run as their readers run them."""

import ast
import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest
import requests
from conftest import EXAMPLES
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.queries import Question, read_questions
from kg.read.snippets import snippets

if TYPE_CHECKING:
    from _typeshed import TraceFunction

Answers = dict[str, list[list[str]]]
QUESTIONS = {question.slug: question for question in read_questions()}
#: For R, which takes a second for each: questions with figures, with text alone, with parameters, with many rows.
FEW = (
    "infection-after-calcinosis-surgery",
    "systemic-sclerosis-through-its-subtypes",
    *sorted(QUESTIONS, key=lambda slug: len(QUESTIONS[slug].expected))[-3:],
)
#: Runs the snippets of a JSON object, each by itself, and writes the table that each leaves behind.
RUNNER = """
import contextlib, io, json, sys
tables = {}
for slug, snippet in json.load(sys.stdin).items():
    space, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(snippet, slug, "exec"), space)
    table = space["table"]
    assert printed.getvalue() == table.to_string() + "\\n"
    tables[slug] = [list(table), table.astype(object).where(table.notna(), None).values.tolist()]
json.dump(tables, sys.stdout)
"""


def snippet(server: str, question: Question, language: str) -> str:
    answer = requests.get(f"{server}/api/v1/questions/{question.slug}", timeout=60)
    return str(answer.json()["snippets"][language])


def run(*command: str, text: str = "") -> str:
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def needs(program: str) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not installed: its snippets are not run")
    return found


def same(cells: Sequence[object], expected: Sequence[str]) -> bool:
    """Tell whether a row is the expected one, numbers compared by their values."""
    return len(cells) == len(expected) and all(
        (cell is None and not text)
        or str(cell) == text
        or (isinstance(cell, bool) and str(cell).lower() == text)
        or (isinstance(cell, (int, float)) and float(cell) == float(text))
        for cell, text in zip(cells, expected, strict=True)
    )


def test_curl_gives_the_table(server: str, answers: Answers) -> None:
    """For some questions: Python asks all below, and `test_the_shell_reads_any_query_as_it_is` is about all queries."""
    needs("curl")
    for slug in sorted({*FEW, *[*QUESTIONS][:: 1 if EXAMPLES else 8]}):
        printed = run("sh", "-c", snippet(server, QUESTIONS[slug], "curl"))
        assert (slug, *csv.reader(io.StringIO(printed))) == (slug, [*QUESTIONS[slug].columns], *answers[slug])


def test_python_gives_the_tables(server: str, answers: Answers) -> None:
    given = {slug: snippet(server, question, "python") for slug, question in QUESTIONS.items()}
    tables = json.loads(run(sys.executable, "-c", RUNNER, text=json.dumps(given)))
    for slug, question in QUESTIONS.items():
        columns, rows = tables[slug]
        assert tuple(columns) == question.columns, slug
        assert len(rows) == len(answers[slug]), slug
        wrong = [row for row, expected in zip(rows, answers[slug], strict=True) if not same(row, expected)]
        assert wrong == [], slug


@pytest.mark.parametrize("slug", FEW)
def test_r_gives_the_table(slug: str, server: str, answers: Answers) -> None:
    question = QUESTIONS[slug]
    code = snippet(server, question, "r") + 'cat("----\\n"); write.csv(answer, row.names = FALSE, na = "")'
    printed, _, table = run(needs("Rscript"), "--vanilla", "-e", code).partition("----\n")
    columns, *rows = csv.reader(io.StringIO(table))
    assert tuple(columns) == question.columns
    assert len(rows) == len(answers[slug])
    for row, expected in zip(rows, answers[slug], strict=True):
        assert all(cell == text or float(cell) == float(text) for cell, text in zip(row, expected, strict=True))
    assert len(printed.splitlines()) > len(rows)


#: What would end or change a string of some language.
PIECES = ['"', '"""', "\\", "'", "{", "}", "{query}", "$x", "`", "\n", " ", "SPARQL", "\nSPARQL\n", ")---", ')----"',
          "é", "\\u00e9", "%", "#", "<", ">"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@example('"\\""""\\')
@settings(deadline=None)
def test_python_reads_any_query_as_it_is(query: str) -> None:
    assignment = ast.parse(snippets(query, "http://localhost")["python"]).body[4]
    assert isinstance(assignment, ast.Assign) and isinstance(assignment.value, ast.Constant)
    assert assignment.value.value == f"\n{query.strip()}\n"


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@settings(max_examples=30, deadline=None)
def test_the_shell_reads_any_query_as_it_is(query: str) -> None:
    code = "curl() { cat; }\n" + snippets(query, "http://localhost")["curl"]
    assert run("sh", "-c", code) == f"{query.strip()}\n"


def test_a_long_run_of_dashes_takes_no_more_steps_than_a_short_one() -> None:
    def steps(dashes: str) -> int:
        """Count what the interpreter does until R has its longer run."""
        events: list[str] = []

        def trace(_frame: FrameType, event: str, _argument: object) -> "TraceFunction":
            events.append(event)
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            code = snippets(f"ASK {{}} #){dashes}", "http://localhost")["r"]
        finally:
            sys.settrace(before)
        assert f'r"{dashes}-(' in code
        return len(events)

    assert steps("-" * 10) == steps("-" * 10_000)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_r_reads_a_query_as_it_is(locale: str, tmp_path: Path) -> None:
    query = " ".join(PIECES)
    code = snippets(query, "http://localhost")["r"].partition("answer <-")[0]
    path = tmp_path / "snippet.R"
    path.write_text(code + "cat(address)", encoding="utf-8")
    printed = run("env", f"LC_ALL={locale}", needs("Rscript"), "--vanilla", str(path))
    assert requests.utils.unquote(printed.partition("query=")[2]) == f"\n{query.strip()}\n"


GRAPH = """\
# The SELECT of this comment is none.
CONSTRUCT { ?site <http://www.w3.org/2000/01/rdf-schema#label> "a \\"label\\"" }
WHERE { VALUES ?site { <http://x/é> } }"""
TRIPLE = '<http://x/é> <http://www.w3.org/2000/01/rdf-schema#label> "a \\"label\\"" .'


def test_a_graph_is_printed_as_triples(server: str) -> None:
    made = snippets(GRAPH, f"{server}/sparql")
    assert run(sys.executable, "-c", made["python"]).split("\n\n")[-2].count("label") == 2
    assert run(needs("curl") and "sh", "-c", made["curl"]).strip() == TRIPLE
    assert run(needs("Rscript"), "--vanilla", "-e", made["r"]).strip() == TRIPLE
