"""``/context.jsonld``: what the keys of the answers mean."""

import json

from flask import Response

from api.http.answers import labels
from api.http.reply import JSON_LD
from api.rest.blueprint import blueprint


@blueprint.get("/context.jsonld", summary="What the keys mean", doc_ui=False)
def context() -> Response:
    """Return the JSON-LD context of every answer of this API."""
    document = json.dumps(labels().schema.context, indent=2, ensure_ascii=False)
    return Response(document, content_type=JSON_LD.media_type)
