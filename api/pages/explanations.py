"""``/explain``: why a triple stands in the graph, as a page for people."""

from flask import Blueprint, Response, abort, render_template, request

from api.http.responses import HTML, respond
from api.rest.explain import explain_triple

blueprint = Blueprint("explanations", __name__)

_TERMS = ("subject", "predicate", "object")


@blueprint.get("/explain")
def page() -> Response:
    """Show where a triple was asserted, or its proof down to what was asserted."""
    given = [request.args.get(name, "") for name in _TERMS]
    if not all(given):
        abort(400, f"an explanation needs {', '.join(_TERMS)}, as /api/v1/explain does")
    return respond(HTML, lambda: render_template("explain.html", proof=explain_triple(*given)).encode())
