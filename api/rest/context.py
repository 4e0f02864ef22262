"""``/context.jsonld``: what the keys of the answers mean."""

from flask import Response, send_file

import kg.read
from api.rest.blueprint import blueprint
from api.rest.reply import JSON_LD

_FILE = kg.read.CONTEXT


@blueprint.get("/context.jsonld", summary="What the keys mean", doc_ui=False)
def context() -> Response:
    """Return the JSON-LD context of every answer of this API."""
    return send_file(_FILE, JSON_LD.media_type)
