"""One query on its way through a worker: the dialogue with it, and the means to end it."""

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from kg.engine.base import Answer, Call, Query
from kg.engine.failures import read_error
from kg.engine.formats import FORMATS, Format
from kg.engine.wire import CHUNK, Frames, frame, json_frame
from kg.errors import (
    BusyError,
    ClientGoneError,
    MemoryLimitError,
    QueryError,
    ServiceError,
    ServiceRefusedError,
    TimeLimitError,
)

_LOOK = 0.1  # seconds between two looks at whether the client is still there
_GRACE = 1.0  # seconds beyond its time after which a worker that the kernel did not end is ended from here


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds on the wall clock, bytes of answer, seconds to wait for a worker."""

    seconds: float = 30.0
    answer: int = 512 * 2**20
    queue: float = 5.0


class NotTakenError(Exception):
    """A worker ended before it took the query: another one may take it."""


class Conversation:
    """One query on its way: a connection to a worker, and the means to end that worker."""

    def __init__(self, address: str, limits: Limits, call: Call | None, gone: Callable[[], bool]) -> None:
        self._limits, self._call, self._gone = limits, call, gone
        self._deadline = time.monotonic() + limits.queue
        self._ended = False
        self.missing: tuple[str, ...] = ()
        self._worker: int | None = None  # its process id, once it has taken the query
        self._connection = self._connect(address)
        self._frames = Frames(self._connection)

    def _connect(self, address: str) -> socket.socket:
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(_LOOK)
            try:
                connection.connect(address)
            except (BlockingIOError, FileNotFoundError, ConnectionRefusedError) as error:
                # All places of the queue are taken, or the zygote is just being replaced.
                connection.close()
                if time.monotonic() > self._deadline:
                    raise BusyError("no worker was free to answer") from error
                time.sleep(0.005)
            else:
                return connection

    def ask(self, query: Query, formats: Sequence[Format]) -> None:
        """Send the query, and wait for a worker to take it."""
        request = {
            "text": query.text,
            "default_graphs": query.default_graphs,
            "named_graphs": query.named_graphs,
            "base": query.base,
            "graph": query.graph,
            "formats": [row.name for row in formats],
            "seconds": self._limits.seconds,
            "bytes": self._limits.answer,
            "may_call": self._call is not None,
        }
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # told apart when nothing is received
            self._send(json_frame(b"Q", request))
        self._greet()
        self._deadline = time.monotonic() + self._limits.seconds

    def _greet(self) -> None:
        """Learn which worker has taken the query."""
        hello = self._receive()
        if hello is None:
            raise NotTakenError
        worker = json.loads(hello[1])
        self._worker, self.missing = worker["pid"], tuple(worker["missing"])

    def begin(self) -> Answer:
        """Return the answer when its first chunk is there: whole when that was all, else the rest as it comes."""
        chosen = FORMATS[self._next(b"A").decode()]
        first = self._next(b"C", b"E")
        if not self._ended and len(first) < CHUNK:
            self._next(b"E")
        if self._ended:
            self.close()
            return Answer(chosen, (first,))
        return Answer(chosen, self.chunks(first))

    def chunks(self, first: bytes) -> Generator[bytes, None, None]:
        """Yield the chunks of the answer; raises when the answer breaks off."""
        try:
            yield first
            while not self._ended and (chunk := self._next(b"C", b"E")):
                yield chunk
        finally:
            self.close()

    def close(self) -> None:
        """Let the worker go, or end it when it has not finished."""
        if not self._ended:
            with contextlib.suppress(NotTakenError, OSError):
                self._connection.shutdown(socket.SHUT_RD)  # from here on no worker can take the query,
                if self._worker is None:
                    self._greet()  # but one may have taken it just now
                self._end_worker()
        self._connection.close()

    def _end_worker(self) -> None:
        assert self._worker is not None
        poller = select.poll()
        poller.register(self._connection, 0)  # tells a hang-up only
        _end_process(self._worker, unless=lambda: bool(poller.poll(0)))

    def _next(self, *kinds: bytes) -> bytes:
        """Return the payload of the next frame, which is of one of the kinds; raise the error it carries."""
        while (found := self._receive()) is not None and found[0] == b"F":
            self._forward(json.loads(found[1]))
        if found is None:
            raise self._death()
        kind, payload = found
        if kind == b"X":
            self._ended = True
            raise read_error(json.loads(payload))
        self._ended = kind == b"E"
        assert kind in kinds, f"frame {kind!r} where one of {kinds} is due"
        return payload

    def _forward(self, request: dict[str, str]) -> None:
        """Ask another endpoint what the worker wants to ask it; the worker reads the answer, not this process."""
        assert self._call is not None
        try:
            name, answer = self._call(request["endpoint"], request["text"])
        except ServiceError as error:
            name, answer = "refused" if isinstance(error, ServiceRefusedError) else "failed", str(error).encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # told apart when nothing is received
            self._send(frame(b"R", name.encode() + b"\n" + answer))

    def _death(self) -> QueryError:
        if time.monotonic() >= self._deadline - 0.05:
            return TimeLimitError(f"the query took longer than the {self._limits.seconds:g} seconds it may take")
        return MemoryLimitError("the query's process died: it needs more memory than it may have, or nests too deeply")

    def _receive(self) -> tuple[bytes, bytes] | None:
        while True:
            try:
                return self._frames.receive()
            except TimeoutError:
                self._look()
            except ConnectionResetError:
                return None

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._connection.send(rest) :]
            except TimeoutError:
                self._look()

    def _look(self) -> None:
        """Give up when the client has gone; end the worker when the time is long up."""
        if time.monotonic() > self._deadline + _GRACE:
            if self._worker is None:
                raise BusyError("no worker was free to answer")
            self._end_worker()  # its end closes the connection, which is read as its death
        elif self._gone():
            raise ClientGoneError("the client has gone")


def _end_process(pid: int, unless: Callable[[], bool]) -> None:
    """End a process, unless the number is another's by now.

    That is asked once a descriptor holds the process: whatever ends later cannot pass its number on.
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
