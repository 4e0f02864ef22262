"""Stores on disk, for datasets that are too large for memory: the same quads, filled once, never a half."""

import os
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import running, service
from test_cli import kg
from test_service import children_of

from kg import plain
from kg.build.dataset import Inputs
from kg.build.snapshot import build
from kg.engine import FORMATS, Query, stores
from kg.engine.embedded import EmbeddedEngine
from kg.errors import BuildBusyError, SnapshotError
from kg.files import lock
from kg.lock import locked
from kg.snapshot import DATASET, STORE, Snapshot

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def get(address: str, query: str) -> str:
    """Return the answer of a service as CSV."""
    url = f"{address}/sparql?{urllib.parse.urlencode({'query': query, 'format': 'csv'})}"
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


def zygotes(supervisor: int) -> dict[str, int]:
    """Return the zygotes of a service, by the name of the file that they read first, or of the store."""
    command = ["pgrep", "--list-full", "--parent", str(supervisor), "--full", "zygote"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {
        next(Path(each).name for each in line.split() if Path(each).name in (STORE, DATASET)): int(line.split()[0])
        for line in listed.splitlines()
    }


def quads_on_disk(folder: Path) -> list[ox.Quad]:
    return list(ox.Store.read_only(str(folder)))


def canonical(quads: Iterable[ox.Quad]) -> ox.Dataset:
    """Return quads with names of blank nodes that follow from what is said of them, in each graph and in all."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_files_of_any_format_are_written_as_they_are_read(mark: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.ttl").write_bytes(mark + b"<#a> <#is> _:x . _:x <#in> 'one' .")
    (tmp_path / "two.trig").write_bytes(mark + b"<urn:g> { _:x <#in> 'two' }")
    (tmp_path / "three.owl").write_bytes(
        mark + b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Seq r:about="#s"/></r:RDF>'
    )
    paths = [tmp_path / name for name in ("one.ttl", "two.trig", "three.owl")]
    stores.write(tmp_path / "store", paths, union=False)
    query = Query("SELECT ?s ?p ?o ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER(!isBlank(?s)) }")
    engines = EmbeddedEngine.open(tmp_path / "store", union=False), EmbeddedEngine.from_files(paths, union=False)
    rows, expected = (engine.answer(query, (FORMATS["csv"],)).read().decode().splitlines() for engine in engines)
    assert len(rows) == 3
    assert [row.split(",")[0] for row in sorted(rows)] == [row.split(",")[0] for row in sorted(expected)]
    # Blank nodes of two files differ, whatever their labels.
    assert (
        engines[0].answer(Query("ASK { ?x ?p 'one' GRAPH ?g { ?x ?q 'two' } }"), (FORMATS["csv"],)).read() == b"false\n"
    )


def test_a_snapshot_that_is_too_large_for_memory_is_read_from_its_store(
    small: Snapshot, small_inputs: Inputs, tmp_path: Path
) -> None:
    large = build(tmp_path / "large", small_inputs, in_memory=0)
    assert not small.has_store()
    assert large.on_disk
    # The description and the search index are the same, too.
    assert large.manifest == small.manifest | {"on_disk": True}
    assert canonical(quads_on_disk(large.path / STORE)) == canonical(
        stores.in_memory(stores.read(large.quads), union=True)
    )
    with service(tmp_path / "large") as (address, _):
        assert get(address, COUNT) == small.engine().answer(Query(COUNT), (FORMATS["csv"],)).read().decode()


def test_a_service_fills_a_store_once(tmp_path: Path) -> None:
    file, data = tmp_path / "one.nt", tmp_path / "data"
    file.write_text("<urn:a> <urn:b> <urn:c> .\n")
    arguments = ("-m", "kg.cli", "serve", "--port", "{port}", "--dataset", str(file))
    states = []
    for _ in range(2):
        with running(*arguments, KG_IN_MEMORY="0", KG_DATA=str(data)) as (address, _):
            (folder,) = (data / "stores").iterdir()
            assert get(address, COUNT) == "n\r\n1\r\n"
            assert urllib.request.urlopen(f"{address}/sparql").headers["ETag"]
            with pytest.raises(BlockingIOError):
                lock(folder)
            states.append(sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob("*.sst")))
    assert states[0] == states[1] != []


def test_another_file_has_another_store_and_two_stay(tmp_path: Path) -> None:
    file, data = tmp_path / "one.nt", tmp_path / "data"
    folders = []
    for number in range(4):
        file.write_text(f"<urn:a> <urn:b> <urn:{number}> .\n")
        os.utime(file, (0, 0))
        folders.append(plain.stored(data, [file]))
        os.utime(folders[-1], (number, number))
        if number == 1:
            held = lock(folders[1], shared=True)
    assert plain.stored(data, [file]) == folders[3]
    os.utime(folders[3], (3, 3))
    assert {path.name for path in (data / "stores").iterdir()} == {folder.name for folder in folders[1:]}
    os.close(held)
    assert plain.stored(data, [file]) == folders[3]
    assert {path.name for path in (data / "stores").iterdir()} == {folder.name for folder in folders[2:]}
    with locked(data), pytest.raises(BuildBusyError):
        plain.stored(data, [file])


def test_a_file_that_cannot_be_read_leaves_no_store(tmp_path: Path) -> None:
    file, data = tmp_path / "one.ttl", tmp_path / "data"
    file.write_text("<urn:a> <urn:b> <urn:c> .\nthis is no Turtle")
    with pytest.raises(SnapshotError, match=r"one.ttl cannot be loaded: .*line 2"):
        plain.stored(data, [file])
    assert list((data / "stores").iterdir()) == []


def test_a_damaged_store_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, data = tmp_path / "one.nt", tmp_path / "data"
    file.write_text("<urn:a> <urn:b> <urn:c> .\n")
    folder = plain.stored(data, [file])
    (folder / "CURRENT").write_text("nothing")
    monkeypatch.setenv("KG_IN_MEMORY", "0")
    monkeypatch.setenv("KG_DATA", str(data))
    ended = kg("serve", "--port", "0", "--dataset", file, code=1)
    assert f"{folder} is damaged; remove it" in ended.stderr
    shutil.rmtree(folder)
    assert (plain.stored(data, [file]) / "CURRENT").read_text() != "nothing"


def test_a_service_answers_from_disk_until_the_dataset_is_in_memory(small_copy: Path) -> None:
    snapshot = Snapshot.open(small_copy)
    with service(small_copy, fills_store=True):  # beside the exports, for the next one
        for _ in range(600):
            if snapshot.has_store():
                break
            time.sleep(0.1)
    assert snapshot.has_store()
    expected = snapshot.engine().answer(Query(COUNT), (FORMATS["csv"],)).read().decode()
    assert snapshot.engine(at_once=True).answer(Query(COUNT), (FORMATS["csv"],)).read().decode() == expected
    with service(small_copy, KG_CACHE="0.001") as (address, process):
        assert STORE in zygotes(process.pid)
        while not (found := zygotes(process.pid)).get(DATASET) or not children_of(found[DATASET]):
            assert get(address, COUNT) == expected
        for _ in range(30):  # while one takes the place of the other
            assert get(address, COUNT) == expected
    (snapshot.path / STORE / "CURRENT").write_text("nothing")
    with service(small_copy) as (address, process):
        assert get(address, COUNT) == expected
        assert [*zygotes(process.pid)] == [DATASET]
