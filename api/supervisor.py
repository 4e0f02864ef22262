"""Runs a service: starts the parent of the web processes and that of the workers, and restarts what ends.

One single-threaded process that only watches: it starts a zygote for each snapshot, replaces it when it dies, serves a
new snapshot as soon as its workers answer, brings back what a cleaner of temporary files removes, and at SIGTERM ends
all processes, once running requests have finished.
"""

import hashlib
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import FileIO
from pathlib import Path
from typing import Any

from api import webs
from api.runtime import METRICS, RESERVED, RUNTIME, Runtime, report
from kg.engine import FORMATS, Query, zygote
from kg.engine.embedded import EmbeddedEngine
from kg.engine.forking import Pause, fork
from kg.engine.isolated import IsolatedEngine, Limits
from kg.engine.remote.engine import RemoteEngine
from kg.engine.sandbox import adopt_orphans, end_with_parent
from kg.engine.workers import KEPT
from kg.errors import KgError, SnapshotError
from kg.export.prebuilt import write_exports
from kg.files import lock
from kg.settings import Settings
from kg.snapshot import STORE, Snapshot, sha256

_TICK = 0.1  # seconds between two checks
_START = 120.0  # seconds that workers may take to load a dataset
_DRAIN = 20.0  # seconds for the web processes to finish
_QUICK = 5.0  # a process that ends sooner after its start, in seconds, may not be able to work at all
_LONGEST_PAUSE = 5.0  # seconds before such a process is started again, at most
_RETRY = 10.0  # seconds until what failed for want of room is tried again
#: The exit codes of processes that end because their parent has.
_ORPHANED = (0, -signal.SIGTERM, -signal.SIGKILL)
#: Has malloc (glibc 2.35) ask for huge pages: a process with gigabytes of them is forked in a hundredth of the time.
_HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class _Child:
    """A process, with those that it forks; started again when it ends, after a pause if it ended right after its start.

    They are a group of processes. One that loses its parent becomes a child of this process, which takes leave of it
    when it ends.
    """

    def __init__(self, name: str, start: "Callable[[int], subprocess.Popen[bytes]]", *, standby: bool = False) -> None:
        """Start it; ``start`` makes a new group of it. With ``standby`` another of its processes takes its place.

        ``start`` is given a descriptor on which the process may say that it is ready.
        """
        self._name, self._start, self._standby = name, start, standby
        self._pause = Pause(_LONGEST_PAUSE, least=_TICK, quick=_QUICK)
        self._groups: list[int] = []
        self._ended: list[int] = []  # the exit codes to report
        self._begin()

    def _begin(self) -> None:
        ready, say = os.pipe()
        os.set_blocking(ready, False)
        self._said, self._ready = FileIO(ready), False
        try:
            self.process, self._since = self._start(say), time.monotonic()
        finally:
            os.close(say)
        self._due: float | None = None  # when it starts again, once it has ended
        self._groups.append(self.process.pid)

    def keep(self) -> None:
        """Report how it ended; start it again when nothing has taken its place and its pause is over."""
        running, now = self.is_running(), time.monotonic()
        for code in self._ended:
            report(f"{self._name} ended ({webs.how_it_ended(code)}); another takes its place")
        self._ended.clear()
        if running:
            return
        if self._due is None:
            self._due = now + self._pause.after(now - self._since)
        if now >= self._due:
            self._said.close()
            self._begin()

    def is_running(self) -> bool:
        """Tell whether it runs, or a process that has taken its place."""
        self._groups = [group for group in self._groups if self._has_members(group)]
        return self.process.returncode is None or (self._standby and bool(self._groups))

    def is_ready(self) -> bool:
        """Tell whether it has said so since it was started, whatever has become of it.

        What it makes does not tell: that may be gone before anybody has seen it.
        """
        self._ready = self._ready or bool(self._said.read(1))
        return self._ready

    def end(self) -> None:
        """Kill all its processes."""
        self._said.close()
        self.is_running()  # forgets groups that are gone, whose numbers others may have by now
        for group in self._groups:
            os.killpg(group, signal.SIGKILL)
            self._has_members(group, 0)

    def _has_members(self, group: int, options: int = os.WNOHANG) -> bool:
        """Take leave of members that have ended, and tell whether there are others."""
        try:
            while (ended := os.waitpid(-group, options))[0]:
                code = os.waitstatus_to_exitcode(ended[1])
                if ended[0] == self.process.pid:
                    self.process.returncode = code
                elif code in _ORPHANED:
                    continue
                self._ended.append(code)
        except ChildProcessError:
            return False
        return True


@dataclass
class _Served:
    """A dataset, and the process whose workers answer over it."""

    name: str
    files: Sequence[Path]
    snapshot: Path | None
    zygote: "_Child"
    #: A descriptor that locks the folder of the snapshot, or of the store: nobody removes it.
    lock: int | None
    #: While the workers read from disk: the process that loads the dataset into memory, to take the zygote's place.
    loading: "_Child | None" = None

    def renewed(self, zygote: "_Child", **changes: Any) -> "_Served":
        """Return the same dataset with another zygote; each of the two is unlocked by itself."""
        return replace(self, zygote=zygote, lock=None if self.lock is None else os.dup(self.lock), **changes)

    def end(self) -> None:
        """End its processes."""
        self.zygote.end()
        if self.loading is not None:
            self.loading.end()

    def unlock(self) -> None:
        """Let the folder of the snapshot be removed."""
        if self.lock is not None:
            os.close(self.lock)


@dataclass
class Supervisor:
    """Serves snapshots of a data folder, or RDF files, or the folder of their store on disk, exactly as they are."""

    settings: Settings
    host: str
    port: int
    files: Sequence[Path] = ()
    _ending: bool = field(default=False, init=False)
    #: The process that writes the exports, 0 when none runs, and the name of the snapshot that was the last.
    _exporter: int = field(default=0, init=False)
    _exported: str = field(default="", init=False)
    #: A damaged snapshot by its name and the number of its folder; it is not tried again before a time.
    _refused: tuple[tuple[str, int], float] = field(default=(("", 0), 0.0), init=False)

    def run(self) -> int:
        """Serve until told to end; return the exit code."""
        self._listener = socket.create_server((self.host, self.port), backlog=1024)
        report(f"serving on http://{self.host}:{self.port}")
        adopt_orphans()
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        with Runtime.make() as self._runtime:
            # They take as long to start as workers do, and until there are any they say that nothing is served yet.
            self._webs = _Child("the parent of the web processes", self._start_webs)
            try:
                self._served = self._first()
                return self._watch()
            finally:
                self._webs.end()

    def _watch(self) -> int:
        """Keep everything running until told to end, and then let running requests finish; return the exit code."""
        self._retired: list[tuple[float, _Served]] = []
        try:
            while not self._ending:
                time.sleep(_TICK)
                self._check()
            self._listener.close()
            return self._drain()
        finally:
            for served in (self._served, *(served for _, served in self._retired)):
                served.end()

    def _drain(self) -> int:
        """Let the web processes finish running requests; return 0 when all of them did."""
        webs = self._webs.process
        webs.terminate()
        try:
            ended = webs.wait(_DRAIN)
        except subprocess.TimeoutExpired:
            return 1
        return int(ended not in (0, -signal.SIGTERM))  # by the signal itself while it starts

    def _end(self, *_: object) -> None:
        self._ending = True

    def _check(self) -> None:
        self._keep()
        if not self.files:
            self._write_exports()
            self._serve_newest()

    def _write_exports(self) -> None:
        """Have the exports written, and the store, when queries are answered and they are not there yet."""
        if self._exporter:
            if os.waitpid(self._exporter, os.WNOHANG)[0]:
                self._exporter = 0
        elif self._exported != self._served.name and self._served.zygote.is_ready() and not self._served.loading:
            self._exported, self._exporter = self._served.name, fork(self._export)

    def _export(self) -> None:
        self._listener.close()
        os.nice(19)
        assert self._served.snapshot, "files that are served as they are have no exports"
        snapshot = Snapshot.read(self._served.snapshot)
        try:
            write_exports(snapshot)
            if not self.settings.engine:
                snapshot.write_store()
        except (KgError, OSError) as error:
            report(f"exports are made when they are asked for: {error}")

    def _keep(self) -> None:
        """Keep running what is served."""
        self._webs.keep()
        self._served.zygote.keep()
        self._restore()
        self._load()
        self._retired = [item for item in self._retired if not self._is_over(*item)]

    def _restore(self) -> None:
        """Bring back what a cleaner of temporary files has removed; a socket comes with new workers."""
        served = self._served
        if not self._runtime.is_whole(served.name):
            with suppress(OSError):  # no room; the web processes still know what is served
                self._runtime.publish(served.name, served.snapshot)
        if served.zygote.is_ready() and not self._runtime.socket(served.name).exists():
            report("temporary files were removed; new workers start")
            renewed = served.renewed(self._workers(served.name, served.files))
            self._retire()
            self._served = renewed

    def _load(self) -> None:
        """Let workers over memory take the place of those over a store on disk, once they are there."""
        loading = self._served.loading
        if loading is None:
            return
        if loading.is_ready():
            files = Snapshot.read(self._served.snapshot).quads if self._served.snapshot else ()
            renewed = self._served.renewed(loading, files=files, loading=None)
            self._served.loading = None
            self._retire()
            self._served = renewed
        elif not loading.is_running():
            report("the dataset cannot be loaded into memory; it is served from disk")
            self._served.loading = None

    def _retire(self) -> None:
        """Let the workers of what is served end once their last query must be over."""
        self._retired.append((time.monotonic() + self.settings.query_timeout + _DRAIN, self._served))

    def _is_over(self, until: float, served: _Served) -> bool:
        """End the workers of a retired snapshot once its last query must be over."""
        if time.monotonic() < until:
            return False
        served.end()
        served.unlock()
        if served.name != self._served.name:
            self._runtime.retire(served.name)
        return True

    def _serve_newest(self) -> None:
        """Serve a new snapshot when there is one; a damaged one is reported once, and the old one stays."""
        link = self.settings.data / "current"
        try:
            newest, number = link.readlink().name, link.stat().st_ino if link.exists() else 0
        except OSError:
            return
        refused, until = self._refused
        if newest == self._served.name or ((newest, number) == refused and time.monotonic() < until):
            return
        try:
            fresh = self._serve(Snapshot.open(self.settings.data), self._keep)
        except (KgError, OSError) as error:
            until = math.inf if isinstance(error, SnapshotError) else time.monotonic() + _RETRY
            self._refused = (newest, number), until
            report(f"snapshot {newest} is not served: {error}")
            return
        self._retire()
        self._served = fresh
        report(f"serving snapshot {fresh.name}")

    def _first(self) -> _Served:
        """Serve the last whole snapshot, or the files."""
        if self.files:
            first, *_ = self.files
            digests = map(sha256, self.files)
            name = first.name if first.is_dir() else hashlib.sha256("".join(digests).encode()).hexdigest()[:12]
            return self._start(name, self.files, None, self._loading)
        return self._serve(Snapshot.last_whole(self.settings.data), self._loading)

    def _loading(self) -> None:
        """Keep running what there is before anything is served."""
        self._runtime.restore()
        self._webs.keep()

    def _serve(self, snapshot: Snapshot, meanwhile: Callable[[], None]) -> _Served:
        """Serve a snapshot: by workers over it, or by a remote engine that holds it and workers over nothing.

        Workers over a store on disk answer at once; those over memory take their place when they are there.
        """
        if self.settings.engine:
            remote = RemoteEngine(
                self.settings.engine, snapshot.version, EmbeddedEngine(()), Limits(), self.settings.credentials()
            )
            remote.check()
            return self._start(snapshot.version, (), snapshot.path, meanwhile)
        if snapshot.has_store():
            try:
                served = self._start(snapshot.version, [snapshot.path / STORE], snapshot.path, meanwhile)
            except SnapshotError:
                if snapshot.on_disk:
                    raise
            else:
                if not snapshot.on_disk:
                    served.loading = self._workers(snapshot.version, snapshot.quads)
                return served
        return self._start(snapshot.version, snapshot.quads, snapshot.path, meanwhile)

    def _start(self, name: str, files: Sequence[Path], snapshot: Path | None, meanwhile: Callable[[], None]) -> _Served:
        """Start workers over a dataset, and serve it as soon as they answer; ``meanwhile`` is called time and again."""
        folder = snapshot or next((path for path in files if path.is_dir()), None)
        held = lock(folder, shared=True) if folder else None
        served = _Served(name, files, snapshot, self._workers(name, files), held)
        give_up = time.monotonic() + _START
        try:
            while not served.zygote.is_ready():
                if not served.zygote.is_running() or time.monotonic() > give_up:
                    raise SnapshotError(f"{', '.join(map(str, files))} cannot be loaded")
                meanwhile()
                time.sleep(0.01)
            IsolatedEngine(self._runtime.socket(name), Limits()).answer(
                Query("ASK { ?s ?p ?o }"), (FORMATS["json"],)
            ).read()
            self._runtime.publish(name, snapshot)
        except BaseException:
            served.zygote.end()
            served.unlock()
            raise
        return served

    def _workers(self, name: str, files: Sequence[Path]) -> "_Child":
        return _Child("the parent of the workers", lambda ready: self._fork(name, files, ready), standby=True)

    def _fork(self, name: str, files: Sequence[Path], ready: int) -> "subprocess.Popen[bytes]":
        arguments = [
            str(self._runtime.socket(name)),
            str(self.settings.workers + RESERVED + KEPT * webs.WEBS),
            str(self.settings.query_memory),
            "plain" if self.files else "union",
            "rewrite" if self.settings.rewrite else "as-sent",
            *map(str, files),
        ]
        environment = {
            **_HUGE_PAGES,
            **os.environ,
            "RUST_BACKTRACE": "0",
            zygote.PARENT: str(os.getpid()),
            zygote.READY: str(ready),
        }
        command = [sys.executable, "-P", "-m", zygote.__name__, *arguments]
        return subprocess.Popen(command, env=environment, pass_fds=[ready], process_group=0)

    def _start_webs(self, _ready: int) -> "subprocess.Popen[bytes]":
        descriptor = self._listener.fileno()
        return subprocess.Popen(
            [sys.executable, "-P", "-m", webs.__name__, str(descriptor)],
            env={
                **os.environ,
                RUNTIME: str(self._runtime.folder),
                METRICS: str(self._runtime.metrics()),
                "KG_DATA": str(self.settings.data),
                "KG_ENGINE": self.settings.engine,
            },
            pass_fds=[descriptor],
            process_group=0,
            preexec_fn=lambda: end_with_parent(signal.SIGTERM),
        )
