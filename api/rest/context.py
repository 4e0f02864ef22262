"""``/context.jsonld``: what the keys of the answers mean."""

from flask import Response

from api.http.reply import JSON_LD
from api.rest.blueprint import blueprint
from kg.read import CONTEXT


@blueprint.get("/context.jsonld", summary="What the keys mean", doc_ui=False)
def context() -> Response:
    """Return the JSON-LD context of every answer of this API."""
    return Response(CONTEXT.read_text(encoding="utf-8"), content_type=JSON_LD.media_type)
