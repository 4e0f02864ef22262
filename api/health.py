"""``/healthz`` and ``/readyz``: is the process alive, and does it answer from a whole snapshot?"""

from flask import Blueprint, Response, current_app, jsonify

from kg.engine import FORMATS, Engine, Query

blueprint = Blueprint("health", __name__)

_CANARY = "ASK { ?finding a <https://w3id.org/calcikg/ontology/Finding> }"


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process lives."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether a query is answered, and from which snapshot."""
    engine: Engine = current_app.extensions["engine"]
    found = b"true" in engine.answer(Query(_CANARY), (FORMATS["json"],)).read()
    status = "ready" if found else "no findings"
    return jsonify(status=status, snapshot=current_app.extensions["snapshot"].version), 200 if found else 503
