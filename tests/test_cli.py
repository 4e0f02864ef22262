"""The command line, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import DATA, ROOT

from kg.build.dataset import Inputs
from kg.cli import COMMANDS

SERIES = DATA / "documents" / "series.txt"


def kg(*arguments: object, stdin: str = "", code: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kg.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    assert "Usage:" in kg(name, "--help").stdout


def test_build_query_and_check(small_inputs: Inputs, data_folder: Path) -> None:
    ask = "ASK { ?s a <https://w3id.org/calcikg/ontology/Finding> }"
    assert kg("query", "--data", data_folder, stdin=ask).stdout == "yes\n"
    csv = kg("query", "--format", "csv", "--data", data_folder, stdin="SELECT (1 AS ?x) {}").stdout
    assert csv.split() == ["x", "1"]
    found = json.loads(kg("query", "--format", "json", "--data", data_folder, stdin=ask).stdout)
    assert found["boolean"] is True
    table = kg(
        "query", "--data", data_folder, stdin="SELECT * { <https://w3id.org/calcikg/id/site/finger> ?p ?o }"
    ).stdout
    assert "ckgid:site/hand" in table
    assert r" [/b]\x1b[31m " in kg("query", "--data", data_folder, stdin=r"SELECT ('[/b]\u001b[31m' AS ?x) {}").stdout
    graph = "CONSTRUCT WHERE { <https://w3id.org/calcikg/id/site/finger> ?p ?o }"
    assert "site/hand" in kg("query", "--data", data_folder, stdin=graph).stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        (("query", "--data", "."), "ASK {}", 1, "there is no snapshot in"),
        (("query",), "SELECT * WHERE { ?s ?p }", 1, "line 1, column 25: '}' cannot stand here"),
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
def test_an_error_is_one_clear_sentence(arguments: tuple[object, ...], stdin: str, code: int, message: str) -> None:
    stderr = " ".join(kg(*arguments, stdin=stdin, code=code).stderr.replace("│", " ").split())
    assert message in stderr


def test_locate_prints_what_goes_into_a_record(tmp_path: Path) -> None:
    line = kg("locate", SERIES, "Forty patients ... (10%)", "--section", "Results").stdout
    assert line.startswith('locator = {section = "Results", words = 8, sha256 = "')


def test_verify_lists_what_is_wrong() -> None:
    done = kg("verify", "--documents", DATA / "documents", "--seeds", DATA / "seeds" / "good", code=1)
    assert "3 findings and 1 other records" in done.stdout
    assert "finding/series-01: its passage is in none of the documents" in done.stderr
