"""The query tests of the SPARQL 1.1 Protocol suite: each request as the manifest writes it, against the endpoint."""

import json
import os
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import RDF, Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from w3c.manifest import MF
from w3c.test_query import Loaded

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
SUITES = os.environ.get("KG_W3C", "")
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    },
    "RDF": {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"},
}


def requests() -> list[Any]:
    """Return the requests of every test about queries, and of those about updates that are to be refused."""
    if not SUITES:
        return [
            pytest.param(None, None, marks=pytest.mark.skip(reason="KG_W3C is not set: the protocol tests are not run"))
        ]
    path = Path(SUITES).resolve() / "sparql" / "sparql11" / "protocol" / "manifest.ttl"
    graph = Graph().parse(path)
    found = []
    for test in graph.subjects(RDF.type, MF.ProtocolTest):
        name = str(test).rpartition("#")[2]
        if not name.startswith("update_"):
            for request in Collection(graph, graph.value(graph.value(test, MF.action), HT.requests)):
                found.append(pytest.param(graph, request, id=name))
    return found


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    service = Loaded()
    folder = Path(SUITES).resolve() / "sparql" / "sparql11" / "protocol"
    service.load(
        [
            ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(DATA.format(number)))
            for number in (1, 2, 3)
            for quad in ox.parse(path=folder / f"data{number}.nt")
        ]
    )
    return service


@pytest.mark.parametrize(("graph", "request_"), requests())
def test_protocol(graph: Graph, request_: Node, loaded: Loaded) -> None:
    headers = graph.value(request_, HT.headers)
    fields = {
        str(graph.value(field, HT.fieldName)): str(graph.value(field, HT.fieldValue))
        for field in (Collection(graph, headers) if headers else ())
    }
    body = graph.value(request_, HT.body)
    text = str(graph.value(body, CNT.chars) or "") if body else ""
    encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8") if body else "UTF-8"
    response = loaded.client.open(
        str(graph.value(request_, HT.absolutePath)).replace("/sparql/", "/sparql"),
        method=str(graph.value(request_, HT.methodName)),
        headers=fields,
        data=text.encode(encoding),
    )
    expected = graph.value(request_, HT.resp)
    wanted = {str(status).rpartition("StatusCode")[2][0] for status in graph.objects(expected, MF.expectedStatus)}
    assert str(response.status_code)[0] in wanted, response.text
    kind = graph.value(expected, MF.expectedFormat)
    if kind is not None:
        assert response.mimetype in FORMATS[str(kind)]
    truth = graph.value(expected, MF.expectedBoolean)
    if truth is not None:
        assert json.loads(response.data)["boolean"] is truth.toPython()
