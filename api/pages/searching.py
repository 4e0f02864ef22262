"""``/search``: what is called something like the words given, as a page."""

from flask import Blueprint, Response, render_template, request

from api.http.responses import HTML, respond
from api.rest.search import search

#: Hits on one page; who wants more narrows the words down.
ROWS = 50
_LONGEST = 200

blueprint = Blueprint("searching", __name__)


@blueprint.get("/search")
def page() -> Response:
    """Show entities, then terms of other vocabularies, that have a name like the words; the best fit comes first."""
    asked = request.args.get("q", "").strip()[:_LONGEST]

    def write() -> bytes:
        own = search(asked, ["Entity"], ROWS, 0) if asked else None
        terms = search(asked, ["Term"], ROWS, 0) if asked else None
        return render_template("search.html", asked=asked, own=own, terms=terms).encode()

    return respond(HTML, write)
