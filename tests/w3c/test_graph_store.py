"""The Graph Store HTTP Protocol suite: every write is refused, and its outcome put in place for what is read next."""

import json
from email import message_from_bytes
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
from rdflib import Graph
from rdflib.compare import isomorphic

from w3c.conftest import Each
from w3c.exchanges import Exchange, read_exchanges
from w3c.manifest import Entry
from w3c.services import InProcess, Reply, Service

Name = ox.NamedNode | ox.DefaultGraph
State = dict[Name, list[ox.Quad]]


def test_graph_store(in_process: InProcess, each: Each) -> None:
    each("graph store", lambda entry: exchange_all(in_process, entry))


def exchange_all(in_process: InProcess, entry: Entry) -> None:
    """Send the reads of a test, have its writes refused, and do here what they ask for."""
    state: State = {}
    for exchange in read_exchanges(entry):
        if exchange.method in ("GET", "HEAD"):
            check(in_process, exchange)
        else:
            refuse(in_process, exchange)
            apply(exchange, state)
            in_process.load(quad for graph in state.values() for quad in graph)


def send(service: Service, exchange: Exchange) -> Reply:
    return service.send(
        exchange.method, exchange.path.replace("/gsp", "/graph-store", 1), exchange.headers, exchange.body
    )


def check(service: Service, exchange: Exchange) -> None:
    """Ask for a graph, and compare what comes with what the manifest expects."""
    reply = send(service, exchange)
    assert str(reply.status).startswith(exchange.statuses)
    for name, value in exchange.expected_headers.items():
        assert reply.headers[name] == value
    if exchange.method == "HEAD":
        assert reply.body == b""
    if exchange.expected_body is not None:
        expected = Graph().parse(data=exchange.expected_body, format="turtle")
        assert isomorphic(Graph().parse(data=reply.body, format="turtle"), expected)


def refuse(service: Service, exchange: Exchange) -> None:
    """Ask for a write, which has to be refused (section 5.1 of the protocol, RFC 9110, section 15.5.6)."""
    reply = send(service, exchange)
    assert reply.status == 405
    assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert json.loads(reply.body)["type"].endswith("/method-not-allowed")


def apply(exchange: Exchange, state: State) -> None:
    """Do what a write asks for (Graph Store HTTP Protocol, sections 5.3 to 5.5)."""
    named = parse_qs(urlsplit(exchange.path).query).get("graph")
    name = ox.NamedNode(named[0]) if named else ox.DefaultGraph()
    if exchange.method == "DELETE":
        state.pop(name, None)
        return
    head = f"Content-Type: {exchange.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + exchange.body)
    quads = [
        ox.Quad(quad.subject, quad.predicate, quad.object, name)
        for part in message.walk()
        if not part.is_multipart()
        for quad in ox.parse(part.get_payload(decode=True), format=ox.RdfFormat.TURTLE)
    ]
    state[name] = quads if exchange.method == "PUT" else [*state.get(name, []), *quads]
