"""Who may ask now: a bounded number of queries run at once, and no client may hold all of them.

The slots are rows of a small file that the web processes share. A client that floods the service keeps all slots
but one at most, so that the next query of another client finds one free. Who finds none waits for a short while, in a
queue that is bounded too, and of which no client may hold all; who finds that full is refused at once.
"""

import os
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.http.client import key
from api.http.shared import Shared
from kg.errors import BusyError, ClientDisconnectedError

#: Queries that may wait for a place, in all web processes together, and those of one client among them.
WAITING = 128
WAITING_SHARE = 96
_ROW = struct.Struct("8sq")  # the client, and the process that holds the row for it
_EMPTY = b"\0" * 8
_PAUSE = 0.001
_LOOK = 0.1  # seconds between two looks at whether the client is still there


class ClientBusyError(BusyError):
    """The client itself has as many queries running or waiting as one client may."""


class Slots:
    """The slots for running queries, shared by all processes that open the same file."""

    def __init__(self, number: int, patience: float, path: Path | None = None) -> None:
        """Share ``number`` slots in a file, or without one among the threads of this process.

        ``patience`` is how long a query may wait for a place, in seconds.
        """
        self._patience = patience
        self._running = _Rows(number, max(1, number - 1), path)
        self._waiting = _Rows(WAITING, WAITING_SHARE, path and path.with_name(f"{path.name}-waiting"))
        self._lines = _Lines()
        self._freed = threading.Condition()

    def take(self, client: str, gone: Callable[[], bool] | None = None) -> Callable[[], None]:
        """Wait for a place; return what gives it back.

        Raises BusyError or ClientBusyError after a while, and ClientDisconnectedError as soon as ``gone`` says so.
        """
        who = key(client)
        row, mine = self._running.take(who)
        if row is None:
            row = self._wait(who, mine, gone or _there)
        return lambda: self._leave(row)

    def taken(self) -> int:
        """Return how many slots are taken."""
        return self._running.taken()

    def waiting(self) -> int:
        """Return how many queries wait for a place."""
        return self._waiting.taken()

    def _wait(self, who: bytes, mine: int, gone: Callable[[], bool]) -> int:
        waiting, beside = self._waiting.take(who)
        if waiting is None:
            if beside >= WAITING_SHARE:
                raise ClientBusyError(f"you have {beside} queries waiting, as many as one client may")
            raise BusyError(f"{WAITING} queries wait already")
        give_up = time.monotonic() + self._patience
        try:
            with self._lines.stand(who) as line:  # of each client one looks, so that many are no burden
                while (left := give_up - time.monotonic()) > 0:
                    if gone():
                        raise ClientDisconnectedError("the client disconnected")
                    if not line.is_first(min(left, _LOOK)):
                        continue
                    row, mine = self._running.take(who)
                    if row is not None:
                        return row
                    with self._freed:
                        self._freed.wait(_PAUSE)  # other processes tell nobody when they free a place
        finally:
            self._waiting.free(waiting)
        if mine >= self._running.share:
            raise ClientBusyError(f"you have {mine} queries running, as many as one client may")
        raise BusyError(f"no place was free for {self._patience:g} seconds")

    def _leave(self, row: int) -> None:
        self._running.free(row)
        with self._freed:
            self._freed.notify_all()


class _Rows:
    """Rows that are each held for a client by a process, or empty."""

    def __init__(self, number: int, share: int, path: Path | None) -> None:
        self.share = share
        self._number = number
        self._shared = Shared(number * _ROW.size, path)

    def take(self, client: bytes) -> tuple[int | None, int]:
        """Take an empty row if there is one for the client; also tell how many it holds."""
        with self._shared.alone():
            holders = self._holders()
            mine = holders.count(client)
            if mine >= self.share or _EMPTY not in holders:
                return None, mine
            row = holders.index(_EMPTY)
            _ROW.pack_into(self._shared.bytes, row * _ROW.size, client, os.getpid())
            return row, mine + 1

    def free(self, row: int) -> None:
        with self._shared.alone():
            _ROW.pack_into(self._shared.bytes, row * _ROW.size, _EMPTY, 0)

    def taken(self) -> int:
        with self._shared.alone():
            return self._number - self._holders().count(_EMPTY)

    def _holders(self) -> list[bytes]:
        """Return who holds each row; one held by a process that has ended is empty."""
        rows = list(_ROW.iter_unpack(self._shared.bytes))
        living = {process for process in {process for _, process in rows} if process and _lives(process)}
        return [client if process in living else _EMPTY for client, process in rows]


class _Lines:
    """A line for each client that waits: who is first in it may look for a place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heads: dict[bytes, threading.Lock] = {}
        self._standing: Counter[bytes] = Counter()

    @contextmanager
    def stand(self, client: bytes) -> Iterator["_Stand"]:
        """Stand in the line of a client."""
        with self._lock:
            stand = _Stand(self._heads.setdefault(client, threading.Lock()))
            self._standing[client] += 1
        try:
            yield stand
        finally:
            stand.leave()
            with self._lock:
                self._standing[client] -= 1
                if not self._standing[client]:
                    del self._standing[client], self._heads[client]


class _Stand:
    """One thread's stand in a line."""

    def __init__(self, head: threading.Lock) -> None:
        self._head, self._first = head, False

    def is_first(self, patience: float) -> bool:
        """Tell whether this thread is the first, after so many seconds at most."""
        self._first = self._first or self._head.acquire(timeout=patience)
        return self._first

    def leave(self) -> None:
        """Let the next be the first."""
        if self._first:
            self._head.release()


def _there() -> bool:
    return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
