"""The Flask application over a snapshot."""

import os
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.http import parse_etags

from api import rest, sparql
from api.data import discovery, exports, linked_data, ontology, releases
from api.http import compression, metrics, monitoring, problems, serving
from api.http.admission import RateLimiter, limit_rate
from api.http.forms import Request
from api.http.headers import PUBLIC
from api.http.hosts import Addressed
from api.http.lean import Lean
from api.http.problems import problem
from api.http.responses import Cache
from api.mcp import route as mcp
from api.pages import charts, entities, evidence, explorer, methods, pooled_files, start, summary, workbench
from api.runtime import RUNTIME
from kg.settings import Settings

BLUEPRINTS = (
    discovery.blueprint,
    entities.blueprint,
    evidence.blueprint,
    explorer.blueprint,
    exports.blueprint,
    mcp.blueprint,
    monitoring.blueprint,
    linked_data.blueprint,
    ontology.blueprint,
    methods.blueprint,
    pooled_files.blueprint,
    charts.blueprint,
    problems.blueprint,
    releases.blueprint,
    sparql.blueprint,
    start.blueprint,
    summary.blueprint,
    workbench.blueprint,
)

#: Pages load from this host only. Pictures are also made in the page, to be saved or drawn by a script.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
#: The page of the ontology and pictures are files that can be saved: their style is inline, and they have no script.
_INLINE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
#: Swagger UI styles its elements by itself.
_SWAGGER_POLICY = f"{_POLICY}; style-src 'self' 'unsafe-inline'"
_IF_MATCH = "calcikg.if_match"


def create_app(settings: Settings | None = None, source: serving.Source | None = None) -> Flask:
    """Make the application; raises SnapshotError when there is no whole snapshot to serve."""
    settings = settings or Settings.read()
    app = rest.make_app(__name__)
    app.request_class = Request
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.extensions["settings"] = settings
    app.extensions["source"] = source or serving.source(settings)
    app.extensions["cache"] = Cache(settings.cache)
    folder = os.environ.get(RUNTIME)
    app.extensions["rate"] = RateLimiter(settings.rate, Path(folder, "rates") if folder else None)
    app.extensions["body rate"] = RateLimiter(
        settings.body_rate, Path(folder, "body-rates") if folder else None, burst=settings.max_body, unit="bytes"
    )
    lean = Lean(app.wsgi_app, app, access_log=settings.access_log)
    app.wsgi_app = Addressed(lean, settings.base_url)  # type: ignore[method-assign]
    metrics.register(app, access_log=settings.access_log)
    app.before_request(take_if_match)
    app.before_request(limit_rate)
    app.before_request(serving.check_files)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_api(rest.blueprint)
    problems.register(app)
    discovery.register(app)
    app.after_request(add_cors)
    app.after_request(compression.compress)
    app.after_request(add_csp)
    app.after_request(require_match)  # the first to run
    return app


def add_cors(response: Response) -> Response:
    """Allow scripts of every origin to read (CORS): the data are public, and nothing can be written."""
    if request.method == "OPTIONS":  # what a browser asks before it sends anything unusual (Fetch, CORS preflight)
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match, Range"
        response.headers["Access-Control-Max-Age"] = "86400"
    response.headers.update(PUBLIC)
    return response


def take_if_match() -> None:
    """Keep If-Match from werkzeug, which obeys it for files alone, and refuses ``*``."""
    request.environ[_IF_MATCH] = parse_etags(request.environ.pop("HTTP_IF_MATCH", None))


def require_match(response: Response) -> Response:
    """Answer 412 when If-Match names no tag of what a route would send (RFC 9110, section 13.1.1)."""
    tags, (tag, weak) = request.environ.get(_IF_MATCH), response.get_etag()
    succeeds = 200 <= response.status_code < 300 or response.status_code == 304
    if not tags or not succeeds or tags.star_tag or (tag is not None and not weak and tags.is_strong(tag)):
        return response
    response.close()
    return problem("precondition-failed", "there is no version with a tag that If-Match names, or no longer")


def add_csp(response: Response) -> Response:
    """Forbid pages to load from other hosts and to run inline scripts (Content Security Policy 3)."""
    if response.mimetype in ("text/html", "image/svg+xml"):
        policy = {"swagger": _SWAGGER_POLICY, "ontology": _INLINE_POLICY, "pictures": _INLINE_POLICY}.get(
            request.blueprint or "", _POLICY
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    return response
