"""The HTTP service: a Flask application over one snapshot."""

from flask import Flask, Response

from api import health, pages, problems, sparql
from kg.settings import Settings
from kg.snapshot import Snapshot

BLUEPRINTS = (health.blueprint, pages.blueprint, problems.blueprint, sparql.blueprint)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application; raises SnapshotError when there is no whole snapshot to serve."""
    settings = settings or Settings.read()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    snapshot = Snapshot.open(settings.data)
    app.extensions["snapshot"] = snapshot
    app.extensions["engine"] = snapshot.engine()
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    problems.register(app)
    app.after_request(_open_to_all)
    return app


def _open_to_all(response: Response) -> Response:
    """Let scripts of every origin read: the data are public and nothing can be written (CORS)."""
    response.headers.setdefault("Access-Control-Allow-Origin", "*")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response
