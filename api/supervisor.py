"""Runs a service: starts the parent of the web processes and that of the workers, and restarts what ends.

One single-threaded process that only watches: it starts a zygote for each snapshot, replaces it when it dies, serves a
new snapshot as soon as its workers answer, and at SIGTERM ends all processes, once running requests have finished.
"""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api import webs
from api.runtime import METRICS, RESERVED, RUNTIME, Runtime
from kg.engine import FORMATS, Query, zygote
from kg.engine.isolated import IsolatedEngine, Limits
from kg.engine.sandbox import end_with_parent
from kg.errors import KgError, SnapshotError
from kg.settings import Settings
from kg.snapshot import Snapshot, sha256

_TICK = 0.1  # seconds between two checks
_START = 120.0  # seconds that workers may take to load a dataset
_DRAIN = 20.0  # seconds for the web processes to finish
#: Idle workers, so that the next query need not wait for the replacement of one that has died.
_SPARE = 2


@dataclass
class _Served:
    """A dataset, and the process whose workers answer over it."""

    name: str
    files: Sequence[Path]
    snapshot: Path | None
    zygote: "subprocess.Popen[bytes]"


@dataclass
class Supervisor:
    """Serves snapshots of a data folder, or RDF files exactly as they are."""

    settings: Settings
    host: str
    port: int
    files: Sequence[Path] = ()
    _ending: bool = field(default=False, init=False)
    #: The version of a damaged snapshot; it is not tried again.
    _refused: str = field(default="", init=False)

    def run(self) -> int:
        """Serve until told to end; return the exit code."""
        self._listener = socket.create_server((self.host, self.port), backlog=1024)
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        with tempfile.TemporaryDirectory(prefix="kg-", ignore_cleanup_errors=True) as folder:
            self._runtime = Runtime(Path(folder))
            self._served = self._start(*self._newest())
            self._retired: list[tuple[float, _Served]] = []
            try:
                self._webs = self._start_webs()
                while not self._ending:
                    time.sleep(_TICK)
                    self._check()
                self._listener.close()
                return self._drain()
            finally:
                for served in (self._served, *(served for _, served in self._retired)):
                    served.zygote.terminate()

    def _drain(self) -> int:
        """Let the web processes finish running requests; return 0 when all of them did."""
        self._webs.terminate()
        try:
            ended = self._webs.wait(_DRAIN)
        except subprocess.TimeoutExpired:
            self._webs.kill()
            return 1
        return int(ended not in (0, -signal.SIGTERM))  # by the signal itself while it starts

    def _end(self, *_: object) -> None:
        self._ending = True

    def _check(self) -> None:
        if self._webs.poll() is not None:
            self._webs = self._start_webs()
        if self._served.zygote.poll() is not None:
            self._served.zygote = self._fork(self._served.name, self._served.files)
        self._retired = [item for item in self._retired if not self._is_over(*item)]
        if not self.files:
            self._serve_newest()

    def _is_over(self, until: float, served: _Served) -> bool:
        """End the workers of a retired snapshot once its last query must be over."""
        if time.monotonic() < until:
            return False
        served.zygote.terminate()
        served.zygote.wait()
        self._runtime.data(served.name).unlink(missing_ok=True)
        return True

    def _serve_newest(self) -> None:
        """Serve a new snapshot when there is one; a damaged one is reported once, and the old one stays."""
        try:
            newest = (self.settings.data / "current").readlink().name
        except OSError:
            return
        if newest in (self._served.name, self._refused):
            return
        try:
            fresh = self._start(*self._newest())
        except KgError as error:
            self._refused = newest
            print(f"snapshot {newest} is not served: {error}", file=sys.stderr)
            return
        self._retired.append((time.monotonic() + self.settings.query_timeout + _DRAIN, self._served))
        self._served = fresh
        print(f"serving snapshot {fresh.name}", file=sys.stderr)

    def _newest(self) -> tuple[str, Sequence[Path], Path | None]:
        if self.files:
            name = hashlib.sha256("".join(map(sha256, self.files)).encode()).hexdigest()[:12]
            return name, self.files, None
        snapshot = Snapshot.open(self.settings.data)
        return snapshot.version, snapshot.quads, snapshot.path

    def _start(self, name: str, files: Sequence[Path], snapshot: Path | None) -> _Served:
        """Start workers over a dataset, and serve it as soon as they answer."""
        served = _Served(name, files, snapshot, self._fork(name, files))
        address = self._runtime.socket(name)
        give_up = time.monotonic() + _START
        while not address.exists():
            if served.zygote.poll() is not None or time.monotonic() > give_up:
                served.zygote.kill()
                raise SnapshotError(f"{', '.join(map(str, files))} cannot be loaded")
            time.sleep(0.01)
        IsolatedEngine(address, Limits()).answer(Query("ASK { ?s ?p ?o }"), (FORMATS["json"],)).read()
        self._runtime.publish(name, snapshot)
        return served

    def _fork(self, name: str, files: Sequence[Path]) -> "subprocess.Popen[bytes]":
        arguments = [
            str(self._runtime.socket(name)),
            str(self.settings.workers + RESERVED + _SPARE),
            str(self.settings.query_memory),
            "plain" if self.files else "union",
            *map(str, files),
        ]
        environment = {**os.environ, "RUST_BACKTRACE": "0", zygote.PARENT: str(os.getpid())}
        return subprocess.Popen([sys.executable, "-P", "-m", zygote.__name__, *arguments], env=environment)

    def _start_webs(self) -> "subprocess.Popen[bytes]":
        descriptor = self._listener.fileno()
        return subprocess.Popen(
            [sys.executable, "-P", "-m", webs.__name__, str(descriptor)],
            env={
                **os.environ,
                RUNTIME: str(self._runtime.folder),
                METRICS: str(self._runtime.metrics()),
                "KG_DATA": str(self.settings.data),
            },
            pass_fds=[descriptor],
            preexec_fn=lambda: end_with_parent(signal.SIGTERM),
        )
