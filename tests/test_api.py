"""The HTTP service, asked as clients ask it."""

import csv
import json
import select
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Dataset, Graph, Namespace
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.problems import KINDS
from kg.engine import FORMATS, GRAPHS, RESULTS
from kg.errors import KgError, SnapshotError
from kg.settings import Settings
from kg.snapshot import Snapshot

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SELECT = "SELECT ?s { ?s a <https://w3id.org/calcikg/ontology/Source> } ORDER BY ?s"
FORM = "application/x-www-form-urlencoded"
CONSTRUCT = "CONSTRUCT WHERE { <https://w3id.org/calcikg/id/site/finger> ?p ?o }"


def problem(response: TestResponse) -> dict[str, Any]:
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(response.data)
    assert body["status"] == response.status_code
    assert {"type", "title", "detail"} <= body.keys()
    return body


def test_a_query_in_the_url(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": SELECT})
    assert response.content_type == "application/sparql-results+json"
    assert len(json.loads(response.data)["results"]["bindings"]) == 5
    assert response.headers["Vary"] == "Accept"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_query_in_a_form_and_as_the_body(client: FlaskClient) -> None:
    expected = client.get("/sparql", query_string={"query": SELECT}).data
    assert client.post("/sparql", data={"query": SELECT}).data == expected
    assert client.post("/sparql", data=SELECT, content_type="application/sparql-query").data == expected


def test_head(client: FlaskClient) -> None:
    response = client.head("/sparql", query_string={"query": SELECT})
    assert (response.status_code, response.data) == (200, b"")
    assert response.content_type == "application/sparql-results+json"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/html, */*;q=0.1", "json"),
        *[(row.media_type, row.name) for row in RESULTS],
        ("application/json", "json"),
        ("application/xml", "xml"),
        ("text/csv;q=0.5, text/tab-separated-values", "tsv"),
        ("text/csv;q=0, */*", "json"),
        ("text/csv, */*;q=0.9", "csv"),
        ("text/csv, */*", "csv"),
        ("text/*", "csv"),
        ("application/sparql-results+xml, text/turtle", "xml"),
        ("text/turtle, application/sparql-results+json;q=0.2", "json"),
    ],
)
def test_negotiation_of_a_table(accept: str, expected: str, client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": accept})
    assert response.mimetype == FORMATS[expected].media_type


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "ttl"),
        *[(row.media_type, row.name) for row in GRAPHS],
        ("application/rdf+xml, */*;q=0.1", "rdf"),
        ("application/sparql-results+json, application/n-triples;q=0.1", "nt"),
    ],
)
def test_negotiation_of_a_graph(accept: str, expected: str, client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": accept})
    assert response.mimetype == FORMATS[expected].media_type
    assert b"manual digit" not in response.data
    assert b"finger" in response.data


@pytest.mark.parametrize("name", [*FORMATS, *(row.media_type for row in FORMATS.values())])
def test_format_overrides_accept(name: str, client: FlaskClient) -> None:
    row = FORMATS.get(name) or next(row for row in FORMATS.values() if row.media_type == name)
    query = SELECT if row.kind == "results" else CONSTRUCT
    response = client.get("/sparql", query_string={"query": query, "format": name}, headers={"Accept": "text/html"})
    assert response.mimetype == row.media_type


@pytest.mark.parametrize(("name", "table", "graph"), [("json", "json", "jsonld"), ("xml", "xml", "rdf")])
def test_a_syntax_with_two_forms_fits_both(name: str, table: str, graph: str, client: FlaskClient) -> None:
    for query, expected in ((SELECT, table), (CONSTRUCT, graph)):
        response = client.get("/sparql", query_string={"query": query, "format": name})
        assert response.mimetype == FORMATS[expected].media_type


def test_the_protocol_dataset(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    graph = "https://w3id.org/calcikg/graph/source/zanatta-2020"
    part = client.get("/sparql", query_string={"query": count, "default-graph-uri": graph, "format": "csv"})
    named = client.get("/sparql", query_string={"query": count, "named-graph-uri": graph, "format": "csv"})
    assert 100 < int(part.text.split()[1]) < 2000
    assert named.text.split()[1] == "0"


@pytest.mark.parametrize(
    ("arguments", "status", "kind", "detail"),
    [
        ({"query_string": {"query": "SELECT * WHERE { ?s ?p }"}}, 400, "query-syntax", "line 1, column 25"),
        ({"query_string": {"query": ""}}, 400, "query-syntax", "line 1, column 1"),
        ({"query_string": "query=a&query=b"}, 400, "bad-request", "there are 2 query parameters"),
        ({"query_string": {}, "headers": {"Accept": "text/csv"}}, 406, "not-acceptable", "text/turtle"),
        (
            {"method": "POST", "content_type": "application/x-www-form-urlencoded"},
            400,
            "bad-request",
            "there are 0 query parameters",
        ),
        ({"path": "/graph-store"}, 400, "bad-request", "name the graph"),
        ({"path": "/graph-store?default&graph=urn:x"}, 400, "bad-request", "name the graph"),
        ({"path": "/graph-store?graph=urn:nobody"}, 404, "not-found", "there is no graph urn:nobody"),
        ({"path": "/graph-store?default", "method": "PUT"}, 405, "method-not-allowed", ""),
        ({"path": "/graph-store?default", "headers": {"Accept": "text/csv"}}, 406, "not-acceptable", "text/turtle"),
        (
            {"query_string": {"query": SELECT, "format": "docx"}},
            406,
            "not-acceptable",
            "there is no format 'docx'",
        ),
        (
            {"query_string": {"query": SELECT}, "headers": {"Accept": "image/png"}},
            406,
            "not-acceptable",
            "text/csv",
        ),
        ({"query_string": {"query": SELECT, "format": "ttl"}}, 406, "not-acceptable", "a table"),
        ({"query_string": {"query": "SELECT * { SERVICE <urn:x> { } }"}}, 400, "refused", "SERVICE is not allowed"),
        ({"query_string": {"update": "DROP ALL"}}, 403, "update-refused", "updates are not supported"),
        ({"query_string": {"query": "\xff"}}, 400, "query-syntax", "line 1"),
        ({"query_string": {"query": SELECT, "default-graph-uri": "not an iri"}}, 400, "query", ""),
        ({"method": "POST", "data": {"update": "DROP ALL"}}, 403, "update-refused", "updates are not supported"),
        (
            {"method": "POST", "data": "DROP ALL", "content_type": "application/sparql-update"},
            403,
            "update-refused",
            "",
        ),
        (
            {"method": "POST", "data": b"\xff\xfe", "content_type": "application/sparql-query"},
            400,
            "bad-request",
            "not UTF-8",
        ),
        (
            {"method": "POST", "data": "{}", "content_type": "application/json"},
            415,
            "unsupported-media-type",
            "json",
        ),
        ({"method": "POST", "data": SELECT}, 415, "unsupported-media-type", "without a media type"),
        ({"method": "POST", "data": {"query": "#" * 2**21}}, 413, "content-too-large", ""),
        ({"method": "DELETE"}, 405, "method-not-allowed", ""),
        ({"path": "/nowhere"}, 404, "not-found", ""),
    ],
)
def test_every_mistake_is_a_problem(
    arguments: dict[str, Any], status: int, kind: str, detail: str, client: FlaskClient
) -> None:
    response = client.open(**{"path": "/sparql", "method": "GET", **arguments})
    body = problem(response)
    assert (response.status_code, body["type"].rpartition("/")[2]) == (status, kind)
    assert detail in body["detail"]
    assert "oxigraph" not in response.text.lower()


def test_a_syntax_problem_carries_line_and_column(client: FlaskClient) -> None:
    body = problem(client.get("/sparql", query_string={"query": "ASK\n{ ?s nobody:x 1 }"}))
    assert (body["line"], body["column"]) == (2, 14)


def test_a_method_problem_names_the_methods(client: FlaskClient) -> None:
    assert "GET" in client.delete("/sparql").headers["Allow"]


def test_every_error_of_the_library_names_a_problem_of_the_table() -> None:
    def subclasses(error: type[KgError]) -> Iterator[type[KgError]]:
        yield error
        for each in error.__subclasses__():
            yield from subclasses(each)

    assert {error.problem for error in subclasses(KgError)} <= KINDS.keys()


@pytest.mark.parametrize("name", KINDS)
def test_the_type_of_a_problem_explains_it(name: str, client: FlaskClient) -> None:
    response = client.get(f"/problems/{name}")
    assert response.status_code == 200
    assert KINDS[name].advice.split(";")[0] in response.text.replace("&#39;", "'")


def test_the_start_page_says_what_the_dataset_holds(client: FlaskClient, snapshot: Snapshot) -> None:
    page = client.get("/").text
    assert snapshot.version in page
    for kind, name in (("finding", "findings"), ("source", "sources"), ("disagreement", "disagreements")):
        assert f'<a href="/page/{kind}">{snapshot.counts[name]:,}</a>' in page
    findings = [*csv.DictReader(client.get("/export/csv").text.splitlines())]
    figures = sum(any(one[key] for key in ("value", "lower", "upper", "numerator")) for one in findings)
    counts = sum(bool(one["numerator"] and one["denominator"]) for one in findings)
    assert f"{figures:,} of the findings report a figure; {counts:,} give a numerator and a denominator." in page


def test_an_answer_that_the_client_holds_is_not_sent_again(client: FlaskClient, snapshot: Snapshot) -> None:
    first = client.get("/sparql", query_string={"query": SELECT})
    tag = first.headers["ETag"]
    assert tag.startswith(f'"{snapshot.version}-')
    again = client.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    weak = client.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": f"W/{tag}"})
    assert weak.status_code == 304
    other = client.get("/sparql", query_string={"query": SELECT, "format": "csv"}, headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["ETag"] != tag


@pytest.mark.parametrize("function", ["RAND()", "NOW()", "UUID()", "STRUUID()"])
def test_an_answer_that_changes_with_each_call_is_not_kept(function: str, client: FlaskClient) -> None:
    query = f"SELECT ({function} AS ?x) {{}}"
    first, second = (client.get("/sparql", query_string={"query": query, "format": "csv"}) for _ in range(2))
    assert "ETag" not in first.headers
    assert first.data != second.data


def test_the_query_method(client: FlaskClient) -> None:
    response = client.open("/sparql", method="QUERY", data=SELECT, content_type="application/sparql-query")
    assert response.data == client.get("/sparql", query_string={"query": SELECT}).data


def test_a_browser_may_send_what_the_protocol_needs(client: FlaskClient) -> None:
    headers = client.options("/sparql").headers
    assert {"POST", "GET", "QUERY"} <= set(headers["Access-Control-Allow-Methods"].split(", "))
    assert headers["Access-Control-Allow-Headers"] == "Accept, Content-Type, If-None-Match, Range"


def test_metrics(client: FlaskClient) -> None:
    client.get("/sparql", query_string={"query": "nonsense"})
    for _ in range(2):
        client.get("/sparql", query_string={"query": SELECT})
    lines = client.get("/metrics").text.splitlines()
    assert "calcikg_queries_running 0.0" in lines
    for beginning in (
        'calcikg_requests_total{route="/sparql",status="200"}',
        'calcikg_problems_total{kind="query-syntax"}',
        'calcikg_cache_total{result="hit"}',
        'calcikg_request_seconds_bucket{le="1.0",route="/sparql"}',
    ):
        assert any(line.startswith(beginning) and float(line.split()[-1]) > 0 for line in lines), beginning


def test_the_access_log_tells_no_query(data_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    app = create_app(Settings.read({"KG_DATA": str(data_folder), "KG_ACCESS_LOG": "1"}))
    app.test_client().get("/sparql", query_string={"query": "ASK { <urn:secret> ?p ?o }"})
    line = capfd.readouterr().out
    entry = json.loads(line)
    assert (entry["path"], entry["status"], entry["method"]) == ("/sparql", 200, "GET")
    assert "secret" not in line


def test_a_line_of_the_access_log_is_written_at_once(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So no other process comes between: a pipe takes up to PIPE_BUF bytes whole."""
    app = create_app(Settings.read({"KG_DATA": str(data_folder), "KG_ACCESS_LOG": "1"}))
    written: list[bytes] = []
    monkeypatch.setattr("api.http.metrics.os.write", lambda _, line: written.append(line))
    agent = "\u00ff" * 8000
    app.test_client().open("/" + "\U0001f600" * 2000, method="X" * 8000, headers={"User-Agent": agent})
    (line,) = written
    assert len(line) <= select.PIPE_BUF
    assert line.count(b"\n") == 1 == len(line.splitlines())
    assert json.loads(line)["agent"] == agent[:100]


def test_the_graph_store_gives_each_graph_whole(client: FlaskClient, snapshot: Snapshot) -> None:
    base = "https://w3id.org/calcikg/graph/"
    for name in ("entities", "source/zanatta-2020", "external/eco"):
        response = client.get("/graph-store", query_string={"graph": base + name, "format": "nt"})
        assert len(response.text.splitlines()) == snapshot.counts["graphs"][name]
        for accept in ("application/trig", "application/n-quads"):
            response = client.get("/graph-store", query_string={"graph": base + name}, headers={"Accept": accept})
            parsed = Dataset().parse(data=response.data, format=accept)
            assert {str(graph) for *_, graph in parsed.quads()} == {base + name}
            assert len(list(parsed.quads())) == snapshot.counts["graphs"][name]
    everything = client.get("/graph-store?default", headers={"Accept": "application/n-triples"})
    assert len(everything.text.splitlines()) == len(set(everything.text.splitlines()))
    assert client.head("/graph-store?default").data == b""


def test_the_service_describes_itself(client: FlaskClient, snapshot: Snapshot) -> None:
    graph = Graph().parse(data=client.get("/sparql", headers={"Accept": "text/turtle"}).data)
    service = graph.value(None, RDF.type, SD.Service)
    assert str(graph.value(service, SD.endpoint)) == "http://localhost/sparql"
    assert len(list(graph.objects(service, SD.resultFormat))) == len(FORMATS)
    dataset = graph.value(service, SD.defaultDataset)
    names = {str(graph.value(named, SD.name)) for named in graph.objects(dataset, SD.namedGraph)}
    assert names == {f"https://w3id.org/calcikg/graph/{name}" for name in snapshot.counts["graphs"]}


def test_health(client: FlaskClient, snapshot: Snapshot) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz").json
    assert (ready["status"], ready["snapshot"]) == ("ready", snapshot.version)
    assert ready["missing"] == ["a process of its own for each query"]


def test_nothing_is_served_without_a_whole_snapshot(tmp_path: Any) -> None:
    with pytest.raises(SnapshotError):
        create_app(Settings.read({"KG_DATA": str(tmp_path)}))
