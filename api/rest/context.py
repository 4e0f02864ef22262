"""``/context.jsonld``: what the keys of the answers mean."""

from flask import Response

from api.http.responses import JSON_LD, respond
from api.rest.blueprint import blueprint
from kg.read import CONTEXT


@blueprint.get("/context.jsonld", summary="What the keys mean", doc_ui=False)
def context() -> Response:
    """Return the JSON-LD context of every answer of this API."""
    return respond(JSON_LD, CONTEXT.read_bytes)
