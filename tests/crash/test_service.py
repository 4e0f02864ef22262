"""A service without room for temporary files, or without its files; and one whose processes are killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import copy_small_inputs
from test_service import children_of, service, wait_until

from kg.build.snapshot import build

QUERY = "/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D"
#: One address of each kind: monitoring, queries, pages, search, REST, files of the snapshot.
PATHS = (
    "/healthz",
    "/readyz",
    "/metrics",
    QUERY,
    "/",
    "/search?q=colchicine",
    "/page/treatment/excision",
    "/api/v1/findings",
    "/export/csv",
    "/download/dataset.nq",
    "/ontology",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small snapshot."""
    folder = tmp_path_factory.mktemp("small")
    build(folder / "data", copy_small_inputs(folder))
    return folder / "data"


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for temporary files; of 16 MB, where we may mount."""
    folder = tmp_path_factory.mktemp("temporary")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", folder], check=False, capture_output=True
    )
    yield folder
    if mounted.returncode == 0:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def running(data: Path, temporary: Path) -> Iterator[tuple[str, int]]:
    """A service over the snapshot, and the process id of its supervisor."""
    with service(data, TMPDIR=str(temporary)) as (address, process):
        yield address, process.pid


def processes(supervisor: int, module: str) -> list[int]:
    """Return the processes that the newest process of a module has forked: web processes, or workers."""
    parents = [pid for pid in children_of(supervisor) if module in Path(f"/proc/{pid}/cmdline").read_text()]
    return children_of(parents[-1])


def status(address: str, path: str) -> int:
    """Return the status of an answer that is read to its end."""
    try:
        with urllib.request.urlopen(address + path, timeout=20) as response:
            response.read()
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.read()
        return error.code


def statuses(address: str, times: int = 1) -> dict[str, set[int]]:
    """Return the statuses of all paths, asked so often that each web process answers."""
    return {path: {status(address, path) for _ in range(times)} for path in PATHS}


WELL = {path: {200} for path in PATHS}


def test_a_full_folder_of_temporary_files_stops_nothing(running: tuple[str, int], temporary: Path) -> None:
    address, supervisor = running
    if not os.path.ismount(temporary):
        pytest.skip("only root can mount a small file system")
    assert status(address, "/healthz") == 200
    fill = temporary / "fill"
    with contextlib.suppress(OSError), fill.open("wb", buffering=0) as file:
        while file.write(b"0" * 2**16):
            pass
    assert statuses(address, 6) == WELL
    for process in processes(supervisor, "api.webs"):  # those that take their places start without room
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: status_or_none(address, "/readyz") == 200)
    assert statuses(address, 6) == WELL
    fill.unlink()


def status_or_none(address: str, path: str) -> int | None:
    try:
        return status(address, path)
    except OSError:
        return None


@pytest.mark.parametrize("pattern", ["*.data", "current", "*.sock", "metrics", "*", ""])
def test_what_a_cleaner_removes_comes_back(pattern: str, running: tuple[str, int], temporary: Path) -> None:
    address, _ = running
    (folder,) = temporary.glob("kg-*")
    for path in folder.glob(pattern) if pattern else [folder]:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    assert status(address, "/readyz") == 200
    wait_until(lambda: all(any(folder.glob(name)) for name in ("current", "*.data", "*.sock", "metrics")))
    assert statuses(address) == WELL


def test_all_web_processes_answer_alike_when_the_snapshot_is_removed(running: tuple[str, int], data: Path) -> None:
    """Queries go on, since workers hold the dataset; all else says what is missing, until it is back."""
    address, supervisor = running
    snapshots = data / "snapshots"
    snapshots.rename(data / "removed")
    gone = {path: {200 if path in ("/healthz", "/metrics", QUERY) else 503} for path in PATHS}
    assert statuses(address, 6) == gone
    web, other = processes(supervisor, "api.webs")
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: {web} != {*processes(supervisor, "api.webs")} - {other} != set())
    assert statuses(address, 6) == gone
    (data / "removed").rename(snapshots)
    assert statuses(address, 6) == WELL
