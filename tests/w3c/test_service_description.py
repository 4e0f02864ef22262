"""The SPARQL 1.1 Service Description suite, whose tests are told in words."""

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import Graph, Namespace, URIRef

from w3c.conftest import Each
from w3c.services import OverSocket, Service

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SHAPES = Path(__file__).parent / "service-description.ttl"


def test_service_description(service: Service, each: Each) -> None:
    each("service description", lambda entry: check(service, entry.id.rpartition("/")[2]))


@pytest.mark.parametrize("name", ["returns-rdf", "has-endpoint-triple", "conforms-to-schema"])
def test_the_description_of_a_snapshot(name: str, server: str) -> None:
    service = OverSocket(server)
    check(service, name)
    service.close()


def check(service: Service, name: str) -> None:
    reply = service.send("GET", "/sparql")
    assert (reply.status, reply.media_type) == (200, "text/turtle")
    graph = Graph().parse(data=reply.body, format="turtle")
    if name == "has-endpoint-triple":
        assert set(graph.objects(None, SD.endpoint)) == {URIRef(f"{service.address}/sparql")}
    elif name == "conforms-to-schema":
        conforms, _, text = validate(graph, shacl_graph=str(SHAPES))
        assert conforms, text
    else:
        assert name == "returns-rdf"
        assert graph
