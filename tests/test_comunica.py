"""The service as a member of a federation: Comunica, an independent engine, joins it with a second endpoint."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA, running
from test_clients import PREVALENCE

COMUNICA = Path(__file__).parent / "comunica"
#: What Comunica's own packages need, with the overrides of package.json.
NODE = (20, 18, 1)
#: How npm says that it has no network.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT")
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


@pytest.fixture(scope="session")
def node() -> str:
    """The `node` command, with Comunica installed from its lock file; without either the tests are skipped."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if not found or not npm:
        pytest.skip("node or npm is missing: Comunica is not run as a client")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.removeprefix("v").partition("-")[0].split("."))) < NODE:
        pytest.skip(f"node {version} is too old for Comunica, which is not run as a client")
    lock = COMUNICA / "package-lock.json"
    stamp = COMUNICA / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    with lock.open() as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # tests run in several processes
        if not stamp.exists() or stamp.read_text() != wanted:
            command = [npm, "ci", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
            install = subprocess.run(command, cwd=COMUNICA, capture_output=True, text=True)
            if any(code in install.stderr for code in UNREACHABLE):
                pytest.skip("npm reaches no package registry: Comunica is not run as a client")
            assert install.returncode == 0, install.stderr
            stamp.write_text(wanted)
    return found


@pytest.fixture(scope="session")
def notes() -> Iterator[str]:
    """The address of a second endpoint, with the local notes of a clinic."""
    file = DATA / "comunica" / "notes.ttl"
    with running("-m", "kg.cli", "serve", "--port", "{port}", "--dataset", str(file)) as (address, _):
        yield address


def ask(node: str, query: str, *servers: str) -> Answer:
    """Ask endpoints by Comunica, which is told their addresses only and takes the rest from what they answer."""
    command = [node, "query.mjs", "-", *(f"{server}/sparql" for server in servers)]
    run = subprocess.run(command, cwd=COMUNICA, input=query, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    requests = [json.loads(line) for line in run.stderr.splitlines() if line.startswith("{")]
    assert {request["status"] for request in requests} == {200}
    return Answer([json.loads(line) for line in run.stdout.splitlines()], requests)


def test_the_endpoint_alone(node: str, server: str) -> None:
    answer = ask(node, PREVALENCE, server)
    assert answer.values("value") == [("15",), ("44",)]
    assert {row["value"]["datatype"] for row in answer.rows} == {"http://www.w3.org/2001/XMLSchema#decimal"}
    described, asked = answer.requests  # the service description, then the query as a whole
    assert described["url"] == f"{server}/sparql"
    assert asked["type"] == "application/sparql-results+json"


def test_an_aggregate_and_a_truth_value(node: str, server: str) -> None:
    counted = "SELECT ?type (COUNT(*) AS ?n) { VALUES ?type { ckg:Source } ?s a ?type } GROUP BY ?type"
    assert ask(node, PREFIXES + counted, server).values("n") == [("5",)]
    assert ask(node, PREFIXES + "ASK { <site/hand> a ckg:AnatomicalSite }", server).rows == [True]


def test_two_endpoints_in_one_query(node: str, server: str, notes: str) -> None:
    query = f"{PREFIXES} SELECT ?label ?clinic ?reported {{ {NOTED} {INFECTION} }} ORDER BY ?clinic"
    answer = ask(node, query, server, notes)
    assert answer.values("label", "clinic", "reported") == JOINED
    assert {request["url"].partition("?")[0] for request in answer.requests} == {f"{server}/sparql", f"{notes}/sparql"}
    assert not ask(node, query, server).rows
    assert not ask(node, query, notes).rows


def test_two_endpoints_named_by_the_query(node: str, server: str, notes: str) -> None:
    """SERVICE is refused by our endpoint itself: here the client is the one that federates."""
    halves = f"SERVICE <{notes}/sparql> {{ {NOTED} }} SERVICE <{server}/sparql> {{ {INFECTION} }}"
    query = f"{PREFIXES} SELECT ?label ?clinic ?reported {{ {halves} }} ORDER BY ?clinic"
    assert ask(node, query).values("label", "clinic", "reported") == JOINED


def test_graphs(node: str, server: str, notes: str) -> None:
    described = ask(node, "DESCRIBE <https://w3id.org/calcikg/id/site/hand>", server)
    assert "hand" in {row["object"]["value"] for row in described.rows}
    assert described.requests[-1]["type"].startswith("text/turtle")
    query = f"{PREFIXES} CONSTRUCT {{ ?finding note:at ?clinic }} {{ {NOTED} {INFECTION} }}"
    joined = ask(node, query, server, notes)
    assert sorted(row["object"]["value"] for row in joined.rows) == [clinic for _, clinic, _ in JOINED]
