"""The page of downloads: what it tells of each file is true of the file."""

import hashlib
import shutil
from html.parser import HTMLParser
from pathlib import Path

from conftest import client_of
from flask.testing import FlaskClient

from api.data.exports import _EXAMPLES, _FAMILIES
from kg.export import EXPORTS
from kg.export.prebuilt import listed, write_exports
from kg.snapshot import EXPORTED, Snapshot


def test_every_format_is_listed_with_the_size_and_the_digest_of_its_file(
    client: FlaskClient, snapshot: Snapshot
) -> None:
    page = client.get("/downloads").text
    for row in EXPORTS.values():
        found = listed(snapshot, row.name)
        assert found is not None
        file, digest = found
        sent = client.get(f"/export/{row.name}")
        assert hashlib.sha256(sent.data).hexdigest() == digest
        assert len(sent.data) == file.stat().st_size == sent.content_length
        assert page.count(f'id="{row.name}"') == 1
        assert digest in page
    assert {row.family for row in EXPORTS.values()} == _FAMILIES.keys()
    assert _EXAMPLES.keys() <= EXPORTS.keys()


def test_until_exports_are_written_each_is_made_when_it_is_asked_for(small_copy: Path) -> None:
    snapshot = Snapshot.open(small_copy)
    shutil.rmtree(snapshot.path / EXPORTED)
    client = client_of(small_copy)
    made = {name: client.get(f"/export/{name}").data for name in EXPORTS}
    page = client.get("/downloads").text
    write_exports(snapshot)
    for name, content in made.items():
        found = listed(snapshot, name)
        assert found is not None
        assert hashlib.sha256(content).hexdigest() == found[1], name
        assert found[1] not in page
        assert found[1] in client.get("/downloads").text


def test_a_part_of_a_file_can_be_asked_for(client: FlaskClient) -> None:
    whole = client.get("/export/parquet")
    part = client.get("/export/parquet", headers={"Range": "bytes=4-9", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (206, whole.data[4:10])
    assert whole.headers["Accept-Ranges"] == "bytes"


def test_commands_of_the_page_name_this_host(client: FlaskClient) -> None:
    class Code(HTMLParser):
        text = ""

        def handle_data(self, data: str) -> None:
            self.text += data

    code = Code()
    code.feed(client.get("/downloads", headers={"Host": "data.example"}).text)
    assert "curl -o calcikg.gexf http://data.example/export/gexf" in code.text
