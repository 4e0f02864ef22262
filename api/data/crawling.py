"""``/sitemap.xml`` and ``/robots.txt``: what crawlers may read, and what there is."""

from flask import Blueprint, Response, render_template, url_for

from api.http.responses import respond
from api.http.serving import labels
from kg.engine import Format
from kg.prefixes import ID

blueprint = Blueprint("crawling", __name__)

_XML = Format("xml", "application/xml", "xml", "results")
_TEXT = Format("txt", "text/plain", "txt", "results")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the start page and the page of every entity (sitemaps.org, protocol 0.9)."""

    def write() -> str:
        start = url_for("pages.start", _external=True)
        pages = [f"{start}page/{iri.removeprefix(ID)}" for iri in sorted(labels().entities)]
        return render_template("sitemap.xml", addresses=[start, *pages]) + "\n"

    return respond(_XML, write)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers from asking queries without end (RFC 9309), and show them the sitemap."""
    return respond(_TEXT, lambda: render_template("robots.txt") + "\n")
