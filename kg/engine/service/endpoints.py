"""Sends queries to other SPARQL endpoints over HTTP: only to allowed ones, with limits of time and size."""

import contextlib
import http.client
import ipaddress
import math
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urlencode, urlsplit

from kg.errors import ServiceError, ServiceRefusedError

_FORMATS = {"application/sparql-results+json": "json", "application/sparql-results+xml": "xml"}
_HEADERS = {
    "Accept": "application/sparql-results+json, application/sparql-results+xml;q=0.8",
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "calcikg (+https://w3id.org/calcikg/)",
    "Connection": "close",
}
_CONNECT = 5.0  # seconds to wait for a connection


@dataclass(frozen=True)
class Endpoints:
    """The allowed endpoints, exactly as written here; the seconds and the bytes that one answer may take.

    A host name must lead to public addresses only. An endpoint inside a private network is allowed by its address, or
    by ``localhost``, instead of a name.
    """

    allowed: tuple[str, ...]
    seconds: float = 20.0
    size: int = 16 * 2**20

    def __call__(self, endpoint: str, query: str, until: float = math.inf) -> tuple[str, bytes]:
        """Send a query; return the name of the results format and the answer in it, unread.

        ``until`` is a time of the monotonic clock, at which requests before this one may have used up the time.

        Raises ServiceError, which never quotes the endpoint's answer.
        """
        if endpoint not in self.allowed:
            raise ServiceRefusedError(f"SERVICE may not call <{endpoint}>: KG_SERVICE_ALLOW does not name it")
        deadline = min(time.monotonic() + self.seconds, until)
        try:
            if time.monotonic() >= deadline:
                raise TimeoutError
            return self._exchange(urlsplit(endpoint), query, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:  # of a number that is none
            late = isinstance(error, TimeoutError) or time.monotonic() >= deadline
            problem = (
                f"took longer than the {self.seconds:g} seconds that SERVICE may take"
                if late
                else "cannot be reached, or broke off"
            )
            raise ServiceError(f"the endpoint <{endpoint}> {problem}") from None

    def _exchange(self, url: SplitResult, query: str, deadline: float) -> tuple[str, bytes]:
        connection = http.client.HTTPConnection(url.netloc.rpartition("@")[2])
        connection.response_class = _Response
        connection.sock = stream = _connect(url)
        # The time limit of a socket starts again with each byte; this one does not.
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), _shut, [stream])
        timer.start()
        try:
            path = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("POST", path, urlencode({"query": query}), _HEADERS)
            with connection.getresponse() as response:
                answer = self._read(url.geturl(), response, deadline)
            if time.monotonic() >= deadline:
                raise TimeoutError  # a stream that was shut looks like one that has ended
            return answer
        finally:
            timer.cancel()
            connection.close()

    def _read(self, name: str, response: http.client.HTTPResponse, deadline: float) -> tuple[str, bytes]:
        if time.monotonic() >= deadline:
            raise TimeoutError
        if response.status != 200:
            answer = "a redirect, which is not followed" if 300 <= response.status < 400 else "an error"
            raise ServiceError(f"the endpoint <{name}> answered with {answer} (status {response.status})")
        format_ = _FORMATS.get(response.headers.get_content_type())
        if format_ is None:
            raise ServiceError(f"the endpoint <{name}> answered in a format that is not SPARQL results")
        body = response.read(self.size + 1)
        if len(body) > self.size:
            raise ServiceError(f"the endpoint <{name}> answered with more than {self.size:,} bytes")
        return format_, body


class _Response(http.client.HTTPResponse):
    """Refuses a chunk of a negative size (RFC 9112, section 7.1), which the library would read without an end."""

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        if size < 0:
            raise ValueError(f"a chunk of {size} bytes")
        return size


def _connect(url: SplitResult) -> socket.socket:
    """Connect to the address that was checked, so that the name cannot lead elsewhere a moment later."""
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    addresses = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not _is_address(host) and not all(ipaddress.ip_address(address).is_global for address in addresses):
        raise ServiceError(f"the endpoint <{url.geturl()}> is not at a public address")
    stream = socket.create_connection((addresses[0], port), timeout=_CONNECT)
    if url.scheme == "https":
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=host)
    stream.settimeout(None)
    return stream


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def _shut(stream: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended already
        stream.shutdown(socket.SHUT_RDWR)
