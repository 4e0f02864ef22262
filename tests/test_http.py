"""HTTP as it is spoken on the wire: a real server with its workers, asked byte by byte."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
from rdflib import Dataset, URIRef

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
TRUE = "ASK {}"
TABLE = "/sparql?" + urlencode({"query": "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 1"})
GRAPH = "https://w3id.org/calcikg/graph/"
MIB = 2**20


@dataclass(frozen=True)
class Reply:
    """A response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Client:
    """One connection, which stays open from request to request."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
        self.connection.request(method, path, body or None, dict(headers))
        response = self.connection.getresponse()
        return Reply(response.status, response.headers, response.read())


@pytest.fixture
def http_client(server: str) -> Iterator[Client]:
    client = Client(server)
    yield client
    client.connection.close()


def truth(reply: Reply) -> bool:
    assert reply.status == 200, reply.body
    found = json.loads(reply.body)["boolean"]
    assert isinstance(found, bool)
    return found


def kind(reply: Reply) -> str:
    """Return the kind of a problem, which is one by RFC 9457."""
    assert reply.headers["Content-Type"] == "application/problem+json"
    found = json.loads(reply.body)
    assert found["status"] == reply.status
    assert found["title"]
    assert found["detail"]
    return str(found["type"]).rpartition("/")[2]


@pytest.mark.parametrize("path", [TABLE, "/sparql", f"/graph-store?graph={GRAPH}entities", "/.well-known/void"])
def test_head_has_the_headers_of_get_and_no_body(path: str, http_client: Client) -> None:
    get, head = http_client.send("GET", path), http_client.send("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert get.body
    for reply in (get, head):
        for name in ("Date", "Via", "Transfer-Encoding", "Connection"):
            del reply.headers[name]
    assert sorted(head.headers.items()) == sorted(get.headers.items())


def test_head_of_what_is_not_there(http_client: Client) -> None:
    reply = http_client.send("HEAD", "/graph-store?graph=urn:nobody")
    assert (reply.status, reply.body) == (404, b"")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/sparql-query; charset=UTF-8"},
        {"Content-Type": 'application/sparql-query;charset="utf-8"'},
        {"Content-Type": "APPLICATION/SPARQL-QUERY"},
    ],
    ids=["charset", "quoted", "capitals"],
)
@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_query_as_the_body(method: str, headers: dict[str, str], http_client: Client) -> None:
    assert truth(http_client.send(method, "/sparql", headers, r'ASK { FILTER("é" = "\u00E9") }'.encode()))


def test_a_form_with_a_charset(http_client: Client) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert truth(http_client.send("POST", "/sparql", headers, urlencode({"query": TRUE}).encode()))


def test_a_body_in_chunks(http_client: Client) -> None:
    chunked = {**DIRECT, "Transfer-Encoding": "chunked"}
    assert truth(http_client.send("POST", "/sparql", chunked, b"3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n"))


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_several_default_graphs(method: str, http_client: Client) -> None:
    def count(*names: str) -> int:
        graphs = [("default-graph-uri", GRAPH + name) for name in names]
        query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        accept = {"Accept": "text/csv"}
        if method == "GET":
            reply = http_client.send("GET", "/sparql?" + urlencode([("query", query), *graphs]), accept)
        elif method == "POST":
            body = urlencode([("query", query), *graphs]).encode()
            reply = http_client.send("POST", "/sparql", {**FORM, **accept}, body)
        else:
            reply = http_client.send("QUERY", "/sparql?" + urlencode(graphs), {**DIRECT, **accept}, query.encode())
        return int(reply.body.split()[1])

    first, second = count("source/zanatta-2020"), count("external/eco")
    assert count("source/zanatta-2020", "external/eco") == first + second
    assert count("nobody") == 0


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*;q=0.1, text/csv", "text/csv"),
        ("text/*;q=0.5, */*;q=0.1", "text/csv"),
        ("text/csv;q=0, text/*", "text/tab-separated-values"),
        ("*/*;q=0, text/csv", "text/csv"),
        ("application/sparql-results+json;q=0, */*;q=0.5", "application/sparql-results+xml"),
        ("application/sparql-results+json;charset=utf-8", "application/sparql-results+json"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv;q=0.0001, nonsense, ;;, \xe9", "text/csv"),
        (", ,", "application/sparql-results+json"),
    ],
)
def test_accept(accept: str, expected: str, http_client: Client) -> None:
    reply = http_client.send("GET", TABLE, {"Accept": accept})
    assert reply.status == 200
    assert reply.headers.get_content_type() == expected
    assert reply.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    "accept", ["image/png", "text/csv;q=0", "*/*;q=0", "nonsense", ";;;", "text/csv;q=high", "x" * 3000, "text/turtle"]
)
def test_nothing_that_is_accepted(accept: str, http_client: Client) -> None:
    reply = http_client.send("GET", TABLE, {"Accept": accept})
    assert (reply.status, kind(reply)) == (406, "not-acceptable")


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/sparql", {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}), ("/graph-store?default", {"GET", "HEAD", "OPTIONS"})],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "NONSENSE"])
def test_other_methods(method: str, path: str, methods: set[str], http_client: Client) -> None:
    reply = http_client.send(method, path)
    assert (reply.status, kind(reply)) == (405, "method-not-allowed")
    assert set(reply.headers["Allow"].split(", ")) == methods
    options = http_client.send("OPTIONS", path)
    assert (options.status, options.body) == (200, b"")
    assert set(options.headers["Allow"].split(", ")) == methods


def test_a_graph_cannot_be_posted(http_client: Client) -> None:
    reply = http_client.send("POST", "/graph-store?default", {"Content-Type": "text/turtle"}, b"<a:b> <a:c> <a:d> .")
    assert (reply.status, kind(reply)) == (405, "method-not-allowed")


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "expected"),
    [
        ("POST", "/sparql", {}, b"ASK {}", 415, "unsupported-media-type"),
        ("QUERY", "/sparql", {}, b"", 415, "unsupported-media-type"),
        ("POST", "/sparql", {"Content-Type": "text/plain"}, b"ASK {}", 415, "unsupported-media-type"),
        (
            "POST",
            "/sparql",
            {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"},
            b"ASK {}",
            415,
            "unsupported-media-type",
        ),
        (
            "POST",
            "/sparql",
            {"Content-Type": "multipart/form-data; boundary=x"},
            b"--x--",
            415,
            "unsupported-media-type",
        ),
        (
            "POST",
            "/sparql",
            {"Content-Type": "application/sparql-query; charset=iso-8859-1"},
            b"ASK {}",
            415,
            "unsupported-media-type",
        ),
        ("POST", "/sparql", DIRECT, b"ASK {} # \xff", 400, "bad-request"),
        ("POST", "/sparql", FORM, b"query=ASK+%7B%7D+%23%FF", 400, "bad-request"),
        ("POST", "/sparql", FORM, b"query=ASK+%7B%7D+%23\xff", 400, "bad-request"),
        ("GET", "/sparql?query=ASK%7B%7D%23%FF", {}, b"", 400, "bad-request"),
        ("GET", "/sparql?query=ASK%7B%7D%23%ED%A0%80", {}, b"", 400, "bad-request"),
        ("GET", "/sparql?query=", {}, b"", 400, "query-syntax"),
        ("GET", "/sparql?query", {}, b"", 400, "query-syntax"),
        ("POST", "/sparql", DIRECT, b"", 400, "query-syntax"),
        ("POST", "/sparql?query=ASK%7B%7D", DIRECT, b"ASK {}", 400, "bad-request"),
        ("POST", "/sparql?query=ASK%7B%7D", FORM, b"query=ASK%7B%7D", 400, "bad-request"),
        ("GET", "/sparql?query=%", {}, b"", 400, "query-syntax"),
        ("GET", "/sparql?query=ASK%00%7B%7D", {}, b"", 400, "query-syntax"),
        ("GET", "/sparql?query=ASK%257B%257D", {}, b"", 400, "query-syntax"),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=relative", {}, b"", 400, "query"),
        ("GET", "/graph-store?graph=", {}, b"", 400, "query"),
        ("GET", "/graph-store?graph=relative", {}, b"", 400, "query"),
        ("GET", "/graph-store?graph=http://x/%FF", {}, b"", 404, "not-found"),
        ("GET", "/%FF", {}, b"", 404, "not-found"),
    ],
)
def test_what_cannot_be_served(
    method: str, path: str, headers: dict[str, str], body: bytes, status: int, expected: str, http_client: Client
) -> None:
    reply = http_client.send(method, path, headers, body)
    assert (reply.status, kind(reply)) == (status, expected)


@pytest.mark.parametrize(
    "text",
    [
        "query=ASK+%7B%7D",
        "query=ASK%20{}",
        "quer%79=ASK%7b%7d",
        "query=ASK%7B%7D%23%",
        "query=ASK%7B%7D%23%ZZ",
        "query=ASK%7B%7D&&",
        "query=ASK%7B%7D&query2=%3D&format=",
        "query=" + quote("ASK { FILTER(CONTAINS(STR(<http://x/%FF>), '%FF')) }", safe=""),
    ],
)
def test_percent_encoding(text: str, http_client: Client) -> None:
    assert truth(http_client.send("GET", f"/sparql?{text}"))
    assert truth(http_client.send("POST", "/sparql", FORM, text.encode()))


def test_what_looks_percent_encoded_in_a_body_is_not(http_client: Client) -> None:
    assert truth(http_client.send("POST", "/sparql", DIRECT, b"ASK { FILTER(STRENDS(STR(<http://x/%FF>), '%FF')) }"))


@pytest.mark.parametrize(("headers", "start"), [(DIRECT, b"ASK {} #"), (FORM, b"query=ASK+%7B%7D%23")])
def test_a_body_as_large_as_it_may_be(headers: dict[str, str], start: bytes, http_client: Client) -> None:
    assert truth(http_client.send("POST", "/sparql", headers, start.ljust(MIB, b"x")))
    reply = http_client.send("POST", "/sparql", headers, start.ljust(MIB + 1, b"x"))
    assert (reply.status, kind(reply)) == (413, "content-too-large")


def test_a_graph_that_is_named(http_client: Client) -> None:
    name = GRAPH + "entities"
    for way in ({"format": "nq"}, {"format": "trig"}):
        reply = http_client.send("GET", "/graph-store?" + urlencode({"graph": name, **way}))
        found = Dataset().parse(data=reply.body, format=reply.headers.get_content_type())
        assert {graph for *_, graph in found.quads()} == {URIRef(name)}
