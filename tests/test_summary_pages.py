"""The summary of findings as it is served: as JSON, as pages, to embed, and to download."""

import csv
import io
import json
from typing import Any

import lxml.html
import pytest
from extracts import ask
from fhir.resources.bundle import Bundle
from flask.testing import FlaskClient
from openpyxl import load_workbook

from api.rest.models import SummaryRow
from kg.engine import Engine
from kg.read.labels import Labels
from kg.read.summary import summarised

API = "/api/v1"
TABLES = ("prevalence", "risk-factors")


@pytest.fixture(scope="module")
def treatment(engine: Engine) -> str:
    """The treatment with the most results."""
    rows = summarised(Labels(engine))["treatment"]
    return str(max(rows, key=lambda one: (one["with_results"], one["id"]))["id"])


@pytest.fixture(scope="module", params=["treatment", *TABLES])
def name(request: pytest.FixtureRequest, treatment: str) -> str:
    """The last part of the address of a table."""
    return treatment.partition("/")[2] if request.param == "treatment" else str(request.param)


def rows_of(client: FlaskClient, name: str) -> list[Any]:
    query = f"table={name}" if name in TABLES else f"treatment=treatment/{name}"
    found: list[Any] = client.get(f"{API}/summary?limit=500&{query}").json["items"]
    return found


def test_the_api_gives_what_a_query_gives(client: FlaskClient, engine: Engine, name: str) -> None:
    rows = [SummaryRow.model_validate(row) for row in rows_of(client, name)]
    assert rows
    for row in rows:
        (said,) = ask(
            engine,
            f"SELECT ?studies ?words ?results {{ <{row.iri}> ckg:studyCount ?studies ; ckg:plainWords ?words ;"
            " ckg:inputCount ?results }",
        )
        assert (said["studies"], said["words"], said["results"]) == (row.studies, row.sentence, row.results)
        assert len(row.findings) == row.results
        assert row.favourable + row.no_difference + row.unfavourable + row.undecided == row.results
        assert row.results + row.opinions + row.without_result == len(row.considered)


def test_rows_come_in_the_order_of_their_places(client: FlaskClient, name: str) -> None:
    assert [row["place"] for row in rows_of(client, name)] == [*range(1, len(rows_of(client, name)) + 1)]


def test_the_page_has_a_row_for_each_question_with_a_result(client: FlaskClient, name: str) -> None:
    table = lxml.html.fromstring(client.get(f"/summary/{name}").text).find(".//table")
    rows = rows_of(client, name)
    shown = table.xpath(".//tr[th[@scope='row']]")
    assert len(shown) == sum(row["results"] > 0 for row in rows)
    assert table.find("caption") is not None
    assert {cell.get("scope") for cell in table.xpath(".//th")} <= {"row", "col", "rowgroup"}
    text = table.text_content().replace("\u00a0", " ")
    for row in rows:
        assert all(line in text for line in row["effect"])
    # A figure that cannot be set beside others is told by what its finding says of it.
    others = {id_ for row in rows for id_ in row["other_figures"]}
    assert others or name in TABLES
    for id_ in others:
        assert client.get(f"{API}/findings/{id_.partition('/')[2]}").json["statement"] in text


def test_each_result_with_a_figure_is_in_its_row(client: FlaskClient, engine: Engine, name: str) -> None:
    for row in rows_of(client, name):
        others = set(row["other_figures"])
        assert others <= set(row["findings"])
        beside = {one[end]["finding"] for one in row["figures"] for end in ("lowest", "highest")}
        assert not others & beside
        assert others == {one for one in others if _has_figure(client, one)}


def _has_figure(client: FlaskClient, id_: str) -> bool:
    finding = client.get(f"{API}/findings/{id_.partition('/')[2]}").json
    return bool(finding.keys() & {"value", "lower", "upper", "numerator"})


def test_a_table_to_embed_has_no_script_and_may_be_framed(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/summary/{name}/embed")
    page = lxml.html.fromstring(answer.text)
    assert not page.xpath("//script | //link | //img")
    assert page.find(".//style") is not None
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "default-src 'none'" in policy
    assert all(link.startswith("http") for link in page.xpath("//a/@href"))
    assert "Licence: CC BY 4.0" in page.text_content()


def test_tables_to_download_have_the_same_rows(client: FlaskClient, name: str) -> None:
    rows = rows_of(client, name)
    as_csv = list(csv.DictReader(io.StringIO(client.get(f"/summary/{name}/table.csv").text)))
    query = f"table={name}" if name in TABLES else f"treatment=treatment/{name}"
    assert as_csv == list(csv.DictReader(io.StringIO(client.get(f"{API}/summary?limit=500&format=csv&{query}").text)))
    assert [row["iri"] for row in as_csv] == [row["iri"] for row in rows]
    assert [row["in plain words"] for row in as_csv] == [row["sentence"] for row in rows]
    book = load_workbook(io.BytesIO(client.get(f"/summary/{name}/table.xlsx").data))
    sheet = book["Summary of findings"]
    names = [cell.value for cell in sheet[1]]
    column = names.index("iri") + 1
    assert [sheet.cell(place, column).value for place in range(2, sheet.max_row + 1)] == [row["iri"] for row in rows]
    assert {cell.value for cell in book["About"]["A"]} >= {"citation", "license", *names}


def test_the_bundle_is_valid_fhir_and_has_every_row(client: FlaskClient, name: str) -> None:
    given = json.loads(client.get(f"/summary/{name}/table.fhir.json").data)
    Bundle.model_validate(given)
    there = {entry["fullUrl"]: entry["resource"] for entry in given["entry"]}
    rows = rows_of(client, name)
    report = given["entry"][0]["resource"]
    assert [section["title"] for section in report["section"]] == [row["label"] for row in rows]
    for section in report["section"]:
        assert all(one["reference"] in there for one in section.get("entryReference", ()))
    for row in rows:
        if row["results"]:
            certainty = there[row["iri"]]["certainty"]
            assert not any("rating" in one for one in certainty) or row["ratings"]
            statistics = there[row["iri"]]["statistic"]
            assert all(
                one["estimate"] in [each.get("quantity", {}).get("value") for each in statistics]
                for one in row["pooled"]
            )


def test_the_page_of_a_treatment_has_the_table(client: FlaskClient, treatment: str) -> None:
    page = lxml.html.fromstring(client.get(f"/page/{treatment}").text)
    section = page.get_element_by_id("summary-of-findings")
    rows = rows_of(client, treatment.partition("/")[2])
    assert len(section.xpath(".//tr[th[@scope='row']]")) == sum(row["results"] > 0 for row in rows)


def test_the_index_leads_to_every_table(client: FlaskClient, engine: Engine) -> None:
    links = lxml.html.fromstring(client.get("/summary").text).xpath("//main//a/@href")
    names = {one["id"].partition("/")[2] for one in summarised(Labels(engine))["treatment"]}
    assert {link.rpartition("/")[2] for link in links if "/summary/" in link} == names | set(TABLES)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/summary/nobody", 404),
        ("/summary/prevalence?colour=red", 400),
        (f"{API}/summary", 200),
        (f"{API}/summary?table=prevalence&treatment=treatment/surgery", 400),
        (f"{API}/summary?table=weather", 400),
        (f"{API}/summary?treatment=treatment/nobody", 400),
        (f"{API}/summary?treatment=outcome/pain", 400),
    ],
)
def test_what_is_not_there_is_said(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status
