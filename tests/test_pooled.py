"""Pooled results as pages and files: every figure with its inputs, what was left out, and nothing that is not so."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from extracts import extract_of, written
from fhir.resources.bundle import Bundle
from fhir.resources.evidence import Evidence
from flask.testing import FlaskClient
from lxml import html
from openpyxl import load_workbook

from kg.engine import Engine
from kg.snapshot import Snapshot

API = "/api/v1"
SVG = "{http://www.w3.org/2000/svg}"
FILES = ("studies.csv", "forest.svg", "reproduce.R", "reproduce.py", "evidence.json")


@pytest.fixture(scope="module")
def results(whole_client: FlaskClient) -> dict[str, Any]:
    """Every pooled result of the whole dataset, by its slug."""
    items = whole_client.get(f"{API}/pooled?limit=500").json["items"]
    return {one["id"].partition("/")[2]: one for one in items}


@pytest.fixture(scope="module")
def slug(results: dict[str, Any]) -> str:
    """The result that has most studies and leaves most out."""
    return max(results, key=lambda slug: (len(results[slug]["studies"]), len(results[slug]["omitted"])))


def page(client: FlaskClient, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, path
    return html.document_fromstring(response.text)


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def links(element: Any) -> list[str]:
    return [link.rpartition("/")[2] for link in element.xpath(".//a[contains(@href, '/page/finding/')]/@href")]


def test_each_result_has_a_page_with_its_sentence_its_studies_and_what_was_left_out(
    whole_client: FlaskClient, results: dict[str, Any]
) -> None:
    assert results
    for slug, one in results.items():
        document = page(whole_client, f"/page/pooled/{slug}")
        assert words(document.xpath("//p[@class='lead']")[0]) == one["sentence"]
        rows = document.xpath("//section[@id='studies']//tbody/tr")
        assert sorted(name for row in rows for name in links(row)) == sorted(
            study["id"].partition("/")[2] for study in one["studies"]
        )
        for row in rows:
            (study,) = (study for study in one["studies"] if study["id"].endswith(f"/{links(row)[0]}"))
            said = words(row)
            assert study["source"]["label"] in said
            if "events" in study:
                assert f"{study['events']:,} of {study['total']:,}" in said
            else:
                assert f"{study['effect']:.4f}, {study['error']:.4f}" in said
        left = {links(row)[0]: row for row in document.xpath("//section[@id='omitted']//tbody/tr")}
        assert sorted(left) == [finding["id"].partition("/")[2] for finding in one["omitted"]]
        for finding in one["omitted"]:
            name, *overlapping = links(left[finding["id"].partition("/")[2]])
            assert overlapping == [other.partition("/")[2] for other in finding["overlaps_with"]], name
            told = left[name].xpath(".//abbr/@title")
            assert [reason["meaning"] for reason in finding["reasons"]] == told[-len(finding["reasons"]) :]
        for program in one["computed_with"]:
            assert program in words(document.xpath("//section[@id='method']")[0])
        assert one["formula"] in document.xpath("//section[@id='method']//code")[0].text


def test_what_is_left_out_can_be_asked_for_in_sparql(whole_engine: Engine, results: dict[str, Any]) -> None:
    rows = whole_engine.select(
        """PREFIX ckg: <https://w3id.org/calcikg/ontology/>
        SELECT ?result ?finding ?reason { ?result a/rdfs:subClassOf ckg:PooledResult ; ckg:omission ?omission .
          ?omission ckg:omits ?finding ; ckg:because ?reason }""".replace(
            "PREFIX ckg", "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX ckg", 1
        )
    )
    asked = {tuple(row[name].rpartition("/")[2] for name in ("result", "finding", "reason")) for row in rows}
    given = {
        (slug, finding["id"].partition("/")[2], reason["id"])
        for slug, one in results.items()
        for finding in one["omitted"]
        for reason in finding["reasons"]
    }
    assert asked == given and given


def test_what_is_pooled_shares_nobody_with_what_stands_for_it(results: dict[str, Any]) -> None:
    for one in results.values():
        pooled = {study["id"] for study in one["studies"]}
        for finding in one["omitted"]:
            assert finding["id"] not in pooled
            assert finding["reasons"] and set(finding["overlaps_with"]) <= pooled


@pytest.mark.parametrize("order", ["year", "size", "name"])
def test_the_order_of_studies_is_chosen_by_a_link(
    order: str, whole_client: FlaskClient, slug: str, results: Any
) -> None:
    studies = {study["id"].partition("/")[2]: study for study in results[slug]["studies"]}
    document = page(whole_client, f"/page/pooled/{slug}")
    addresses = document.xpath("//a[contains(@href, 'order=')]/@href")
    assert [address.rpartition("=")[2] for address in addresses] == ["size", "name"]  # the first is what is shown
    document = page(whole_client, f"/page/pooled/{slug}?order={order}")
    assert not document.xpath("//main//script[not(@type='application/ld+json')]")
    shown = [studies[links(row)[0]] for row in document.xpath("//section[@id='studies']//tbody/tr")]
    keys = {
        "year": lambda study: study.get("year", 9999),
        "size": lambda study: -(study.get("total") or study.get("people") or 0),
        "name": lambda study: study["source"]["label"].lower(),
    }
    assert shown == sorted(shown, key=keys[order])
    drawn = document.xpath("//*[local-name()='svg' and contains(@class, 'forest')]//*[local-name()='a']/@href")
    assert [link.rpartition("/")[2] for link in drawn] == [study["id"].partition("/")[2] for study in shown]


def test_an_order_that_is_none_is_refused(whole_client: FlaskClient, slug: str) -> None:
    assert whole_client.get(f"/page/pooled/{slug}?order=colour").status_code == 400
    assert whole_client.get("/page/site/hand?order=year").status_code == 400


def test_each_result_has_its_files(whole_client: FlaskClient, results: dict[str, Any]) -> None:
    for slug in results:
        listed = page(whole_client, f"/page/pooled/{slug}").xpath("//section[@id='cite']//li/a/@href")
        assert [link.rpartition("/")[2] for link in listed][: len(FILES)] == list(FILES)
        for link in listed:
            response = whole_client.get(link)
            assert response.status_code == 200 and response.headers["ETag"], link
    assert whole_client.get(f"/data/pooled/{slug}/nothing").status_code == 404
    assert whole_client.get("/data/pooled/nothing/studies.csv").status_code == 404


def test_the_table_of_studies_has_what_was_pooled(whole_client: FlaskClient, results: dict[str, Any]) -> None:
    for slug, one in results.items():
        rows = list(csv.DictReader(io.StringIO(whole_client.get(f"/data/pooled/{slug}/studies.csv").text)))
        assert [row["finding"] for row in rows] == [study["id"] for study in one["studies"]]
        for row, study in zip(rows, one["studies"], strict=True):
            given = {"events": "events", "total": "total", "effect": "effect", "error": "standard_error"}
            for key, column in given.items():
                assert row[column] == (str(study[key]) if key in study else ""), column
            assert (row["basis"], row["source"]) == (study["basis"], study["source"]["id"])


def test_the_plot_as_a_file_needs_nothing_else(whole_client: FlaskClient, results: dict[str, Any]) -> None:
    for slug, one in results.items():
        response = whole_client.get(f"/data/pooled/{slug}/forest.svg")
        assert "style-src 'unsafe-inline'" in response.headers["Content-Security-Policy"]
        picture = ElementTree.fromstring(response.data)
        assert [child.tag for child in picture][:2] == [f"{SVG}title", f"{SVG}style"]
        assert picture[0].text == one["label"]
        assert one["sentence"].split()[-1] in [
            text for each in picture.iter(f"{SVG}text") for text in str(each.text).split()
        ]
        style = str(picture[1].text)
        assert "var(" not in style and ".forest .diamond {" in style and ".picture .bounds {" in style
        drawn = {link.get("href", "") for link in picture.iter(f"{SVG}a")}
        assert all(link.startswith("http") for link in drawn) and len(drawn) == len(one["studies"])


def test_the_fhir_resource_has_both_intervals_and_no_rating(whole_client: FlaskClient, results: dict[str, Any]) -> None:
    for slug, one in results.items():
        given = whole_client.get(f"/data/pooled/{slug}/evidence.json").json
        Evidence.model_validate(given)
        assert "certainty" not in given
        assert (given["url"], given["description"]) == (one["iri"], one["sentence"])
        assert given["synthesisType"]["coding"][0]["code"] == "std-MA"
        (statistic,) = given["statistic"]
        assert statistic["quantity"]["value"] == one["estimate"]
        assert statistic["sampleSize"]["numberOfStudies"] == len(one["studies"])
        assert statistic["sampleSize"].get("numberOfParticipants") == one.get("people")
        ends = [part["range"] for part in statistic["attributeEstimate"] if "range" in part]
        assert [(end["low"]["value"], end["high"]["value"]) for end in ends] == [
            (one[lower], one[upper])
            for lower, upper in (("lower", "upper"), ("prediction_lower", "prediction_upper"))
            if lower in one
        ]
        model, spread = statistic["modelCharacteristic"]
        assert model["code"]["coding"][-1]["code"] == one["method"]
        assert (spread["code"]["coding"][-1]["code"], spread["value"]["value"]) == ("tauSquared", one["tau_squared"])
        derived = [part["resourceReference"]["reference"].rpartition("/id/")[2] for part in given["relatedArtifact"]]
        assert sorted(derived) == sorted(study["id"] for study in one["studies"])


@pytest.fixture(scope="module")
def phenotypes() -> tuple[str, str]:
    """A filter that selects all findings of most pooled results."""
    return "predicate", "hasPhenotype"


def test_a_bundle_has_what_was_pooled_of_its_findings_and_nothing_else(
    whole: Snapshot, whole_engine: Engine, results: dict[str, Any], phenotypes: tuple[str, str]
) -> None:
    bundle = json.loads(written("fhir", extract_of(whole, whole_engine, phenotypes)))
    Bundle.model_validate(bundle)
    resources = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    assert len(resources) == len(bundle["entry"])
    pooled = {url: one for url, one in resources.items() if "synthesisType" in one}
    assert set(pooled) == {one["iri"] for one in results.values() if one["predicate"] == "hasPhenotype"}
    for one in pooled.values():
        for part in one["relatedArtifact"]:
            assert resources[part["resourceReference"]["reference"]]["resourceType"] == "Evidence"
        for part in one["variableDefinition"]:
            assert resources[part["observed"]["reference"]]["resourceType"] == "EvidenceVariable"


def test_a_workbook_has_a_sheet_of_pooled_results(
    whole: Snapshot, whole_engine: Engine, results: dict[str, Any], phenotypes: tuple[str, str]
) -> None:
    book = load_workbook(io.BytesIO(written("xlsx", extract_of(whole, whole_engine, phenotypes))))
    assert book.sheetnames == ["Findings", "Pooled", "About"]
    header, *rows = book["Pooled"].iter_rows(values_only=True)
    table = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert set(table) == {one["id"] for one in results.values() if one["predicate"] == "hasPhenotype"}
    for name, row in table.items():
        one = results[name.partition("/")[2]]
        keys = ("sentence", "estimate", "lower", "upper", "tau_squared", "i_squared", "people", "unit")
        assert [row[key] for key in keys] == [one.get(key) for key in keys]
        assert row["inputs"].split("; ") == [study["id"] for study in one["studies"]]
        assert row["studies"] == len(one["studies"])
    meanings = {row[0] for row in book["About"].iter_rows(values_only=True)}
    assert set(header) <= meanings
