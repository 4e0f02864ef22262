"""HTTP clients: one that times single answers, and one that keeps many connections busy."""

import asyncio
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

JSON = "application/sparql-results+json"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """What came back: status, entity tag, body, and seconds from the request to its last byte."""

    status: int
    tag: str | None
    body: bytes
    seconds: float


class Connection:
    """One keep-alive connection to an endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._url = urlsplit(endpoint)
        self._http = http.client.HTTPConnection(self._url.netloc, timeout=120)

    def ask(self, query: str, tag: str | None = None) -> Reply:
        """Send a query, conditional when an entity tag is given, and read the whole answer."""
        headers = {"Accept": JSON} | ({"If-None-Match": tag} if tag else {})
        while True:
            started = time.perf_counter()
            fresh = self._http.sock is None
            try:
                self._http.request("GET", target(self._url.geturl(), query), headers=headers)
                response = self._http.getresponse()
                body = response.read()
            except ConnectionError:  # closed while it was idle: others had their turn
                self._http.close()
                if fresh:
                    raise
            else:
                return Reply(response.status, response.headers["ETag"], body, time.perf_counter() - started)

    def stream(self, query: str) -> tuple[int, float]:
        """Send a query and read its answer piece by piece; return bytes and seconds. Raises when it breaks off."""
        started = time.perf_counter()
        self._http.request("GET", target(self._url.geturl(), query), headers={"Accept": JSON})
        response = self._http.getresponse()
        size, end = 0, b""
        while piece := response.read(1 << 18):
            size, end = size + len(piece), (end + piece)[-8:]
        if response.status != 200 or not end.rstrip().endswith(b"}"):
            raise OSError(f"status {response.status}, {size} bytes")
        return size, time.perf_counter() - started


def target(endpoint: str, query: str) -> str:
    """Return the path and query string of a request."""
    url = urlsplit(endpoint)
    return f"{url.path}?{'&'.join(filter(None, (url.query, urlencode({'query': query}))))}"


def rows(body: bytes) -> list[Row]:
    """Return the values of a JSON answer in an order of their own; blank nodes are all alike."""
    answer = json.loads(body)
    names = answer["head"]["vars"]
    return sorted(tuple(_value(row.get(name)) for name in names) for row in answer["results"]["bindings"])


def _value(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    return "_:" if term["type"] == "bnode" else term["value"]


@dataclass
class Load:
    """Many clients asking one query at once, within bounds of count and time."""

    endpoint: str
    query: str
    clients: int
    seconds: float
    most: int
    own_addresses: bool = True  # each client from a loopback address of its own
    good: int = field(default=0, init=False)
    bad: int = field(default=0, init=False)

    def run(self) -> float:
        """Return the good answers per second."""
        return asyncio.run(self._run())

    async def _run(self) -> float:
        url = urlsplit(self.endpoint)
        head = f"GET {target(self.endpoint, self.query)} HTTP/1.1\r\nHost: {url.netloc}\r\nAccept: {JSON}\r\n\r\n"
        assert url.hostname is not None and url.port is not None
        loop = asyncio.get_running_loop()
        clients = []
        for number in range(self.clients):
            address = (f"127.0.0.{number + 2}", 0) if self.own_addresses else None
            _, client = await loop.create_connection(
                lambda: _Client(head.encode(), self), url.hostname, url.port, local_addr=address
            )
            clients.append(client)
        self.started = time.perf_counter()
        for client in clients:
            client.ask()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                await asyncio.gather(*(client.ended for client in clients))
        elapsed = time.perf_counter() - self.started
        for client in clients:
            client.close()
        return self.good / elapsed

    def count(self, good: bool) -> bool:
        """Count an answer; tell whether there shall be another."""
        self.good += good
        self.bad += not good
        return self.good + self.bad < self.most


class _Client(asyncio.Protocol):
    """Asks again as soon as it is answered. Knows just enough HTTP to see where an answer ends."""

    def __init__(self, request: bytes, load: Load) -> None:
        self._request, self._load, self._got = request, load, b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self) -> None:
        self._got = b""
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not _is_whole(self._got) or self.ended.done():
            return
        if self._load.count(b" 200 " in self._got[:16]):
            self.ask()
        else:
            self.ended.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self._load.count(False)
            self.ended.set_result(None)

    def close(self) -> None:
        self.ended.cancel()
        self._transport.abort()


def _is_whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    if not end:
        return False
    fields = head.lower()
    if b"transfer-encoding: chunked" in fields:
        return body.endswith(b"0\r\n\r\n")
    _, known, rest = fields.partition(b"content-length:")
    return bool(known) and len(body) >= int(rest.split(b"\r\n", 1)[0])


@contextmanager
def timed() -> Iterator[list[float]]:
    """Put the seconds that a block took into the list that it gets."""
    taken: list[float] = []
    started = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - started)
