"""A service without room for temporary files, or without its files; and one whose processes are killed."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_service import children_of, service, wait_until

from api.http.admission import SharedMemory
from api.runtime import allocate
from api.supervisor import _Served
from crash.test_writing import ALL
from kg.files import lock

NOBODY: Any = None
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
def data(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small snapshot."""
    return shutil.copytree(small_data, tmp_path_factory.mktemp("small") / "data", symlinks=True)


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
    with service(data, TMPDIR=str(temporary), KG_CACHE="1", KG_QUEUE_TIMEOUT="60") as (address, process):
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


def test_an_access_log_without_room_ends_nothing(data: Path) -> None:
    with Path("/dev/full").open("wb") as full, service(data, full.fileno(), KG_ACCESS_LOG="1") as (address, _):
        assert statuses(address, 6) == WELL


@pytest.mark.parametrize("has_memory_files", [True, False])
def test_counts_without_room_are_in_memory_where_the_system_can(
    has_memory_files: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "missing" / "counts"
    if has_memory_files:
        assert SharedMemory(10, nowhere).bytes[:] == bytes(10)
    else:
        monkeypatch.delattr(os, "memfd_create")
        with pytest.raises(OSError, match="missing"):
            SharedMemory(10, nowhere)


def test_what_is_allocated_keeps_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "counts"
    file.write_bytes(b"1")
    for size in (3, 2):
        descriptor = allocate(file, size)
        assert os.pread(descriptor, 4, 0) == b"1\0\0"
        os.close(descriptor)


def status_or_none(address: str, path: str) -> int | None:
    try:
        return status(address, path)
    except OSError:
        return None


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it in one step: the service brings it back at any moment."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path.rename(path.with_name("removed")))
    else:
        path.unlink()


@pytest.mark.parametrize("names", [("*.data", "current"), ("metrics", "*.sock"), ("",)], ids=str)
def test_what_a_cleaner_removes_comes_back(names: tuple[str, ...], running: tuple[str, int], temporary: Path) -> None:
    address, _ = running
    (folder,) = temporary.glob("kg-*")
    for path in [path for name in names for path in (folder.glob(name) if name else [folder])]:
        remove(path)
    wait_until(lambda: status(address, "/readyz") == 200)  # at once, or 503 before: no answer ends the test
    wait_until(lambda: all(any(folder.glob(name)) for name in ("current", "*.data", "*.sock", "metrics")))
    assert statuses(address) == WELL
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(BlockingIOError):  # else the next service would take it for one that was left
        lock(folder)


def test_what_a_cleaner_removes_before_it_is_seen_comes_back(running: tuple[str, int], temporary: Path) -> None:
    """A supervisor that only looks for a new socket would wait for it for ever."""
    address, supervisor = running
    (folder,) = temporary.glob("kg-*")
    before = set(children_of(supervisor))
    (socket,) = folder.glob("*.sock")
    socket.unlink()
    wait_until(lambda: not before.issuperset(children_of(supervisor)))  # new workers load the dataset
    os.kill(supervisor, signal.SIGSTOP)
    try:
        wait_until(socket.exists)
        remove(folder)
    finally:
        os.kill(supervisor, signal.SIGCONT)
    wait_until(socket.exists)
    assert statuses(address) == WELL


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("removed"), Path.touch], ids=["removed", "empty"])
def test_metrics_leave_out_counts_that_are_just_removed_or_made(
    make: Callable[[Path], None], running: tuple[str, int], temporary: Path
) -> None:
    (folder,) = temporary.glob("kg-*")
    listed = folder / "metrics" / "counter_0.db", folder / "0.ended"
    for path in listed:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        make(path)
    assert status(running[0], "/metrics") == 200
    for path in listed:
        path.unlink()


def test_a_zygote_waits_for_its_folder(tmp_path: Path) -> None:
    file, address = tmp_path / "names.nt", tmp_path / "removed" / "s.sock"
    file.write_text('<urn:a> <urn:name> "first" .')
    code = f"""if True:
        import pathlib, time
        from kg.engine import zygote
        sleep = time.sleep
        def restore(seconds):
            pathlib.Path({str(address.parent)!r}).mkdir(exist_ok=True)
            sleep(seconds)
        time.sleep = restore
        zygote.main([{str(address)!r}, "1", "{2**28}", "plain", "as-sent", {str(file)!r}])"""
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        wait_until(lambda: address.exists() or process.poll() is not None)
        assert address.exists()
        process.terminate()


def test_a_snapshot_is_locked_until_the_last_of_its_workers_end(tmp_path: Path) -> None:
    first = _Served("first", (), tmp_path, NOBODY, lock(tmp_path, shared=True))
    second = first.renewed(NOBODY)
    first.unlock()
    with pytest.raises(BlockingIOError):
        lock(tmp_path)
    second.unlock()
    os.close(lock(tmp_path))


def test_workers_that_are_killed_lose_nothing(
    running: tuple[str, int], record_property: Callable[[str, object], None]
) -> None:
    address, supervisor = running
    killed, answers = 0, Counter[int]()
    while killed < (300 if ALL else 100):
        for worker in processes(supervisor, "kg.engine.zygote"):
            with contextlib.suppress(ProcessLookupError):  # what loaded the dataset may just have ended by itself
                os.kill(worker, signal.SIGKILL)
                killed += 1
        answers[status(address, f"{QUERY}%23{killed}")] += 1  # a query of its own, which no cache answers
    record_property("tried", f"{killed} workers killed, a query after each four: {dict(answers)}")
    assert set(answers) == {200}


def test_many_requests_leave_nothing_behind(
    running: tuple[str, int], record_property: Callable[[str, object], None]
) -> None:
    address, supervisor = running
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)

    def ask(start: int, number: int) -> None:
        for each in range(start, start + number):
            # Every second one is a query that no cache answers, or an address that is nowhere.
            path = (PATHS[each % len(PATHS)], f"{QUERY}%23{each}", f"/nowhere/{each}")[each % 4 % 3]
            connection.request("GET", path)
            connection.getresponse().read()
            if each % 50 == 0:
                connection.close()  # the next one reaches another web process, maybe

    def held() -> dict[int, tuple[float, int]]:
        """Return the MiB and the descriptors that each process of the service holds."""
        pids = [supervisor, *processes(supervisor, "api.webs"), *processes(supervisor, "kg.engine.zygote")]
        return {pid: (resident(pid), len([*Path(f"/proc/{pid}/fd").iterdir()])) for pid in pids}

    number = 20_000 if ALL else 500
    with contextlib.closing(connection):
        ask(0, number // 4)  # until each thread has its memory
        before = held()
        ask(number, number)
        after = held()
    assert before.keys() == after.keys()
    grown = {pid: (after[pid][0] - before[pid][0], after[pid][1] - before[pid][1]) for pid in before}
    most, descriptors = (max(each[kind] for each in grown.values()) for kind in (0, 1))
    record_property(
        "tried", f"{number:,} requests: a process grew by {most:.1f} MiB and {descriptors} descriptors at most"
    )
    assert most < 32  # the cache, and what each of many threads keeps; more would grow with the number of requests
    assert descriptors <= 2  # connections that are just open


def resident(pid: int) -> float:
    """Return the memory that a process holds for itself, in MiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_")) / 1024


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
