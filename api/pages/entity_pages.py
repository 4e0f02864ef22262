"""``/page``: what the dataset says of each thing, for people; plain HTML that needs no script."""

from collections import Counter, defaultdict
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from api.data import schema_org
from api.data.linked_data import DATA
from api.data.resources import GoneError, functions, gone, read_resource, resolve
from api.http.responses import HTML, respond
from api.http.serving import labels
from api.pages import treatment_pages, wording
from api.pages.effects import way
from api.pages.finding_filters import choices, chosen_filters
from api.pages.listings import groups
from kg.prefixes import ID
from kg.queries import Parameter
from kg.read.entities import read_entity
from kg.read.findings import find_findings, read_findings
from kg.read.labels import Json
from kg.read.questions import questions

#: Findings, or other things, on one page of a list.
ROWS = 50
#: Types whose pages are made by a template of their own.
_TEMPLATES = frozenset({"finding", "source", "study", "disagreement", "question", "function"})
#: Templates of entities that show more than others; what they are given beside.
_RICHER = {"treatment": treatment_pages.evidence}

blueprint = Blueprint("entity_pages", __name__)
blueprint.register_error_handler(GoneError, gone)


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """Give the templates their words."""
    return {"wording": wording, "way": way}


@blueprint.get("/page")
def kinds() -> Response:
    """List the kinds of things, with how many there are of each."""
    numbers = Counter(iri.removeprefix(ID).partition("/")[0] for iri in labels().entities)
    numbers |= Counter({"question": len(questions()), "function": len(functions())})
    return respond(HTML, lambda: render_template("kinds.html", numbers=numbers).encode())


@blueprint.get("/page/<kind>")
def kind(kind: str) -> Response:
    """List the things of one kind."""
    if kind not in wording.PLURALS:
        abort(404, f"there is no kind of things {kind!r}")
    if kind == "finding":
        return _find()
    return respond(HTML, lambda: render_template("kind.html", kind=kind, groups=groups(kind)).encode())


@blueprint.get("/page/<kind>/<slug>")
def page(kind: str, slug: str) -> Response:
    """Show a thing: what it is, and what was found."""
    iri, start = resolve(kind, slug), _start()

    def write() -> bytes:
        thing = read_resource(kind, slug)
        return render_template(
            f"{kind if kind in _TEMPLATES or kind in _RICHER else 'entity'}.html",
            kind=kind,
            slug=slug,
            iri=iri,
            thing=thing,
            about=schema_org.entity(thing) if kind in schema_org.TERMS else None,
            formats=DATA,
            **(_RICHER[kind](iri, thing) if kind in _RICHER else _findings(kind, iri, start)),
            **_relations(kind, iri),
        ).encode()

    return respond(HTML, write)


def _findings(kind: str, iri: str, start: int) -> dict[str, Any]:
    """Return the findings of a page: those about an entity, in a population, or of a source; the best first."""
    if kind in ("finding", "disagreement", "question", "function", "study"):
        return {}
    filters: dict[str, Parameter] = {kind if kind in ("population", "source") else "about": [iri]}
    found = find_findings(labels(), filters)
    if kind != "source":
        levels = {str(one["iri"]): _rank(one) for one in read_findings(labels(), found)}
        found.sort(key=lambda one: (*levels[one], one))
    shown = read_findings(labels(), found[start : start + ROWS])
    return {"findings": shown, "total": len(found), "start": start, "step": ROWS}


def _relations(kind: str, iri: str) -> dict[str, Any]:
    """Return the edges of an entity by their relation, those that leave it before those that reach it."""
    if kind in _TEMPLATES:
        return {}
    edges: Any = read_entity(labels(), iri).get("edges", [])
    grouped: defaultdict[str, list[Json]] = defaultdict(list)
    for edge in sorted(edges, key=lambda edge: edge["from"]["iri"] != iri):
        grouped[str(edge["predicate"])].append(edge)
    return {"relations": grouped}


def _rank(finding: Json) -> tuple[int, bool]:
    """Return what findings are ordered by: the best level first, and of one level those with a figure."""
    level: Any = finding["evidence_level"]
    return int(level["rank"]), not (wording.figure(finding) or wording.counts(finding))


def _find() -> Response:
    """List findings: all, or those that fit what was chosen."""
    start = _start()
    chosen = chosen_filters(pair for pair in request.args.items(multi=True) if pair[0] != "start")

    def write() -> bytes:
        found = find_findings(labels(), chosen.resolved)
        shown = read_findings(labels(), found[start : start + ROWS])
        return render_template(
            "findings.html", rows=shown, total=len(found), start=start, step=ROWS, chosen=chosen, choices=choices()
        ).encode()

    return respond(HTML, write)


def _start() -> int:
    """Return at which finding a page begins; 404 for what is no number."""
    text = request.args.get("start", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        abort(404, "start is the number of the first row")
    return int(text)
