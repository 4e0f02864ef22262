"""Reads the requests of the protocol suites, with the responses that they expect."""

from dataclasses import dataclass

from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from w3c.manifest import MF, Entry

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
#: Statuses as the manifests name them, by the beginnings of their numbers.
STATUSES = {
    "OK": "200",
    "Created": "201",
    "NoContent": "204",
    "NotFound": "404",
    "StatusCode2xx": "2",
    "StatusCode3xx": "3",
    "StatusCode4xx": "4",
    "StatusCode5xx": "5",
}


@dataclass(frozen=True)
class Exchange:
    """A request, and what its response has to be like; the names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: tuple[str, ...]
    expected_headers: dict[str, str]
    expected_body: str | None
    expected_format: str | None
    expected_boolean: bool | None


def read_exchanges(entry: Entry) -> list[Exchange]:
    """Return the requests of a test, in their order."""
    graph = entry.graph
    requests = Collection(graph, graph.value(graph.value(entry.node, MF.action), HT.requests))
    return [_read(graph, request) for request in requests]


def _read(graph: Graph, request: Node) -> Exchange:
    response = graph.value(request, HT.resp)
    truth = graph.value(response, MF.expectedBoolean)
    kind = graph.value(response, MF.expectedFormat)
    text, encoding = _body(graph, request)
    statuses = [str(status).rpartition("#")[2] for status in graph.objects(response, MF.expectedStatus)]
    return Exchange(
        str(graph.value(request, HT.methodName)),
        str(graph.value(request, HT.absolutePath)),
        _headers(graph, request),
        (text or "").encode(encoding),
        tuple(STATUSES[status] for status in statuses),
        _headers(graph, response),
        _body(graph, response)[0],
        None if kind is None else str(kind),
        None if truth is None else bool(truth.toPython()),
    )


def _headers(graph: Graph, message: Node) -> dict[str, str]:
    headers = graph.value(message, HT.headers)
    return {
        str(graph.value(field, HT.fieldName)).lower(): str(graph.value(field, HT.fieldValue))
        for field in (Collection(graph, headers) if headers else ())
    }


def _body(graph: Graph, message: Node) -> tuple[str | None, str]:
    body = graph.value(message, HT.body)
    if body is None:
        return None, "UTF-8"
    return str(graph.value(body, CNT.chars)), str(graph.value(body, CNT.characterEncoding) or "UTF-8")
