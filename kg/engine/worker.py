"""A worker: answers one query after the other over the store that it shares with its zygote, in the sandbox."""

import json
import os
import socket
import sys
from contextlib import suppress
from typing import Any

from kg.engine.base import FORMATS, Format, Query, ServiceClient
from kg.engine.embedded import EmbeddedEngine
from kg.engine.sandbox import clear_timer, drop_privileges, most_resident_memory, resident_memory, set_timer
from kg.engine.wire import CHUNK, Frames, error_frame, frame, json_frame
from kg.errors import (
    ClientDisconnectedError,
    MemoryLimitError,
    QueryError,
    ServiceError,
    ServiceRefusedError,
    SizeLimitError,
)

_KEPT = 32 * 2**20  # bytes that a worker may keep of what its queries took


def work(listener: socket.socket, engine: EmbeddedEngine, memory: int) -> None:
    """Answer the queries of one connection after the other in the sandbox, with so many bytes of memory to allocate.

    Returns after a query that leaves its mark: memory that the allocator keeps, or a priority lowered for good. The
    worker that takes the place of this one has neither.
    """
    hello, said = json_frame(b"H", {"missing": drop_privileges(memory), "pid": os.getpid()}), _keep_what_is_said()
    most, priority = resident_memory() + _KEPT, os.getpriority(os.PRIO_PROCESS, 0)

    def is_fresh() -> bool:
        # Only a process that once held more than it may keep has to look how much it still holds.
        small = most_resident_memory() < most or resident_memory() < most
        return small and os.getpriority(os.PRIO_PROCESS, 0) == priority

    while is_fresh():
        connection, _ = listener.accept()
        with connection, suppress(OSError, ClientDisconnectedError):  # nobody waits for the answer any more
            socket.send_fds(connection, [hello], [said])
            frames = Frames(connection)
            while is_fresh() and (received := frames.receive()):
                serve(connection, frames, engine, json.loads(received[1]))


def _keep_what_is_said() -> int:
    """Have the engine write into a pipe why it breaks down; return where it is read. Python goes on writing the log."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    said, say = os.pipe()
    for end in (said, say):
        os.set_blocking(end, False)
    os.dup2(say, 2)
    return said


def serve(connection: socket.socket, frames: Frames, engine: EmbeddedEngine, request: dict[str, Any]) -> None:
    """Answer a query of a connection within its time."""
    set_timer(request["seconds"])
    try:
        _answer(connection, frames, engine, request)
    finally:
        clear_timer()


def _answer(connection: socket.socket, frames: Frames, engine: EmbeddedEngine, request: dict[str, Any]) -> None:
    """Send the answer in chunks, or an error instead of it or in the middle of it."""
    writer = _Writer(connection, request["bytes"])
    service = _service_client(connection, frames) if request["service"] else None
    try:
        engine.write(Query(**request["query"]), [FORMATS[name] for name in request["formats"]], writer, service)
    except QueryError as error:
        connection.sendall(error_frame(error))
    except MemoryError:
        connection.sendall(error_frame(MemoryLimitError("the query needs more memory than allowed")))
    else:
        writer.end()


def _service_client(connection: socket.socket, frames: Frames) -> ServiceClient:
    """Return a client that has the web process send the queries to SERVICE endpoints."""

    def send(endpoint: str, text: str) -> tuple[str, bytes]:
        connection.sendall(json_frame(b"F", {"endpoint": endpoint, "text": text}))
        reply = frames.receive()
        if reply is None:
            raise ClientDisconnectedError("the web process disconnected")
        status, _, answer = reply[1].partition(b"\n")
        if status == b"refused":
            raise ServiceRefusedError(answer.decode())
        if status == b"failed":
            raise ServiceError(answer.decode())
        return status.decode(), answer

    return send


class _Writer:
    """A sink that sends the answer as frames, up to a limit in bytes.

    Less than a full chunk is sent together with the end, so that a small answer is one message.
    """

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection, self._left = connection, limit
        self._head, self._buffer = b"", bytearray()

    def begin(self, format_: Format, rewritten: tuple[str, ...]) -> None:
        self._head = frame(b"A", " ".join((format_.name, *rewritten)).encode())

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise SizeLimitError("the answer is too large; ask for less with LIMIT")
        self._buffer += data
        if len(self._buffer) >= CHUNK:
            self._send(b"")
        return len(data)

    def flush(self) -> None:
        """Do nothing: chunks are sent when they are full."""

    def end(self) -> None:
        self._send(frame(b"E"))

    def _send(self, tail: bytes) -> None:
        chunk = frame(b"C", bytes(self._buffer)) if self._buffer else b""
        try:
            self._connection.sendall(self._head + chunk + tail)
        except OSError as error:  # else it would pass for an error of the engine
            raise ClientDisconnectedError("the web process disconnected") from error
        self._head = b""
        self._buffer.clear()
