"""The engine of the service: each query runs in a worker process that can be killed.

The workers belong to a zygote (see [kg.engine.zygote][]) and are reached over a Unix socket. A query that takes too
much time or memory, or crashes the engine, costs its own worker, which is replaced, and nothing else.
"""

import json
import math
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from kg.engine.base import FORMATS, Answer, Engine, Format, Query
from kg.engine.wire import CHUNK, frame, json_frame, read_error
from kg.engine.workers import Workers
from kg.errors import (
    BusyError,
    ClientDisconnectedError,
    EngineFaultError,
    MemoryLimitError,
    QueryError,
    ServiceError,
    ServiceRefusedError,
    TimeLimitError,
)

#: A [kg.engine.base.ServiceClient][] that gives up at a time of the monotonic clock.
TimedClient = Callable[[str, str, float], tuple[str, bytes]]

_PATIENCE = 1.0  # seconds after which a query gives way to shorter ones
_LONG = 10  # by how much its worker is then nicer than the web process
_SAID = 4096  # bytes to read of what the engine said when its process died
_GRACE = 1.0  # seconds after its time limit that a worker is killed from here, should the kernel not have done so

#: How the engine says that it breaks down by a fault of its own; if not, it had no memory, or its stack overflowed.
_PANIC = re.compile(r"panicked at .*\n(.*)")
#: What a query's author can do about known faults, by what the engine says.
_FAULTS = {
    "user-provided comparison function does not correctly implement a total order": (
        "the engine cannot sort values of types that do not compare, such as numbers and strings; "
        "write ORDER BY DATATYPE(?x) ?x, or ORDER BY STR(?x)"
    )
}


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds of wall-clock time, bytes of answer, seconds to wait for a worker."""

    seconds: float = 30.0
    answer: int = 512 * 2**20
    queue: float = 5.0


class IsolatedEngine(Engine):
    """Passes queries to the workers of a zygote."""

    def __init__(self, address: Path, limits: Limits, service: TimedClient | None = None) -> None:
        """Use the workers at the address of a socket; ``service`` sends queries to SERVICE endpoints for them."""
        self._limits, self._service = limits, service
        self._workers = Workers(str(address))
        self.missing: tuple[str, ...] = ()

    def limited(self, limits: Limits) -> "IsolatedEngine":
        """Return an engine that uses the same connections within other limits, and sends nothing to endpoints."""
        other = copy(self)
        other._limits, other._service = limits, None
        return other

    def answer(self, query: Query, formats: Sequence[Format], disconnected: Callable[[], bool] | None = None) -> Answer:
        """Answer a query (see [kg.engine.base.Engine][]); returns when the first part of the answer is there."""
        deadline = time.monotonic() + self._limits.queue
        while True:
            conversation = Conversation(self._workers, deadline, self._limits, self._service, disconnected)
            try:
                conversation.send(query, formats)
                self.missing = self._workers.missing
                return conversation.receive()
            except _NotTakenError:
                conversation.close()
                if time.monotonic() > deadline:
                    raise BusyError("no worker was free") from None
            except BaseException:
                conversation.close()
                raise


class _NotTakenError(Exception):
    """A worker ended before it took the query: another one may take it."""


class Conversation:
    """The exchange with a worker about one query, and the means to kill the worker."""

    def __init__(
        self,
        workers: Workers,
        deadline: float,
        limits: Limits,
        service: TimedClient | None,
        disconnected: Callable[[], bool] | None,
    ) -> None:
        self._limits, self._service, self._disconnected = limits, service, disconnected
        self._deadline = deadline
        self._gives_way = math.inf
        self._service_deadline = 0.0
        self._begun, self._ended = False, False
        self._workers, self._connection = workers, workers.connect(deadline)

    def send(self, query: Query, formats: Sequence[Format]) -> None:
        """Send the query, and wait for a worker to take it."""
        request = {
            "query": vars(query),
            "formats": [row.name for row in formats],
            "seconds": self._limits.seconds,
            "bytes": self._limits.answer,
            "service": self._service is not None,
        }
        self._send(json_frame(b"Q", request))
        if self._connection.worker is None:
            self._greet()
        now = time.monotonic()
        self._deadline, self._gives_way = now + self._limits.seconds, now + _PATIENCE
        self._service_deadline = now + self._limits.seconds / 2  # the rest is for the worker

    def _greet(self) -> None:
        """Learn which worker it is."""
        hello = self._receive()
        if hello is None:
            raise _NotTakenError
        worker = json.loads(hello[1])
        self._connection.worker, self._workers.missing = worker["pid"], tuple(worker["missing"])

    def receive(self) -> Answer:
        """Return the answer once its first chunk is there: complete if that was all, else with the rest to come."""
        name, *rewritten = self._next(b"A").decode().split()
        format_, rules = FORMATS[name], tuple(rewritten)
        first = self._next(b"C", b"E")
        if not self._ended and len(first) < CHUNK:
            self._next(b"E")
        if self._ended:
            self.close()
            return Answer(format_, (first,), rules)
        return Answer(format_, self._chunks(first), rules)

    def _chunks(self, first: bytes) -> Generator[bytes, None, None]:
        try:
            yield first
            while not self._ended and (chunk := self._next(b"C", b"E")):
                yield chunk
        finally:
            self.close()

    def close(self) -> None:
        """Release the worker, or kill it when it has not finished."""
        if self._ended:
            self._workers.keep(self._connection)
            return
        with suppress(_NotTakenError, OSError):
            self._connection.socket.shutdown(socket.SHUT_RD)  # from here on no worker can take the query,
            if self._connection.worker is None:
                self._greet()  # but one may have taken it just now
            self._connection.kill()
        self._connection.close()

    def _next(self, *kinds: bytes) -> bytes:
        """Return the payload of the next frame, which has one of the kinds; raise the error that comes instead."""
        while (received := self._receive()) is not None and received[0] == b"F":
            self._forward(**json.loads(received[1]))
        if received is None:
            raise self._death()
        kind, payload = received
        if kind == b"X":
            self._ended = True
            raise read_error(payload)
        self._ended = kind == b"E"
        assert kind in kinds, f"frame {kind!r} where one of {kinds} is due"
        return payload

    def _forward(self, endpoint: str, text: str) -> None:
        """Send a query to a SERVICE endpoint for the worker; it reads the reply, this process does not."""
        assert self._service is not None
        try:
            status, reply = self._service(endpoint, text, self._service_deadline)
        except ServiceError as error:
            status, reply = "refused" if isinstance(error, ServiceRefusedError) else "failed", str(error).encode()
        self._send(frame(b"R", status.encode() + b"\n" + reply))

    def _death(self) -> QueryError:
        if time.monotonic() >= self._deadline - 0.05:
            return TimeLimitError(f"the query took longer than the {self._limits.seconds:g} seconds allowed")
        said = b"".join(pipe.read(_SAID) or b"" for pipe in self._connection.frames.pipes).decode(errors="replace")
        with suppress(OSError):  # nobody may take the log
            print(said, end="", file=sys.stderr, flush=True)
        if fault := _PANIC.search(said):
            return EngineFaultError(_FAULTS.get(fault[1], f"the engine broke down on the query: {fault[1]}"))
        return MemoryLimitError("the query's process died: it needs more memory than allowed, or nests too deeply")

    def _receive(self) -> tuple[bytes, bytes] | None:
        while True:
            try:
                received = self._connection.frames.receive()
            except TimeoutError:
                self._check()
            except ConnectionResetError as error:
                if not self._begun:  # the worker had ended: it has not read all of the query
                    raise _NotTakenError from error
                return None
            else:
                self._begun = self._begun or (received is not None and received[0] != b"H")
                return received

    def _send(self, data: bytes) -> None:
        unsent = memoryview(data)
        try:
            while unsent:
                try:
                    unsent = unsent[self._connection.socket.send(unsent) :]
                except TimeoutError:
                    self._check()
        except (BrokenPipeError, ConnectionResetError) as error:
            if not self._begun:  # the worker had ended before
                raise _NotTakenError from error
            # Else the next `_receive` tells.

    def _check(self) -> None:
        """Give up when the client has disconnected; kill the worker when its time is long over.

        A long query runs on at a lower priority: the kernel then hardly lets shorter ones and web processes wait.
        """
        worker = self._connection.worker
        if worker is not None and time.monotonic() > self._gives_way:
            self._gives_way = math.inf
            with suppress(OSError):  # it has just ended
                os.setpriority(os.PRIO_PROCESS, worker, os.getpriority(os.PRIO_PROCESS, 0) + _LONG)
        if time.monotonic() > self._deadline + _GRACE:
            if worker is None:
                raise BusyError("no worker was free")
            self._connection.kill()  # which closes the connection
        elif self._disconnected is not None and self._disconnected():
            raise ClientDisconnectedError("the client disconnected")
