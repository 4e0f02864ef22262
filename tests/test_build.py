"""Building: reproducible, atomic, one at a time; a damaged snapshot is never served."""

import fcntl
import json
import multiprocessing
from pathlib import Path

import pytest
from conftest import client_of

import kg.build.snapshot as kg_build
from kg.build.current import is_current
from kg.build.dataset import Inputs
from kg.build.snapshot import build
from kg.errors import BuildBusyError, RecordsError, SnapshotError
from kg.export.prebuilt import prebuilt, write_exports
from kg.lock import locked
from kg.snapshot import CONTEXT, DATASET, EXPORTED, MANIFEST, METADATA, SEARCH, Snapshot, sha256


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_give_the_same_bytes(small_inputs: Inputs, small_data: Path, tmp_path: Path) -> None:
    """Pages and files of the ontology are the same by themselves: `test_ontology_page` has two processes write them."""
    first, second = Snapshot.open(small_data), build(tmp_path / "b", small_inputs)
    write_exports(second)
    assert files(first.path) == files(second.path)
    ontology = {f"ontology.{extension}" for extension in ("html", "ttl", "rdf", "jsonld", "nt")}
    kept = {DATASET, METADATA, CONTEXT, MANIFEST, SEARCH, EXPORTED}
    assert {name.split("/")[0] for name in files(first.path)} == kept | ontology
    listed = {*first.manifest["files"], *first.exported}
    assert listed == set(files(first.path)) - {MANIFEST, f"{EXPORTED}/{MANIFEST}"}


def test_the_manifest_tells_what_the_snapshot_holds(small_data: Path) -> None:
    snapshot = Snapshot.open(small_data)
    counts = {key: snapshot.counts[key] for key in ("findings", "sources", "entities", "mappings", "studies")}
    assert counts == {"findings": 3, "sources": 1, "entities": 5, "mappings": 5, "studies": 0}
    assert snapshot.manifest["files"][DATASET] == sha256(snapshot.path / DATASET)
    assert snapshot.version == snapshot.manifest["files"][METADATA][:12]
    lines = (snapshot.path / DATASET).read_text(encoding="utf-8").splitlines()
    assert "metadata" not in snapshot.counts["graphs"]
    assert len(lines) == snapshot.counts["triples"]


def test_a_failed_build_leaves_the_snapshot_before_it(small_inputs: Inputs, small_copy: Path) -> None:
    data, before = small_copy, Snapshot.open(small_copy)
    kept = files(before.path)
    record = small_inputs.seeds / "series.toml"
    record.write_text(record.read_text().replace("numerator = 4", "numerator = 400"))
    with pytest.raises(RecordsError, match="the numerator 400 does not fit the denominator 40"):
        build(data, small_inputs)
    assert Snapshot.open(data).version == before.version
    assert files(before.path) == kept
    assert sorted(path.name for path in data.iterdir()) == [".lock", "current", "snapshots"]


def test_an_error_while_writing_leaves_no_half_written_snapshot_and_two_whole_ones_are_kept(
    small_inputs: Inputs, small_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, versions = small_copy, [Snapshot.open(small_copy).version]
    record = small_inputs.seeds / "series.toml"
    before = record.read_text()
    record.write_text(before.replace("Excision is used", "Excision is tried"))

    def fail(_: Path) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(kg_build, "sync", fail)
        with pytest.raises(OSError, match="no space"):
            build(data, small_inputs)
    assert [path.name for path in (data / "snapshots").iterdir()] == versions
    assert Snapshot.open(data).version == versions[0]
    for word in ("tried", "given"):
        record.write_text(before.replace("Excision is used", f"Excision is {word}"))
        versions.append(build(data, small_inputs).version)
    assert len({*versions}) == 3
    assert sorted(path.name for path in (data / "snapshots").iterdir()) == sorted(versions[1:])


def test_a_build_notices_what_changed(small_inputs: Inputs, small_data: Path, tmp_path: Path) -> None:
    assert not is_current(tmp_path / "data", small_inputs)
    assert is_current(small_data, small_inputs)
    (small_inputs.ontology / "shapes" / "records.ttl").write_text("")
    assert not is_current(small_data, small_inputs)


def hold(path: Path, held: "multiprocessing.synchronize.Event", done: "multiprocessing.synchronize.Event") -> None:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held.set()
        done.wait(30)


def test_two_builds_cannot_collide(small_inputs: Inputs, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(data / ".lock", held, done))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(BuildBusyError, match="another build is running"):
            build(data, small_inputs)
    finally:
        done.set()
        other.join()
    with locked(data):  # it is free again
        pass


def test_a_damaged_snapshot_is_refused_and_built_again(small_inputs: Inputs, small_copy: Path) -> None:
    data, snapshot = small_copy, Snapshot.open(small_copy)
    for name in (DATASET, METADATA, CONTEXT, f"{SEARCH}/meta.json"):
        path = snapshot.path / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        with pytest.raises(SnapshotError, match=f"{name} is missing or differs from its manifest"):
            Snapshot.open(data)
        path.write_bytes(whole)
    path.write_bytes(whole[:-1])
    again = build(data, small_inputs)
    assert again.version == snapshot.version
    assert path.read_bytes() == whole


def test_a_damaged_export_is_never_sent_and_is_built_again(small_inputs: Inputs, small_copy: Path) -> None:
    snapshot = Snapshot.open(small_copy)
    path = snapshot.path / EXPORTED / "csv.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert prebuilt(Snapshot.open(small_copy), "csv") is None
    assert client_of(small_copy).get("/export/csv").data == whole
    write_exports(build(small_copy, small_inputs))
    assert path.read_bytes() == whole
    assert prebuilt(snapshot, "csv") == path


def test_a_missing_or_unreadable_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="there is no snapshot"):
        Snapshot.open(tmp_path)
    (tmp_path / "current").mkdir()
    (tmp_path / "current" / MANIFEST).write_text(json.dumps([])[:-1])
    with pytest.raises(SnapshotError, match=r"the manifest of .* is damaged"):
        Snapshot.open(tmp_path)


def test_a_snapshot_opens_as_an_rdflib_dataset(small_data: Path) -> None:
    snapshot = Snapshot.open(small_data)
    rows = snapshot.to_rdflib().query(
        "SELECT (COUNT(DISTINCT ?f) AS ?n) { ?f <https://w3id.org/calcikg/ontology/statement> ?s }"
    )
    assert [int(row[0]) for row in rows] == [snapshot.counts["findings"]]
