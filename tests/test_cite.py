"""The box "Cite": how to cite a page, and as many references as the export with the same filters has."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from kg.snapshot import Snapshot

LISTS = "/page/finding?about=site/hand&kind=outcome&max_level=4"
PAGES = [
    "/page/finding/debulking-2021-30",
    "/page/source/nct02663895",
    "/page/source/bsr2024",
    "/page/study/valenzuela-2016",
    "/page/treatment/colchicine",
    "/page/site/hand",
    "/page/population/debulking-2021-patients",
    "/page/disagreement/infection-after-surgery",
    "/page/question/progression-of-calcinosis",
    "/page/finding",
    LISTS,
    "/page/source?treatment=treatment/sodium-thiosulfate",
    "/page/population?about=site/hand",
    "/compare?treatment=treatment/colchicine&treatment=treatment/minocycline",
    "/compare?treatment=treatment/colchicine&treatment=treatment/surgery&outcome=outcome/pain",
]


def box(client: FlaskClient, path: str) -> Any:
    """Return the box of a page; None where there is none."""
    answer = client.get(path)
    assert answer.status_code == 200
    found = html.fromstring(answer.text).xpath("//details[@class='cite']")
    assert len(found) <= 1
    return found[0] if found else None


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def references(found: Any) -> dict[str, str]:
    return {link.text: link.get("href") for link in found.xpath("p[@class='take']/a")}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_as_many_references_as_its_export(path: str, whole_client: FlaskClient) -> None:
    found = box(whole_client, path)
    links = references(found)
    assert list(links) == ["RIS", "BibTeX", "CSL-JSON"]
    items = json.loads(whole_client.get(links["CSL-JSON"]).data)
    plural = "s" if len(items) != 1 else ""
    assert f"References: {len(items)} source{plural} — RIS, BibTeX, CSL-JSON" in words(found)
    assert whole_client.get(links["RIS"]).text.count("\r\nER  - ") == len(items)
    assert whole_client.get(links["BibTeX"]).text.count("\n}\n") == len(items)


def test_every_pooled_result_cites_the_sources_of_its_studies(whole_client: FlaskClient) -> None:
    for result in whole_client.get("/api/v1/pooled?limit=500").json["items"]:
        links = references(box(whole_client, f"/page/{result['id']}"))
        items = json.loads(whole_client.get(links["CSL-JSON"]).data)
        assert {one["id"] for one in items} >= {
            one["source"]["id"].removeprefix("source/") for one in result["studies"]
        }


def test_a_comparison_cites_what_it_shows(whole_client: FlaskClient) -> None:
    chosen = "treatment=treatment/colchicine&treatment=treatment/surgery"
    compared = whole_client.get(f"/api/v1/compare?{chosen}").json
    cells = [cell for row in compared["rows"] for cell in row["cells"]]
    shown = {
        one["source"]["id"] for cell in cells for group in ("findings", "elsewhere") for one in cell.get(group, ())
    }
    links = references(box(whole_client, f"/compare?{chosen}"))
    items = json.loads(whole_client.get(links["CSL-JSON"]).data)
    assert {f"source/{one['id']}" for one in items} == shown


def test_a_finding_is_cited_by_its_statement_its_address_and_its_iri(
    whole_client: FlaskClient, whole: Snapshot
) -> None:
    text = words(box(whole_client, "/page/finding/debulking-2021-30"))
    assert text.startswith(
        "Cite this page calcikg contributors. “Of 39 people with scleroderma who had calcinosis debulking"
    )
    assert f"snapshot {whole.version}. http://localhost/page/finding/debulking-2021-30. IRI:" in text
    assert "https://w3id.org/calcikg/id/finding/debulking-2021-30" in text


def test_a_list_is_cited_with_its_filters_at_the_host_that_was_asked(whole_client: FlaskClient) -> None:
    answer = whole_client.get(LISTS, headers={"Host": "data.example"}).text
    found = html.fromstring(answer).xpath("//details[@class='cite']")[0]
    assert "“Findings: hand, outcome, level 4 or better.”" in words(found)
    assert found.xpath("p/a/text()")[0] == "http://data.example/page/finding?about=site/hand&kind=outcome&max_level=4"


@pytest.mark.parametrize(
    "path",
    [
        "/page/function/counts",
        "/page/treatment",
        "/page/disagreement",
        "/compare",
        "/page/finding?source=bsr2024&figure=yes",
    ],
)
def test_where_nothing_can_be_cited_there_is_no_box(path: str, whole_client: FlaskClient) -> None:
    assert box(whole_client, path) is None


def test_a_question_whose_answer_names_no_source_is_cited_alone(whole_client: FlaskClient) -> None:
    found = box(whole_client, "/page/question/synonyms-of-the-subtypes")
    assert "IRI: https://w3id.org/calcikg/id/question/synonyms-of-the-subtypes" in words(found)
    assert references(found) == {}
