"""Requests, byte by byte, that a web server has to refuse, and those that it must not: a table for any server.

RFC 9112 is HTTP/1.1, RFC 9110 what all versions of HTTP share, RFC 6585 has further statuses. A section that merely
allows to refuse is in brackets.
"""

from typing import NamedTuple

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LAST = b"6\r\nASK {}\r\n0\r\n"
END = b"\r\n"


class Refused(NamedTuple):
    """A request, the status of its answer, the kind of its problem, and the section that it goes against."""

    data: bytes
    status: int
    kind: str
    section: str


def host(value: bytes) -> bytes:
    """Return a request with a host."""
    return b"GET /robots.txt HTTP/1.1\r\nHost: " + value + b"\r\n\r\n"


def bad(data: bytes, section: str) -> Refused:
    """Return a request that is answered by 400."""
    return Refused(data, 400, "bad-request", section)


def large_header(data: bytes) -> Refused:
    """Return a request whose headers are too large."""
    return Refused(data, 431, "headers-too-large", "6585 5")


#: What is no request, or could be read as two: one problem, and the connection is closed.
REFUSED = {
    # The request line
    "garbage": bad(b"garbage\r\n\r\n", "9112 3"),
    "TLS": bad(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "9112 3"),
    "method in small letters": bad(b"get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "9110 9.1"),
    "target that is no address": bad(b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", "9112 3.2"),
    "tabs": bad(b"GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n", "(9112 3)"),
    "long target": large_header(b"GET /" + b"x" * 20480 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    # Lines and fields
    "long header": large_header(GET + b"X: " + b"x" * 20480 + b"\r\n\r\n"),
    "no colon": bad(GET + b"no colon\r\n\r\n", "9112 5"),
    "space before the colon": bad(POST + b"Content-Length : 6\r\n\r\nASK {}" + GET, "9112 5.1"),
    "NUL": bad(GET + b"X: a\0b\r\n\r\n", "9110 5.5"),
    "bare LF in a header": bad(GET + b"X: a\nb\r\n\r\n", "(9112 2.2)"),
    "bare LF after the request line": bad(b"GET /healthz HTTP/1.1\nHost: x\r\n\r\n", "(9112 2.2)"),
    "bare LF after every line": bad(b"GET /healthz HTTP/1.1\nHost: x\n\n", "(9112 2.2)"),
    "bare CR in a header": bad(GET + b"X: a\rb\r\n\r\n", "9112 2.2"),
    "bare CR between headers": bad(b"GET /healthz HTTP/1.1\r\nHost: x\rX: y\r\n\r\n", "9112 2.2"),
    "bare CR before CR LF": bad(GET + b"X: a\r\r\n\r\n", "9112 2.2"),
    "bare CR before the request line": bad(b"\r" + GET + END, "9112 2.2"),
    "folded before the first header": bad(b"GET /healthz HTTP/1.1\r\n folded: first\r\n\r\n", "9112 2.2"),
    "folded": bad(GET + b"X: a\r\n b\r\n\r\n", "9112 5.2"),
    "folded by a tab": bad(GET + b"X: a\r\n\tb\r\n\r\n", "9112 5.2"),
    "folded empty": bad(GET + b" \r\n\r\n", "9112 5.2"),
    "folded Transfer-Encoding": bad(POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + LAST + END, "9112 5.2"),
    # Host
    "no Host": bad(b"GET /healthz HTTP/1.1\r\n\r\n", "9112 3.2"),
    "two Hosts": bad(b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "9112 3.2"),
    "a Host twice": bad(b"GET /healthz HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", "9112 3.2"),
    # Content-Type
    "two Content-Types": bad(POST + b"Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nASK {}", "9110 5.3"),
    # Content-Length
    "negative": bad(POST + b"Content-Length: -1\r\n\r\n", "9112 6.3"),
    "with a sign": bad(POST + b"Content-Length: +4\r\n\r\nASK{", "9112 6.3"),
    "number that is too long": bad(POST + b"Content-Length: 1" + b"0" * 5000 + b"\r\n\r\n", "9110 8.6"),
    "list of lengths": bad(POST + b"Content-Length: 6, 6\r\n\r\nASK {}" + GET, "(9112 6.3)"),
    "two lengths": bad(POST + b"Content-Length: 6\r\nContent-Length: 5\r\n\r\nASK {}" + GET, "9112 6.3"),
    "a length twice": bad(POST + b"Content-Length: 6\r\nContent-Length: 6\r\n\r\nASK {}" + GET, "(9112 6.3)"),
    "large body": Refused(POST + b"Content-Length: 10000000\r\n\r\n", 413, "content-too-large", "9110 15.5.14"),
    # Transfer-Encoding
    "other encoding": Refused(POST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "transfer-encoding", "9112 6.1"),
    "encoding after chunked": Refused(
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + GET, 501, "transfer-encoding", "9112 6.1"
    ),
    "control character": bad(POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + GET, "9110 5.5"),
    "chunked twice": bad(POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + LAST + END, "9112 6.1"),
    "two encodings": bad(
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + LAST + END, "9112 6.1"
    ),
    "no encoding": bad(POST + b"Transfer-Encoding:\r\nContent-Length: 6\r\n\r\nASK {}", "9112 6.3"),
    "length, then encoding": bad(
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET, "(9112 6.3)"
    ),
    "encoding, then length": bad(
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + GET, "(9112 6.3)"
    ),
    "encoding in HTTP/1.0": bad(
        POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET, "9112 6.1"
    ),
    # Chunks
    "no size": bad(CHUNKED + b"zz\r\n", "9112 7.1"),
    "empty line before a size": bad(CHUNKED + END + LAST + END, "9112 7.1"),
    "size with a prefix": bad(CHUNKED + b"0x" + LAST + END, "9112 7.1"),
    "size with an underscore": bad(CHUNKED + b"0_" + LAST + END, "9112 7.1"),
    "bare LF after a size": bad(CHUNKED + b"6\nASK {}\r\n0\r\n\r\n", "9112 7.1"),
    "LF and CR LF after a size": bad(CHUNKED + b"6\n\r\nASK {}\r\n0\r\n\r\n", "9112 7.1"),
    "LF in an extension": bad(CHUNKED + b"6;a=b\n\r\nASK {}\r\n0\r\n\r\n", "9112 7.1.1"),
    "CR in an extension": bad(CHUNKED + b"6;a\r=b\r\nASK {}\r\n0\r\n\r\n", "9112 7.1.1"),
    "long extension": bad(CHUNKED + b"6;a=" + b"x" * 5000 + b"\r\nASK {}\r\n0\r\n\r\n", "9112 7.1.1"),
    "endless size": bad(CHUNKED + b"0" * 5000, "9112 7.1"),
    "chunk longer than its size": bad(CHUNKED + b"5\r\nASK {}\r\n0\r\n\r\n", "9112 7.1"),
    "chunk without an end": bad(CHUNKED + b"6\r\nASK {}0\r\n\r\n", "9112 7.1"),
    "chunk that ends in LF": bad(CHUNKED + b"6\r\nASK {}\n0\r\n\r\n", "9112 7.1"),
    "large chunk": Refused(CHUNKED + b"FFFFFFFF\r\nASK {}", 413, "content-too-large", "9110 15.5.14"),
    "size beyond 64 bits": Refused(
        CHUNKED + b"10000000000000006\r\nASK {}\r\n0\r\n\r\n", 413, "content-too-large", "9112 7.1"
    ),
    # Trailers
    "trailer that is no field": bad(CHUNKED + LAST + GET + END, "9112 7.1.2"),
    "bare LF in a trailer": bad(CHUNKED + LAST + b"X: a\nY: b\r\n\r\n", "(9112 2.2)"),
    "bare CR in a trailer": bad(CHUNKED + LAST + b"X: a\rY: b\r\n\r\n", "9112 2.2"),
    "folded trailer": bad(CHUNKED + LAST + b"X: a\r\n b\r\n\r\n", "9112 5.2"),
    "long trailer": large_header(CHUNKED + LAST + b"X: " + b"x" * 20480 + b"\r\n\r\n"),
    "many trailers": large_header(CHUNKED + LAST + b"X: a\r\n" * 5000 + END),
    # What waits for leave to go on has been refused before
    "expectation": bad(GET + b"Host: y\r\nExpect: 100-continue\r\n\r\n", "9110 10.1.1"),
}

#: Hosts that no link can have: 400, as RFC 9112, section 3.2, asks for; the connection may stay open.
HOSTS = {
    "dots": b"..",
    "empty label": b".x",
    "label of 64 characters": b"a" * 64,
    "punycode that is none": b"xn--",
    "two in one": b"x, y",
    "space": b"a b",
    "path": b"a/b",
    "user": b"user@x",
    "port beyond 65535": b"x:65536",
    "UTF-8": "ü".encode(),
    "IPv6 that is none": b"[:::::]",
    "open bracket": b"[::1",
}

#: What is allowed, although not every server takes it.
ALLOWED = {
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "HTTP/1.0 without Host": b"GET /healthz HTTP/1.0\r\n\r\n",
    "empty Host": b"GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
    "IPv6": b"GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close\r\n\r\n",
    "dot after the host": b"GET /healthz HTTP/1.1\r\nHost: x.\r\nConnection: close\r\n\r\n",
    "lines before a request": END + GET + b"Connection: close\r\n\r\n",
    "expectation without a body": GET + b"Expect: 100-continue\r\nConnection: close\r\n\r\n",
    "CHUNKED": POST + b"Connection: close\r\nTransfer-Encoding: CHUNKED\r\n\r\n" + LAST + END,
    "extensions": POST
    + b'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nASK\r\n003;a="b;c";d\r\n {}\r\n0;e\r\n\r\n',
    "trailers": POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + LAST + b"X: a\r\nHost: y\r\n\r\n",
}
