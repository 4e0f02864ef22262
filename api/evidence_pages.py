"""``/evidence-map`` and ``/compare``: every treatment against every outcome, and treatments side by side."""

from flask import Blueprint, Response, redirect, url_for

blueprint = Blueprint("evidence_pages", __name__)


@blueprint.get("/evidence-map")
def evidence_map() -> Response:
    """Show the evidence map."""
    return redirect(url_for("rest.evidence_map", by="outcome"))  # type: ignore[return-value]


@blueprint.get("/compare")
def compare() -> Response:
    """Show treatments side by side."""
    return redirect(url_for("rest.comparison"))  # type: ignore[return-value]
