"""A small HTTP client for one engine: connections that are kept, a time limit for the whole exchange, credentials.

It is not urllib3, for the reason that SERVICE has: a query that nobody waits for any more must end at once, so the
socket is watched together with the client who asks.
"""

import base64
import http.client
import select
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import urlsplit
from urllib.request import AbstractDigestAuthHandler, HTTPPasswordMgr, Request, parse_http_list
from urllib.request import parse_keqv_list as parse_pairs

from kg.errors import ClientDisconnectedError, EngineUnavailableError, SizeLimitError, TimeLimitError

# Virtuoso repeats each graph of a request in a header; a snapshot has hundreds, and the library takes a hundred.
http.client._MAXHEADERS = 10_000  # type: ignore[attr-defined]
_CONNECT = 5.0  # seconds to wait for a connection
_POLL = 0.1  # seconds between two checks whether the client is still connected
_KEPT = 16  # idle connections
_PART = 256 * 1024  # bytes read at once


@dataclass(frozen=True)
class Credentials:
    """A user and a password; they come from the environment alone, so that no list of processes shows them."""

    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back, whole."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Bounds:
    """What an exchange may take: until a time of the monotonic clock, so many bytes, while the client is there."""

    deadline: float
    size: int = 2**40
    disconnected: Callable[[], bool] | None = None

    def left(self) -> float:
        """Return the seconds that are left. Raises TimeLimitError when none are, ClientDisconnectedError."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeLimitError("the engine took longer than the seconds allowed")
        if self.disconnected is not None and self.disconnected():
            raise ClientDisconnectedError("the client disconnected")
        return left


class HttpClient:
    """Sends requests to one server; several threads may use it."""

    def __init__(self, server: str, credentials: Credentials) -> None:
        """Talk to the server of a URL; it is given the credentials when it asks for some."""
        self._url = urlsplit(server)
        self._idle: deque[http.client.HTTPConnection] = deque()
        weakref.finalize(self, _close, self._idle)
        self._login = _Login(credentials)

    def send(self, method: str, url: str, body: bytes, headers: Mapping[str, str], bounds: Bounds) -> Reply:
        """Send a request to an address of the server; return its reply, whatever its status.

        Raises EngineUnavailableError when there is none, TimeLimitError, SizeLimitError and ClientDisconnectedError.
        """
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        reply = self._exchange(method, target, body, headers, bounds)
        if reply.status == 401 and self._login.take_challenge(reply.headers.get_all("WWW-Authenticate", [])):
            reply = self._exchange(method, target, body, headers, bounds)
        return reply

    def _exchange(self, method: str, target: str, body: bytes, headers: Mapping[str, str], bounds: Bounds) -> Reply:
        while True:
            kept = self._take()
            connection = kept or self._connect()
            try:
                login = self._login.header(method, f"{self._url.scheme}://{self._url.netloc}{target}", target)
                connection.request(method, target, body or None, {**headers, **login})
                return self._read(connection, bounds)
            except (ConnectionError, http.client.BadStatusLine) as error:
                connection.close()
                if kept is None:
                    raise self._unavailable("broke off", error) from None
                # The server has closed an idle connection; every request here may be sent twice.
            except TimeoutError:
                connection.close()
                raise TimeLimitError("the engine took longer than the seconds allowed") from None
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                raise self._unavailable("broke off", error) from None
            except BaseException:
                connection.close()
                raise

    def _take(self) -> http.client.HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._url.netloc.rpartition("@")[2], timeout=_CONNECT)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            raise self._unavailable("cannot be reached", error) from None
        return connection

    def _read(self, connection: http.client.HTTPConnection, bounds: Bounds) -> Reply:
        stream = connection.sock
        poller = select.poll()
        poller.register(stream, select.POLLIN)
        while not poller.poll(1000 * min(_POLL, bounds.left())):
            pass
        stream.settimeout(bounds.left())
        response = connection.getresponse()
        parts, size = list[bytes](), 0
        while part := response.read(_PART):
            parts.append(part)
            size += len(part)
            if size > bounds.size:
                raise SizeLimitError("the answer is too large; ask for less with LIMIT")
            stream.settimeout(bounds.left())
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        if response.will_close or len(self._idle) >= _KEPT:
            connection.close()
        else:
            self._idle.append(connection)
        return Reply(response.status, response.headers, b"".join(parts))

    def _unavailable(self, what: str, error: BaseException) -> EngineUnavailableError:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return EngineUnavailableError(f"the engine at {self._url.hostname}:{self._url.port or ''} {what} ({reason})")


def _close(connections: deque[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


class _AnyRealm(HTTPPasswordMgr):
    """The same credentials for all of a server."""

    def __init__(self, credentials: Credentials) -> None:
        self._pair = credentials.user, credentials.password

    def find_user_password(self, realm: str | None, authuri: str | Sequence[str]) -> tuple[str | None, str | None]:
        """Return user and password."""
        return self._pair


class _Login:
    """User and password, in the way that a server asks for: Basic (RFC 7617) or Digest (RFC 7616)."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._basic = False
        self._digest: dict[str, str] = {}
        self._handler = AbstractDigestAuthHandler(_AnyRealm(credentials))

    def take_challenge(self, challenges: list[str]) -> bool:
        """Take what a server asks for; tell whether it is worth another try."""
        if not self._credentials.user:
            return False
        for challenge in challenges:
            scheme, _, rest = challenge.partition(" ")
            if scheme.lower() == "digest":
                told = parse_pairs(parse_http_list(rest))
                again, self._digest = told.get("nonce") != self._digest.get("nonce"), told
                return again
            if scheme.lower() == "basic":
                again, self._basic = not self._basic, True
                return again
        return False

    def header(self, method: str, url: str, target: str) -> dict[str, str]:
        """Return the header that shows who asks; none before the server has asked for it."""
        if self._digest:
            request = Request(url, method=method)
            given = self._handler.get_authorization(request, self._digest)
            return {"Authorization": f"Digest {given}"} if given else {}
        if self._basic:
            code = base64.b64encode(f"{self._credentials.user}:{self._credentials.password}".encode()).decode()
            return {"Authorization": f"Basic {code}"}
        return {}
