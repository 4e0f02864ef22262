"""``/explorer``: the graph as a picture that can be walked through."""

from flask import Blueprint, Response, redirect, url_for

blueprint = Blueprint("explorer", __name__)


@blueprint.get("/explorer")
def page() -> Response:
    """Show the explorer."""
    return redirect(url_for("rest.graph", center="treatment/topical-sodium-thiosulfate"))  # type: ignore[return-value]
