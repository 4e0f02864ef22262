"""A remote engine answers as the snapshot does: real engines, filled by `kg publish`, behind the whole application."""

import csv
import io
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import pyoxigraph as ox
import pytest
import random_queries
from conftest import Client, free_port
from engines import CREDENTIALS, ENGINES, find, oxigraph, virtuoso
from flask.testing import FlaskClient
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import kg.publish.release as kg_publish
from api.app import create_app
from kg.cli import main
from kg.engine import FORMATS, Engine, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.http import Credentials
from kg.engine.isolated import Limits
from kg.engine.remote.engine import RemoteEngine
from kg.engine.remote.releases import RELEASES, graph_iri, release_iri
from kg.errors import EngineUnavailableError, KgError, PublishError
from kg.prefixes import GRAPH
from kg.publish import publish
from kg.queries import read_questions
from kg.settings import Settings
from kg.snapshot import DATASET, METADATA, Snapshot

P = """PREFIX ckg: <https://w3id.org/calcikg/ontology/> PREFIX ckgf: <https://w3id.org/calcikg/function/>
PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
COUNTED = "?f ckg:numerator ?n ; ckg:denominator ?d"
#: Queries on what differs from engine to engine.
QUERIES = [
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/calcikg/graph/entities> { ?s ?p ?o }",
    "SELECT * { GRAPH <https://w3id.org/calcikg/graph/nowhere> { ?s ?p ?o } }",
    "SELECT * FROM NAMED <https://w3id.org/calcikg/graph/entities> { GRAPH ?g { ?s a ckg:DrugTreatment } }",
    "SELECT ?a ?b { VALUES ?b { ckg:Treatment ckg:Outcome } ?a rdfs:subClassOf* ?b }",
    "SELECT (COUNT(?x) AS ?n) { ?x a owl:Restriction FILTER(ISBLANK(?x)) }",
    "SELECT (COUNT(?x) AS ?n) { ?x a owl:Restriction FILTER(ISIRI(?x)) }",
    "SELECT ?f ?value { ?f ckg:value ?value ; ckg:lower ?lower FILTER(?lower > 1.5) }",
    f"SELECT (ckgf:median(?n) AS ?m) (COUNT(*) AS ?k) {{ {COUNTED} }}",
    f"SELECT ?f ?low {{ {COUNTED} BIND(ckgf:wilsonLower(?n, ?d) AS ?low) FILTER(?low > 0.5) }}",
    f"ASK {{ {COUNTED} FILTER(ckgf:wilsonLower(?n, ?d) > 0.9999) }}",
]
ROUTES = """
/api/v1/findings?limit=100
/api/v1/entities?type=DrugTreatment
/api/v1/questions/case-steroids
/api/v1/search?q=pain
/export/csv?source=debulking-2021
/page/finding/debulking-2021-30
""".split()

#: Datasets that are made up, with 20 queries each.
DATASETS = 2
#: Literals that Virtuoso changes or takes for another, so that a release with one of them is not published.
LOST = {
    ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}"))
    for text, name in (("5", "double"), ("5", "decimal"), ("calc", "integer"))
}
#: Engines that are not asked for pages, REST and exports.
ONLY_SPARQL = {"virtuoso-t"}


@pytest.fixture(params=ENGINES)
def system(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str]]:
    """The name of an engine, and its address."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    name = request.param
    if find(name) is None:
        pytest.skip(f"{name} is not installed: nothing is published to it, and it answers no question")
    with ENGINES[name](tmp_path, int(free_port())) as address:
        yield name, address


@pytest.fixture
def store(tmp_path: Path) -> Iterator[str]:
    """An empty Oxigraph server."""
    with oxigraph(tmp_path, int(free_port())) as address:
        yield address


def test_an_engine_answers_as_the_snapshot_does(
    system: tuple[str, str], data_folder: Path, engine: Engine, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, address = system
    run(monkeypatch, "publish", "--to", address, "--data", str(data_folder))
    there = remote_client(data_folder, address)
    remote: Engine = there.application.extensions["source"].current().engine
    for question in read_questions():
        assert rows_of(remote, question.text) == rows_of(engine, question.text), question.slug
    for text in QUERIES:
        assert rows_of(remote, P + text) == rows_of(engine, P + text), text
    for route in ROUTES:
        answer = there.get(route)
        if name in ONLY_SPARQL and "search" not in route:  # which asks no engine
            assert (answer.status_code, "alone" in answer.text) == (501, True), route
        else:
            assert answer.data == client.get(route).data, route
    assert there.get("/readyz").status_code == 200


def rows_of(engine: Engine, text: str) -> "Counter[tuple[str, ...]]":
    """Return how often each row comes: what ORDER BY leaves open is an engine's own."""
    answer = engine.answer(Query(text), (FORMATS["csv"], FORMATS["nt"])).read().decode()
    return Counter(map(tuple, csv.reader(io.StringIO(answer))))


def test_made_up_queries_have_equal_answers_or_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find("virtuoso-t") is None:
        pytest.skip("virtuoso-t is not installed: no made-up query is asked")
    monkeypatch.setattr(kg_publish, "GRACE", 0)
    counts = Counter[str]()
    (tmp_path / "engine").mkdir()
    with virtuoso(tmp_path / "engine", int(free_port())) as address:

        @given(st.integers(0, 2**64))
        @settings(max_examples=DATASETS, deadline=None, phases=(Phase.generate,))
        def compare(seed: int) -> None:
            random = Random(seed)
            quads = [in_a_named_graph(quad) for quad in random_queries.dataset(random) if quad.object not in LOST]
            snapshot = Snapshot(tmp_path, {"version": f"made-up-{seed}"})
            (tmp_path / DATASET).write_text("".join(sorted({f"{quad} .\n" for quad in quads})), encoding="utf-8")
            (tmp_path / METADATA).touch()
            publish(snapshot, address, Credentials(*CREDENTIALS.values()))
            remote, embedded = remote_of(address, snapshot, seconds=30), EmbeddedEngine(quads)
            for _ in range(20):
                text = random.choice((random_queries.nested, random_queries.query))(random)
                try:
                    expected = rows_of(embedded, text)
                    found = rows_of(remote, text)
                except KgError as error:
                    counts[type(error).__name__] += 1
                    continue
                if "LIMIT" in text:  # which rows is the engine's own choice
                    assert found.total() == expected.total(), text
                else:
                    assert found == expected, text
                counts["equal"] += 1

        compare()
    assert counts["equal"] > counts.total() / 2, counts


def in_a_named_graph(quad: ox.Quad) -> ox.Quad:
    named = not isinstance(quad.graph_name, ox.DefaultGraph)
    return quad if named else ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode("urn:calc:g0"))


def remote_client(data: Path, address: str, **more: str) -> FlaskClient:
    environment = {
        "KG_DATA": str(data),
        "KG_ENGINE": address,
        "KG_QUERY_TIMEOUT": "120",  # Virtuoso is slow on a busy machine
        "KG_RATE": "0",
        "KG_BODY_RATE": "0",
        **CREDENTIALS,
        **more,
    }
    app = create_app(Settings.read(environment))
    app.test_client_class = Client
    return app.test_client()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["kg", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (None, 0)


# Publishing


def test_an_interrupted_publication_goes_on_and_is_not_read_before_it_is_whole(
    store: str, small: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, sent = kg_publish.Target._add, list[str]()

    def stop(target: Any, iri: str, part: bytes) -> None:
        sent.append(iri)
        if len(sent) > 8:
            raise EngineUnavailableError("the engine ended")
        add(target, iri, part)

    monkeypatch.setattr(kg_publish, "_PAUSES", ())
    with monkeypatch.context() as patch:
        patch.setattr(kg_publish.Target, "_add", stop)
        with pytest.raises(EngineUnavailableError):
            publish(small, store, Credentials())
    with pytest.raises(EngineUnavailableError, match="kg publish --to"):
        remote_of(store, small).check()
    told = list[str]()
    done = publish(small, store, Credentials(), told.append)
    assert 0 < done.sent < done.triples
    assert told[-1] == f"publishing: {done.triples:,} of {done.triples:,} triples"
    assert len(remote_of(store, small).check().graphs) == len({*graphs_of(small)})
    assert publish(small, store, Credentials()).sent == 0


def test_what_differs_on_the_engine_is_found_and_sent_again(
    store: str, small: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, iri = kg_publish.Target(store, Credentials()), graph_iri(small.version, GRAPH + "entities")
    target.update(f"INSERT DATA {{ GRAPH <{iri}> {{ <urn:not> <urn:ours> <urn:here> }} }}")
    publish(small, store, Credentials())
    assert target._count_of(iri) == graphs_of(small)[GRAPH + "entities"]

    add = kg_publish.Target._add
    monkeypatch.setattr(
        kg_publish.Target, "_add", lambda self, iri, part: add(self, iri, part.replace(b'"@en', b'"@fr'))
    )
    other = Snapshot(small.path, {**small.manifest, "version": "changed"})
    with pytest.raises(PublishError, match="changes or loses"):
        publish(other, store, Credentials())


def test_the_release_before_stays_and_older_ones_go(
    store: str, small: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kg_publish, "GRACE", 0)
    monkeypatch.setattr(kg_publish.Target, "_arrived", lambda *_: True)  # the test before this one
    first, second, third = (Snapshot(small.path, {**small.manifest, "version": name}) for name in ("v1", "v2", "v3"))
    assert publish(first, store, Credentials()).removed == []
    time.sleep(1.1)  # a release is known by the second
    assert publish(second, store, Credentials()).removed == []
    assert remote_of(store, first).check().graphs
    time.sleep(1.1)
    assert publish(third, store, Credentials()).removed == [release_iri("v1")]
    target = kg_publish.Target(store, Credentials())
    assert target._count_of(release_iri("v1")) == 0 < target._count_of(release_iri("v2"))
    assert {*target.whole()} == {release_iri("v2"), release_iri("v3")}


def graphs_of(snapshot: Snapshot) -> "Counter[str]":
    return Counter(
        quad.graph_name.value
        for path in snapshot.quads
        for quad in ox.parse(path=path)
        if isinstance(quad.graph_name, ox.NamedNode)
    )


def remote_of(address: str, snapshot: Snapshot, seconds: float = 2) -> RemoteEngine:
    return RemoteEngine(address, snapshot.version, EmbeddedEngine(()), Limits(seconds))


# An engine that fails


class Failing(BaseHTTPRequestHandler):
    """Answers what the test says, once it knows who asks."""

    protocol_version = "HTTP/1.1"
    graphs = b'{"head":{"vars":["graph"]},"results":{"bindings":[{"graph":{"type":"uri","value":"urn:g"}}]}}'
    status, body, pause, challenge = 200, b"{}", 0.0, ""

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        login = self.headers.get("Authorization", "")
        if self.challenge and not login.startswith(self.challenge.split()[0]):
            return self.reply(401, b"", **{"WWW-Authenticate": self.challenge})
        if "ASK+%7B%7D" in text or RELEASES.rpartition("/")[2] + "%3E" in text:
            return self.reply(200, self.graphs)
        time.sleep(self.pause)
        return self.reply(self.status, self.body)

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def failing(**answer: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Failing,), answer))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        ({"status": 500, "body": b"out of order"}, 503, "engine-unavailable"),
        ({"status": 403}, 503, "engine-unavailable"),
        ({"body": b"<html>"}, 503, "engine-unavailable"),
        ({"status": 400, "body": b"what is GRAPH?"}, 501, "engine-unsupported"),
        ({"pause": 1.0}, 503, "query-timeout"),
        ({"challenge": 'Basic realm="x"', "body": b'{"head":{},"boolean":true}'}, 200, None),
        (
            {"challenge": 'Digest realm="x", nonce="n", qop="auth"', "body": b'{"head":{},"boolean":true}'},
            200,
            None,
        ),
    ],
    ids=["500", "403", "no-answer", "400", "late", "basic", "digest"],
)
def test_what_an_engine_does_wrong_is_a_problem(
    answer: dict[str, Any], status: int, problem: str | None, data_folder: Path
) -> None:
    with failing(**answer) as address:
        client = remote_client(data_folder, address, KG_QUERY_TIMEOUT="0.5")
        for route in ("/readyz", "/sparql?query=ASK{?s+?p+?o}"):
            response = client.get(route)
            assert response.status_code == status, route
            assert problem is None or response.json["type"].endswith(f"/{problem}")


def test_no_engine_is_a_problem_and_a_query_with_an_error_is_never_sent(data_folder: Path) -> None:
    client = remote_client(data_folder, f"http://127.0.0.1:{free_port()}/sparql")
    response = client.get("/readyz")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert client.get("/healthz").status_code == 200
    assert client.get("/sparql?query=SELECT").json["type"].endswith("/query-syntax")
    assert client.get("/sparql?query=ASK{SERVICE<urn:x>{}}").json["type"].endswith("/refused")


@pytest.mark.parametrize("address", ["ftp://x/", "http://user:secret@x/", "nowhere"])
def test_an_address_that_is_none_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kg", "publish", "--to", address])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, "without user name" in " ".join(capsys.readouterr().err.split())) == (2, True)
