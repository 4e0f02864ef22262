"""``python -m benchmarks.door [DATA]``: what a request costs beside what it needs, over `kg serve` with nothing cached.

`/healthz` beside a bare "hello" of the same web server, a finding by REST beside a look-up, and 50 findings, as JSON
and as a page, beside the queries that they need, sent one after the other. All are asked in turns by one client.
"""

import http.client
import multiprocessing
import socket
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

from api.app import create_app
from api.http.serving import InProcess
from api.server import Watch, make_server, turn
from benchmarks.client import JSON, timed
from benchmarks.routes import served
from kg.engine import Answer, Engine, Format, Query
from kg.settings import Settings

_ROUNDS = 200
_LOOK_UP = 'SELECT ?s WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> "colchicine"@en }'
_FINDING = "/api/v1/findings/debulking-2021-30"
_LIST, _PAGE = "/api/v1/findings?limit=50", "/page/finding"
Ask = Callable[[], None]


def main(data: Path) -> None:
    """Measure, and print a table."""
    with hello() as bare, served(data) as address:
        asked = {
            "hello": get(bare, "/"),
            "/healthz": get(address, "/healthz"),
            "look-up": get(address, query(_LOOK_UP)),
        }
        beside = {"/healthz": "hello"}
        for route, other in ((_FINDING, "look-up"), (_LIST, ""), (_PAGE, "")):
            beside[route] = other or f"queries of {route}"
            asked[route] = get(address, route)
            if not other:
                asked[beside[route]] = one_after_another(get(address, query(text)) for text in queries_of(data, route))
        times = in_turns(asked)
    print("| request | p50, ms | beside | p50, ms | ratio | difference, ms |\n| --- | --- | --- | --- | --- | --- |")
    for name, other in beside.items():
        one, two = times[name], times[other]
        print(f"| {name} | {one:.2f} | {other} | {two:.2f} | {one / two:.2f} | {one - two:.2f} |")


def in_turns(asked: dict[str, Ask]) -> dict[str, float]:
    """Return the median milliseconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(_ROUNDS + 3):  # the first ones are to warm up
        for name, ask in asked.items():
            with timed() as taken:
                ask()
            seconds[name] += taken if number > 2 else []
    return {name: statistics.median(found) * 1000 for name, found in seconds.items()}


def get(address: str, path: str) -> Ask:
    """Return what asks for a path over a connection of its own."""
    connection = http.client.HTTPConnection(address, timeout=60)

    def ask() -> None:
        connection.request("GET", path, headers={"Accept": f"{JSON}, text/html, application/json;q=0.9, */*;q=0.1"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            raise OSError(f"{path[:100]}: {answer.status}, {body[:200]!r}")

    return ask


def query(text: str) -> str:
    """Return the path of a query."""
    return f"/sparql?query={quote(text)}"


def one_after_another(asks: Iterator[Ask]) -> Ask:
    """Return what asks all."""
    every = list(asks)

    def ask() -> None:
        for one in every:
            one()

    return ask


@dataclass
class _Recording(Engine):
    """An engine that notes what it is asked."""

    engine: Engine
    texts: list[str] = field(default_factory=list)
    missing = ()

    def answer(self, query: Query, formats: tuple[Format, ...], gone: Callable[[], bool] | None = None) -> Answer:  # type: ignore[override]
        self.texts.append(query.text)
        return self.engine.answer(query, formats, gone)


def queries_of(data: Path, route: str) -> list[str]:
    """Return the queries that a route needs once what is read once has been read."""
    settings = Settings.read({"KG_DATA": str(data), "KG_RATE": "0", "KG_CACHE": "0.00001"})
    source = InProcess.open(settings)
    recording = _Recording(source.served.engine)
    client = create_app(settings, InProcess(replace(source.served, engine=recording))).test_client()
    client.get(route)
    recording.texts.clear()
    client.get(route)
    return recording.texts


@contextmanager
def hello() -> Iterator[str]:
    """Serve a bare "hello" by the same web server until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.Process(target=_greet, args=(listener,), daemon=True)
    process.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        process.kill()


def _greet(listener: socket.socket) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return [b"hello"]

    settings = Settings.read({})
    server = make_server(app, listener, settings)  # type: ignore[arg-type]
    watch = Watch(server, settings.client_timeout)
    while True:
        turn(server, watch)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build"))
