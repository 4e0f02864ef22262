"""A worker: answers one query after the other over the store that it shares with its zygote, in the sandbox."""

import json
import os
import socket

from kg.engine.base import Call, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.failures import write_error
from kg.engine.formats import FORMATS, Format
from kg.engine.sandbox import allow_seconds, confine, rest
from kg.engine.wire import CHUNK, Frames, frame, json_frame
from kg.errors import ClientGoneError, MemoryLimitError, QueryError, ServiceError, ServiceRefusedError, SizeLimitError

_PATIENCE = 5.0  # seconds for a web process to send its query


def work(listener: socket.socket, engine: EmbeddedEngine, memory: int) -> None:
    """Answer one connection after the other, under the limits of the sandbox."""
    hello = {"missing": confine(memory), "pid": os.getpid()}
    while True:
        connection, _ = listener.accept()
        with connection:
            serve(connection, engine, json_frame(b"H", hello))


def serve(connection: socket.socket, engine: EmbeddedEngine, hello: bytes) -> None:
    """Answer the one query of a connection."""
    connection.settimeout(_PATIENCE)
    frames = Frames(connection)
    try:
        connection.sendall(hello)
        asked = frames.receive()
        if asked is None:
            return
        request = json.loads(asked[1])
        connection.settimeout(None)
        allow_seconds(request["seconds"])
        answer(connection, frames, engine, request)
        frames.receive()  # until the web process closes, this process is the one to end
    except (OSError, ClientGoneError):
        pass  # the web process has gone, and with it whoever wanted the answer
    finally:
        rest()


def answer(connection: socket.socket, frames: Frames, engine: EmbeddedEngine, request: dict[str, object]) -> None:
    """Send the answer in chunks, or the error instead of it or in the midst of it."""
    query = Query(
        str(request["text"]),
        _iris(request["default_graphs"]),
        _iris(request["named_graphs"]),
        _iri(request["base"]),
        _iri(request["graph"]),
    )
    formats = [FORMATS[name] for name in request["formats"]]  # type: ignore[attr-defined]
    writer = _Writer(connection, int(str(request["bytes"])))
    try:
        engine.write(query, formats, writer, _caller(connection, frames) if request["may_call"] else None)
    except QueryError as error:
        connection.sendall(json_frame(b"X", write_error(error)))
    except MemoryError:
        short = MemoryLimitError("the query needs more memory than it may have")
        connection.sendall(json_frame(b"X", write_error(short)))
    else:
        writer.end()


def _caller(connection: socket.socket, frames: Frames) -> Call:
    """Return what has the web process ask another endpoint."""

    def call(endpoint: str, text: str) -> tuple[str, bytes]:
        connection.sendall(json_frame(b"F", {"endpoint": endpoint, "text": text}))
        replied = frames.receive()
        if replied is None:
            raise ClientGoneError("the web process has gone")
        name, _, answer = replied[1].partition(b"\n")
        if name == b"refused":
            raise ServiceRefusedError(answer.decode())
        if name == b"failed":
            raise ServiceError(answer.decode())
        return name.decode(), answer

    return call


def _iri(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _iris(value: object) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) else None


class _Writer:
    """A file that sends what the engine writes as frames, and stops at the limit.

    What makes no full chunk is sent together with the end, so that a small answer is one message.
    """

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection, self._left = connection, limit
        self._begun = b""
        self._buffer = bytearray()

    def begin(self, format_: Format) -> None:
        self._begun = frame(b"A", format_.name.encode())

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise SizeLimitError("the answer is larger than an answer may be; ask for less with LIMIT")
        self._buffer += data
        if len(self._buffer) >= CHUNK:
            self._send(self._chunk())
        return len(data)

    def flush(self) -> None:
        """Keep what makes no full chunk."""

    def end(self) -> None:
        self._send(self._chunk() + frame(b"E"))

    def _chunk(self) -> bytes:
        begun, chunk = self._begun, frame(b"C", bytes(self._buffer)) if self._buffer else b""
        self._begun = b""
        self._buffer.clear()
        return begun + chunk

    def _send(self, frames: bytes) -> None:
        try:
            self._connection.sendall(frames)
        except OSError as error:  # told apart from an OSError of the engine
            raise ClientGoneError("the web process has gone") from error
