"""``/explorer``: the graph as a picture to walk through. A picture shows the export that has the same filters."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Response, abort, redirect, render_template, request

from api.http.problems import Pages
from api.http.responses import HTML, respond
from api.http.serving import labels, served
from api.pages import wording
from api.pages.explorer_state import START, Pair, State
from api.pages.pictures.network import draw, outline
from api.rest.search import search
from kg.engine import Format
from kg.export import EXPORTS, Extract, style
from kg.export.network import AXIOM, Edge
from kg.prefixes import ID
from kg.read.entities import first, read_properties
from kg.read.findings import rank_of, read_findings

blueprint = Pages("explorer", __name__)

#: Rows of each table of a page; the exports are complete.
ROWS = 200
_HITS = 12
_SVG = Format("svg", "image/svg+xml", "svg", "results")
#: The picture has a style of its own, and needs nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
#: The kinds of entities that a picture may show, by the first part of their ids.
GROUPS = tuple(
    name
    for name in wording.PLURALS
    if name not in ("source", "study", "finding", "disagreement", "pooled", "rating", "question", "function")
)
_HIERARCHY = "hierarchy: kind of or part of; needs no finding"


@blueprint.get("/explorer")
def page() -> Response:
    """Show what matches the filters: as a picture, and as tables with the same content."""
    given = [pair for pair in request.args.items(multi=True) if pair[0] != "find"]
    name = request.args.get("find", "").strip()[:200]
    if not name and not any(text.strip() for _, text in given):
        return _redirect(State(START))

    hits = _named(name) if name and served().snapshot else []
    if len(hits) == 1:
        given.append(("center", hits[0]["id"]))

    def show(state: State) -> Response:
        if len(hits) == 1 or (not name and list(state.pairs) != given):
            return _redirect(state)
        state = state if state.pairs else State(START)
        return respond(
            HTML,
            lambda: render_template(
                "explorer.html",
                state=state,
                formats=EXPORTS,
                groups=GROUPS,
                asked_for=name,
                hits=hits,
                rows=ROWS,
                **_tables(_extract(state), state),
            ),
        )

    return _answer(given, show)


@blueprint.get("/explorer.svg")
def picture() -> Response:
    """Draw what matches the filters."""

    def show(state: State) -> Response:
        response = respond(_SVG, lambda: draw(_extract(state).network))
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return _answer(list(request.args.items(multi=True)) or list(START), show)


@blueprint.get("/explorer/node")
def node() -> Response:
    """Describe an entity of the picture."""
    name = request.args.get("id", "")

    def show(state: State) -> Response:
        iri = labels().find(name)
        if iri is None:
            abort(404, f"there is no entity {name!r}")
        id_ = iri.removeprefix(ID)

        def write() -> str:
            extract = _extract(state)
            edges = [edge for edge in extract.network.edges if id_ in (edge.source, edge.target)]
            record = read_properties(labels().engine, [iri])[iri]
            return render_template(
                "explorer-node.html",
                state=state,
                node=labels().reference(iri),
                definition=first(record, "definition") or first(record, "description"),
                synonyms=sorted(map(str, record.get("altLabel", ()))),
                findings=sum(iri in (row["subject"], row.get("object")) for row in extract.statements),
                edges=[_relation(edge) for edge in _best_known(edges)],
            )

        return respond(HTML, write)

    return _answer([pair for pair in request.args.items(multi=True) if pair[0] != "id"], show)


@blueprint.get("/explorer/edge")
def edge() -> Response:
    """List the findings behind an edge of the picture, or behind all edges from ``start`` to ``end``; name axioms."""
    key, ends = request.args.get("id", ""), (request.args.get("start", ""), request.args.get("end", ""))

    def show(state: State) -> Response:
        found = [edge for edge in _extract(state).network.edges if edge.id == key or (edge.source, edge.target) == ends]
        if not found:
            abort(404, f"there is no relation {key or ' → '.join(ends)!r} in this picture")

        def write() -> str:
            relations = [_relation(edge) | {"rows": _findings(edge)} for edge in _best_known(found)]
            return render_template("explorer-edge.html", state=state, relations=relations)

        return respond(HTML, write)

    return _answer([pair for pair in request.args.items(multi=True) if pair[0] not in ("id", "start", "end")], show)


def _answer(given: Iterable[Pair], show: Callable[[State], Response]) -> Response:
    """Answer with what ``show`` makes of the filters given; 400 for a filter that is unknown or names nothing."""
    if served().snapshot is None:
        abort(404, "the explorer needs a snapshot; plain files are served here")
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
    """Return the entities that a text may mean; a single one when the text is its id or its label."""
    iri = labels().find(text)
    if iri is not None:
        return [{"id": iri.removeprefix(ID)}]
    hits = [
        {"id": hit.id, "label": hit.label, "type": hit.type}
        for hit in search(text, ["Entity"], 50, 0).hits
        if not hit.external and hit.id.partition("/")[0] in GROUPS
    ]
    exact = [hit for hit in hits if hit["label"].lower() == text.lower()]
    return exact if len(exact) == 1 else hits[:_HITS]


def _tables(extract: Extract, state: State) -> dict[str, Any]:
    """Return the ``entities`` and ``relations`` of a picture, the best known first up to a limit, with its legend."""
    network = extract.network
    findings: Counter[str] = Counter()
    for row in extract.statements:
        findings.update({row[end] for end in ("subject", "object") if end in row})
    degree = Counter(end for edge in network.edges for end in (edge.source, edge.target))
    centers = state.values("center")
    entities: list[Any] = [
        labels().reference(iri) | {"findings": findings[iri], "edges": degree[iri.removeprefix(ID)]}
        for iri in network.entities
    ]
    entities.sort(key=lambda one: (one["id"] not in centers, -one["findings"], one["label"]))
    shown = sum(edge.weight for edge in network.edges)
    return {
        "entities": entities[:ROWS],
        "relations": [_relation(edge) for edge in _best_known(network.edges)[:ROWS]],
        "totals": {
            "entities": len(entities),
            "relations": len(network.edges),
            "findings": shown,
            "others": len(extract.findings) - shown,
            "single_patients": len(extract.left_out),
        },
        "legend": _legend({one["id"].partition("/")[0] for one in entities}, network.edges),
    }


def _best_known(edges: Iterable[Edge]) -> list[Edge]:
    """Sort edges: the most findings first, then the best level, the hierarchy last."""
    return sorted(edges, key=lambda edge: (-edge.weight, edge.rank or 6, edge.id))


def _findings(edge: Edge) -> list[Any]:
    """Return the findings behind an edge, the best evidence first."""
    return sorted(read_findings(labels(), sorted(ID + finding for finding in edge.findings)), key=rank_of)


def _relation(edge: Edge) -> dict[str, Any]:
    """Return an edge as the pages show it."""
    return {
        "subject": labels().entities[ID + edge.source],
        "object": labels().entities[ID + edge.target],
        "id": edge.id,
        "predicate": edge.predicate,
        "words": wording.plain(edge.predicate),
        "standing": edge.standing,
        "direction": edge.direction,
        "negated": edge.negated,
        "weight": edge.weight,
        "level": {"rank": edge.rank, "label": edge.level} if edge.rank else None,
        "sources": len(edge.sources),
        "proved": edge.standing in ("stated", AXIOM),
    }


def _legend(groups: set[str], edges: Sequence[Edge]) -> dict[str, list[dict[str, str]]]:
    """Return the meaning of the colours, shapes and lines that occur in the picture."""
    standings = {edge.standing for edge in edges}
    directions = {edge.direction for edge in edges if edge.direction and not edge.negated}
    return {
        "groups": [
            {
                "words": words,
                "color": style.node_color(group),
                "outline": outline(style.node_shape(group), 9, 9, 16),
            }
            for group, words in wording.PLURALS.items()
            if group in groups
        ],
        "standings": [
            {
                "name": name,
                "words": _HIERARCHY if name == AXIOM else wording.plain(name),
                "color": style.edge_color(name, ""),
                "line": style.edge_line(name),
            }
            for name in (*labels().schema["standing"].choices, AXIOM)
            if name in standings
        ],
        "directions": [
            {"words": wording.plain(name), "color": style.edge_color("stated", name)} for name in sorted(directions)
        ],
    }
