"""``/context.jsonld``: what the keys of the answers mean."""

import json

from flask import Response

from api.http.responses import JSON_LD, respond
from api.http.serving import labels
from api.rest.blueprint import blueprint


@blueprint.get("/context.jsonld", summary="What the keys mean", doc_ui=False)
def context() -> Response:
    """Return the JSON-LD context of every answer of this API."""
    return respond(JSON_LD, lambda: json.dumps(labels().schema.context, indent=2, ensure_ascii=False))
