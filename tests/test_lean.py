"""The fast path for a plain query answers as the route does that takes all others, to the header and the byte."""

import time
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from api.app import create_app
from api.http import lean
from kg.errors import TimeLimitError
from kg.settings import Settings

LABEL = "SELECT ?label { <https://w3id.org/calcikg/id/site/hand> <http://www.w3.org/2000/01/rdf-schema#label> ?label }"


@pytest.fixture(scope="module")
def uncached(data_folder: Path) -> FlaskClient:
    """The application without a cache of answers, so that each way asks by itself."""
    return create_app(Settings.read({"KG_DATA": str(data_folder), "KG_CACHE": "0.00001"})).test_client()


def both_ways(client: FlaskClient, query_string: str, headers: dict[str, str]) -> tuple[TestResponse, TestResponse]:
    """Ask by the fast path, and with an ampersand, which says nothing, by the other."""
    return tuple(client.get(f"/sparql?{text}", headers=headers) for text in (query_string, query_string + "&"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (LABEL, "application/sparql-results+json"),
        (LABEL, "text/csv, */*;q=0.1"),
        (LABEL, ""),
        (LABEL, "image/png"),
        ("SELECT * { ?s a ?class FILTER(?class = <https://w3id.org/calcikg/ontology/Treatment>) }", "*/*"),
        ("ASK {}", "*/*"),
        ("ASK { <hand> ?p <?a=1> }", "text/csv"),
        ("SELECT (<x> AS ?base) {}", "application/json"),
        ("CONSTRUCT { <s> <p> 'é+ü' } {}", "text/turtle"),
        ("CONSTRUCT { <s> <p> 1 } {}", "application/sparql-results+xml"),
        ("DESCRIBE <https://w3id.org/calcikg/id/site/hand>", "application/n-triples"),
        ("SELECT (RAND() * 0 AS ?zero) {}", "text/csv"),
        ("nonsense", "*/*"),
        ("nonsense", "text/html"),
        ("", "*/*"),
        ("DELETE WHERE { ?s ?p ?o }", "*/*"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "*/*"),
        ("ASK {" * 300 + "}" * 300, "*/*"),
    ],
)
def test_both_ways_answer_alike(query: str, accept: str, uncached: FlaskClient) -> None:
    short, long = both_ways(uncached, "query=" + quote_plus(query), {"Accept": accept} if accept else {})
    assert (short.status, sorted(short.headers), short.data) == (long.status, sorted(long.headers), long.data)


@pytest.mark.parametrize(
    "query_string", ["query=ASK%7B%7D%FF", "query=ASK%7B%7D%zz", "query", "query=ASK{}=", "Query=ASK{}"]
)
def test_odd_parameters_are_answered_alike(query_string: str, uncached: FlaskClient) -> None:
    short, long = both_ways(uncached, query_string, {"Accept": "application/json"})
    assert (short.status, sorted(short.headers), short.data) == (long.status, sorted(long.headers), long.data)


def test_a_process_says_both_ways_that_it_is_alive(uncached: FlaskClient) -> None:
    short, long = (uncached.get("/healthz?a=b", headers=headers) for headers in ({}, {"Content-Type": "text/plain"}))
    assert short.json == {"status": "ok"}
    assert (short.status, sorted(short.headers), short.data) == (long.status, sorted(long.headers), long.data)


@pytest.mark.parametrize("host", ["example.org", "example.org:80", "[::1]:80", "example.org:8080"])
def test_relative_iris_are_resolved_alike(host: str, uncached: FlaskClient) -> None:
    short, long = both_ways(uncached, "query=" + quote_plus("SELECT (<x> AS ?base) {}"), {"Host": host})
    assert (short.headers["ETag"], short.data) == (long.headers["ETag"], long.data)


def test_a_body_is_left_to_the_route_which_counts_its_bytes(data_folder: Path) -> None:
    settings = {"KG_DATA": str(data_folder), "KG_BODY_RATE": "0.5"}
    client = create_app(Settings.read(settings)).test_client()
    body = b"x" * 600_000
    asked = [client.get("/sparql?query=ASK%7B%7D", data=body).status_code for _ in range(20)]
    assert 429 in asked


def test_the_time_of_a_query_that_fails_is_counted(uncached: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        time.sleep(0.05)
        raise TimeLimitError("too long")

    monkeypatch.setattr(lean, "ask", fail)
    before = seconds_counted()
    assert uncached.get("/sparql?query=ASK%7B%7D").status_code == 503
    assert seconds_counted() - before >= 0.05


def seconds_counted() -> float:
    return REGISTRY.get_sample_value("calcikg_request_seconds_sum", {"route": "/sparql"}) or 0.0


def test_an_answer_that_the_client_has_is_not_sent_again(uncached: FlaskClient) -> None:
    tag = uncached.get("/sparql", query_string={"query": LABEL}).headers["ETag"]
    for known, status in ((tag, 304), (f"W/{tag}", 304), ("*", 304), ('"other"', 200)):
        short, long = both_ways(uncached, "query=" + quote_plus(LABEL), {"If-None-Match": known})
        assert short.status_code == status
        assert (short.status, sorted(short.headers), short.data) == (long.status, sorted(long.headers), long.data)


def test_the_fast_path_is_taken(uncached: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = lean.ask
    monkeypatch.setattr(
        lean,
        "ask",
        lambda here, client, gone, query, formats: (asked.append(query.text), ask(here, client, gone, query, formats))[
            1
        ],
    )
    both_ways(uncached, "query=ASK%7B%7D", {})
    uncached.post("/sparql", data={"query": "ASK {}"})
    uncached.get("/sparql?query=ASK%7B%7D", headers={"If-Match": '"a"'})
    assert asked == ["ASK{}"]


def test_a_query_that_fails_is_counted_once(data_folder: Path) -> None:
    client = create_app(Settings.read({"KG_DATA": str(data_folder), "KG_RATE": "0.25"})).test_client()
    assert [client.get("/sparql?query=nonsense").status_code for _ in range(2)] == [400, 429]
