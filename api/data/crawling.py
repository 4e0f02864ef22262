"""``/sitemap.xml`` and ``/robots.txt``: what crawlers may read, and what there is."""

from flask import Blueprint, Response, render_template, request, url_for

from api.http.answers import labels
from kg.prefixes import ID

blueprint = Blueprint("crawling", __name__)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the start page and the page of every entity (sitemaps.org, protocol 0.9)."""
    start = url_for("pages.start", _external=True)
    pages = [f"{start}page/{iri.removeprefix(ID)}" for iri in sorted(labels().entities)]
    return _fixed(render_template("sitemap.xml", addresses=[start, *pages]), "application/xml")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers from asking queries without end (RFC 9309), and show them the sitemap."""
    return _fixed(render_template("robots.txt"), "text/plain; charset=utf-8")


def _fixed(text: str, content_type: str) -> Response:
    response = Response(text + "\n", content_type=content_type)
    response.add_etag()
    response.make_conditional(request)
    return response
