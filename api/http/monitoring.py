"""``/healthz``, ``/readyz`` and ``/metrics``: is the process alive, does it answer queries, and what has it counted?"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from api.http.serving import served
from api.runtime import METRICS, RUNTIME, Runtime
from kg.engine import FORMATS, Query

blueprint = Blueprint("monitoring", __name__)

HEALTH = "/healthz"
#: What a process that is alive says.
ALIVE = b'{"status":"ok"}\n'


@blueprint.get(HEALTH)
def healthz() -> Response:
    """Say that the process is alive."""
    return Response(ALIVE, mimetype="application/json")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say which snapshot answers queries, after a query has passed through the engine.

    ``missing`` names protections that are not in force, such as the network filter on systems that have none.
    """
    here = served()
    here.check()
    here.engine.answer(Query("ASK { ?s ?p ?o }"), (FORMATS["json"],)).read()
    return jsonify(status="ready", snapshot=here.version, missing=here.engine.missing)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the counts of all web processes together, as Prometheus reads them."""
    now = CollectorRegistry()
    now.register(_Now())
    return Response(_counts() + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


def _counts() -> bytes:
    """Return the counts of all web processes; none while their files are being made or removed, as a part misleads."""
    folder = os.environ.get(METRICS)
    if not folder:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    try:
        multiprocess.MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    except (FileNotFoundError, ValueError, struct.error):  # ValueError: no folder; struct.error: an empty file
        return b""


class _Now(Collector):
    """What holds for all web processes at the moment."""

    def collect(self) -> Iterator[Metric]:
        here = served()
        yield GaugeMetricFamily("calcikg_queries_running", "Queries that run now.", here.slots.taken())
        yield GaugeMetricFamily("calcikg_queries_waiting", "Queries that wait for a slot.", here.slots.waiting())
        snapshot = InfoMetricFamily("calcikg_snapshot", "The snapshot that is served.")
        snapshot.add_metric((), {"version": here.version})
        yield snapshot
        if folder := os.environ.get(RUNTIME):
            restarts = Runtime(Path(folder)).restarts()
            yield CounterMetricFamily("calcikg_worker_restarts", "Workers that have ended and were replaced.", restarts)
