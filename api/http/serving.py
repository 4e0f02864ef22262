"""Which snapshot a request is answered from, and by which engine."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from flask import current_app, g

from api.http.admission import Places
from api.http.cancellations import Counted
from api.runtime import VARIABLE, Runtime
from kg.engine import Engine
from kg.engine.isolated import IsolatedEngine, Limits
from kg.settings import Settings
from kg.snapshot import Snapshot


@dataclass(frozen=True)
class Served:
    """A dataset and its engine. Without a snapshot, plain files are served, named by when they were loaded."""

    version: str
    engine: Engine
    snapshot: Snapshot | None
    places: Places


class Source(Protocol):
    """Tells what is served now."""

    def current(self) -> Served:
        """Return what a request that begins now is answered from."""
        ...


@dataclass(frozen=True)
class InProcess:
    """Serves one snapshot by an engine in this process: for tests, and for people who embed the application."""

    served: Served

    @classmethod
    def open(cls, settings: Settings) -> "InProcess":
        """Open the current snapshot; raises SnapshotError when there is no whole one."""
        snapshot = Snapshot.open(settings.data)
        places = Places(settings.workers, settings.queue_timeout)
        return cls(Served(snapshot.version, snapshot.engine(settings.service_client()), snapshot, places))

    def current(self) -> Served:
        """Return the one snapshot."""
        return self.served


class InWorkers:
    """Serves what the supervisor serves, by workers that can be killed."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        runtime = Runtime(folder)
        limits = Limits(settings.query_timeout, settings.query_answer, settings.queue_timeout)
        places = Places(settings.workers, settings.queue_timeout, folder / "places")

        @lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
        def open_(name: str) -> Served:
            engine = Counted(IsolatedEngine(runtime.socket(name), limits, settings.service_client()))
            link = runtime.data(name)
            snapshot = Snapshot.read(link.resolve()) if link.is_symlink() else None
            return Served(name, engine, snapshot, places)

        self._runtime, self._open = runtime, open_

    def current(self) -> Served:
        """Return what the supervisor serves now."""
        return self._open(self._runtime.current())


def source(settings: Settings) -> Source:
    """Return the source that the environment asks for."""
    folder = os.environ.get(VARIABLE)
    return InWorkers(Path(folder), settings) if folder else InProcess.open(settings)


def served() -> Served:
    """Return what this request is answered from: one snapshot, whatever happens meanwhile."""
    if "served" not in g:
        found: Source = current_app.extensions["source"]
        g.served = found.current()
    here: Served = g.served
    return here
