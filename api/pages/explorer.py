"""``/explorer``: the graph as a picture that can be walked through. What it shows is an export of the same filters."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, render_template, request

from api.http.responses import HTML, respond
from api.http.serving import labels, served
from api.pages import explorer_words
from api.pages.explorer_picture import draw
from api.pages.explorer_state import START, State
from api.rest.search import search
from kg.engine import Format
from kg.export import EXPORTS, Extract
from kg.prefixes import ID
from kg.read.entities import first, read_properties
from kg.read.findings import read_findings

blueprint = Blueprint("explorer", __name__)

#: Rows of each table of a page; the whole is in the exports.
ROWS = 200
_HITS = 12
_SVG = Format("svg", "image/svg+xml", "svg", "results")
#: The picture brings its own style, and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@blueprint.get("/explorer")
def page() -> Response:
    """Show what fits the filters: as a picture, and as tables that say the same."""
    given = [pair for pair in request.args.items(multi=True) if pair[0] != "find"]
    asked = request.args.get("find", "").strip()[:200]
    if not asked and not any(text.strip() for _, text in given):
        return _redirect(State(START))

    hits = _named(asked) if asked and served().snapshot else []
    if len(hits) == 1:
        given.append(("center", hits[0]["id"]))

    def show(state: State) -> Response:
        if len(hits) == 1 or (not asked and list(state.pairs) != given):
            return _redirect(state)
        state = state if state.pairs else State(START)

        def write() -> bytes:
            shown = explorer_words.shown(_extract(state), state, ROWS)
            return render_template(
                "explorer.html",
                state=state,
                shown=shown,
                formats=EXPORTS,
                groups=explorer_words.GROUPS,
                asked_for=asked,
                hits=hits,
                rows=ROWS,
            ).encode()

        return respond(HTML, write)

    return _answer(given, show)


@blueprint.get("/explorer.svg")
def picture() -> Response:
    """Draw what fits the filters."""

    def show(state: State) -> Response:
        response = respond(
            _SVG, lambda: render_template("explorer-picture.svg", drawn=draw(_extract(state).network)).encode()
        )
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return _answer(list(request.args.items(multi=True)) or list(START), show)


@blueprint.get("/explorer/node")
def node() -> Response:
    """Tell what an entity in the picture is."""
    asked = request.args.get("id", "")

    def show(state: State) -> Response:
        iri = labels().find(asked)
        if iri is None:
            abort(404, f"there is no entity {asked!r} here")
        id_ = iri.removeprefix(ID)

        def write() -> bytes:
            extract = _extract(state)
            shown = [edge for edge in extract.network.edges if id_ in (edge.source, edge.target)]
            words = read_properties(labels().engine, [iri])[iri]
            return render_template(
                "explorer-node.html",
                state=state,
                node=labels().reference(iri),
                definition=first(words, "definition") or first(words, "description"),
                synonyms=sorted(map(str, words.get("altLabel", ()))),
                findings=sum(iri in (row["subject"], row.get("object")) for row in extract.statements),
                edges=[explorer_words.relation(edge, id_) for edge in explorer_words.strongest(shown)],
            ).encode()

        return respond(HTML, write)

    return _answer([pair for pair in request.args.items(multi=True) if pair[0] != "id"], show)


@blueprint.get("/explorer/edge")
def edge() -> Response:
    """Tell what an edge of the picture rests on: each finding, or the axiom."""
    asked = request.args.get("id", "")

    def show(state: State) -> Response:
        found = {edge.id: edge for edge in _extract(state).network.edges}.get(asked)
        if found is None:
            abort(404, f"there is no relation {asked!r} in this picture")

        def write() -> bytes:
            findings = read_findings(labels(), [ID + finding for finding in found.findings])
            findings.sort(key=explorer_words.rank)
            return render_template(
                "explorer-edge.html", state=state, edge=explorer_words.relation(found), findings=findings
            ).encode()

        return respond(HTML, write)

    return _answer([pair for pair in request.args.items(multi=True) if pair[0] != "id"], show)


def _answer(given: list[tuple[str, str]], show: Callable[[State], Response]) -> Response:
    """Answer with what is shown of the state given; 400 for a filter that names nothing."""
    if served().snapshot is None:
        abort(404, "there is no explorer where plain files are served")
    state = State.read(given, labels())
    _extract(state).check()
    return show(state)


def _extract(state: State) -> Extract:
    snapshot = served().snapshot
    assert snapshot is not None
    return Extract(labels(), state.filters, snapshot=snapshot)


def _redirect(state: State) -> Response:
    return redirect(state.address())  # type: ignore[return-value]


def _named(text: str) -> list[dict[str, str]]:
    """Return the entities that a text may mean: one alone when it is a name of it, or names nothing else."""
    iri = labels().find(text)
    if iri is not None:
        return [{"id": iri.removeprefix(ID)}]
    hits = [hit for hit in search(text, ["Entity"], 50, 0).hits if not hit.external]
    found = [
        {"id": hit.id, "label": hit.label, "type": hit.type}
        for hit in hits
        if hit.id.partition("/")[0] in explorer_words.GROUPS
    ]
    exact = [hit for hit in found if hit["label"].lower() == text.lower()]
    return exact if len(exact) == 1 else found[:_HITS]
