"""The snapshot that answers a request, its engine, and what is read of a snapshot once."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from pathlib import Path
from typing import Protocol, TypeVar
from wsgiref.types import WSGIEnvironment

from flask import current_app, g, request

from api.http.admission import Slots
from api.http.metrics import CountedEngine
from api.runtime import RUNTIME, Runtime
from kg.engine import Answer, Engine, Format, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.isolated import IsolatedEngine, Limits
from kg.engine.remote.engine import RemoteEngine
from kg.engine.tokens import has_keyword
from kg.errors import KgError, MemoryLimitError, SizeLimitError, TimeLimitError
from kg.read.description import Description, read_description
from kg.read.labels import Labels
from kg.settings import Settings
from kg.snapshot import MANIFEST, Snapshot

#: Blueprints that need no file of the snapshot: workers hold the dataset in memory.
WITHOUT_FILES = frozenset({"monitoring", "problems", "sparql"})

Read = TypeVar("Read")

#: Bytes of the answer of a short query, which is held in memory until it is whole.
_SHORT_ANSWER = 4 * 2**20


#: Set when the time is over that running requests have to finish before the service ends.
ENDING = threading.Event()


class EndingError(KgError):
    """The service ends before the query does."""

    problem = "ending"


class NotReadyError(KgError):
    """Something is missing that the answer needs; it may come back."""

    problem = "not-ready"


@dataclass(frozen=True)
class Served:
    """A dataset, its engine, and the folder of its snapshot; without one, plain files are served."""

    version: str
    engine: Engine
    folder: Path | None
    slots: Slots
    #: The engine for the slots that are reserved for short queries, if any are.
    short: Engine | None = None

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The snapshot. Raises SnapshotError when its folder was removed before it was first read."""
        return Snapshot.read(self.folder) if self.folder else None

    def has_files(self) -> bool:
        """Tell whether the folder of the snapshot is there; plain files need none."""
        return self.folder is None or (self.folder / MANIFEST).is_file()

    def check(self) -> None:
        """Raise NotReadyError when the folder of the snapshot was removed."""
        if not self.has_files():
            raise NotReadyError(f"the files of snapshot {self.version} were removed; queries are still answered")


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
        slots = Slots(settings.workers, settings.queue_timeout)
        if settings.engine:
            engine = over(settings, snapshot.version, EmbeddedEngine(()), limits_of(settings))
        else:
            engine = snapshot.engine(settings.service_client(), rewrite=settings.rewrite)
        return cls(Served(snapshot.version, engine, snapshot.path, slots))

    def current(self) -> Served:
        """Return the one snapshot."""
        return self.served


class InWorkers:
    """Serves what the supervisor serves, by workers that can be killed."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        runtime = Runtime(folder)
        limits = limits_of(settings)
        short_limits = Limits(settings.short_timeout, _SHORT_ANSWER, settings.queue_timeout)
        slots = Slots(settings.workers, settings.queue_timeout, folder / "slots")

        @lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
        def open_(name: str) -> Served:
            engine = IsolatedEngine(runtime.socket(name), limits, settings.service_client())
            return Served(
                name,
                CountedEngine(over(settings, name, engine, limits)),
                runtime.data(name),
                slots,
                over(settings, name, engine.limited(short_limits), short_limits),
            )

        self._runtime, self._open, self._name = runtime, open_, ""

    def current(self) -> Served:
        """Return what the supervisor serves now, or served last, should a cleaner have removed what says so.

        Raises NotReadyError in a process that has not known yet; the supervisor brings back what is missing.
        """
        with suppress(OSError):
            self._name = self._runtime.current()
        try:
            return self._open(self._name)
        except OSError:
            raise NotReadyError("the service is still starting; try again in a few seconds") from None


def limits_of(settings: Settings) -> Limits:
    """Return the limits of a query of the service."""
    return Limits(settings.query_timeout, settings.query_answer, settings.queue_timeout)


def over(settings: Settings, version: str, local: Engine, limits: Limits) -> Engine:
    """Return the remote engine that the settings name, with ``local`` for what it cannot do; else ``local`` itself."""
    if not settings.engine:
        return local
    return RemoteEngine(settings.engine, version, local, limits, settings.credentials())


def source(settings: Settings) -> Source:
    """Return the source that the environment asks for."""
    folder = os.environ.get(RUNTIME)
    return InWorkers(Path(folder), settings) if folder else InProcess.open(settings)


def served() -> Served:
    """Return what this request is answered from: one snapshot, whatever happens meanwhile."""
    if "served" not in g:
        current: Source = current_app.extensions["source"]
        g.served = current.current()
    here: Served = g.served
    return here


def check_files() -> None:
    """End a request that is answered from the files of the snapshot when they were removed.

    What a process has read of them before differs from one to the next, and none of it may decide about an answer.
    """
    if request.blueprint and request.blueprint not in WITHOUT_FILES:
        served().check()


def once_per_snapshot(read: Callable[[], Read]) -> Callable[[], Read]:
    """Make a function read the snapshot that is served once; a new snapshot is read anew."""

    cached = lru_cache(maxsize=2)(lambda version: read())  # the snapshot that is served, and the one before it
    return wraps(read)(lambda: cached(served().version))


def begin(query: Query, formats: Sequence[Format]) -> tuple[Answer, Callable[[], None]]:
    """Ask a query in a slot of the client; return the answer, and what frees the slot when all of it is sent."""
    return ask(served(), request.remote_addr or "", disconnected(request.environ), query, formats)


def engine() -> Engine:
    """Return the engine for queries of our own for this request; it may be used while the answer is being sent.

    Raises UnsupportedError for an engine that is not to be asked them.
    """
    served().engine.check_own()
    return _Admitted(served(), request.remote_addr or "", disconnected(request.environ))


@once_per_snapshot
def labels() -> Labels:
    """Return the labels of the snapshot that answers this request."""
    return Labels(_OfRequest())


@once_per_snapshot
def described() -> Description | None:
    """Return what the dataset says of itself; None when plain files are served, which say nothing."""
    snapshot = served().snapshot
    return read_description(snapshot.description()) if snapshot else None


class _Admitted(Engine):
    """The engine for queries of our own: each takes a slot, as a query of the client who asks does."""

    def __init__(self, here: Served, client: str, gone: Callable[[], bool] | None) -> None:
        self._here, self._client, self._gone = here, client, gone
        self.missing = here.engine.missing

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        answer, free = ask(self._here, self._client, gone or self._gone, query, formats)
        try:
            return Answer(answer.format, (answer.read(),))
        finally:
            free()


class _OfRequest(Engine):
    """The engine that answers whichever request is being served."""

    missing = ()

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        return engine().answer(query, formats, gone)


def ask(
    here: Served, client: str, gone: Callable[[], bool] | None, query: Query, formats: Sequence[Format]
) -> tuple[Answer, Callable[[], None]]:
    """Ask a query in a slot of a client; return the answer, and what frees the slot when all of it is sent.

    A query that is tried in a slot for short ones, and is not short, waits for another slot and starts again.
    """
    may_be_short = here.short is not None and not has_keyword(query.text, "SERVICE")  # which asks others only once
    slot = here.slots.take(client, gone, short=may_be_short)
    if here.short and slot.short:
        try:
            answer = here.short.answer(query, formats, gone)
            return Answer(answer.format, (answer.read(),)), lambda: None
        except (TimeLimitError, SizeLimitError, MemoryLimitError):
            here.slots.penalise(client)
        finally:
            slot.free()
        slot = here.slots.take(client, gone)
    try:
        answer = here.engine.answer(query, formats, gone)
    except BaseException as error:
        slot.free()
        if isinstance(error, TimeLimitError):  # the next query of this client is hardly short
            here.slots.penalise(client)
        raise
    if isinstance(answer.chunks, tuple):
        slot.free()  # its worker is free, however slowly the client reads
        return answer, lambda: None
    return answer, slot.free


def disconnected(environ: WSGIEnvironment) -> Callable[[], bool]:
    """Return what tells whether the client has disconnected, if waitress is the server; raises EndingError."""
    gone: Callable[[], bool] | None = environ.get("waitress.client_disconnected")

    def is_gone() -> bool:
        if ENDING.is_set():
            raise EndingError("the service is shutting down, and the query would have taken too long")
        return gone is not None and gone()

    return is_gone
