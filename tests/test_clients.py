"""Independent clients against a real server."""

import json
import urllib.request

from rdflib import RDFS, Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, SPARQLWrapper

from kg.snapshot import Snapshot

ONTOLOGY = "https://w3id.org/calcikg/ontology/"
PREVALENCE = """
BASE <https://w3id.org/calcikg/id/>
PREFIX ckg: <https://w3id.org/calcikg/ontology/>
SELECT ?subtype ?value WHERE {
  VALUES ?subtype { <subtype/diffuse-cutaneous-ssc> <subtype/limited-cutaneous-ssc> }
  ?finding a ckg:PrevalenceFinding ; ckg:subject ?subtype ; ckg:value ?value ; ckg:unit "%" .
} ORDER BY ?value
"""


def test_sparqlwrapper(server: str) -> None:
    wrapper = SPARQLWrapper(server + "/sparql")
    wrapper.setQuery(PREVALENCE)
    wrapper.setReturnFormat(JSON)
    rows = wrapper.queryAndConvert()["results"]["bindings"]
    assert [row["value"]["value"] for row in rows] == ["15", "44"]
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(CSV)
    assert wrapper.queryAndConvert().decode().count("\n") == 3
    wrapper.setQuery("DESCRIBE <https://w3id.org/calcikg/id/site/hand>")
    wrapper.setReturnFormat(TURTLE)
    assert len(Graph().parse(data=wrapper.queryAndConvert(), format="turtle")) > 3


def test_rdflibs_sparqlstore(server: str, snapshot: Snapshot) -> None:
    graph = Graph(SPARQLStore(server + "/sparql"))
    assert [str(row.value) for row in graph.query(PREVALENCE)] == ["15", "44"]
    hand = URIRef("https://w3id.org/calcikg/id/site/hand")
    assert str(graph.value(hand, RDFS.label)) == "hand"
    findings = graph.query(f"SELECT (COUNT(DISTINCT ?f) AS ?n) {{ ?f <{ONTOLOGY}statement> ?s }}")
    assert [int(row.n) for row in findings] == [snapshot.counts["findings"]]


def test_plain_http(server: str) -> None:
    with urllib.request.urlopen(server + "/readyz") as response:
        assert json.load(response).items() >= {"status": "ready", "missing": []}.items()
    with urllib.request.urlopen(server + "/") as response:
        assert response.headers["Content-Type"].startswith("text/html")
