"""Counts requests, problems and cancelled queries, and writes the access log."""

import json
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from wsgiref.types import WSGIEnvironment

from flask import Flask, Response, g, request
from prometheus_client import Counter, Gauge, Histogram

from kg.engine import Answer, Engine, Format, Query
from kg.errors import ClientDisconnectedError, EngineFaultError, MemoryLimitError, SizeLimitError, TimeLimitError

REQUESTS = Counter("calcikg_requests", "Requests by route and status.", ["route", "status"])
SECONDS = Histogram(
    "calcikg_request_seconds",
    "Seconds until the answer to a request begins, by route.",
    ["route"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
PROBLEMS = Counter("calcikg_problems", "Problems by kind: time limits, busy workers, refusals and the like.", ["kind"])
CACHE_BYTES = Gauge(
    "calcikg_cache_bytes", "Bytes of the answers kept in memory, of all web processes.", multiprocess_mode="livesum"
)
CACHE = Counter("calcikg_cache", "Answers looked for in the cache, by whether they were there.", ["result"])
STOPPED = Counter(
    "calcikg_queries_stopped",
    "Queries stopped before their end: by the limits of time, memory and size, a fault of the engine, or a client that "
    "disconnected.",
    ["cause"],
)
#: Set in the environment of a request that began before it came to the application: when, by the clock of performance.
STARTED = "calcikg.started"
_CAUSES: dict[type[BaseException], str] = {
    TimeLimitError: "time",
    MemoryLimitError: "memory",
    SizeLimitError: "size",
    EngineFaultError: "fault",
    ClientDisconnectedError: "client",
    GeneratorExit: "client",  # nobody reads the rest of the answer
}


def register(app: Flask, *, access_log: bool) -> None:
    """Count every request of an application, and log each on standard output if asked to."""
    _counters("none", 404)  # so that the files of counts are made now, while there may be room for them
    app.before_request(_start)
    app.after_request(_count)
    if access_log:
        app.after_request(_log)


class CountedEngine(Engine):
    """An engine that counts its cancelled queries, also those whose answer had begun."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.missing = engine.missing

    def check_own(self) -> None:
        """Raise what the engine raises."""
        self._engine.check_own()

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        """Answer a query (see [kg.engine.base.Engine][])."""
        with _cancellations():
            answer = self._engine.answer(query, formats, gone)
        self.missing = self._engine.missing
        return answer if isinstance(answer.chunks, tuple) else Answer(answer.format, _counted(answer.chunks))


def _counted(chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    with _cancellations():
        yield from chunks


@contextmanager
def _cancellations() -> Iterator[None]:
    try:
        yield
    except tuple(_CAUSES) as error:
        STOPPED.labels(_CAUSES[type(error)]).inc()
        raise


def _start() -> None:
    g.started = request.environ.get(STARTED) or time.perf_counter()


def _seconds() -> float:
    return time.perf_counter() - float(g.started)


def _count(response: Response) -> Response:
    count(request.url_rule.rule if request.url_rule else "none", response.status_code, _seconds())
    return response


def count(route: str, status: int, seconds: float) -> None:
    """Count a request of a route, whose answer begins so many seconds after it came."""
    requests, histogram = _counters(route, status)
    requests.inc()
    histogram.observe(seconds)


def count_look_up(found: bool) -> None:
    """Count an answer looked for in the cache, and whether it was there."""
    _look_ups(found).inc()


@cache
def _look_ups(found: bool) -> Counter:
    return CACHE.labels("hit" if found else "miss")


@cache  # there are few routes and statuses, and finding a counter costs more than counting
def _counters(route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, status), SECONDS.labels(route)


def _log(response: Response) -> Response:
    size = response.calculate_content_length()
    log(request.environ, response.status_code, response.mimetype or "", size, _seconds())
    return response


def log(environ: WSGIEnvironment, status: int, media_type: str, size: int | None, seconds: float) -> None:
    """Write one JSON line on a request: no query text, no header, nothing that could be a secret.

    It is written by one call, so that lines of several threads and processes stay apart; a pipe takes up to 4,096 bytes
    whole (PIPE_BUF), hence the cuts, as a character takes up to twelve. A line that cannot be written is lost, and the
    request is answered all the same.
    """
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds)),
        "client": environ.get("REMOTE_ADDR"),
        "method": environ["REQUEST_METHOD"][:20],
        "path": environ["PATH_INFO"].encode("latin-1").decode(errors="replace")[:250],
        "status": status,
        "type": media_type,
        "bytes": size,
        "milliseconds": round(seconds * 1000, 1),
        "agent": environ.get("HTTP_USER_AGENT", "")[:100],
    }
    with suppress(OSError):  # a full disk must not end what only reports
        os.write(1, json.dumps(line).encode() + b"\n")
