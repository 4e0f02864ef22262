"""Exports: by command and by HTTP the same, whole, and with what caches need."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from sssom.parsers import parse_sssom_table
from sssom.validators import validate
from test_cli import kg

from api import create_app
from api.admission import Places
from api.exports import nanopublication
from api.serving import InProcess, Served
from kg.dataset import Inputs
from kg.engine import FORMATS, EmbeddedEngine, Engine, Query
from kg.export import EXPORTS
from kg.prefixes import NANOPUB
from kg.settings import Settings
from kg.snapshot import Snapshot


@pytest.mark.parametrize("name", EXPORTS)
def test_the_command_and_the_route_give_the_same(
    name: str, client: FlaskClient, data_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "export"
    kg("export", name, "--out", file, "--data", data_folder)
    response = client.get(f"/export/{name}")
    assert response.data == file.read_bytes()
    assert response.content_type.partition(";")[0] == EXPORTS[name].media_type
    assert response.headers["Content-Disposition"].endswith(f'.{EXPORTS[name].extension}"')
    assert client.get(f"/export/{name}").data == response.data  # the second may come from the cache
    held = client.get(f"/export/{name}", headers={"If-None-Match": response.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")
    assert client.head(f"/export/{name}").headers["ETag"] == response.headers["ETag"]


def test_standard_output_is_where_an_export_goes(data_folder: Path, client: FlaskClient) -> None:
    assert kg("export", "sssom", "--data", data_folder).stdout.encode() == client.get("/export/sssom").data
    assert (
        kg("export", "sssom", "--out", "-", "--data", data_folder).stdout.encode() == client.get("/export/sssom").data
    )


def test_unknown_formats_are_refused(client: FlaskClient, data_folder: Path) -> None:
    assert "'docx' is none of" in kg("export", "docx", "--data", data_folder, code=2).stderr
    assert "is not a folder" in kg("export", "nq", "--out", "no/where", "--data", data_folder, code=2).stderr
    response = client.get("/export/docx")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_the_dataset_is_exported_as_it_is(client: FlaskClient, snapshot: Snapshot) -> None:
    assert client.get("/export/nq").data == b"".join(path.read_bytes() for path in snapshot.quads)


def test_the_nanopublications_are_one_trig_document(client: FlaskClient, engine: Engine) -> None:
    quads = list(ox.parse(client.get("/export/nanopub").data, format=ox.RdfFormat.TRIG))
    heads = {quad.graph_name for quad in quads if str(quad.graph_name).endswith("#Head>")}
    query = "SELECT ?f { ?f a <https://w3id.org/calcikg/ontology/Finding> }"
    assert len(heads) == len(engine.answer(Query(query), (FORMATS["csv"],)).read().split())  # header: the index


def test_a_nanopublication_of_one_finding(client: FlaskClient) -> None:
    with client.application.test_request_context():
        found = nanopublication("debulking-2021-30")
        assert nanopublication("no-such-finding") is None
    assert found
    assert found in client.get("/export/nanopub").data


def test_every_trusty_uri_leads_to_its_nanopublication(client: FlaskClient) -> None:
    quads = ox.parse(client.get("/export/nanopub").data, format=ox.RdfFormat.TRIG)
    codes = sorted({quad.graph_name.value.removeprefix(NANOPUB).removesuffix("#Head") for quad in quads} - {""})
    for code in [code for code in codes if "#" not in code]:
        response = client.get(f"/np/{code}")
        assert response.content_type == "application/trig"
        assert f"@prefix this: <{NANOPUB}{code}> .".encode() in response.data
    held = client.get(f"/np/{code}", headers={"If-None-Match": response.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")
    assert client.get(f"/np/{code[:-1]}").status_code == 404


def test_the_mappings_come_out_as_they_were_written(client: FlaskClient, tmp_path: Path) -> None:
    exported = tmp_path / "exported.sssom.tsv"
    exported.write_bytes(client.get("/export/sssom").data)
    written = parse_sssom_table(str(Inputs().ontology / "mappings" / "calcikg.sssom.tsv"))
    read = parse_sssom_table(str(exported))
    assert read.df.to_dict("records") == written.df.to_dict("records")
    assert read.metadata == written.metadata
    assert [
        result.message for report in validate(read, fail_on_error=False).values() for result in report.results
    ] == []


def test_plain_files_have_no_exports() -> None:
    bare = Served("files", EmbeddedEngine([]), None, Places(1, 1))
    client = create_app(Settings.read({"KG_RATE": "0"}), InProcess(bare)).test_client()
    for path in ("/export/nq", "/export/nanopub", "/np/RA", "/releases"):
        assert client.get(path).status_code == 404
    with client.application.test_request_context():
        assert nanopublication("debulking-2021-30") is None
