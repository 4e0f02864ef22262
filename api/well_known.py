"""``/.well-known/void``: the description of the dataset (VoID, section 7.2)."""

from flask import Blueprint, Response, request

from api.answers import respond
from api.negotiation import graph_formats
from kg.engine import Query
from kg.queries import read_query

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Return what the dataset says of itself."""
    return respond(Query(read_query("void")), graph_formats(request))
