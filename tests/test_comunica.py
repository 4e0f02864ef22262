"""The service as a member of a federation: Comunica, an independent engine, joins it with a second endpoint."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA, running
from test_clients import PREVALENCE

FOLDER = Path(__file__).parent / "comunica"
PREFIXES = """
BASE <https://w3id.org/calcikg/id/>
PREFIX ckg: <https://w3id.org/calcikg/ontology/>
PREFIX note: <https://example.org/notes#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
NOTED = "?treatment note:clinic ?clinic ."
INFECTION = """
  ?finding a ckg:ComplicationFinding ; ckg:subject ?treatment ;
    ckg:object <complication/postoperative-infection> ; ckg:reported ?reported .
  ?treatment rdfs:label ?label .
"""
# Where infection is known to follow what a clinic of the notes does: each half stands in one endpoint only.
JOINED = [
    ("calcinosis excision", "hand surgery", "2-5% incidence"),
    ("surgical treatment of calcinosis", "plastic surgery", "wound infection in 10% of cases"),
]

Row = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Answer:
    """The rows that Comunica found, and the HTTP requests that it made for them."""

    rows: list[Row]
    requests: list[dict[str, Any]]

    def values(self, *names: str) -> list[tuple[str, ...]]:
        return [tuple(row[name]["value"] for name in names) for row in self.rows]


class Comunica:
    """Comunica in a process of its own, which answers one question after the other: it takes seconds to start."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, query: str, *servers: str) -> Answer:
        """Ask endpoints, of which it is told the addresses only and takes the rest from what they answer."""
        assert self._process.stdin and self._process.stdout
        question = {"query": query, "sources": [f"{server}/sparql" for server in servers]}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        assert "error" not in found, found["error"]
        assert {request["status"] for request in found["requests"]} == {200}
        return Answer(found["rows"], found["requests"])


@pytest.fixture(scope="module")
def comunica() -> Iterator[Comunica]:
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("Comunica is not installed: `make test` installs it from its lock file")
    command = [Path(sys.executable).with_name("node"), "query.mjs"]
    with subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Comunica(process)


@pytest.fixture(scope="module")
def notes() -> Iterator[str]:
    """The address of a second endpoint, with the local notes of a clinic."""
    file = DATA / "comunica" / "notes.ttl"
    with running("-m", "kg.cli", "serve", "--port", "{port}", "--dataset", str(file)) as (address, _):
        yield address


def test_the_endpoint_alone(comunica: Comunica, server: str) -> None:
    answer = comunica.ask(PREVALENCE, server)
    assert answer.values("value") == [("15",), ("44",)]
    assert {row["value"]["datatype"] for row in answer.rows} == {"http://www.w3.org/2001/XMLSchema#decimal"}
    described, asked = answer.requests  # the service description, then the query as a whole
    assert described["url"] == f"{server}/sparql"
    assert asked["type"] == "application/sparql-results+json"


def test_an_aggregate_and_a_truth_value(comunica: Comunica, server: str) -> None:
    counted = "SELECT ?type (COUNT(*) AS ?n) { VALUES ?type { ckg:Source } ?s a ?type } GROUP BY ?type"
    assert comunica.ask(PREFIXES + counted, server).values("n") == [("5",)]
    assert comunica.ask(PREFIXES + "ASK { <site/hand> a ckg:AnatomicalSite }", server).rows == [True]


def test_two_endpoints_in_one_query(comunica: Comunica, server: str, notes: str) -> None:
    query = f"{PREFIXES} SELECT ?label ?clinic ?reported {{ {NOTED} {INFECTION} }} ORDER BY ?clinic"
    answer = comunica.ask(query, server, notes)
    assert answer.values("label", "clinic", "reported") == JOINED
    assert {request["url"].partition("?")[0] for request in answer.requests} == {f"{server}/sparql", f"{notes}/sparql"}
    assert not comunica.ask(query, server).rows
    assert not comunica.ask(query, notes).rows


def test_two_endpoints_named_by_the_query(comunica: Comunica, server: str, notes: str) -> None:
    """SERVICE is refused by our endpoint itself: here the client is the one that federates."""
    halves = f"SERVICE <{notes}/sparql> {{ {NOTED} }} SERVICE <{server}/sparql> {{ {INFECTION} }}"
    query = f"{PREFIXES} SELECT ?label ?clinic ?reported {{ {halves} }} ORDER BY ?clinic"
    assert comunica.ask(query).values("label", "clinic", "reported") == JOINED


def test_graphs(comunica: Comunica, server: str, notes: str) -> None:
    described = comunica.ask("DESCRIBE <https://w3id.org/calcikg/id/site/hand>", server)
    assert "hand" in {row["object"]["value"] for row in described.rows}
    assert described.requests[-1]["type"].startswith("text/turtle")
    query = f"{PREFIXES} CONSTRUCT {{ ?finding note:at ?clinic }} {{ {NOTED} {INFECTION} }}"
    joined = comunica.ask(query, server, notes)
    assert sorted(row["object"]["value"] for row in joined.rows) == [clinic for _, clinic, _ in JOINED]
