"""``/``: the start page for people."""

from flask import Blueprint, render_template

from api.serving import served
from kg.queries import read_questions

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> str:
    """Say what the dataset holds, and how to ask it."""
    snapshot = served().snapshot
    questions = read_questions() if snapshot else []
    return render_template("start.html", snapshot=snapshot, questions=questions)
