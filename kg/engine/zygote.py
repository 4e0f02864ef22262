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
from kg.engine.wire import CHUNK, receive, send, send_json
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
_PATIENCE = 5.0  # seconds for a web process to send its query


def main(arguments: list[str]) -> None:
    """Load the dataset, listen, fork workers, and replace them for ever."""
    address, workers, memory, graphs, *files = arguments
    end_with_parent()
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        return  # the parent ended before it could be told to take this process with it
    engine = EmbeddedEngine.from_files([Path(file) for file in files], union=graphs == "union")
    listener = socket.socket(socket.AF_UNIX)
    staged = Path(address + ".new")
    staged.unlink(missing_ok=True)
    listener.bind(str(staged))
    listener.listen(int(workers) * 2)
    gc.freeze()
    # The address appears when there is somebody to answer, not before.
    supervise(int(workers), lambda: work(listener, engine, int(memory)), lambda: staged.rename(address))


def supervise(number: int, work_: Callable[[], None], ready: Callable[[], object]) -> None:
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
        if time.monotonic() - started < 0.01:
            time.sleep(0.01)  # a worker that cannot even start must not take the whole processor


def fork(work_: Callable[[], None]) -> int:
    """Start a worker; its end is always the end of its process."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        try:
            work_()
        finally:
            os._exit(1)
    return child


def work(listener: socket.socket, engine: EmbeddedEngine, memory: int) -> None:
    """Answer one connection after the other, under the limits of the sandbox."""
    missing = confine(memory)
    while True:
        connection, _ = listener.accept()
        with connection:
            serve(connection, engine, missing)


def serve(connection: socket.socket, engine: EmbeddedEngine, missing: tuple[str, ...]) -> None:
    """Answer the one query of a connection."""
    connection.settimeout(_PATIENCE)
    try:
        send_json(connection, b"H", {"pid": os.getpid(), "missing": missing})
        frame = receive(connection)
        if frame is None:
            return
        request = json.loads(frame[1])
        connection.settimeout(None)
        allow_seconds(request["seconds"])
        answer(connection, engine, request)
    except (OSError, ClientGoneError):
        pass  # the web process has gone, and with it whoever wanted the answer
    finally:
        rest()


def answer(connection: socket.socket, engine: EmbeddedEngine, request: dict[str, object]) -> None:
    """Send the answer in chunks, or the error instead of it or in the midst of it."""
    query = Query(
        str(request["text"]),
        _iris(request["default_graphs"]),
        _iris(request["named_graphs"]),
        _iri(request["base"]),
        _iri(request["graph"]),
    )
    formats = [FORMATS[name] for name in request["formats"]]  # type: ignore[attr-defined]
    try:
        call = _caller(connection) if request["may_call"] else None
        engine.write(query, formats, _Writer(connection, int(str(request["bytes"]))), call)
        send(connection, b"E")
    except QuerySyntaxError as error:
        problem = {"kind": "syntax", "problem": error.problem, "line": error.line, "column": error.column}
        send_json(connection, b"X", problem)
    except NotAcceptableError as error:
        send_json(connection, b"X", {"kind": "format", "problem": str(error)})
    except SizeLimitError as error:
        send_json(connection, b"X", {"kind": "size", "problem": str(error)})
    except RefusedError as error:
        send_json(connection, b"X", {"kind": "refused", "problem": str(error)})
    except ServiceRefusedError as error:
        send_json(connection, b"X", {"kind": "service-refused", "problem": str(error)})
    except ServiceError as error:
        send_json(connection, b"X", {"kind": "service", "problem": str(error)})
    except QueryError as error:
        send_json(connection, b"X", {"kind": "query", "problem": str(error)})
    except MemoryError:
        send_json(connection, b"X", {"kind": "memory", "problem": "the query needs more memory than it may have"})


def _caller(connection: socket.socket) -> Call:
    """Return what has the web process ask another endpoint."""

    def call(endpoint: str, text: str) -> tuple[str, bytes]:
        send_json(connection, b"F", {"endpoint": endpoint, "text": text})
        frame = receive(connection)
        if frame is None:
            raise ClientGoneError("the web process has gone")
        name, _, answer = frame[1].partition(b"\n")
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
    """A file that sends what the engine writes as frames, and stops at the limit."""

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection, self._left = connection, limit
        self._buffer = bytearray()

    def begin(self, format_: Format) -> None:
        self._send(b"A", format_.name.encode())

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise SizeLimitError("the answer is larger than an answer may be; ask for less with LIMIT")
        self._buffer += data
        if len(self._buffer) >= CHUNK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._buffer:
            self._send(b"C", bytes(self._buffer))
            self._buffer.clear()

    def _send(self, kind: bytes, payload: bytes) -> None:
        try:
            send(self._connection, kind, payload)
        except OSError as error:  # told apart from an OSError of the engine
            raise ClientGoneError("the web process has gone") from error


if __name__ == "__main__":
    main(sys.argv[1:])
