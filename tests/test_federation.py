"""SERVICE: answers are joined as if the data were local, and only allowed endpoints are called."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest
import requests
from conftest import running
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine import FORMATS, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.service.clause import Clause
from kg.engine.service.endpoints import Endpoints
from kg.errors import QueryError, QuerySyntaxError, RefusedError, ServiceError, ServiceRefusedError

JSON = (FORMATS["json"],)
THERE = "http://there.example/sparql"


def quads(text: str, graph: str | None = None) -> list[ox.Quad]:
    name = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    turtle = f"@prefix : <urn:> . {text}".encode()
    return [ox.Quad(*quad.triple, name) for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]


def parts(term: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a term of an answer, or what a triple term consists of."""
    if term["type"] == "triple":
        for part in term["value"].values():
            yield from parts(part)
    else:
        yield term


def rows(answer: bytes) -> Counter[str]:
    """Return the solutions as a multiset in which all blank nodes are the same."""
    found = json.loads(answer)["results"]["bindings"]
    for part in (part for row in found for term in row.values() for part in parts(term)):
        if part["type"] == "bnode":
            part["value"] = ""
    return Counter(json.dumps(row, sort_keys=True) for row in found)


class Remote:
    """Another endpoint in this process, which records its queries."""

    def __init__(self, turtle: str) -> None:
        self.engine, self.texts = EmbeddedEngine(quads(turtle), union=False), list[str]()

    def __call__(self, endpoint: str, text: str) -> tuple[str, bytes]:
        self.texts.append(text)
        if endpoint != THERE:
            raise ServiceError("no such endpoint")
        return "json", self.engine.answer(Query(text), JSON).read()


HERE_DATA = ':a :p :b, "b"@en ; :q 1 . :b :p :c . _:x :p :a ; :q 2 . :service :at <http://there.example/sparql> .'
THERE_DATA = ":a :r 10, 11 . :b :r 12 ; :s _:n . _:n :r 13 . :c :s :a . :z :r 14 ; :p :b ."

QUERIES = [
    "SELECT * { ?s :p ?o . SERVICE <THERE> { ?s :r ?n } }",
    "SELECT * { ?s :p ?o SERVICE <THERE> { ?o :r ?n } }",
    "SELECT * { SERVICE <THERE> { ?s :r ?n } ?s :p ?o }",
    "SELECT * { ?s :p ?o OPTIONAL { SERVICE <THERE> { ?o :r ?n } } }",
    "SELECT * { ?s :p ?o OPTIONAL { ?o :p ?more . SERVICE <THERE> { ?o :r ?n FILTER(?n > 11) } FILTER(?n < 13) } }",
    "SELECT * { ?s :p ?o FILTER(?n > 10) SERVICE <THERE> { ?s :r ?n } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { SERVICE <THERE> { ?o :r ?n } } }",
    "SELECT * { ?s :p ?o MINUS { SERVICE <THERE> { ?s :r ?n } } }",
    "SELECT * { ?s :p ?o { SERVICE <THERE> { ?s :r ?n } } UNION { SERVICE <THERE> { ?o :r ?n } } }",
    "SELECT * { ?s :p ?o . { SERVICE <THERE> { ?x :r ?n OPTIONAL { ?x :s ?o } } FILTER(!BOUND(?o)) } }",
    "SELECT * { ?s :p ?o . SERVICE <THERE> { OPTIONAL { ?o :r ?n } } }",
    "SELECT * { OPTIONAL { ?s :q ?v } SERVICE <THERE> { ?s :r ?n } }",
    "SELECT * { ?s :p ?o . OPTIONAL { ?o :q ?v } SERVICE <THERE> { ?any :r ?v } }",
    "SELECT * { SERVICE <THERE> { ?s :s ?blank } ?x :p ?s }",
    "SELECT * { SERVICE <THERE> { ?s :s ?blank . ?blank :r ?n } }",
    "SELECT ?s (COUNT(*) AS ?number) { SERVICE <THERE> { ?s :s|:r ?any } } GROUP BY ?s",
    "SELECT * { ?s :p ?o { SELECT ?s (MAX(?n) AS ?most) { SERVICE <THERE> { ?s :r ?n } } GROUP BY ?s } }",
    "SELECT * { ?s :p ?o . SERVICE <THERE> { SELECT ?s (COUNT(?n) AS ?k) { ?s :r ?n } GROUP BY ?s } }",
    "SELECT * { ?s :p ?o . SERVICE <THERE> { ?s :r ?n } SERVICE <THERE> { ?o :r ?m } }",
    "SELECT * { ?s :p ?o . SERVICE <THERE> { VALUES (?s ?w) { (:a 1) (UNDEF 2) } ?s :r ?n } }",
    "SELECT * { ?s :p ?o . SERVICE <THERE> { } }",
    "SELECT * { SERVICE <THERE> { :a :r 10 } ?s :q ?v }",
    "SELECT * { SERVICE <THERE> { :a :r 99 } ?s :q ?v }",
    "SELECT ?n { ?s :p 'it\\'s } SERVICE {' } # SERVICE <x> {}",
    "SELECT * { BIND(:a AS ?s) SERVICE <THERE> { ?s :r ?n . BIND(?n + 1 AS ?m) } } ORDER BY ?m LIMIT 1",
    "SELECT * { ?s :p ?o . SERVICE <THERE> { ?s :r ?n } } VALUES ?n { 10 12 }",
]


@pytest.mark.parametrize("text", QUERIES)
def test_an_answer_is_as_if_the_data_were_local(text: str) -> None:
    text = "PREFIX : <urn:>\n" + text.replace("THERE", THERE)
    here = EmbeddedEngine(quads(HERE_DATA), union=False, service=Remote(THERE_DATA))
    both = EmbeddedEngine([*quads(HERE_DATA), *quads(THERE_DATA, THERE)], union=False)
    expected = both.answer(Query(text.replace("SERVICE <", "GRAPH <")), JSON)
    assert rows(here.answer(Query(text), JSON).read()) == rows(expected.read())


NODES = st.sampled_from([":a", ":b", ":c", "_:x", "1", "2"])
TRIPLES = st.lists(
    st.tuples(st.sampled_from([":a", ":b", ":c", "_:x"]), st.sampled_from([":p", ":q"]), NODES), max_size=6
)
TERMS = st.sampled_from(["?x", "?y", "?z", ":a", "1"])
PATTERN = st.builds(
    "{} {} {} .".format, st.sampled_from(["?x", "?y", ":a"]), st.sampled_from([":p", ":q", "?z"]), TERMS
)
FILTER = st.sampled_from(["FILTER(?x = :a)", "FILTER(!BOUND(?y))", "FILTER(?z != 1)", "FILTER EXISTS { ?x :p ?y }"])


def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    element = st.one_of(
        PATTERN,
        FILTER,
        inner.map("{{ {} }}".format),
        inner.map("OPTIONAL {{ {} }}".format),
        inner.map("MINUS {{ {} }}".format),
        st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
        st.just("VALUES (?x ?y) { (:a UNDEF) (:b 1) }"),
    )
    return st.lists(element, max_size=3).map(" ".join)


PLAIN = st.recursive(st.lists(PATTERN, max_size=2).map(" ".join), groups, max_leaves=4)
SERVICE = PLAIN.map((f"SERVICE <{THERE}> {{{{ {{}} }}}}").format)
FEDERATED = st.recursive(st.one_of(PATTERN, SERVICE), groups, max_leaves=6)


def turtle(triples: list[tuple[str, str, str]]) -> str:
    return " ".join(f"{' '.join(triple)} ." for triple in triples)


@settings(max_examples=200, deadline=None)
@given(TRIPLES, TRIPLES, st.builds("{} {} {}".format, PLAIN, SERVICE, FEDERATED))
def test_any_answer_is_as_if_the_data_were_local(
    near: list[tuple[str, str, str]], far: list[tuple[str, str, str]], group: str
) -> None:
    text = f"PREFIX : <urn:> SELECT * {{ {group} }}"
    # An empty graph would not exist. Two answers never share blank nodes, but the triples of a graph may.
    there = turtle([*far, (":a", ":p", ":b")]).replace("_:x", ":far")
    here = EmbeddedEngine(quads(turtle(near)), union=False, service=Remote(there))
    both = EmbeddedEngine([*quads(turtle(near)), *quads(there, THERE)], union=False)
    expected = both.answer(Query(text.replace("SERVICE <", "GRAPH <")), JSON)
    assert rows(here.answer(Query(text), JSON).read()) == rows(expected.read())


def test_only_solutions_that_can_be_joined_are_requested() -> None:
    there = Remote(THERE_DATA)
    here = EmbeddedEngine(quads(HERE_DATA), union=False, service=there)
    here.answer(Query(f"PREFIX : <urn:> SELECT * {{ ?s :q 1 . SERVICE <{THERE}> {{ ?s :r ?n }} }}"), JSON)
    assert len(there.texts) == 1 and "VALUES (?s) { (<urn:a>) }" in there.texts[0]
    here.answer(Query(f"PREFIX : <urn:> SELECT * {{ ?s :q 99 . SERVICE <{THERE}> {{ ?s :r ?n }} }}"), JSON)
    assert len(there.texts) == 1, "nothing can be joined, so nobody is asked"


def test_many_values_are_sent_in_several_requests() -> None:
    there = Remote(" ".join(f":n{number} :r {number} ." for number in range(500)))
    here = EmbeddedEngine(quads(" ".join(f":n{number} :q 1 ." for number in range(450))), union=False, service=there)
    answer = here.answer(Query(f"PREFIX : <urn:> SELECT * {{ ?s :q 1 SERVICE <{THERE}> {{ ?s :r ?n }} }}"), JSON)
    assert len(rows(answer.read())) == 450
    assert len(there.texts) == 3


def test_the_endpoint_may_be_a_variable() -> None:
    there = Remote(THERE_DATA)
    here = EmbeddedEngine(quads(HERE_DATA), union=False, service=there)
    text = "PREFIX : <urn:> SELECT ?n { :service :at ?where . SERVICE ?where { :a :r ?n } }"
    assert len(rows(here.answer(Query(text), JSON).read())) == 2
    with pytest.raises(QueryError, match="has no value before the SERVICE clause"):
        here.answer(Query("SELECT * { SERVICE ?where { ?s ?p ?o } }"), JSON)


def test_relative_endpoints_and_prefixes_are_resolved() -> None:
    here = EmbeddedEngine([], service=Remote(THERE_DATA))
    for text in (
        "SELECT * { SERVICE <sparql> { ?s <urn:r> ?n } }",
        "BASE <x/> SELECT * { SERVICE </sparql> { ?s ?p 10 } }",
    ):
        assert rows(here.answer(Query(text, base="http://there.example/"), JSON).read())
    text = "PREFIX there: <http://there.example/> SELECT * { SERVICE there:sparql { ?s ?p 10 } }"
    assert rows(here.answer(Query(text), JSON).read())


def test_the_prologue_of_sparql_1_2_is_read() -> None:
    remote = Remote(THERE_DATA)
    text = f'VERSION "1.2" PREFIX : <urn:> SELECT ?n {{ SERVICE <{THERE}> {{ :a :r ?n }} }} ORDER BY ?n'
    answer = EmbeddedEngine([], service=remote).answer(Query(text), JSON).read()
    assert [row["n"]["value"] for row in json.loads(answer)["results"]["bindings"]] == ["10", "11"]


def test_triple_terms_are_joined() -> None:
    remote = Remote("[] :says <<( :a :b <<( _:x :c 1 )>> )>>, <<( :a :b 'c' )>> .")
    text = f"SELECT ?t {{ SERVICE <{THERE}> {{ ?x <urn:says> ?t }} }}"
    engine = EmbeddedEngine([], service=remote)
    assert rows(engine.answer(Query(text), JSON).read()) == rows(
        remote.engine.answer(Query("SELECT ?t { ?x <urn:says> ?t }"), JSON).read()
    )
    inner = f"SELECT ?x {{ SERVICE <{THERE}> {{ ?s <urn:says> ?t }} BIND(OBJECT(?t) AS ?x) FILTER(!ISTRIPLE(?x)) }}"
    assert [row["x"] for row in engine.select(inner)] == ["c"]


def test_silent_means_one_solution_that_binds_nothing() -> None:
    here = EmbeddedEngine(quads(HERE_DATA), union=False, service=Remote(""))
    text = "PREFIX : <urn:> SELECT * { ?s :q ?v SERVICE SILENT <urn:nobody> { ?s :r ?n } }"
    assert sum(rows(here.answer(Query(text), JSON).read()).values()) == 2
    with pytest.raises(ServiceError, match="no such endpoint"):
        here.answer(Query(text.replace("SILENT ", "")), JSON)


@pytest.mark.parametrize(
    "text", ["SELECT * { SERVICE <urn:x> { } }", "ASK { service silent ?x { } }", "ASK { ?s ?p 'x' . SERVICE<urn:x>{}}"]
)
def test_service_is_refused_unless_allowed(text: str) -> None:
    with pytest.raises(RefusedError, match="SERVICE is not allowed here"):
        EmbeddedEngine([]).answer(Query(text), JSON)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * {\n SERVICE { ?s ?p ?o } }", 2, 2),
        ("SELECT * {\n SERVICE <urn:x> ", 2, 2),
        ("SELECT * {\n SERVICE <urn:x> { ?s ?p ?o ", 2, 18),
        ("SELECT * {\n SERVICE <urn:x> { ?s\n ?p } }", 3, 6),
        ("SELECT * {\n SERVICE <urn:x> { } BIND( }", 2, 29),
    ],
)
def test_a_syntax_error_has_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        EmbeddedEngine([], service=Remote("")).answer(Query(text), JSON)
    assert (raised.value.line, raised.value.column) == (line, column)


def test_too_many_clauses_are_refused() -> None:
    text = "SELECT * { " + "SERVICE <urn:x> {} " * 51 + "}"
    with pytest.raises(RefusedError, match="51 SERVICE clauses; 50 are allowed"):
        EmbeddedEngine([], service=Remote("")).answer(Query(text), JSON)


@given(st.text(alphabet="{}()SERVICE SILENT<x>?x:'\"#FILTER \n", max_size=60))
def test_a_clause_is_found_or_refused_in_any_text(text: str) -> None:
    try:
        clause = Clause.first(text)
    except QuerySyntaxError:
        return
    if clause is not None:
        assert text[clause.start :].upper().startswith("SERVICE") and text[clause.end - 1] == "}"
        clause.certain(), clause.prologue


class Handler(BaseHTTPRequestHandler):
    """Answers as the test requires."""

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.behaviour(self)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        pass

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def endpoint(behaviour: Callable[[Handler], None]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.behaviour = behaviour  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/sparql"
    finally:
        server.shutdown()
        server.server_close()


RESULTS = FORMATS["json"].media_type
GOOD = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:a"}}]}}'


def drip(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(100):
        time.sleep(0.05)
        try:
            handler.wfile.write(b"x")
        except OSError:
            return


def chunk(size: bytes, handler: Handler) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {RESULTS}\r\nTransfer-Encoding: chunked\r\n\r\n"
    handler.wfile.write(head.encode() + size + b"\r\nabcde\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (lambda h: h.reply(302, b"", Location="http://127.0.0.1:1/"), "a redirect, which is not followed"),
        (lambda h: h.reply(500, b"secret of another"), r"an error \(status 500\)$"),
        (lambda h: h.reply(200, GOOD, Content_Type="text/html"), "not SPARQL results"),
        (
            lambda h: h.reply(200, b" " * 2_000_000, Content_Type="application/sparql-results+json"),
            "more than 1,000,000",
        ),
        (lambda h: time.sleep(2), "took longer than the 0.5 seconds"),
        (drip, "took longer than the 0.5 seconds"),
        (lambda h: h.wfile.write(b"nonsense\r\n\r\n"), "cannot be reached, or broke off"),
        *(
            (partial(chunk, size), "cannot be reached, or broke off")
            for size in (b"-5", b"-0x5", b"zz", b"", b"f" * 999)
        ),
    ],
)
def test_an_endpoint_that_misbehaves(behaviour: Callable[[Handler], None], problem: str) -> None:
    with endpoint(behaviour) as url, pytest.raises(ServiceError, match=problem):
        Endpoints((url,), 0.5, 1_000_000)(url, "ASK {}")


def test_requests_of_a_query_share_their_time() -> None:
    """So that a query with SERVICE SILENT has time left to go on without the endpoints."""
    asked: list[Handler] = []

    def answer_late(handler: Handler) -> None:
        asked.append(handler)
        time.sleep(2)

    with endpoint(answer_late) as url:
        client, until = Endpoints((url,), 60), time.monotonic() + 0.3
        for _ in range(3):
            with pytest.raises(ServiceError, match="took longer than"):
                client(url, "ASK {}", until)
    assert len(asked) <= 1, "no time is left for a second request"


def test_only_the_listed_endpoints_are_called() -> None:
    with endpoint(lambda h: h.reply(200, GOOD, Content_Type=RESULTS)) as url:
        allowed = Endpoints((url,))
        assert allowed(url, "ASK {}") == ("json", GOOD)
        for other in (url + "/", url + "?x", url.upper(), url.replace("127.0.0.1", "localhost")):
            with pytest.raises(ServiceRefusedError, match="KG_SERVICE_ALLOW does not name it"):
                allowed(other, "ASK {}")


def test_a_host_name_must_have_public_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside)
    with pytest.raises(ServiceError, match="not at a public address"):
        Endpoints(("http://a.example/sparql",))("http://a.example/sparql", "ASK {}")


@pytest.mark.parametrize("body", [b"{", b"", b'{"head":{},"boolean":true}', b"[" * 100_000])
def test_an_unreadable_answer_is_an_error_of_the_endpoint(body: bytes) -> None:
    engine = EmbeddedEngine([], service=lambda *_: ("json", body))
    with pytest.raises(ServiceError, match=r"cannot be read|truth value"):
        engine.answer(Query("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }"), JSON)


def test_a_server_joins_the_answers_of_another_endpoint(tmp_path: Path) -> None:
    (tmp_path / "near.ttl").write_text(f"@prefix : <urn:> . {HERE_DATA}")
    remote = Remote(THERE_DATA)

    def answer(handler: Handler) -> None:
        (query,) = parse_qs(handler.body)["query"]
        handler.reply(200, remote(THERE, query)[1], Content_Type=RESULTS)

    serve = ("-m", "kg.cli", "serve", "--port", "{port}", "--dataset", str(tmp_path / "near.ttl"))
    with endpoint(answer) as far, endpoint(lambda h: time.sleep(8)) as slow:
        allow = {"KG_SERVICE_ALLOW": f"{far} {slow} http://127.0.0.1:1/sparql", "KG_QUERY_TIMEOUT": "4"}
        with running(*serve, **allow) as (near, _):

            def ask(text: str) -> requests.Response:
                return requests.get(f"{near}/sparql", params={"query": f"PREFIX : <urn:> {text}"}, timeout=60)

            joined = ask(f"SELECT * {{ ?s :p ?o . SERVICE <{far}> {{ ?s :r ?n }} }}")
            assert len(joined.json()["results"]["bindings"]) == 5
            assert "ETag" not in joined.headers
            dead = ask("SELECT * { SERVICE <http://127.0.0.1:1/sparql> { ?s :r ?n } }")
            assert (dead.status_code, dead.json()["type"].rpartition("/")[2]) == (502, "service")
            silent = ask("SELECT * { ?s :q ?v SERVICE SILENT <http://127.0.0.1:1/sparql> { ?s :r ?n } }")
            assert len(silent.json()["results"]["bindings"]) == 2
            late = ask(f"SELECT * {{ ?s :q ?v {f'SERVICE SILENT <{slow}> {{ ?s :r ?n }}' * 2} }}")
            assert (late.status_code, len(late.json()["results"]["bindings"])) == (200, 2)
            other = ask("SELECT * { SERVICE <http://127.0.0.1:2/sparql> { ?s :r ?n } }")
            assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (400, "refused")
            wrong = ask("SELECT * {\nSERVICE <urn:x> { ?s } }")
            assert wrong.json()["line"] == 2
