"""``/.well-known/void``: the description of the dataset (VoID, section 7.2), also found from the IRI of its version."""

from flask import Blueprint, Response, abort, make_response, redirect, url_for

from api.http.negotiation import graph_formats
from api.http.responses import respond_query
from api.http.serving import described
from kg.engine import Query
from kg.prefixes import BASE
from kg.queries import read_query
from kg.read.entities import first

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Return what the dataset says of itself."""
    return respond_query(Query(read_query("void")), graph_formats())


@blueprint.get("/version/<name>")
def version(name: str) -> Response:
    """Lead from a version of the dataset to the description, if it is the one that is served."""
    description = described()
    if description is None or first(description.version, "identifier") != f"{BASE}version/{name}":
        abort(404, f"version {name} is not served here")
    return make_response(redirect(url_for("well_known.void"), 303))
