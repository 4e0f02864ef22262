"""How a web process and a worker speak over a Unix socket: frames of a kind, a length and a payload.

    web -> worker   Q  the query, as JSON
                    R  what another endpoint answered to F: the format's name, a line feed, the answer;
                       or "refused" or "failed", a line feed, the reason
    worker -> web   H  the worker's process id, before anything else: whoever waits for it can end it
                    F  a query for another endpoint, as JSON: a worker has no network
                    A  the format of the answer, when it has begun
                    C  a chunk of the answer
                    E  the end: the answer is whole
                    X  an error instead, as JSON
An end of the stream before E or X says that the worker died.
"""

import json
import socket
import struct
from typing import Any

#: Bytes of a full chunk; a smaller one is the last.
CHUNK = 64 * 1024
_HEADER = struct.Struct("!cI")


def send(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    """Send one frame."""
    connection.sendall(_HEADER.pack(kind, len(payload)) + payload)


def send_json(connection: socket.socket, kind: bytes, value: Any) -> None:
    """Send one frame whose payload is JSON."""
    send(connection, kind, json.dumps(value).encode())


def receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """Receive one frame; None when the other side has closed."""
    header = _exactly(connection, _HEADER.size)
    if header is None:
        return None
    kind, length = _HEADER.unpack(header)
    payload = _exactly(connection, length)
    return None if payload is None else (kind, payload)


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    parts = []
    while length:
        part = connection.recv(min(length, 1 << 20))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
