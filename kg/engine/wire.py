"""How a web process and a worker speak over a Unix socket: frames of a kind, a length and a payload.

    web -> worker   Q  the query, as JSON; it need not wait for H
                    R  what another endpoint answered to F: the format's name, a line feed, the answer;
                       or "refused" or "failed", a line feed, the reason
    worker -> web   H  the worker's process id, before anything else: whoever waits for it can end it
                    F  a query for another endpoint, as JSON: a worker has no network
                    A  the format of the answer, when it has begun
                    C  a chunk of the answer
                    E  the end: the answer is whole
                    X  an error instead, as JSON
An end of the stream before E or X says that the worker died. The web process closes the connection when it has read E
or X; until then the worker takes no other query, so that the process id means a worker at work on this one.
"""

import json
import socket
import struct
from typing import Any

#: Bytes of a full chunk; a smaller one is the last.
CHUNK = 64 * 1024
_HEADER = struct.Struct("!cI")


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return _HEADER.pack(kind, len(payload)) + payload


def json_frame(kind: bytes, value: Any) -> bytes:
    """Return one frame whose payload is JSON."""
    return frame(kind, json.dumps(value).encode())


class Frames:
    """The frames that arrive on a connection, one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._arrived = bytearray()

    def receive(self) -> tuple[bytes, bytes] | None:
        """Return the next frame's kind and payload; None when the other side has closed.

        A TimeoutError of the connection loses nothing: what has arrived is kept for the next call.
        """
        while (found := self._cut()) is None:
            part = self._connection.recv(CHUNK + _HEADER.size)
            if not part:
                return None
            self._arrived += part
        return found

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
