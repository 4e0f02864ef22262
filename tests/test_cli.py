"""The command line, run as a user runs it."""

import io
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

import pytest
from conftest import DATA, ROOT

from kg.cli import COMMANDS, main

SERIES = DATA / "documents" / "series.txt"


def kg(*arguments: object, stdin: str = "", code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run the command in a fork of this process, which has loaded the libraries: to load them takes half a second."""
    command = ["kg", *map(str, arguments)]
    with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as errors:
        given.write(stdin.encode())
        given.seek(0)
        child = os.fork()
        if child == 0:
            _become(command, given.fileno(), output.fileno(), errors.fileno())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        errors.seek(0)
        done = subprocess.CompletedProcess(
            command, os.waitstatus_to_exitcode(status), output.read().decode(), errors.read().decode()
        )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def _become(command: list[str], *streams: int) -> NoReturn:
    """Be the process of a command, with its standard streams, to its end."""
    ended = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)))
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
        os.chdir(ROOT)
        sys.argv = command
        try:
            main()
            ended = 0
        except SystemExit as end:
            ended = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
    finally:
        os._exit(ended)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    assert "Usage:" in kg(name, "--help").stdout


def test_queries(small_data: Path) -> None:
    ask = "ASK { ?s a <https://w3id.org/calcikg/ontology/Finding> }"
    assert kg("query", "--data", small_data, stdin=ask).stdout == "yes\n"
    csv = kg("query", "--format", "csv", "--data", small_data, stdin="SELECT (1 AS ?x) {}").stdout
    assert csv.split() == ["x", "1"]
    found = json.loads(kg("query", "--format", "json", "--data", small_data, stdin=ask).stdout)
    assert found["boolean"] is True
    table = kg(
        "query", "--data", small_data, stdin="SELECT * { <https://w3id.org/calcikg/id/site/finger> ?p ?o }"
    ).stdout
    assert "ckgid:site/hand" in table
    assert r" [/b]\x1b[31m " in kg("query", "--data", small_data, stdin=r"SELECT ('[/b]\u001b[31m' AS ?x) {}").stdout
    graph = "CONSTRUCT WHERE { <https://w3id.org/calcikg/id/site/finger> ?p ?o }"
    assert "site/hand" in kg("query", "--data", small_data, stdin=graph).stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        (("query", "--data", "."), "ASK {}", 1, "there is no snapshot in"),
        (("query",), "SELECT * WHERE { ?s ?p }", 1, "line 1, column 25: '}' is not allowed here"),
        (("query", "--format", "ttl"), "ASK {}", 1, "none of the formats requested"),
        (("query", "--format", "docx"), "ASK {}", 2, "'docx' is none of table, json"),
        (("query", "a\x1b[31m.rq"), "", 2, r"a\x1b[31m.rq is not a file"),
        (("query", "nowhere.rq"), "", 2, "nowhere.rq is not a file"),
        (("locate", SERIES, "no such words"), "", 1, "copy the words exactly"),
        (("locate", "nowhere.txt", "x"), "", 2, "does not exist"),
        (("verify", "--documents", "nowhere"), "", 2, "does not exist"),
        (
            ("check", "--seeds", DATA / "seeds" / "bad" / "reading"),
            "",
            1,
            "reading/unknown-key.toml:14: finding/unknown-key-01",
        ),
        (("build", "--seeds", DATA / "seeds" / "bad" / "reading"), "", 1, "Did you mean 'numerator'"),
        (("build", "--out", "README.md"), "", 1, "README.md (File exists); name another folder by KG_DATA"),
        (("query", "--data", "README.md"), "ASK {}", 1, "README.md/current/manifest.json: Not a directory"),
        (("nonsense",), "", 2, "No such command"),
    ],
    ids=str,
)
def test_an_error_is_one_clear_sentence(
    arguments: tuple[object, ...],
    stdin: str,
    code: int,
    message: str,
    small_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KG_DATA", str(small_data))
    stderr = " ".join(kg(*arguments, stdin=stdin, code=code).stderr.replace("│", " ").split())
    assert message in stderr


def test_locate_prints_what_goes_into_a_record(tmp_path: Path) -> None:
    line = kg("locate", SERIES, "Forty patients ... (10%)", "--section", "Results").stdout
    assert line.startswith('locator = {section = "Results", words = 8, sha256 = "')


def test_verify_lists_what_is_wrong() -> None:
    done = kg("verify", "--documents", DATA / "documents", "--seeds", DATA / "seeds" / "good", code=1)
    assert "3 findings whose text or note is not there" in done.stdout
    assert done.stderr == "none of the texts is that of a source\n"
