"""The tests of SPARQL 1.1 Federated Query: each endpoint that a test names is an engine that may call the others."""

import os
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.term import Node

from kg.engine import FORMATS, EmbeddedEngine, Query
from kg.errors import ServiceError
from w3c.manifest import MF, QT, path_of
from w3c.results import canonical, read_expected, read_table
from w3c.test_query import load

SUITES = os.environ.get("KG_W3C", "")


def cases() -> list[object]:
    if not SUITES:
        return [pytest.param(None, None, marks=pytest.mark.skip(reason="KG_W3C is not set: the W3C tests are not run"))]
    path = Path(SUITES).resolve() / "sparql" / "sparql11" / "service" / "manifest.ttl"
    graph = Graph().parse(path, publicID=path.as_uri())
    actions = sorted(graph.subject_objects(MF.action))
    return [pytest.param(graph, test, id=str(test).rpartition("#")[2]) for test, _ in actions]


@pytest.mark.parametrize(("manifest", "test"), cases())
def test_federated_query(manifest: Graph, test: Node) -> None:
    action = manifest.value(test, MF.action)
    endpoints = {}

    def call(endpoint: str, text: str) -> tuple[str, bytes]:
        if endpoint not in endpoints:
            raise ServiceError(f"nobody is at {endpoint}")
        return "json", endpoints[endpoint].answer(Query(text), (FORMATS["json"],)).read()

    def engine(node: Node | None) -> EmbeddedEngine:
        quads = [quad for data in manifest.objects(node, QT.data) for quad in load(path_of(data), graph=False)]
        return EmbeddedEngine(quads, union=False, call=call)

    for service in manifest.objects(action, QT.serviceData):
        endpoints[str(manifest.value(service, QT.endpoint))] = engine(service)
    query = path_of(manifest.value(action, QT.query)).read_text(encoding="utf-8")
    answer = engine(action).answer(Query(query), (FORMATS["xml"],)).read()
    result = path_of(manifest.value(test, MF.result))
    assert canonical(read_table(answer, ox.QueryResultsFormat.XML)) == canonical(read_expected(result))
