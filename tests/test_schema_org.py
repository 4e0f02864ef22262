"""What heads of pages say in schema.org's terms: never more than the data, and nothing that could end the element."""

import json
import re
import xml.etree.ElementTree as ET

import pytest
from conftest import ROOT
from flask import Flask, get_template_attribute
from flask.testing import FlaskClient
from rdflib import Graph

from api.data import schema_org
from kg.read.labels import Json


def shape(client: FlaskClient, name: str) -> Json:
    found: Json = client.get(f"/api/v1/entities/{name}").json
    return found


def test_an_entity_has_codes_of_exact_matches_alone(client: FlaskClient) -> None:
    found = schema_org.entity(shape(client, "disease/systemic-sclerosis"))
    assert found["@type"] == ["DefinedTerm", "MedicalCondition"]
    assert found["@id"] == found["identifier"] == "https://w3id.org/calcikg/id/disease/systemic-sclerosis"
    codes = {(code["codingSystem"], code["codeValue"]) for code in found["code"]}  # type: ignore[attr-defined]
    assert codes == {("DOID", "418"), ("MESH", "D012595"), ("MONDO", "0005100"), ("NCIT", "C72070")}
    assert "http://purl.obolibrary.org/obo/MONDO_0019340" not in found["sameAs"]  # type: ignore[operator]


def test_a_kind_that_schema_org_does_not_know_is_a_defined_term(client: FlaskClient) -> None:
    found = schema_org.entity(shape(client, "outcome/pain"))
    assert found["@type"] == "DefinedTerm"
    assert "code" not in found


def test_every_entity_keeps_to_its_data(client: FlaskClient) -> None:
    listed = client.get("/api/v1/entities?limit=500").json["items"]
    assert len(listed) > 300
    for reference in listed[::25]:
        told = shape(client, reference["id"])
        found = schema_org.entity(told)
        exact = {row["iri"] for row in told.get("mappings", []) if row["predicate"] == "skos:exactMatch"}  # type: ignore[attr-defined]
        assert set(found.get("sameAs", [])) == exact  # type: ignore[call-overload]
        assert found["name"] == told["label"]
        assert set(found.get("alternateName", [])) == set(told.get("synonyms", []))  # type: ignore[call-overload]
        assert len(
            Graph().parse(data=json.dumps(found | {"@context": {"@vocab": "https://schema.org/"}}), format="json-ld")
        )


def test_the_page_of_a_term_says_so_in_its_head_and_others_do_not(client: FlaskClient) -> None:
    head = client.get("/page/disease/systemic-sclerosis").text.partition("</head>")[0]
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', head)
    assert found
    assert json.loads(found[1]) == schema_org.entity(shape(client, "disease/systemic-sclerosis"))
    for name in ("finding/zanatta-2020-01", "source/zanatta-2020"):
        assert 'ld+json">{' not in client.get(f"/page/{name}").text


def test_the_pages_of_the_sitemap_are_there(client: FlaskClient) -> None:
    addresses = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap.xml").text)
    one_of_each = {address.split("/")[4]: address for address in addresses if "/page/" in address}
    assert schema_org.TERMS | {"finding", "source", "study", "population", "disagreement"} <= one_of_each.keys()
    for address in [*addresses[:4], *one_of_each.values()]:
        assert client.get(address).status_code == 200, address


def test_the_kinds_are_classes_of_the_ontology() -> None:
    text = (ROOT / "ontology" / "calcikg.ttl").read_text(encoding="utf-8")
    assert {kind for kind in schema_org.TYPES if f"\nckg:{kind} a owl:Class" not in text} == set()


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", 'a & b\'s "c"', "]]>", "\u2028"])
def test_no_text_ends_the_element(text: str, client: FlaskClient) -> None:
    app: Flask = client.application
    with app.test_request_context():
        written = str(get_template_attribute("parts.html", "json_ld")({"name": text}))
    body = re.fullmatch(r'<script type="application/ld\+json">([^<]*)</script>', written)
    assert body
    assert json.loads(body[1]) == {"name": text}


def test_the_sitemap_lists_the_pages_on_the_dataset_and_every_entity(client: FlaskClient) -> None:
    reply = client.get("/sitemap.xml", base_url="https://kg.example.org/evidence")
    assert reply.mimetype == "application/xml"
    root = ET.fromstring(reply.data)
    assert root.tag == "{http://www.sitemaps.org/schemas/sitemap/0.9}urlset"
    addresses = [str(element.text) for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert addresses[:4] == [f"https://kg.example.org/evidence/{name}" for name in ("", "about", "methods", "glossary")]
    assert len(addresses) == len(set(addresses))
    assert "https://kg.example.org/evidence/page/treatment/colchicine" in addresses
    listed = client.get("/api/v1/entities?limit=500").json["items"]
    pages = {f"https://kg.example.org/evidence/page/{row['id']}" for row in listed}
    assert pages <= set(addresses)


def test_robots_are_kept_from_queries_and_shown_the_sitemap(client: FlaskClient) -> None:
    lines = client.get("/robots.txt", base_url="https://kg.example.org/evidence").text.splitlines(keepends=True)
    assert all(line.endswith("\n") for line in lines)
    lines = [line.strip() for line in lines]
    assert lines[0] == "User-agent: *"
    assert {line.removeprefix("Disallow: ") for line in lines[1:-1]} == {
        "/evidence/sparql?",
        "/evidence/graph-store",
        "/evidence/api/v1/",
    }
    assert lines[-1] == "Sitemap: https://kg.example.org/evidence/sitemap.xml"
