"""The tests of SPARQL 1.1 Federated Query: each endpoint that a test names is an engine that may call the others."""

import pytest
from rdflib.term import Node

from kg.engine import FORMATS, Query
from kg.engine.embedded import EmbeddedEngine
from kg.errors import QuerySyntaxError, ServiceError
from w3c.conftest import Each
from w3c.manifest import MF, QT, Entry, path_of, read_case
from w3c.results import canonical, read_results
from w3c.services import read


def test_federated_query(each: Each) -> None:
    each("federation", ask)


def ask(entry: Entry) -> None:
    """Ask the query of a test, and compare the answer with what the manifest expects."""
    manifest, case = entry.graph, read_case(entry)
    action = manifest.value(entry.node, MF.action)
    endpoints = {}

    def call(endpoint: str, text: str) -> tuple[str, bytes]:
        if endpoint not in endpoints:
            raise ServiceError(f"nobody is at {endpoint}")
        return "json", endpoints[endpoint].answer(Query(text), (FORMATS["json"],)).read()

    def engine(node: Node) -> EmbeddedEngine:
        quads = [quad for data in manifest.objects(node, QT.data) for quad in read(path_of(data))]
        return EmbeddedEngine(quads, union=False, service=call)

    for service in manifest.objects(action, QT.serviceData):
        endpoints[str(manifest.value(service, QT.endpoint))] = engine(service)
    found = read_results(engine(action).answer(Query(case.text), (FORMATS["xml"],)).read(), "xml")
    expected = read_results(case.result.read_bytes(), "xml")
    assert sorted(found.variables) == sorted(expected.variables)
    assert canonical(found, ordered=False) == canonical(expected, ordered=False)


def test_federation_syntax(each: Each) -> None:
    each("federation syntax", parse)


def parse(entry: Entry) -> None:
    """Ask the query of a test as it is, and with a fault."""
    nothing = b'{"head": {"vars": []}, "results": {"bindings": []}}'
    engine = EmbeddedEngine([], union=False, service=lambda *_: ("json", nothing))
    engine.answer(Query(read_case(entry).text), (FORMATS["json"],)).read()
    with pytest.raises(QuerySyntaxError):
        engine.answer(Query(read_case(entry).text + "}"), (FORMATS["json"],)).read()
