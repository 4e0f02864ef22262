"""Counts what the web processes do, and shows it as Prometheus reads it (``/metrics``)."""

import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from api.http.serving import served
from api.runtime import VARIABLE as RUNTIME
from api.runtime import Runtime

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
CACHE_BYTES = Gauge(
    "calcikg_cache_bytes", "Bytes of the answers kept in memory, of all web processes.", multiprocess_mode="livesum"
)
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
    now = CollectorRegistry()
    now.register(_Now())
    return Response(generate_latest(registry) + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


class _Now(Collector):
    """What holds for all web processes, looked at when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        here = served()
        yield GaugeMetricFamily("calcikg_queries_running", "Queries that run now.", here.slots.taken())
        yield GaugeMetricFamily("calcikg_queries_waiting", "Queries that wait for a place.", here.slots.waiting())
        snapshot = InfoMetricFamily("calcikg_snapshot", "The snapshot that is served.")
        snapshot.add_metric((), {"version": here.version})
        yield snapshot
        if folder := os.environ.get(RUNTIME):
            restarts = Runtime(Path(folder)).restarts()
            yield CounterMetricFamily("calcikg_worker_restarts", "Workers that have ended and were replaced.", restarts)


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
