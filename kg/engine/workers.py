"""The connections of a process to the workers of a zygote, which are used for one query after the other."""

import os
import select
import signal
import socket
import time
import weakref
from collections.abc import Callable
from contextlib import suppress

from kg.engine.wire import Frames
from kg.errors import BusyError

#: Connections to workers that a process keeps for its next queries. Their workers answer no other process meanwhile, so
#: so many more workers have to run for each process.
KEPT = 2

#: Seconds after which a connection that says nothing is left for a look at the client.
_POLL = 0.1


class Connection:
    """A connection to a worker, which answers queries over it, one after the other, as long as both sides live."""

    def __init__(self, connection: socket.socket, inode: int) -> None:
        """Talk over ``connection``, made by the socket file of that number."""
        self.socket, self.frames, self.inode = connection, Frames(connection), inode
        #: The worker's process id, once it has told it.
        self.worker: int | None = None

    def kill(self) -> None:
        """Kill the worker, unless it has ended."""
        assert self.worker is not None
        poller = select.poll()
        poller.register(self.socket, 0)  # reports a hang-up only
        _kill(self.worker, unless=lambda: bool(poller.poll(0)))

    def close(self) -> None:
        """Let the worker answer others."""
        self.socket.close()
        for pipe in self.frames.pipes:
            pipe.close()


class Workers:
    """The workers at an address, and the connections to some of them that wait for the next query."""

    def __init__(self, address: str) -> None:
        self.missing: tuple[str, ...] = ()
        self._address = address
        self._kept: list[Connection] = []
        weakref.finalize(self, _close_all, self._kept)

    def connect(self, deadline: float) -> Connection:
        """Return a connection that nobody else uses; raises BusyError when there is none by then."""
        socket_ = self._inode()
        with suppress(IndexError):
            while True:
                kept = self._kept.pop()  # the last used: its worker is the most awake
                if kept.inode == socket_:
                    return kept
                kept.close()  # the workers of the new socket have taken the place of its own
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(_POLL)
            try:
                connection.connect(self._address)
            except (BlockingIOError, FileNotFoundError, ConnectionRefusedError) as error:
                # The queue of the socket is full, or the zygote is just being replaced.
                connection.close()
                if time.monotonic() > deadline:
                    raise BusyError("no worker was free") from error
                time.sleep(0.005)
            else:
                return Connection(connection, socket_)

    def _inode(self) -> int:
        """Return the number of the socket's file; 0 while there is none."""
        try:
            return os.stat(self._address).st_ino  # noqa: PTH116 (each query asks, and a path's own function is slower)
        except FileNotFoundError:
            return 0

    def keep(self, connection: Connection) -> None:
        """Use a connection again, unless enough are kept."""
        if len(self._kept) < KEPT:
            self._kept.append(connection)
        else:
            connection.close()


def _close_all(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()


def _kill(pid: int, unless: Callable[[], bool]) -> None:
    """Kill a process, unless the number has passed to another one.

    ``unless`` is called once a descriptor refers to the process: from then on its number cannot be mistaken.
    """
    if not hasattr(os, "pidfd_open"):  # pragma: no cover (systems other than Linux)
        if not unless():
            os.kill(pid, signal.SIGKILL)
        return
    process = os.pidfd_open(pid)
    try:
        if not unless():
            signal.pidfd_send_signal(process, signal.SIGKILL)
    finally:
        os.close(process)
