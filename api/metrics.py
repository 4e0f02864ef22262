"""Counts what the web processes do, and shows it as Prometheus reads it (``/metrics``)."""

import os
import time
from functools import cache

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from api.serving import served

#: By this variable the supervisor tells where the processes put their counts together.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
blueprint = Blueprint("metrics", __name__)

REQUESTS = Counter("calcikg_requests", "Requests by route and status.", ["route", "status"])
SECONDS = Histogram(
    "calcikg_request_seconds",
    "Seconds until the answer to a request begins, by route.",
    ["route"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
PROBLEMS = Counter("calcikg_problems", "Problems by kind: time limits, busy workers, refusals and the like.", ["kind"])
CACHE = Counter("calcikg_cache", "Answers looked for in the cache, by whether they were there.", ["result"])


def register(app: Flask) -> None:
    """Count every request of an application."""
    app.before_request(_start)
    app.after_request(_count)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the counts of all web processes together."""
    if VARIABLE in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry = REGISTRY
    running = CollectorRegistry()
    Gauge("calcikg_queries_running", "Queries that run now.", registry=running).set(served().places.taken())
    Gauge("calcikg_queries_waiting", "Queries that wait for a place.", registry=running).set(served().places.waiting())
    return Response(generate_latest(registry) + generate_latest(running), content_type=CONTENT_TYPE_LATEST)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "none"
    requests, seconds = _counters(route, response.status_code)
    requests.inc()
    seconds.observe(time.perf_counter() - g.started)
    return response


@cache  # there are few routes and statuses; to look a counter up costs more than to count
def _counters(route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, status), SECONDS.labels(route)
