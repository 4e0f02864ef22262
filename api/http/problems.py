"""Every error as one shape: RFC 9457 problem details, whose ``type`` leads to a page that explains it."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from api.http.admission import RateError
from api.http.headers import PUBLIC
from api.http.limits import limits, note
from api.http.metrics import PROBLEMS
from api.http.negotiation import accepted
from kg.errors import KgError


class Pages(Blueprint):
    """A blueprint that serves pages for people: its errors are pages, too, for a client that prefers HTML."""


blueprint = Pages("problems", __name__)


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status, its title, what a user can do about it, and after how many seconds."""

    status: int
    title: str
    advice: str
    retry_after: int = 0


KINDS: dict[str, Kind] = {
    "bad-request": Kind(400, "The request cannot be understood", "Correct the problem named in the detail."),
    "query-syntax": Kind(400, "The query is not valid SPARQL", "Fix the query at the line and column given."),
    "query": Kind(400, "The query cannot be evaluated", "Change the part that the detail names."),
    "update-refused": Kind(
        403,
        "The dataset cannot be changed over HTTP",
        "Change a record and build again; see CONTRIBUTING.md.",
    ),
    "not-found": Kind(404, "There is nothing at this address", "Start at / and follow the links."),
    "gone": Kind(410, "This id is no longer used", "Follow the link to its replacement, if there is one."),
    "method-not-allowed": Kind(405, "This method is not supported here", "Use one of the methods in the Allow header."),
    "not-acceptable": Kind(
        406,
        "Not available in an accepted format",
        "Request one of the formats listed in the detail.",
    ),
    "precondition-failed": Kind(
        412, "If-Match does not name the current version", "Leave If-Match out, or send the ETag of a fresh answer."
    ),
    "content-too-large": Kind(413, "The request is too large", "Send a shorter query; KG_MAX_BODY sets the limit."),
    "range-not-satisfiable": Kind(
        416,
        "The range lies beyond the end of the file",
        "Request bytes below the size given in Content-Range.",
    ),
    "headers-too-large": Kind(
        431, "The request line and headers are too large", "Send the query as the body of a POST; the limit is 16 KiB."
    ),
    "transfer-encoding": Kind(
        501, "This transfer encoding is not supported", "Send the body with Content-Length, or chunked."
    ),
    "engine-fault": Kind(
        501,
        "The engine failed on this query",
        "Rephrase the query as the detail says; the fault is in the engine.",
    ),
    "engine-unsupported": Kind(
        501,
        "The remote engine cannot answer this query",
        "Rephrase the query, or use a service with the embedded engine; the detail says what is not supported.",
    ),
    "engine-unavailable": Kind(
        503,
        "The remote engine does not respond, or does not have the dataset",
        "Try again after the time given; KG_ENGINE names the engine, and `kg publish` fills it.",
        5,
    ),
    "unsupported-media-type": Kind(
        415, "The media type of the body is not supported", "Send application/sparql-query or a urlencoded form."
    ),
    "answer-too-large": Kind(
        413,
        "The answer is too large",
        "Narrow the query or add LIMIT; KG_QUERY_ANSWER sets the limit.",
    ),
    "query-timeout": Kind(
        503,
        "The query took too long",
        "Make the query more selective; KG_QUERY_TIMEOUT sets the time that it may take.",
        30,
    ),
    "query-memory": Kind(
        503,
        "The query ran out of memory",
        "Narrow the query or reduce its nesting; KG_QUERY_MEMORY sets the limit.",
        30,
    ),
    "refused": Kind(
        400, "The query asks for something that is not allowed", "The detail says what, and names the limit."
    ),
    "too-many-queries": Kind(
        429, "Too many of your queries are running or waiting", "Wait until one of them has finished.", 2
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "Wait for the time given, or send fewer, larger queries; KG_RATE sets the limit.",
    ),
    "ending": Kind(
        503, "The service is shutting down", "Try again after the time given; another instance may take over.", 10
    ),
    "busy": Kind(503, "All workers are busy", "Try again after the time given; KG_WORKERS sets how many there are.", 2),
    "not-ready": Kind(
        503, "Files of the service are missing", "Try again after the time given; /readyz lists what is missing.", 5
    ),
    "service": Kind(
        502,
        "Another endpoint did not respond",
        "Query it directly, use SERVICE SILENT, or leave it out; the detail names it.",
    ),
    "internal": Kind(500, "The service failed", "This is our fault; please report it."),
}
_MEDIA_TYPE = "application/problem+json"
_BY_STATUS = {kind.status: name for name, kind in reversed(KINDS.items())}


def problem(name: str, detail: str, headers: dict[str, str] | None = None, **members: Any) -> Response:
    """Return a problem as a response; further members become part of its body.

    The detail of a limit's problem names the settings that bear on it.
    """
    kind = KINDS[name]
    detail += note(current_app.extensions["settings"], name)
    if _prefers_page():
        PROBLEMS.labels(name).inc()
        page = render_template("error.html", kind=kind, name=name, detail=detail)
        response = Response(page, kind.status, content_type="text/html; charset=utf-8")
        response.headers["Vary"] = "Accept"
    else:
        where = url_for("problems.explain", name=name, _external=True)
        response = Response(_body(name, where, detail, members), kind.status, content_type=_MEDIA_TYPE)
    if kind.retry_after:
        response.headers["Retry-After"] = str(kind.retry_after)
    response.headers.update(headers or {})
    return response


def bare_problem(name: str, detail: str) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return status line, headers and body of a problem outside the application, which knows no host."""
    status = HTTPStatus(KINDS[name].status)
    headers = [("Content-Type", _MEDIA_TYPE), *PUBLIC.items()]
    return f"{status.value} {status.phrase}", headers, _body(name, f"/problems/{name}", detail, {}).encode()


def register(app: Flask) -> None:
    """Make every error of the application a problem."""
    app.register_error_handler(KgError, _library_problem)
    app.register_error_handler(HTTPException, _http_problem)


@blueprint.get("/problems/<name>")
def explain(name: str) -> str:
    """Explain a kind of problem to people."""
    if name not in KINDS:
        abort(404)
    rows = [limit for limit in limits(current_app.extensions["settings"]) if name in limit.problems]
    return render_template("problem.html", kind=KINDS[name], limits=rows)


def _library_problem(error: KgError) -> Response:
    if KINDS[error.problem].status == 500:
        raise error  # a bug: it is logged with its traceback, and answered like any other
    wait = {"Retry-After": str(error.retry_after)} if isinstance(error, RateError) else None
    return problem(error.problem, str(error), wait, **error.members)


def _http_problem(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    name = _BY_STATUS.get(error.code, "bad-request" if error.code < 500 else "internal")
    passed = {key: value for key, value in error.get_headers() if key in ("Allow", "Content-Range", "Retry-After")}
    return problem(name, error.description or KINDS[name].title, passed)


def _prefers_page() -> bool:
    """Tell whether a client that prefers HTML asked for a page, or for an address that leads nowhere."""
    types = accepted()
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return (blueprint is None or isinstance(blueprint, Pages)) and types["text/html"] > types[_MEDIA_TYPE]


def _body(name: str, where: str, detail: str, members: dict[str, Any]) -> str:
    PROBLEMS.labels(name).inc()
    kind = KINDS[name]
    body = {"type": where, "title": kind.title, "status": kind.status, "detail": detail, **members}
    return json.dumps(body, ensure_ascii=False) + "\n"
