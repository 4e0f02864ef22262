"""``/explain`` tells why a triple stands in the graph."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from api.rest.models import Explanation

API = "/api/v1"


def explain(client: FlaskClient, subject: str, predicate: str, target: str) -> Explanation:
    answer = client.get(f"{API}/explain", query_string={"subject": subject, "predicate": predicate, "object": target})
    assert answer.status_code == 200, answer.text
    return Explanation.model_validate(answer.json)


def parts(explanation: Explanation) -> Iterator[Explanation]:
    yield explanation
    for premise in explanation.premises:
        yield from parts(premise)


def told(explanation: Explanation) -> tuple[str | None, str | None, str | None]:
    triple = explanation.triple
    return triple.subject.id, triple.predicate.id, triple.object.id or triple.object.value


def test_an_asserted_triple_names_its_graph(client: FlaskClient) -> None:
    found = explain(client, "site/finger", "partOf", "site/hand")
    assert (found.origin, found.graphs, found.rule, found.premises) == ("asserted", ["entities"], None, [])
    assert (found.triple.subject.label, found.triple.predicate.label) == ("finger", "part of")


def test_what_a_source_says_names_the_source(client: FlaskClient) -> None:
    found = explain(client, "finding/debulking-2021-30", "subject", "treatment/calcinosis-debulking")
    assert (found.origin, found.graphs) == ("asserted", ["source/debulking-2021"])


def test_a_transitive_property_is_proved_by_its_axiom(client: FlaskClient) -> None:
    found = explain(client, "site/finger", "partOf", "site/upper-limb")
    assert (found.origin, found.rule, found.axiom) == ("inferred", "prp-trp", "TransitiveObjectProperty(ckg:partOf)")
    assert all(part.origin == "asserted" for part in parts(found) if not part.premises)
    assert told(found.premises[0])[0] == "site/finger"
    assert told(found.premises[1])[2] == "site/upper-limb"


def test_the_same_triple_by_other_names(client: FlaskClient) -> None:
    ours = explain(client, "treatment/colchicine", "a", "Treatment")
    theirs = explain(client, "ckgid:treatment/colchicine", "rdf:type", "ckg:Treatment")
    assert ours == theirs
    assert (ours.rule, ours.axiom) == ("cax-sco", "SubClassOf(ckg:DrugTreatment ckg:Treatment)")


def test_an_evidence_level_follows_from_the_design(client: FlaskClient) -> None:
    found = explain(client, "finding/debulking-2021-30", "evidenceLevel", "ocebm-4")
    assert found.rule == "20-evidence-level"
    assert ("source/debulking-2021", "ckg:studyDesign", "ckg:caseSeries") in [told(part) for part in parts(found)]


def test_an_edge_names_all_its_findings(client: FlaskClient) -> None:
    rows = client.get(f"{API}/entities/treatment/topical-sodium-thiosulfate").json["edges"]
    assert rows
    for row in (row for row in rows if row["standing"] == "stated" and "directness" not in row):
        found = explain(client, row["from"]["id"], row["predicate"], row["to"]["id"])
        if found.rule == "45-edges":
            assert len(found.findings) <= row["findings"], "those that state it, of all that support the edge"
    assert any(row["findings"] for row in rows)


def test_a_number_is_a_literal(client: FlaskClient) -> None:
    rows = client.get(f"{API}/entities/treatment/topical-sodium-thiosulfate").json["edges"]
    edge = rows[0]
    found = explain(client, edge["iri"], "findingCount", str(edge["findings"]))
    assert (found.rule, found.triple.object.value) == ("50-edge-figures", str(edge["findings"]))
    supporting = [part for part in found.premises if part.triple.predicate.id == "ckg:supportedBy"]
    assert len(supporting) == edge["findings"]


def test_what_falls_under_an_external_term_is_proved_through_its_hierarchy(client: FlaskClient) -> None:
    found = explain(client, "site/finger", "fallsUnder", "UBERON:0002102")
    assert found.rule == "80-external-terms"
    leaves = [told(part) for part in parts(found) if part.origin == "asserted"]
    assert ("site/finger", "skos:exactMatch", "UBERON:0002389") in leaves
    assert {graph for part in parts(found) for graph in part.graphs} == {"inferred", "mappings", "external/uberon"}


def test_what_was_computed_names_formula_and_findings(client: FlaskClient) -> None:
    found = explain(client, "finding/debulking-2021-30#exact-interval", "a", "ExactInterval")
    assert (found.origin, found.graphs) == ("computed", ["synthesis"])
    assert found.formula and "Beta" in found.formula
    assert [finding.id for finding in found.findings] == ["finding/debulking-2021-30"]


@pytest.mark.parametrize(
    ("subject", "predicate", "target"),
    [
        ("site/finger", "partOf", "site/foot"),
        ("x", "y", "z"),
        ("http://[", "partOf", "site/hand"),
        ("site/finger> ?p ?o . <x", "partOf", "site/hand"),
        ("site/finger", "partOf", '"text"'),
    ],
)
def test_what_the_graph_does_not_hold_is_not_found(
    subject: str, predicate: str, target: str, client: FlaskClient
) -> None:
    answer = client.get(f"{API}/explain", query_string={"subject": subject, "predicate": predicate, "object": target})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_the_page_shows_the_proof(client: FlaskClient) -> None:
    page = client.get("/explain?subject=finding/debulking-2021-30&predicate=about&object=disease/systemic-sclerosis")
    assert page.content_type == "text/html; charset=utf-8"
    for told in (
        "ObjectPropertyChain(ckg:population ckg:ofDisease)",
        "Asserted in source/debulking-2021",
        "/id/disease/",
    ):
        assert told in page.text
    edges = client.get("/page/treatment/colchicine").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/explain[^"]*)"', edges)]
    assert links
    assert {client.get(link).status_code for link in links} == {200}
    lacking = client.get("/explain?subject=treatment/colchicine&predicate=treats&object=outcome/pain")
    assert (lacking.status_code, lacking.content_type) == (404, "application/problem+json")
    assert client.get("/explain?subject=treatment/colchicine").status_code == 400
