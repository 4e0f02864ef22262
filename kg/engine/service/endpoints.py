"""Asks other SPARQL endpoints over HTTP, only those that are allowed, and never for longer or more than is allowed."""

import contextlib
import http.client
import ipaddress
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
    """The endpoints that may be asked, exactly as written here; the time and the bytes that one answer may take.

    A name must lead to public addresses only. An endpoint inside a private network is allowed by writing its address,
    or ``localhost``, instead of a name.
    """

    allowed: tuple[str, ...]
    seconds: float = 20.0
    size: int = 16 * 2**20

    def __call__(self, endpoint: str, query: str) -> tuple[str, bytes]:
        """Send a query; return the name of the results format and the answer in it, unread.

        Raises ServiceError, which never quotes what the endpoint says.
        """
        if endpoint not in self.allowed:
            raise ServiceRefusedError(f"SERVICE may not call <{endpoint}>: KG_SERVICE_ALLOW does not name it")
        url = urlsplit(endpoint)
        give_up = time.monotonic() + self.seconds
        try:
            return self._exchange(url, query, give_up)
        except (OSError, http.client.HTTPException) as error:
            late = isinstance(error, TimeoutError) or time.monotonic() >= give_up
            what = f"took longer than {self.seconds:g} seconds" if late else "cannot be reached, or broke off"
            raise ServiceError(f"the endpoint <{endpoint}> {what}") from None

    def _exchange(self, url: SplitResult, query: str, give_up: float) -> tuple[str, bytes]:
        connection = http.client.HTTPConnection(url.netloc.rpartition("@")[2])
        connection.sock = stream = _connect(url)
        # The socket's own time limit begins anew with each byte; this one does not.
        watch = threading.Timer(max(0.0, give_up - time.monotonic()), _shut, [stream])
        watch.start()
        try:
            path = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("POST", path, urlencode({"query": query}), _HEADERS)
            with connection.getresponse() as response:
                answer = self._read(url.geturl(), response, give_up)
            if time.monotonic() >= give_up:
                raise TimeoutError  # a stream that was shut looks like one that has ended
            return answer
        finally:
            watch.cancel()
            connection.close()

    def _read(self, name: str, response: http.client.HTTPResponse, give_up: float) -> tuple[str, bytes]:
        if time.monotonic() >= give_up:
            raise TimeoutError
        if response.status != 200:
            told = "a redirect, which is not followed" if 300 <= response.status < 400 else "an error"
            raise ServiceError(f"the endpoint <{name}> answered with {told} (status {response.status})")
        format_ = _FORMATS.get(response.headers.get_content_type())
        if format_ is None:
            raise ServiceError(f"the endpoint <{name}> answered in a format that is not SPARQL results")
        body = response.read(self.size + 1)
        if len(body) > self.size:
            raise ServiceError(f"the endpoint <{name}> answered with more than {self.size:,} bytes")
        return format_, body


def _connect(url: SplitResult) -> socket.socket:
    """Connect to an endpoint at an address that was looked at: a name cannot lead elsewhere a moment later."""
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    addresses = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not _is_address(host) and not all(ipaddress.ip_address(address).is_global for address in addresses):
        raise ServiceError(f"the endpoint <{url.geturl()}> is not at a public address")
    stream = socket.create_connection((addresses[0], port), timeout=_CONNECT)
    stream.settimeout(None)
    if url.scheme == "https":
        stream.settimeout(_CONNECT)
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
