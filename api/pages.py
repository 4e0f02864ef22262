"""``/``: the start page for people."""

from flask import Blueprint, current_app, render_template

from kg.queries import read_questions
from kg.snapshot import Snapshot

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> str:
    """Say what the dataset holds, and how to ask it."""
    snapshot: Snapshot = current_app.extensions["snapshot"]
    return render_template("start.html", snapshot=snapshot, questions=read_questions())
