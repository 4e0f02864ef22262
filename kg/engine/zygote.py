"""The process that holds a dataset and forks the workers that answer queries over it.

    python -m kg.engine.zygote SOCKET WORKERS MEMORY union|plain DATASET...

It is single-threaded, reads no query itself and only forks: a worker shares its store without a copy. Workers wait
for connections on one Unix socket, take one query each, and are replaced when they die, of whatever cause.
"""

import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.engine.base import Call, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.formats import FORMATS, Format
from kg.engine.sandbox import allow_seconds, confine, end_with_parent, rest
from kg.engine.wire import CHUNK, Frames, frame, json_frame
from kg.errors import (
    ClientGoneError,
    NotAcceptableError,
    QueryError,
    QuerySyntaxError,
    RefusedError,
    ServiceError,
    ServiceRefusedError,
    SizeLimitError,
)

#: The environment variable by which a supervisor says that it is the parent.
PARENT = "KG_PARENT"
_KINDS: dict[type[QueryError], str] = {
    NotAcceptableError: "format",
    SizeLimitError: "size",
    RefusedError: "refused",
    ServiceRefusedError: "service-refused",
    ServiceError: "service",
}
_PATIENCE = 5.0  # seconds for a web process to send its query


def main(arguments: list[str]) -> None:
    """Load the dataset, listen, fork workers, and replace them for ever."""
    address, workers, memory, graphs, *files = arguments
    end_with_parent()
    # The statistics load a library of linear algebra, which would take memory and a thread for every processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        return  # the parent ended before it could be told to take this process with it
    try:
        engine = EmbeddedEngine.from_files([Path(file) for file in files], union=graphs == "union")
    except (SyntaxError, OSError, ValueError) as error:
        sys.exit(f"the dataset cannot be read: {error}")
    listener = socket.socket(socket.AF_UNIX)
    staged = Path(address + ".new")
    staged.unlink(missing_ok=True)
    listener.bind(str(staged))
    listener.listen(int(workers) * 2)
    gc.freeze()
    ended = Path(address).with_suffix(".ended").open("ab", buffering=0)
    # The address appears when there is somebody to answer, not before.
    supervise(
        int(workers),
        lambda: work(listener, engine, int(memory)),
        lambda: staged.rename(address),
        lambda: ended.write(b"x"),
    )


def supervise(number: int, work_: Callable[[], None], ready: Callable[[], object], ended: Callable[[], object]) -> None:
    """Keep so many workers alive until this process is told to end."""
    children: set[int] = set()

    def end(*_: object) -> None:
        for child in children:
            with suppress(ProcessLookupError):  # it may have ended just now
                os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        while len(children) < number:
            started = time.monotonic()
            children.add(fork(work_))
        ready()
        ready = lambda: None  # noqa: E731
        child, _ = os.waitpid(-1, 0)
        children.discard(child)
        ended()
        if time.monotonic() - started < 0.01:
            time.sleep(0.01)  # a worker that cannot even start must not take the whole processor


def fork(work_: Callable[[], None]) -> int:
    """Start a worker; its end is always the end of its process."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        end_with_parent()
        if os.getppid() != parent:
            os._exit(1)  # the parent ended before it could be told to take this process with it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        try:
            work_()
        finally:
            os._exit(1)
    return child


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
        connection.sendall(json_frame(b"X", _problem(error)))
    except MemoryError:
        problem = {"kind": "memory", "problem": "the query needs more memory than it may have"}
        connection.sendall(json_frame(b"X", problem))
    else:
        writer.end()


def _problem(error: QueryError) -> dict[str, object]:
    if isinstance(error, QuerySyntaxError):
        return {"kind": "syntax", "problem": error.problem, "line": error.line, "column": error.column}
    return {"kind": _KINDS.get(type(error), "query"), "problem": str(error)}


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


if __name__ == "__main__":
    main(sys.argv[1:])
