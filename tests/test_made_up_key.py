"""A key that is added to the ontology comes out everywhere, with no change of code: it stands in one list."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import calcikg_client
import openpyxl
import pyarrow.parquet as pq
import pyld.jsonld
import pytest
import requests
from conftest import Client, copy_small_inputs
from flask.testing import FlaskClient
from requests.adapters import HTTPAdapter

from api.app import create_app
from kg.build.dataset import Inputs
from kg.build.snapshot import build
from kg.export import EXPORTS
from kg.prefixes import ONTOLOGY
from kg.settings import Settings

PROPERTIES = """
ckg:followUpYears a owl:DatatypeProperty ;
    rdfs:label "years of follow-up" ;
    skos:definition "For how many years the people were followed." ;
    rdfs:domain ckg:Finding ;
    rdfs:range xsd:decimal ;
    a owl:FunctionalProperty .

ckg:performedAt a owl:ObjectProperty ;
    rdfs:label "performed at" ;
    skos:definition "A second site, at which the treatment was performed." ;
    rdfs:domain ckg:Finding ;
    rdfs:range ckg:AnatomicalSite ;
    a owl:FunctionalProperty .
"""
YEARS = 7.25
#: Formats that hold no figures of findings: relations between entities, references, and mappings.
WITHOUT_FIGURES = {name for name, row in EXPORTS.items() if row.family in ("network", "references", "mappings")}
API = "/api/v1"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """A small dataset whose ontology has two keys more, which one finding uses."""
    inputs = copy_small_inputs(tmp_path_factory.mktemp("made-up"))
    ontology = inputs.ontology / "calcikg.ttl"
    ontology.write_text(ontology.read_text(encoding="utf-8") + PROPERTIES, encoding="utf-8")
    source = inputs.seeds / "series.toml"
    head, finding, rest = source.read_text(encoding="utf-8").partition("[[findings]]\n")
    source.write_text(f'{head}{finding}followUpYears = {YEARS}\nperformedAt = "site/hand"\n{rest}', encoding="utf-8")
    return inputs


@pytest.fixture(scope="module")
def client(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    data = tmp_path_factory.mktemp("data")
    build(data, inputs)
    app = create_app(Settings.read({"KG_DATA": str(data), "KG_RATE": "0"}))
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture(scope="module")
def finding(client: FlaskClient) -> dict[str, Any]:
    [found] = [one for one in client.get(f"{API}/findings").json["items"] if "follow_up_years" in one]
    return found


def test_json(client: FlaskClient, finding: dict[str, Any]) -> None:
    assert (finding["follow_up_years"], finding["performed_at"]["id"]) == (YEARS, "site/hand")
    assert list(finding)[-2:] == ["follow_up_years", "performed_at"], "keys without a place come last"
    described = client.get(f"{API}/openapi.json").json["components"]["schemas"]["Finding"]["properties"]
    assert described["follow_up_years"]["type"] == "number"
    assert described["performed_at"]["properties"].keys() == {"id", "iri", "type", "label"}


def test_json_ld(client: FlaskClient, finding: dict[str, Any]) -> None:
    context = client.get(f"{API}/context.jsonld").json
    [expanded] = pyld.jsonld.expand({**context, **finding})
    assert expanded[f"{ONTOLOGY}followUpYears"] == [{"@value": YEARS}]
    assert expanded[f"{ONTOLOGY}performedAt"][0]["@id"].endswith("id/site/hand")


@pytest.mark.parametrize("address", [f"{API}/findings?format=csv", "/export/csv"])
def test_csv(client: FlaskClient, finding: dict[str, Any], address: str) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get(address).text)))
    [row] = [row for row in rows if row["id"] == finding["id"]]
    assert (row["follow_up_years"], row["performed_at.id"], row["performed_at.label"]) == ("7.25", "site/hand", "hand")


def test_spreadsheet(client: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/export/xlsx").data))
    names, *rows = book["Findings"].iter_rows(values_only=True)
    assert YEARS in [row[names.index("follow_up_years")] for row in rows]
    meanings = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert meanings["follow_up_years"] == "For how many years the people were followed"


def test_parquet(client: FlaskClient) -> None:
    table = pq.read_table(io.BytesIO(client.get("/export/parquet").data))
    assert YEARS in table["follow_up_years"].to_pylist()
    assert "site/hand" in table["performed_at.id"].to_pylist()


@pytest.mark.parametrize(("name", "member"), [("kgx", "edges.tsv"), ("neo4j", "findings.csv")])
def test_zipped_tables(client: FlaskClient, finding: dict[str, Any], name: str, member: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/export/{name}").data))
    [path] = [one for one in archive.namelist() if one.endswith(member)]
    text = archive.read(path).decode()
    assert "follow_up_years" in text.splitlines()[0]
    assert str(YEARS) in text
    assert "performed_at" in "".join(archive.read(one).decode() for one in archive.namelist()).lower()


def test_fhir(client: FlaskClient) -> None:
    bundle = client.get("/export/fhir").json
    found = list(_with_url(bundle, f"{ONTOLOGY}followUpYears"))
    assert [one["valueDecimal"] for one in found] == [YEARS]
    assert len(list(_with_url(bundle, f"{ONTOLOGY}performedAt"))) == 1


def test_every_other_format(client: FlaskClient) -> None:
    """RDF and nanopublications hold what the graph holds; formats without figures say that they have none."""
    for name, row in EXPORTS.items():
        if name in ("xlsx", "parquet", "kgx", "neo4j"):
            continue
        text = client.get(f"/export/{name}").data.decode()
        assert (str(YEARS) in text) == (name not in WITHOUT_FIGURES), name
        assert row.family != "network" or "figures" in row.loses, name


def test_page(client: FlaskClient, finding: dict[str, Any]) -> None:
    page = client.get(f"/page/{finding['id']}").text
    assert "Years of follow-up" in page and str(YEARS) in page
    assert "Performed at" in page and 'href="/page/site/hand"' in page


def test_filter(client: FlaskClient, finding: dict[str, Any]) -> None:
    found = client.get(f"{API}/findings?performed_at=site/hand").json
    assert [one["id"] for one in found["items"]] == [finding["id"]]
    assert finding["statement"] in client.get("/page/finding?performed_at=site/hand").text


def _with_url(node: Any, url: str) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("url") == url:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _with_url(one, url)


def test_python_client(client: FlaskClient, finding: dict[str, Any]) -> None:
    class InProcess(HTTPAdapter):
        """Asks the application itself."""

        def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
            given = client.get(request.path_url)
            answer = requests.Response()
            answer.status_code, answer._content = given.status_code, given.data
            return answer

    service = calcikg_client.Client("http://localhost")
    service._session.mount("http://", InProcess())
    table = service.findings()
    assert str(table["follow_up_years"].dtype) == "float64"
    assert table.loc[finding["id"], ["follow_up_years", "performed_at", "performed_at_id"]].tolist() == [
        YEARS, "hand", "site/hand",
    ]  # fmt: skip
