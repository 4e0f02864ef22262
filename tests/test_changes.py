"""Changes between snapshots: the patch gives exactly the newer one, the changelog says what it means."""

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from conftest import copy_small_inputs
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from test_cli import kg

from api.app import create_app
from kg.build.snapshot import build
from kg.changes import read_changelog, read_patch, to_html, to_text
from kg.changes.changelog import Changelog
from kg.changes.rows import Changed, Mapped, Named
from kg.settings import Settings
from kg.snapshot import DATASET, MANIFEST, METADATA, Snapshot

IRIS = st.sampled_from(["urn:a", "urn:b", "urn:é", "https://w3id.org/calcikg/id/site/hand"]).map(ox.NamedNode)
TEXTS = st.text(st.characters(codec="utf-8")) | st.sampled_from(["\u2028", "\u0085", "\r\n", "\\", '"', "\t"])
QUADS = st.builds(ox.Quad, IRIS | st.just(ox.BlankNode("b")), IRIS, IRIS | TEXTS.map(ox.Literal), IRIS)


def frozen(folder: Path, version: str, quads: Iterable[ox.Quad]) -> Snapshot:
    """Write quads as a build writes them."""
    (folder / version).mkdir()
    text = "".join(sorted({f"{quad} .\n" for quad in quads}))
    (folder / version / DATASET).write_text(text, encoding="utf-8", newline="\n")
    (folder / version / METADATA).write_bytes(b"")
    return Snapshot(folder / version, {"version": version})


def lines(snapshot: Snapshot) -> list[str]:
    return b"".join(path.read_bytes() for path in snapshot.quads).decode().split("\n")


@given(st.sets(QUADS, max_size=20), st.sets(QUADS, max_size=20), st.sets(QUADS, max_size=20))
def test_the_patch_applied_to_the_old_quads_gives_the_new_ones(
    tmp_path_factory: pytest.TempPathFactory, common: set[ox.Quad], old: set[ox.Quad], new: set[ox.Quad]
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    before, after = frozen(folder, "before", common | old), frozen(folder, "after", common | new)
    quads, operations = common | old, 0
    *header, begin = b"".join(read_patch(before, after)).decode().split("\n")[:3]
    assert [re.sub("[0-9a-f-]{36}", "ID", line) for line in header] == ["H id <uuid:ID> .", "H prev <uuid:ID> ."]
    assert begin == "TX ."
    for line in b"".join(read_patch(before, after)).decode().split("\n")[3:-2]:
        (quad,) = ox.parse(line[2:], format=ox.RdfFormat.N_QUADS)
        assert (quad in quads) == (line[0] == "D")  # every operation has an effect
        quads = quads - {quad} if line[0] == "D" else quads | {quad}
        operations += 1
    assert quads == common | new
    assert operations == len((common | old) ^ (common | new))
    shutil.rmtree(folder)


@given(st.sets(QUADS, max_size=12), st.sets(QUADS, max_size=12))
def test_rdflib_applies_the_patch(
    tmp_path_factory: pytest.TempPathFactory, old: set[ox.Quad], new: set[ox.Quad]
) -> None:
    """A reader other than ours; it renames the blank nodes of N-Quads, so there are none."""
    folder = tmp_path_factory.mktemp("changes")
    plain = [{quad for quad in quads if isinstance(quad.subject, ox.NamedNode)} for quads in (old, new)]
    before, after = frozen(folder, "before", plain[0]), frozen(folder, "after", plain[1])
    patched, expected = rdflib.Dataset(), rdflib.Dataset()
    patched.parse(before.path / DATASET, format="nquads")
    patched.parse(data=b"".join(read_patch(before, after)).decode(), format="patch")
    expected.parse(after.path / DATASET, format="nquads")
    assert set(patched.quads()) == set(expected.quads())
    shutil.rmtree(folder)


def replaced(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


ADDED = """
[[findings]]
id = "finding/series-04"
type = "ComplicationFinding"
subject = "treatment/excision"
predicate = "hasComplication"
object = "complication/infection"
statement = "Infection was rare <after> excision."
site = ["site/foot"]
locator = {section = "Results", words = 3, sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
"""
ENTITIES = """
[[entities]]
id = "site/foot"
type = "AnatomicalSite"
label = "foot"
definition = "The part of the leg below the ankle."

[[entities]]
id = "disagreement/infection"
type = "Disagreement"
label = "infection"
question = "How often does infection follow excision?"
description = "The one figure is a fifth, the other is said to be rare; neither says how infection was looked for."
reason = ["unstated"]
status = "open"
sides = [
    {label = "20%", involves = ["finding/series-01"]},
    {label = "rare", involves = ["finding/series-04"]},
]
"""


@pytest.fixture(scope="module")
def built(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two snapshots, not to be changed."""
    inputs = copy_small_inputs(tmp_path_factory.mktemp("inputs"))
    folder = shutil.copytree(small_data, tmp_path_factory.mktemp("data") / "build", symlinks=True)
    series, entities = inputs.seeds / "series.toml", inputs.seeds / "entities.toml"
    replaced(
        series,
        ("value = 10\nnumerator = 4\n", "value = 20\nnumerator = 8\n"),
        ('predicate = "treats"', 'predicate = "treats"\nstudyDesign = "randomisedTrial"'),
        ("is used against", "is done against"),
    )
    text = series.read_text(encoding="utf-8")
    start = text.index('[[findings]]\nid = "finding/series-02"')
    end = text.index('[[findings]]\nid = "finding/series-03"')
    series.write_text(text[:start] + text[end:] + ADDED, encoding="utf-8")
    replaced(entities, ('label = "hand"', 'label = "the hand"'))
    entities.write_text(entities.read_text(encoding="utf-8") + ENTITIES, encoding="utf-8")
    replaced(
        inputs.ontology / "mappings" / "good.sssom.tsv",
        ("ckgid:site/finger\tfinger\tskos:exactMatch", "ckgid:site/finger\tfinger\tskos:closeMatch"),
        ("ckgid:site/hand\thand\t", "ckgid:site/hand\tthe hand\t"),
    )
    with (inputs.ontology / "mappings" / "good.sssom.tsv").open("a", encoding="utf-8") as file:
        file.write("ckgid:site/foot\tfoot\tskos:exactMatch\tsssom:NoTermFound\t\tsemapv:ManualMappingCuration\n")
    build(folder, inputs)
    return folder


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    """A copy of the data folder."""
    return shutil.copytree(built, tmp_path / "data", symlinks=True)


@pytest.fixture
def snapshots(data: Path) -> tuple[Snapshot, Snapshot]:
    """The older and the newer one."""
    new, old = Snapshot.all(data)
    assert new.path == (data / "current").resolve()
    return old, new


def test_the_changelog_has_each_kind_of_change(snapshots: tuple[Snapshot, Snapshot]) -> None:
    old, new = snapshots
    before, after = set(lines(old)), set(lines(new))
    infection = "Infection followed excision of calcinosis in some."
    excision = "Excision is done against calcinosis."
    assert read_changelog(old, new) == Changelog(
        old=old.version,
        new=new.version,
        quads={"added": len(after - before), "withdrawn": len(before - after)},
        estimates_added=[],
        estimates_withdrawn=[],
        estimates_changed=[],
        estimates_renamed=[],
        methods_changed=[],
        findings_added=[Named("finding/series-04", "Infection was rare <after> excision.")],
        findings_withdrawn=[
            Named("finding/series-02", "Infection was as frequent after excision as without it."),
        ],
        findings_value=[
            Changed("finding/series-01", infection, "numerator", ("4",), ("8",)),
            Changed("finding/series-01", infection, "value", ("10",), ("20",)),
        ],
        findings_level=[
            Changed("finding/series-03", excision, "evidenceLevel", ("ocebm-4",), ("ocebm-2",)),
            Changed("finding/series-03", excision, "studyDesign", ("caseSeries",), ("randomisedTrial",)),
        ],
        findings_other=[
            Changed("finding/series-03", excision, "statement", ("Excision is used against calcinosis.",), (excision,))
        ],
        disagreements_added=[Named("disagreement/infection", "infection")],
        disagreements_withdrawn=[],
        disagreements_changed=[],
        entities_added=[Named("site/foot", "foot")],
        entities_withdrawn=[],
        entities_renamed=[Changed("site/hand", "the hand", "label", ("hand",), ("the hand",))],
        mappings_added=[
            Mapped("site/finger", "UBERON:0002389", "skos:closeMatch"),
            Mapped("site/foot", "sssom:NoTermFound"),
        ],
        mappings_withdrawn=[Mapped("site/finger", "UBERON:0002389", "skos:exactMatch")],
    )


def test_backwards_what_was_added_is_withdrawn(snapshots: tuple[Snapshot, Snapshot]) -> None:
    forth, back = read_changelog(*snapshots), read_changelog(*reversed(snapshots))
    for name in ("findings", "disagreements", "entities", "mappings"):
        assert getattr(forth, f"{name}_added") == getattr(back, f"{name}_withdrawn")
        assert getattr(forth, f"{name}_withdrawn") == getattr(back, f"{name}_added")
    assert [(row.after, row.before) for row in back.findings_value] == [
        (row.before, row.after) for row in forth.findings_value
    ]


def test_nothing_changed_from_a_snapshot_to_itself(snapshots: tuple[Snapshot, Snapshot]) -> None:
    log = read_changelog(snapshots[1], snapshots[1])
    assert log.quads == {"added": 0, "withdrawn": 0}
    assert len(list(to_text(log))) == 1
    assert "No pooled result" in to_html(log)
    assert b"".join(read_patch(snapshots[1], snapshots[1])).count(b"\n") == 4


def test_the_patch_of_a_build_gives_the_new_file(snapshots: tuple[Snapshot, Snapshot]) -> None:
    old, new = snapshots
    found = set(lines(old)) - {""}
    for line in b"".join(read_patch(old, new)).decode().split("\n"):
        if line[:2] == "A ":
            found.add(line[2:])
        elif line[:2] == "D ":
            found.remove(line[2:])
    assert found == set(lines(new)) - {""}


def test_the_command_writes_every_format(data: Path, snapshots: tuple[Snapshot, Snapshot]) -> None:
    old, new = snapshots
    log = read_changelog(old, new)
    assert "  finding/series-01: numerator: 4 -> 8 (" in kg("diff", old.version, "--data", data).stdout
    assert kg("diff", old.path, new.version, "--data", data).stdout == "\n".join([*to_text(log), ""])
    written = json.loads(kg("diff", old.version, "current", "--format", "json", "--data", data).stdout)
    assert written == json.loads(json.dumps(log.to_json()))
    page = kg("diff", old.version, "--format", "html", "--data", data).stdout
    assert "Infection was rare &lt;after&gt; excision." in page
    assert "<del>10</del> <ins>20</ins>" in page
    patch = kg("diff", old.path, data, "--format", "patch", "--data", "nowhere").stdout
    assert patch.encode() == b"".join(read_patch(old, new))


def test_a_missing_or_damaged_snapshot_is_refused(data: Path, snapshots: tuple[Snapshot, Snapshot]) -> None:
    assert "there is no snapshot 'x'" in kg("diff", "x", "--data", data, code=1).stderr
    with (snapshots[0].path / DATASET).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert "differs from its manifest" in kg("diff", snapshots[0].version, "--data", data, code=1).stderr


@pytest.fixture
def client(data: Path) -> FlaskClient:
    return create_app(Settings.read({"KG_DATA": str(data), "KG_RATE": "0"})).test_client()


def test_releases_are_listed_with_what_changed(client: FlaskClient, snapshots: tuple[Snapshot, Snapshot]) -> None:
    old, new = snapshots
    log = json.loads(json.dumps(read_changelog(old, new).to_json()))
    response = client.get("/releases?format=json")
    assert response.json["current"] == new.version
    assert response.json["changes"] == log
    assert [(item["version"], item["findings"]) for item in response.json["items"]] == [
        (new.version, 3),
        (old.version, 3),
    ]
    page = client.get("/releases", headers={"Accept": "text/html"})
    assert page.content_type == "text/html; charset=utf-8"
    assert old.version in page.text
    assert "Infection was rare &lt;after&gt; excision." in page.text


def test_changes_between_any_two_in_each_format(client: FlaskClient, snapshots: tuple[Snapshot, Snapshot]) -> None:
    old, new = snapshots
    path = f"/releases/{new.version}/{old.version}"
    assert client.get(path, headers={"Accept": "application/json"}).json["findings_added"][0]["id"] == (
        "finding/series-02"
    )
    patch = client.get(path, headers={"Accept": "application/rdf-patch"})
    assert patch.data == b"".join(read_patch(new, old))
    assert patch.content_type == "application/rdf-patch"
    assert client.get(path).content_type.startswith("text/html")
    held = client.get(path, headers={"Accept": "application/json", "If-None-Match": patch.headers["ETag"]})
    assert held.status_code == 200  # another format is another answer
    held = client.get(path + "?format=patch")
    assert client.get(path + "?format=patch", headers={"If-None-Match": held.headers["ETag"]}).status_code == 304


def test_unknown_releases_are_problems(client: FlaskClient, snapshots: tuple[Snapshot, Snapshot]) -> None:
    missing = client.get(f"/releases/{snapshots[0].version}/000000000000")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    assert client.get("/releases/../..").status_code == 404
    assert client.get("/releases?format=docx").status_code == 406


def test_a_snapshot_that_is_removed_while_it_is_read(client: FlaskClient, snapshots: tuple[Snapshot, Snapshot]) -> None:
    old, new = snapshots
    (old.path / DATASET).unlink()
    missing = client.get(f"/releases/{new.version}/{old.version}")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    assert "try again" in missing.json["detail"]


def test_a_snapshot_alone_has_nothing_to_be_compared_with(
    data: Path, snapshots: tuple[Snapshot, Snapshot], client: FlaskClient
) -> None:
    (snapshots[0].path / MANIFEST).unlink()
    assert client.get("/releases?format=json").json["changes"] is None
    assert "no earlier snapshot" in client.get("/releases").text
