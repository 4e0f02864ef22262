"""``/healthz`` and ``/readyz``: is the process alive, and does it answer from a whole snapshot?"""

from flask import Blueprint, Response, jsonify

from api.http.serving import served
from kg.engine import FORMATS, Query

blueprint = Blueprint("health", __name__)

_CANARY = "ASK { ?s ?p ?o }"


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process lives."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say from which snapshot queries are answered; a canary query has to pass through the engine.

    ``missing`` names protections that are not in force, such as the network filter on systems that have none.
    """
    here = served()
    here.engine.answer(Query(_CANARY), (FORMATS["json"],)).read()
    return jsonify(status="ready", snapshot=here.version, missing=here.engine.missing)
