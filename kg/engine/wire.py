"""How a web process and a worker talk over a Unix socket: frames of a kind, a length and a payload.

    worker -> web   H  once, before anything else: the worker's process id, as the web process may have to kill it; and
                       a pipe that tells the web process, once the worker has died, what the engine said
    web -> worker   Q  a query, as JSON; the first is sent without waiting for H
                    R  a SERVICE endpoint's reply to F: the format's name, a line feed, the answer;
                       or "refused" or "failed", a line feed, the reason
    worker -> web   F  a query for a SERVICE endpoint, as JSON: a worker has no network
                    A  the format of the answer, once it has begun, and the rules that rewrote the query
                    C  a chunk of the answer
                    E  the end: the answer is complete
                    X  an error instead, as JSON

After E or X the web process may send the next Q. As long as it keeps the connection the worker answers nobody else, so
that the process id always means a worker busy with its own query or idle. If the stream ends before E or X, the worker
has died; if it is reset before the first frame that follows Q, the worker had ended before it read Q.
"""

import json
import socket
import struct
from io import FileIO
from typing import Any

from kg import errors
from kg.errors import QueryError

#: Bytes of a full chunk; a smaller one is the last.
CHUNK = 64 * 1024
_HEADER = struct.Struct("!cI")


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return _HEADER.pack(kind, len(payload)) + payload


def json_frame(kind: bytes, value: Any) -> bytes:
    """Return one frame whose payload is JSON."""
    return frame(kind, json.dumps(value).encode())


def error_frame(error: QueryError) -> bytes:
    """Return the frame of an error: the name of its class, and the arguments to make it with."""
    return json_frame(b"X", {"class": type(error).__name__, "arguments": error.args})


def read_error(payload: bytes) -> QueryError:
    """Return the error in the payload of a frame X."""
    error = json.loads(payload)
    made = getattr(errors, error["class"])(*error["arguments"])
    assert isinstance(made, QueryError)
    return made


class Frames:
    """The frames that arrive on a connection, one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._arrived = bytearray()
        #: The pipes that came along.
        self.pipes: list[FileIO] = []

    def receive(self) -> tuple[bytes, bytes] | None:
        """Return the next frame's kind and payload; None when the other side has closed.

        A TimeoutError of the connection loses nothing: what has arrived stays for the next call.
        """
        while (received := self._cut()) is None:
            part, pipes, *_ = socket.recv_fds(self._connection, CHUNK + _HEADER.size, 1)
            self.pipes += map(FileIO, pipes)
            if not part:
                return None
            self._arrived += part
        return received

    def _cut(self) -> tuple[bytes, bytes] | None:
        if len(self._arrived) < _HEADER.size:
            return None
        kind, length = _HEADER.unpack_from(self._arrived)
        end = _HEADER.size + length
        if len(self._arrived) < end:
            return None
        payload = bytes(self._arrived[_HEADER.size : end])
        del self._arrived[:end]
        return kind, payload
