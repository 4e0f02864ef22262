"""The engine of the service: each query runs in a worker process that can be killed.

The workers belong to a zygote (see [kg.engine.zygote][]) and are reached over a Unix socket. A query that takes too
long, too much memory, or breaks the engine costs its own worker, which is replaced, and nothing else.
"""

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.engine.base import Answer, Call, Query
from kg.engine.formats import FORMATS, Format
from kg.engine.wire import CHUNK, receive, send, send_json
from kg.errors import (
    BusyError,
    ClientGoneError,
    MemoryLimitError,
    NotAcceptableError,
    QueryError,
    QuerySyntaxError,
    RefusedError,
    ServiceError,
    ServiceRefusedError,
    SizeLimitError,
    TimeLimitError,
)

_ERRORS = {
    "format": NotAcceptableError,
    "size": SizeLimitError,
    "memory": MemoryLimitError,
    "refused": RefusedError,
    "service": ServiceError,
    "service-refused": ServiceRefusedError,
    "query": QueryError,
}
_LOOK = 0.1  # seconds between two looks at whether the client is still there
_GRACE = 1.0  # seconds beyond its time after which a worker that the kernel did not end is ended from here


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds on the wall clock, bytes of answer, seconds to wait for a worker."""

    seconds: float = 30.0
    answer: int = 512 * 2**20
    queue: float = 5.0


class IsolatedEngine:
    """Passes queries to the workers of a zygote."""

    def __init__(self, address: Path, limits: Limits, call: Call | None = None) -> None:
        """Reach the workers at an address; ``call`` asks the endpoints that SERVICE names for them."""
        self._address, self._limits, self._call = str(address), limits, call
        self.missing: tuple[str, ...] = ()

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        """Answer a query (see [kg.engine.base.Engine][]); returns when the first part of the answer is there."""
        give_up = time.monotonic() + self._limits.queue
        while True:
            call = _Call(self._address, self._limits, self._call, gone or _there)
            try:
                call.ask(query, formats)
                self.missing = call.missing
                answer = call.begin()
            except _NotTakenError:
                call.close()
                if time.monotonic() > give_up:
                    raise BusyError("no worker was free to answer") from None
            except BaseException:
                call.close()
                raise
            else:
                return answer


class _NotTakenError(Exception):
    """A worker ended before it took the query: another one may take it."""


class _Call:
    """One query on its way: a connection to a worker, and the means to end that worker."""

    def __init__(self, address: str, limits: Limits, call: Call | None, gone: Callable[[], bool]) -> None:
        self._limits, self._call, self._gone = limits, call, gone
        self._deadline = time.monotonic() + limits.queue
        self._ended = False
        self.missing: tuple[str, ...] = ()
        self._worker: int | None = None
        self._connection = self._connect(address)

    def _connect(self, address: str) -> socket.socket:
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.setblocking(False)
            try:
                connection.connect(address)
            except (BlockingIOError, FileNotFoundError, ConnectionRefusedError) as error:
                # All places of the queue are taken, or the zygote is just being replaced.
                connection.close()
                if time.monotonic() > self._deadline:
                    raise BusyError("no worker was free to answer") from error
                time.sleep(0.005)
            else:
                connection.setblocking(True)
                return connection

    def ask(self, query: Query, formats: Sequence[Format]) -> None:
        """Wait for a worker and send it the query."""
        hello = self._receive()
        if hello is None:
            raise _NotTakenError
        worker = json.loads(hello[1])
        self.missing = tuple(worker["missing"])
        self._worker = _open_process(worker["pid"])
        self._deadline = time.monotonic() + self._limits.seconds
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # told apart when nothing is received
            send_json(
                self._connection,
                b"Q",
                {
                    "text": query.text,
                    "default_graphs": query.default_graphs,
                    "named_graphs": query.named_graphs,
                    "base": query.base,
                    "graph": query.graph,
                    "formats": [row.name for row in formats],
                    "seconds": self._limits.seconds,
                    "bytes": self._limits.answer,
                    "may_call": self._call is not None,
                },
            )

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

    def chunks(self, first: bytes) -> Iterator[bytes]:
        """Yield the chunks of the answer; raises when the answer breaks off."""
        try:
            yield first
            while not self._ended and (chunk := self._next(b"C", b"E")):
                yield chunk
        finally:
            self.close()

    def close(self) -> None:
        """Let the worker go, or end it when it has not finished."""
        if self._worker is not None:
            if not self._ended:
                _end_process(self._worker)
            os.close(self._worker)
            self._worker = None
        self._connection.close()

    def _next(self, *kinds: bytes) -> bytes:
        """Return the payload of the next frame, which is of one of the kinds; raise the error it carries."""
        while (frame := self._receive()) is not None and frame[0] == b"F":
            self._forward(json.loads(frame[1]))
        if frame is None:
            raise self._death()
        kind, payload = frame
        if kind == b"X":
            self._ended = True
            raise _error(json.loads(payload))
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
            send(self._connection, b"R", name.encode() + b"\n" + answer)

    def _death(self) -> QueryError:
        if time.monotonic() >= self._deadline - 0.05:
            return TimeLimitError(f"the query took longer than the {self._limits.seconds:g} seconds it may take")
        return MemoryLimitError("the query's process died: it needs more memory than it may have, or nests too deeply")

    def _receive(self) -> tuple[bytes, bytes] | None:
        self._wait()
        try:
            return receive(self._connection)
        except ConnectionResetError:
            return None

    def _wait(self) -> None:
        """Wait until the worker says something; end it when the client goes away or the time is long up."""
        poller = select.poll()
        poller.register(self._connection, select.POLLIN)
        while not poller.poll(_LOOK * 1000):
            if time.monotonic() > self._deadline + _GRACE:
                if self._worker is None:
                    raise BusyError("no worker was free to answer")
                _end_process(self._worker)  # its end closes the connection, which is read as its death
            elif self._gone():
                raise ClientGoneError("the client has gone")


def _there() -> bool:
    return False


def _error(value: dict[str, object]) -> QueryError:
    problem = str(value["problem"])
    if value["kind"] == "syntax":
        return QuerySyntaxError(problem, int(str(value["line"])), int(str(value["column"])))
    return _ERRORS[str(value["kind"])](problem)


if hasattr(os, "pidfd_open"):

    def _open_process(pid: int) -> int:
        """Return a descriptor that means this very process, even after its number is given to another."""
        return os.pidfd_open(pid)

    def _end_process(process: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)

else:  # pragma: no cover (systems other than Linux)

    def _open_process(pid: int) -> int:
        """Return a descriptor that keeps the number of the process (a pipe whose one end is closed with it)."""
        reading, writing = os.pipe()
        os.write(writing, pid.to_bytes(4, "big"))
        os.close(writing)
        return reading

    def _end_process(process: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int.from_bytes(os.read(process, 4), "big"), signal.SIGKILL)
