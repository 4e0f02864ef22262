"""``/`` and ``/settings``: the start page, and every limit with its value."""

from dataclasses import asdict

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request, url_for

from api.limits import limits
from api.problems import KINDS
from api.serving import served
from kg.errors import NotAcceptableError
from kg.queries import read_questions

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> str:
    """Say what the dataset holds, and how to ask it."""
    snapshot = served().snapshot
    questions = read_questions() if snapshot else []
    return render_template("start.html", snapshot=snapshot, questions=questions)


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


def _wants_json() -> bool:
    types = {"html": "text/html", "json": "application/json"}
    asked = request.args.get("format")
    found = types.get(asked) if asked else request.accept_mimetypes.best_match(types.values(), "text/html")
    if found is None or (not asked and request.accept_mimetypes and not request.accept_mimetypes[found]):
        raise NotAcceptableError("the limits are served as text/html and application/json")
    return found == types["json"]
