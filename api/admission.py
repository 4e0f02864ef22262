"""Who may ask now: a bounded number of queries run at once, and no client may hold all of them.

The places are rows of a small file that the web processes share. A client that floods the service keeps all places
but one at most, so that the next query of another client finds one free.
"""

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

from api.client import key
from api.shared import Shared
from kg.errors import BusyError

_ROW = struct.Struct("8sq")  # the client, and the process that holds the place for it
_EMPTY = b"\0" * 8
_PAUSE = 0.003


class ClientBusyError(BusyError):
    """The client itself has as many queries running as one client may."""


class Places:
    """The places for running queries, shared by all processes that open the same file."""

    def __init__(self, number: int, patience: float, path: Path | None = None) -> None:
        """Share ``number`` places in a file, or without one among the threads of this process.

        ``patience`` is how long a query may wait for a place, in seconds.
        """
        self._number, self._patience = number, patience
        self._share = max(1, number - 1)
        self._shared = Shared(number * _ROW.size, path)

    def take(self, client: str) -> Callable[[], None]:
        """Wait for a place; return what gives it back. Raises BusyError or ClientBusyError after a while."""
        give_up = time.monotonic() + self._patience
        while True:
            row, mine = self._try(key(client))
            if row is not None:
                return lambda: self._free(row)
            if time.monotonic() > give_up:
                if mine >= self._share:
                    raise ClientBusyError(f"you have {mine} queries running, as many as one client may")
                raise BusyError("all places for queries are taken")
            time.sleep(_PAUSE)

    def taken(self) -> int:
        """Return how many places are taken."""
        with self._shared.alone():
            return self._number - self._holders().count(_EMPTY)

    def _holders(self) -> list[bytes]:
        """Return who holds each place; one held for a process that has ended is empty."""
        rows = (_ROW.unpack_from(self._shared.bytes, index * _ROW.size) for index in range(self._number))
        return [client if client != _EMPTY and _lives(process) else _EMPTY for client, process in rows]

    def _try(self, client: bytes) -> tuple[int | None, int]:
        """Take a free place if there is one for the client; also tell how many it holds."""
        with self._shared.alone():
            holders = self._holders()
            mine = holders.count(client)
            free = [index for index, holder in enumerate(holders) if holder == _EMPTY]
            if not free or mine >= self._share:
                return None, mine
            _ROW.pack_into(self._shared.bytes, free[0] * _ROW.size, client, os.getpid())
            return free[0], mine + 1

    def _free(self, row: int) -> None:
        with self._shared.alone():
            _ROW.pack_into(self._shared.bytes, row * _ROW.size, _EMPTY, 0)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
