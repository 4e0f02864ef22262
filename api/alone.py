"""The application for one program, without a server: its queries run in workers that can be killed, as in a service."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from api.app import create_app
from api.http.admission import Slots
from api.http.serving import InProcess, Served, limits_of, over
from api.runtime import RESERVED
from kg.engine import zygote
from kg.engine.isolated import IsolatedEngine
from kg.errors import EngineUnavailableError
from kg.settings import Settings
from kg.snapshot import DATASET, STORE, Snapshot


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """Give an application over the last whole snapshot; raises SnapshotError when there is none."""
    snapshot, limits = Snapshot.last_whole(settings.data), limits_of(settings)
    with tempfile.TemporaryDirectory(prefix="kg-alone-") as folder:
        address = Path(folder, "workers.sock")
        with _workers(settings, snapshot, address):
            engine = IsolatedEngine(address, limits, settings.service_client())
            slots = Slots(settings.workers, settings.queue_timeout)
            asked = over(settings, snapshot.version, engine, limits)
            yield create_app(settings, InProcess(Served(snapshot.version, asked, snapshot.path, slots)))


@contextmanager
def _workers(settings: Settings, snapshot: Snapshot, address: Path) -> Iterator[None]:
    """Keep workers over a snapshot at the address of a socket; they end with this process, too."""
    dataset = [] if settings.engine else [snapshot.path / (STORE if snapshot.has_store() else DATASET)]
    command = [
        *(sys.executable, "-P", "-m", zygote.__name__, str(address), str(settings.workers + RESERVED)),
        *(str(settings.query_memory), "union", "rewrite" if settings.rewrite else "as-sent", *map(str, dataset)),
    ]
    ready, say = os.pipe()
    with open(ready, "rb") as said:  # noqa: PTH123 (a descriptor)
        try:
            process = subprocess.Popen(
                command,
                env={**os.environ, zygote.PARENT: str(os.getpid()), zygote.READY: str(say)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[say],
                process_group=0,
            )
        finally:
            os.close(say)
        try:
            if not said.read(1):
                raise EngineUnavailableError("the workers did not start")
            yield
        finally:
            process.terminate()
            process.wait()
