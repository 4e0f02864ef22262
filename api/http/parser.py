"""Reads requests as RFC 9112 defines them, and refuses those that a proxy may have understood differently.

waitress is lenient where two readings of a request let a second one be smuggled past a proxy: it unfolds lines, joins
repeated fields, and takes a bare LF after the size of a chunk. What it would accept so is refused here.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.rfc7230 import CHUNK_EXT, HEADER_FIELD_RE
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge, RequestHeaderFieldsTooLarge

from api.http.limits import MAX_HEADERS

#: Bytes that the line before a chunk may have: its size and its extensions (RFC 9112, section 7.1.1).
MAX_CHUNK_LINE = 1024
#: Fields that frame a request or say what it is: with two lines of one of them it has two meanings.
_SINGLE = (b"host", b"content-length", b"content-type", b"transfer-encoding")
_END = b"\r\n"
_CHUNK = re.compile(f"([0-9A-Fa-f]+){CHUNK_EXT}".encode("latin-1"))


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request."""

    body_rcv: Any = None

    def received(self, data: bytes) -> int:
        """Read a part of a request; return how many bytes belong to it."""
        if self.body_rcv is None and _has_bare_end(self.header_plus + data):
            self.error, self.completed = BadRequest("a line ends in a bare CR or LF"), True
            return len(data)
        consumed: int = super().received(data)
        if self.completed:
            self.expect_continue = False  # the answer itself comes next
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and headers; raises ParsingError."""
        lines = header_plus.split(_END)[1:]
        if any(line.startswith((b" ", b"\t")) for line in lines):
            raise ParsingError("a header is folded over two lines")
        fields = [(name.lower(), value.strip(b" \t")) for name, _, value in (line.partition(b":") for line in lines)]
        numbers = Counter(name for name, _ in fields)
        if repeated := [name.decode().title() for name in _SINGLE if numbers[name] > 1]:
            raise ParsingError(f"{repeated[0]} is given more than once")
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # numbers and addresses that Python's own functions refuse
            raise ParsingError(f"the request cannot be read: {error}") from None
        encodings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
        if encodings and (encodings != [b"chunked"] or self.version != "1.1" or numbers[b"content-length"]):
            raise ParsingError("Transfer-Encoding has to be chunked, in HTTP/1.1 and without Content-Length")
        if self.version not in ("", "1.0") and not numbers[b"host"]:
            raise ParsingError("Host is missing")
        if self.proxy_netloc:  # the host in the request line goes before that of the header (section 3.2.2)
            self.headers["HOST"] = self.proxy_netloc
        if self.chunked:
            self.body_rcv = Chunks(self.body_rcv.getbuf(), self.adj.max_request_body_size)


class Chunks:
    """Reads a chunked body (RFC 9112, section 7.1) into a buffer; its trailers are read and dropped."""

    def __init__(self, buffer: OverflowableBuffer, largest: int) -> None:
        """Read a body of less than ``largest`` bytes."""
        self.completed = False
        self.error: Error | None = None
        self._buffer, self._largest = buffer, largest
        self._pending = b""
        self._left = 0  # bytes of the chunk that are still to come
        self._expect_size()

    def __len__(self) -> int:
        """Return how many bytes of the body have been read."""
        return len(self._buffer)

    def getfile(self) -> object:
        """Return the body as a file."""
        return self._buffer.getfile()

    def getbuf(self) -> OverflowableBuffer:
        """Return the buffer."""
        return self._buffer

    def received(self, data: bytes) -> int:
        """Read a part of the body; return how many bytes belong to it."""
        self._pending += data
        while not (self.completed or self.error) and self._advance():
            pass
        return len(data) - (len(self._pending) if self.completed else 0)

    def _advance(self) -> bool:
        """Read a line, or a part of a chunk; return False when it is not there yet."""
        if self._left:
            part, self._pending = self._pending[: self._left], self._pending[self._left :]
            self._buffer.append(part)
            self._left -= len(part)
            return bool(part)
        line, end, rest = self._pending.partition(_END)
        if len(line if end else line.removesuffix(b"\r")) > self._longest:
            self.error = self._too_long
        elif end:
            self._pending = rest
            self._read(line)
        return bool(end)

    def _expect(self, read: Callable[[bytes], None], longest: int, too_long: Error) -> None:
        self._read, self._longest, self._too_long = read, longest, too_long

    def _expect_size(self, _: bytes = b"") -> None:
        self._expect(self._read_size, MAX_CHUNK_LINE, BadRequest("the line before a chunk is too long"))

    def _read_size(self, line: bytes) -> None:
        if not (found := _CHUNK.fullmatch(line)):
            self.error = BadRequest("a chunk has no size")
        elif (size := int(found[1], 16)) == 0:
            self._expect(self._read_trailer, MAX_HEADERS, RequestHeaderFieldsTooLarge("the trailers are too large"))
        elif len(self) + size >= self._largest:
            self.error = RequestEntityTooLarge("the body is too large")
        else:
            self._left = size
            self._expect(self._expect_size, 0, BadRequest("a chunk is longer than its size"))

    def _read_trailer(self, line: bytes) -> None:
        self._longest -= len(line)
        self.completed = not line
        if line and not HEADER_FIELD_RE.fullmatch(line):
            self.error = BadRequest("a trailer is no header")


def _has_bare_end(received: bytes) -> bool:
    """Tell whether a line before the body ends in anything but CR LF; the last one may be incomplete.

    >>> _has_bare_end(b"GET / HTTP/1.1\\r\\nHost: x\\r"), _has_bare_end(b"GET / HTTP/1.1\\nHost: x\\n\\n")
    (False, True)
    """
    head = received.partition(_END * 2)[0].removesuffix(b"\r")
    return not head.count(b"\r") == head.count(b"\n") == head.count(_END)
