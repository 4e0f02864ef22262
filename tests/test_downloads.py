"""The dataset as one file: whole, in parts, confirmed; and where there is no snapshot."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.http.admission import Slots
from api.http.serving import InProcess, Served
from kg.engine.embedded import EmbeddedEngine
from kg.settings import Settings
from kg.snapshot import DATASET, Snapshot

ADDRESS = f"/download/{DATASET}"


def test_it_is_the_file_of_the_snapshot(client: FlaskClient, snapshot: Snapshot) -> None:
    with client.get(ADDRESS) as response:
        assert response.data == (snapshot.path / DATASET).read_bytes()
        assert response.headers["Content-Disposition"] == f"attachment; filename={DATASET}"
        assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=0-99", 0, 99), ("bytes=1000-1000", 1000, 1000), ("bytes=-7", -7, None)]
)
def test_a_part_is_sent(asked: str, first: int, last: int | None, client: FlaskClient, snapshot: Snapshot) -> None:
    whole = (snapshot.path / DATASET).read_bytes()
    with client.get(ADDRESS, headers={"Range": asked}) as response:
        part = whole[first:] if last is None else whole[first : last + 1]
        start = first % len(whole)
        assert (response.status_code, response.data) == (206, part)
        assert response.headers["Content-Range"] == f"bytes {start}-{start + len(part) - 1}/{len(whole)}"


def test_a_part_beyond_the_end_is_refused(client: FlaskClient, snapshot: Snapshot) -> None:
    response = client.get(ADDRESS, headers={"Range": "bytes=99999999999-"})
    assert (response.status_code, response.mimetype) == (416, "application/problem+json")
    assert response.headers["Content-Range"] == f"bytes */{(snapshot.path / DATASET).stat().st_size}"


def test_a_part_of_another_version_is_not_sent(client: FlaskClient, snapshot: Snapshot) -> None:
    """A download that was broken off goes on only with the same bytes (RFC 9110, section 13.1.5)."""
    tag = f'"{snapshot.manifest["files"][DATASET]}"'
    for sent, status in ((tag, 206), ('"another"', 200)):
        with client.get(ADDRESS, headers={"Range": "bytes=5-9", "If-Range": sent}) as response:
            assert response.status_code == status


def test_plain_files_have_neither_download_nor_description(tmp_path: Path) -> None:
    served = Served("plain", EmbeddedEngine([]), None, Slots(1, 1.0))
    plain = create_app(Settings.read({"KG_DATA": str(tmp_path)}), InProcess(served)).test_client()
    assert plain.get(ADDRESS).status_code == 404
    assert plain.get("/version/0.1.0").status_code == 404
    start = plain.get("/", headers={"Accept": "text/turtle"})
    assert (start.status_code, start.mimetype, start.headers.getlist("Link")) == (200, "text/html", [])
    assert b"ld+json" not in start.data
    assert plain.get("/linkset").json == {"linkset": [{"anchor": f"http://localhost{path}"} for path in PATHS]}


PATHS = ("/", ADDRESS, "/sparql", "/.well-known/void")
