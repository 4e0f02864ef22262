"""``/``, ``/about`` and ``/settings``: the start page, what this is, and every limit with its value."""

from dataclasses import asdict

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for

from api import schema_org
from api.description import described
from api.limits import limits
from api.problems import KINDS
from api.serving import served
from kg.engine import GRAPHS
from kg.errors import NotAcceptableError
from kg.queries import read_questions

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> Response:
    """Say what the dataset holds, and how to ask it; send who wants RDF to the description of the dataset."""
    snapshot, description = served().snapshot, described()
    if description and _wants_graph():
        response = make_response(redirect(url_for("well_known.void"), 303))
    else:
        questions = read_questions() if snapshot else []
        about = schema_org.dataset(description) if description else None
        response = make_response(render_template("start.html", snapshot=snapshot, questions=questions, about=about))
    response.headers["Vary"] = "Accept"
    return response


@blueprint.get("/about")
def about() -> str:
    """Say what a finding is, how sure anyone can be, and how to cite."""
    return render_template("about.html", snapshot=served().snapshot)


@blueprint.get("/settings")
def settings() -> Response:
    """List the limits, as a page or as JSON by ``Accept`` or ``?format=``."""
    rows = limits(current_app.extensions["settings"])
    if _wants_json():
        body = [
            asdict(row)
            | {"problems": [url_for("problems.explain", name=name, _external=True) for name in row.problems]}
            for row in rows
        ]
        response = jsonify(limits=body)
    else:
        response = make_response(render_template("settings.html", limits=rows, kinds=KINDS))
    response.headers["Vary"] = "Accept"
    return response


def _wants_graph() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", *(row.media_type for row in GRAPHS)], "text/html")
    return best != "text/html"


def _wants_json() -> bool:
    types = {"html": "text/html", "json": "application/json"}
    asked = request.args.get("format")
    found = types.get(asked) if asked else request.accept_mimetypes.best_match(types.values(), "text/html")
    if found is None or (not asked and request.accept_mimetypes and not request.accept_mimetypes[found]):
        raise NotAcceptableError("the limits are served as text/html and application/json")
    return found == types["json"]
