"""Counts requests, problems and cancelled queries, and writes the access log."""

import json
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache

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
    g.started = time.perf_counter()


def _seconds() -> float:
    return time.perf_counter() - float(g.started)


def _count(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "none"
    requests, seconds = _counters(route, response.status_code)
    requests.inc()
    seconds.observe(_seconds())
    return response


@cache  # there are few routes and statuses, and finding a counter costs more than counting
def _counters(route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, status), SECONDS.labels(route)


def _log(response: Response) -> Response:
    """Write one JSON line: no query text, no header, nothing that could be a secret.

    It is written by one call, so that lines of several threads and processes stay apart; a pipe takes up to 4,096 bytes
    whole (PIPE_BUF), hence the cuts, as a character takes up to twelve. A line that cannot be written is lost, and the
    request is answered all the same.
    """
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - _seconds())),
        "client": request.remote_addr,
        "method": request.method[:20],
        "path": request.path[:250],
        "status": response.status_code,
        "type": response.mimetype,
        "bytes": response.content_length,
        "milliseconds": round(_seconds() * 1000, 1),
        "agent": (request.user_agent.string or "")[:100],
    }
    with suppress(OSError):  # a full disk must not end what only reports
        os.write(1, json.dumps(line).encode() + b"\n")
    return response
