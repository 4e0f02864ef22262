"""Builds and loads that are killed, or run out of room, at each step of their writing: what is there stays whole."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from conftest import copy_small_inputs
from test_load import convert

import kg.build.snapshot as building
import kg.cli
import kg.cli.build
import kg.cli.load
import kg.cli.serve
from api.runtime import Runtime
from crash.faults import FULL, KILL, READ_ONLY, End, run
from kg.build.dataset import Inputs
from kg.build.infer import _reason
from kg.build.snapshot import build
from kg.errors import LoadError, SnapshotError
from kg.export import prebuilt
from kg.files import lock, whole_file, whole_folder
from kg.load import loading
from kg.load.graphs import LoadedGraphs
from kg.prefixes import GRAPH
from kg.settings import Settings
from kg.snapshot import DATASET, MANIFEST, Snapshot

#: Every step when it is 1; else some of them, so that the suite stays short.
ALL = os.environ.get("KG_CRASH") == "1"


@dataclass(frozen=True)
class Prepared:
    """Two snapshots in data folders of their own, and the version of the second, which is built anew quickly."""

    before: Path
    after: Path
    version: str


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """From here on a build does all that it does to files, with the beginnings of what one has computed once."""
    folder = tmp_path_factory.mktemp("prepared")
    inputs = copy_small_inputs(folder)
    with pytest.MonkeyPatch.context() as patch:
        entries = building.read_entries
        patch.setattr(building, "read_entries", lambda engine: islice(entries(engine), 20))
        for name in ("derive", "check", "synthesise", "describe", "digests", "read_entries"):
            patch.setattr(building, name, once(getattr(building, name)))
        patch.setattr(building, "document", replayed(building.document, lambda staging, _: staging))
        patch.setattr(prebuilt, "_write", replayed(prebuilt._write, lambda folder, _: folder))
        patch.setattr(kg.cli.build, "inputs", lambda _: inputs)
        dataset, inferred = building.derive(inputs)
        building.check(dataset, inferred, inputs)  # a build does it in another process, whose memory is lost
        prebuilt.write_exports(build(folder / "whole", inputs))
        patch.setattr(building, "derive", lambda _: (replace(dataset, quads=dataset.quads[:300]), inferred[:300]))
        after = build(folder / "after", inputs)
        prebuilt.write_exports(after)
        yield Prepared(rename(folder / "after", folder / "before"), folder / "after", after.version)


def rename(data: Path, other: Path) -> Path:
    """Copy a data folder, under another version of its snapshot."""
    shutil.copytree(data, other, symlinks=True)
    version = Snapshot.open(other).version
    place = (other / "snapshots" / version).rename(other / "snapshots" / "before")
    (place / MANIFEST).write_text((place / MANIFEST).read_text().replace(f'"{version}"', '"before"', 1))
    (other / "current").unlink()
    (other / "current").symlink_to("snapshots/before")
    return other


def once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function return for ever what it returns first."""
    results: list[Any] = []

    def call(*arguments: Any) -> Any:
        if not results:
            result = function(*arguments)
            results.append(list(result) if isinstance(result, Iterator) else result)
        return results[0]

    return call


def replayed(function: Callable[..., Any], folder_of: Callable[..., Path]) -> Callable[..., None]:
    """Make a function write for ever the files that it writes first, or how they begin."""
    files: dict[Path, bytes] = {}

    def call(*arguments: Any) -> None:
        folder = folder_of(*arguments)
        if not files:
            there = {*folder.rglob("*")}
            function(*arguments)
            written = (path for path in folder.rglob("*") if path.is_file() and path not in there)
            files.update((path.relative_to(folder), path.read_bytes()[:1000]) for path in written)
        else:
            for name, content in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)

    return call


def command(*arguments: object) -> Callable[[], None]:
    """Return what runs a command as a user does."""

    def work() -> None:
        sys.argv = ["kg", *map(str, arguments)]
        kg.cli.main()

    return work


#: A folder whose files nobody reads before it has its place.
_OUT_OF_SIGHT = re.compile(r"/\.staging-|/\.exports\.|/\.store\.|/\.\.\./")


def some(steps: tuple[str, ...], others: int) -> list[int]:
    """Return the numbers of those steps in which a snapshot takes its place, and of a few others, or all."""
    every = range(len(steps))
    moves = [number for number in every if not _OUT_OF_SIGHT.search(steps[number])]
    return sorted({*moves[2:], *every[:: 1 if ALL else len(steps) // others]})


def make(prepared: Prepared, case: str, data: Path) -> Path:
    """Make a data folder anew in which the second snapshot is to be built."""
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(prepared.before if case == "another" else prepared.after, data, symlinks=True)
    there = (data / "current").resolve()
    if case == "damaged":
        make_damaged(data)
    if case == "outdated":
        manifest = there / MANIFEST
        manifest.write_text(manifest.read_text().replace('"calcikg": "', '"calcikg": "before '))
    return data


def make_damaged(data: Path) -> None:
    (data / "current" / DATASET).write_text("nothing")


def state(data: Path) -> str:
    """Return the version of the snapshot, or how it is damaged."""
    try:
        return Snapshot.open(data).version
    except SnapshotError as error:
        return "damaged" if "differs" in str(error) else str(error)


def assert_tidy(data: Path) -> None:
    assert [path.name for path in data.glob(".*") if path.name != ".lock"] == []
    assert [path.name for path in data.glob("*/.*")] == []


@pytest.mark.parametrize("case", ["another", "damaged", "outdated"])
def test_a_build_that_is_killed_leaves_a_whole_snapshot(
    case: str, prepared: Prepared, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    data = tmp_path / "data"
    building_ = command("build", "--out", data)
    before = state(make(prepared, case, data))
    steps = run(building_, data).steps
    tried, rebuilt = Counter[str](), 0
    numbers = some(steps, 2)
    if case != "another":  # what happens before is the same
        numbers = [number for number in numbers if number >= steps.index("os.mkdir /snapshots")]
    for number in numbers:
        make(prepared, case, data)
        killed = run(building_, data, KILL, number)
        assert killed.code == -9, killed.said
        found = state(data)
        assert found in (before, prepared.version), steps[number]
        tried[found] += 1
        if number % 5 == 0:
            assert (again := run(building_, data)).code == 0, again.said
            assert state(data) == prepared.version
            assert_tidy(data)
            rebuilt += 1
    record_property(
        "tried",
        f"build over {case} snapshot: {sum(tried.values())} kills at {len(steps)} steps, left {dict(tried)}; "
        f"{rebuilt} built again; lost: nothing",
    )


@pytest.mark.parametrize("fault", [FULL, READ_ONLY])
def test_a_build_without_room_ends_with_one_sentence(
    fault: str, prepared: Prepared, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    data = tmp_path / "data"
    building_ = command("build", "--out", data)
    before = state(make(prepared, "another", data))
    steps = run(building_, data).steps
    numbers = some(steps, 2)[:: 1 if fault == FULL else 3]
    for number in numbers:
        make(prepared, "another", data)
        assert_one_sentence(run(building_, data, fault, number), fault)
        assert state(data) in (before, prepared.version)
        if fault == FULL:
            assert_tidy(data)
    record_property(
        "tried", f"build, disk {fault} from one of {len(steps)} steps on: {len(numbers)} tried; lost: nothing"
    )


def assert_one_sentence(end: End, fault: str) -> None:
    reason = "No space left on device" if fault == FULL else "Read-only file system"
    assert end.code == 1, end.said
    assert end.said.count("\n") == 1, end.said
    # A thread of tantivy that cannot write keeps its reason to itself.
    assert reason in end.said or "the search index cannot be written" in end.said


def test_a_build_on_a_small_disk_ends_with_one_sentence(
    prepared: Prepared, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The kernel refuses the writes here, so those of libraries too."""
    data, needed = tmp_path / "data", sum(path.stat().st_size for path in prepared.after.rglob("*")) // 1024
    tried = 0
    for size in range(64, needed, needed // 40 if ALL else needed // 3):
        data.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "none", data]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("only root can mount a small file system")
        try:
            assert_one_sentence(run(command("build", "--out", data), data), FULL)
            assert_tidy(data)
        finally:
            subprocess.run(["umount", data], check=True)
        tried += 1
    record_property("tried", f"build on a disk of 64 to {needed} KiB: {tried} sizes; all ended with one sentence")


def test_a_folder_of_temporary_files_without_room_is_one_sentence(prepared: Prepared, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def work() -> None:
        tempfile.tempdir = str(temporary)
        try:
            _reason(set())
        except OSError as error:
            assert error.filename == str(temporary) or str(temporary) in error.filename
            print(error.strerror)
            raise SystemExit(1) from None

    steps = run(work, temporary).steps
    for number in range(len(steps)):
        if not steps[number].startswith("os.remove"):
            assert_one_sentence(run(work, temporary, FULL, number), FULL)
        assert list(temporary.iterdir()) == []


TRIPLES = ("<urn:a> <urn:b> <urn:c> .\n", "<urn:a> <urn:b> <urn:d> .\n")


@pytest.mark.parametrize("fault", [KILL, FULL, READ_ONLY])
def test_a_load_that_breaks_off_leaves_a_whole_graph(
    fault: str,
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr(loading, "_convert", convert)
    monkeypatch.setattr(kg.cli.load, "inputs", lambda _: Inputs(ontology=tmp_path))
    data, file = tmp_path / "data", tmp_path / "x.nt"
    work = command("load", file, "--graph", "urn:g", "--data", data)

    def begin() -> None:
        shutil.rmtree(data, ignore_errors=True)
        file.write_text(TRIPLES[0])
        assert (end := run(work, data)).code == 0, end.said
        file.write_text(TRIPLES[1])

    begin()
    steps = run(work, data).steps
    numbers = range(0, len(steps), 1 if ALL else 3)
    for number in numbers:
        begin()
        end = run(work, data, fault, number)
        if fault == KILL:
            assert end.code == -9
        elif fault == READ_ONLY or end.code:  # what is left to do on a full disk may need no room
            assert_one_sentence(end, fault)
        graphs = LoadedGraphs(data)
        (graph,) = graphs
        assert {*graphs.lines(graph)} <= {line.replace(" .", " <urn:g> .") for line in TRIPLES}
        assert len([*graphs.lines(graph)]) == 1
        assert run(work, data).code == 0
        assert len([*(data / "loaded").iterdir()]) == 2
    record_property("tried", f"load, {fault} at {len(numbers)} of {len(steps)} steps; lost: nothing")


def test_a_file_or_folder_that_is_written_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    file, site = folder / "a.csv", folder / "site"

    def work() -> None:
        with whole_file(file) as written:
            written.write(b"new")
        with whole_folder(site) as part:
            (part / "page").write_text("new")
        runtime.publish("new", site)

    def begin() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        site.mkdir(parents=True)
        for path in (file, site / "page"):
            path.write_text("old")
        runtime.publish("old", None)

    runtime = Runtime(folder)
    begin()
    for fault in (KILL, FULL, READ_ONLY):
        for number in range(0, len(run(work, folder).steps), 1 if ALL else 3):
            begin()
            assert run(work, folder, fault, number).code != 0
            assert {file.read_text(), (site / "page").read_text()} <= {"old", "new"}
            assert runtime.data(runtime.current()) in (None, site)
            assert run(work, folder).code == 0
            assert sorted(path.name for path in folder.iterdir()) == sorted(
                ["a.csv", "site", "metrics", "current", "new.data", "old.data"]
            )


@pytest.mark.parametrize(
    "arguments", [("query",), ("diff", "current"), ("export", "csv"), ("export", "csv", "--out", "/dev/full")], ids=str
)
def test_output_that_has_no_room_is_one_sentence(
    arguments: tuple[str, ...], prepared: Prepared, tmp_path: Path
) -> None:
    folder = tmp_path / "nothing"

    def work() -> None:
        sys.stdin = io.StringIO("SELECT * { ?s ?p ?o } LIMIT 9")
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO("/dev/full", "w")))
        command(*arguments, "--data", prepared.after)()

    assert_one_sentence(run(work, folder), FULL)


def test_the_last_whole_snapshot_is_served_when_none_can_be_built(
    prepared: Prepared, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    settings = Settings.read({"KG_DATA": str(data)})
    make(prepared, "another", data)
    shutil.copytree(prepared.after / "snapshots", data / "snapshots", dirs_exist_ok=True)
    (data / "loaded").mkdir()
    about = {
        "graph": f"{GRAPH}external/g",
        "files": [],
        "triples": 1,
        "licence": None,
        "version": None,
        "file": "missing.nq.gz",
    }
    for description, reason in (("{", "is damaged"), (json.dumps(about), "missing.nq.gz is missing or damaged")):
        (data / "loaded" / "g.json").write_text(description)
        kg.cli.serve._build(settings)
        (line,) = capsys.readouterr().err.splitlines()
        assert reason in line
        assert line.endswith("before is served, the last whole one")
    make_damaged(data)
    kg.cli.serve._build(settings)
    assert f"{prepared.version} is served" in capsys.readouterr().err
    (data / "current").unlink()
    assert Snapshot.last_whole(data).version == prepared.version
    shutil.rmtree(data / "snapshots")
    with pytest.raises(LoadError):
        kg.cli.serve._build(settings)


def test_a_snapshot_that_a_service_serves_stays(prepared: Prepared, tmp_path: Path) -> None:
    data = tmp_path / "data"
    make(prepared, "another", data)
    for age, name in enumerate(("last", "old", "served")):
        shutil.copytree(data / "snapshots" / "before", data / "snapshots" / name)
        os.utime(data / "snapshots" / name, (-age, -age))
    held = lock(data / "snapshots" / "served", shared=True)
    building._prune(data)
    assert {path.name for path in (data / "snapshots").iterdir()} == {"before", "last", "served"}
    os.close(held)
