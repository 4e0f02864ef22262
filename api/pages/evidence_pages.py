"""``/evidence-map`` and ``/compare``: every treatment against every outcome, and treatments side by side."""

from collections import defaultdict
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from api.data.resources import of_kind
from api.http.responses import HTML, respond
from api.http.serving import labels
from api.pages import wording
from api.pages.case_pages import case_events
from api.pages.effects import effects
from api.pages.map_page import BY, read_map
from api.pages.pictures.timeline import printed
from api.pages.rows import key_of, rows_of
from kg.prefixes import ID
from kg.read.compare import compare as read_comparison
from kg.read.evidence import read_cell
from kg.read.filters import find_entity
from kg.read.labels import Json

#: Treatments that are set side by side at most: more find no room.
MOST = 4

blueprint = Blueprint("evidence_pages", __name__)


@blueprint.app_context_processor
def pictures() -> dict[str, object]:
    """Give the templates what draws the events of a case."""
    return {"case_events": case_events}


@blueprint.app_template_filter()
def date_words(text: str) -> str:
    """Write a date as people do."""
    return printed(text)


@blueprint.get("/evidence-map")
def evidence_map() -> Response:
    """Show the evidence map, or the findings in one of its cells."""
    by = request.args.get("by", "outcome")
    if by not in BY:
        abort(400, f"by is one of {', '.join(BY)}, not {by!r}")
    treatment, aspect = request.args.get("treatment"), request.args.get("aspect")
    if treatment and aspect:
        return _cell(by, find_entity(labels(), treatment), find_entity(labels(), aspect))
    if treatment or aspect:
        abort(400, "a cell of the map has a treatment and an aspect")
    return respond(HTML, lambda: render_template("evidence_map.html", choices=BY, **read_map(by)).encode())


def _cell(by: str, treatment: str, aspect: str) -> Response:
    def write() -> bytes:
        rows = rows_of(read_cell(labels(), treatment, aspect), effects())
        ends = {"treatment": labels().reference(treatment), "aspect": labels().reference(aspect)}
        return render_template("evidence_map_cell.html", by=by, rows=rows, key=key_of(rows), **ends).encode()

    return respond(HTML, write)


@blueprint.get("/compare")
def compare() -> Response:
    """Show treatments side by side, or ask for them."""
    asked = list(dict.fromkeys(name for name in request.args.getlist("treatment") if name))
    if len(asked) > MOST:
        abort(400, f"at most {MOST} treatments find room side by side; /api/v1/compare takes ten")
    treatments = list(dict.fromkeys(find_entity(labels(), name) for name in asked))
    for iri in treatments:
        if not iri.startswith(f"{ID}treatment/"):
            abort(400, f"{iri.removeprefix(ID)} is no treatment")
    outcome = find_entity(labels(), request.args["outcome"]) if request.args.get("outcome") else None

    def write() -> bytes:
        return render_template(
            "compare.html",
            chosen=treatments,
            outcome=outcome,
            most=MOST,
            treatments=_by_type("treatment"),
            outcomes={wording.PLURALS[kind]: of_kind(kind) for kind in ("outcome", "complication", "adverse-effect")},
            **(_compared(treatments, outcome) if len(treatments) > 1 else {"rows": [], "alone": [], "key": []}),
        ).encode()

    return respond(HTML, write)


def _compared(treatments: list[str], outcome: str | None) -> dict[str, Any]:
    """Return the rows of a comparison: those with findings on all treatments, and the others apart."""
    says = effects()
    found: Any = read_comparison(labels(), treatments, outcome)
    every: list[Any] = []
    for row in found["rows"]:
        drawn = {one["iri"]: one for one in rows_of([f for cell in row["cells"] for f in cell["findings"]], says)}
        for cell in row["cells"]:
            cell["findings"] = [drawn[one["iri"]] for one in cell["findings"]]
        every += drawn.values()
    whole = [row for row in found["rows"] if all(cell["findings"] for cell in row["cells"])]
    return {
        "compared": found["treatments"],
        "rows": whole,
        "alone": [row for row in found["rows"] if row not in whole],
        "key": key_of(every),
    }


def _by_type(kind: str) -> dict[str, list[Json]]:
    """Return the entities of a kind by the words for their class."""
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for one in of_kind(kind):
        found[wording.plain(str(one["type"]))].append(one)
    return dict(sorted(found.items()))
