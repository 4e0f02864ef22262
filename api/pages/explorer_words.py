"""The explorer in words: what is chosen and may be chosen, the things and the relations shown, what the marks mean."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from api.http.serving import labels, served
from api.pages import wording
from api.pages.explorer_picture import outline
from api.pages.explorer_state import State
from kg.export import Extract, style
from kg.export.network import Edge
from kg.prefixes import ID, ONTOLOGY
from kg.read.filters import DENIED, NONE, options
from kg.read.labels import Json, local

#: The kinds of things that may stand in a picture, by the first part of their ids.
GROUPS = tuple(
    name
    for name in wording.PLURALS
    if name not in ("source", "study", "finding", "disagreement", "question", "function")
)
LEVELS = (5, 4, 3, 2, 1)
STANDINGS = {
    "affirmed": "findings say so",
    "stated": "findings say so",
    "denied": "findings deny it",
    "open": "open: no difference, unchanged, worse, unreported or doubtful",
    "axiom": "hierarchy: a kind or a part of; no finding needed",
}


@dataclass(frozen=True)
class Shown:
    """What a page of the explorer shows; ``things`` and ``relations`` are the most important ones, up to a limit."""

    chips: Sequence[Json]
    choices: Sequence[Json]
    things: Sequence[Json]
    relations: Sequence[Json]
    totals: Mapping[str, int]
    legend: Mapping[str, Sequence[Json]]


def shown(extract: Extract, state: State, rows: int) -> Shown:
    """Read what a page shows."""
    network = extract.network
    findings: Counter[str] = Counter()
    for row in extract.statements:
        findings.update({str(row[end]) for end in ("subject", "object") if end in row})
    degree = Counter(end for edge in network.edges for end in (edge.source, edge.target))
    centers = state.values("center")
    things: list[Json] = [
        labels().reference(iri) | {"findings": findings[iri], "edges": degree[iri.removeprefix(ID)]}
        for iri in network.entities
    ]
    things.sort(key=lambda thing: (thing["id"] not in centers, -findings[str(thing["iri"])], str(thing["label"])))
    relations = strongest(network.edges)
    return Shown(
        chips=_chips(state),
        choices=_choices(state),
        things=things[:rows],
        relations=[relation(edge) for edge in relations[:rows]],
        totals={
            "things": len(things),
            "relations": len(relations),
            "findings": sum(edge.weight for edge in network.edges),
            "others": len(extract.findings) - sum(edge.weight for edge in network.edges),
        },
        legend=_legend([str(thing["id"]) for thing in things], network.edges),
    )


def strongest(edges: Iterable[Edge]) -> list[Edge]:
    """Return edges by how well they are known: the most findings first, then the best level, the hierarchy last."""
    return sorted(edges, key=lambda edge: (-edge.weight, edge.rank or len(LEVELS) + 1, edge.id))


def relation(edge: Edge, of: str = "") -> Json:
    """Return an edge as the pages show it; ``of`` is the thing on whose page it stands."""
    ends = {end: labels().entities[ID + id_] for end, id_ in (("subject", edge.source), ("object", edge.target))}
    return {
        **ends,
        "id": edge.id,
        "of": of,
        "predicate": edge.predicate,
        "words": wording.plain(edge.predicate),
        "standing": edge.standing,
        "standing_words": STANDINGS[edge.standing],
        "direction": edge.direction,
        "negated": edge.negated,
        "weight": edge.weight,
        "level": {"rank": edge.rank, "label": edge.level} if edge.rank else None,
        "sources": [labels().entities[ID + source] for source in edge.sources],
        "proved": edge.standing in ("affirmed", "axiom"),
    }


def rank(finding: Json) -> tuple[int, str]:
    """Return where a finding stands among others: the best evidence level first."""
    level: Any = finding["evidence_level"]
    return int(level["rank"]), str(finding["id"])


def _chips(state: State) -> list[Json]:
    """Return each filter in words, with the address of the picture without it."""
    return [
        {"name": name, "text": text, "words": words, "address": state.dropping(name, text).address()}
        for name, text in state.pairs
        if (words := _chip(name, text))
    ]


def _chip(name: str, text: str) -> str:
    match name:
        case "center":
            return f"around {_label(text)}"
        case "without":
            return f"without {_label(text)}"
        case "depth":
            return f"up to {text} steps away" if text != "0" else "no steps away"
        case "max_level":
            return "" if text == "5" else f"evidence level {text} or better" if text != "1" else "evidence level 1"
        case "source":
            return _label(text if "/" in text else f"source/{text}")
        case "direction":
            return _DIRECTIONS.get(text) or wording.plain(text)
        case "kind":
            return _kind(text)
        case "graph":
            return f"graph {text}"
        case _:
            return wording.plain(text.removeprefix(ONTOLOGY).removeprefix("ckg:"))


def _choices(state: State) -> list[Json]:
    """Return what each filter may be set to, in words, with what it is set to now."""
    return [
        {
            "name": name,
            "words": words,
            "options": [
                {"value": value, "words": label, "checked": value in state.values(name)} for value, label in options
            ],
            "chosen": len(state.values(name)),
        }
        for name, words, options in _every_choice(served().version)
    ]


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _every_choice(version: str) -> Sequence[tuple[str, str, Sequence[tuple[str, str]]]]:
    assert version == served().version
    present = {str(one["type"]) for one in labels().entities.values()}
    types = [(local(iri), wording.plain(local(iri))) for iri in labels().choices["type"] if local(iri) in present]
    return (
        ("predicate", "Relations", _sorted((name, wording.plain(name)) for name in options(labels(), "predicate"))),
        ("type", "Types of things", _sorted(types)),
        (
            "kind",
            "Kinds of findings",
            _sorted((kind, _kind(kind)) for kind in options(labels(), "kind")),
        ),
        (
            "direction",
            "Directions",
            [(name, _DIRECTIONS.get(name) or wording.plain(name)) for name in options(labels(), "direction")],
        ),
        ("source", "Sources", _sorted((slug, _label(f"source/{slug}")) for slug in options(labels(), "source"))),
    )


_DIRECTIONS = {DENIED: "denied", NONE: "no direction given"}


def _kind(kind: str) -> str:
    return kind.replace("-", " ")


def _label(id_: str) -> str:
    return str(labels().entities.get(ID + id_, {"label": id_})["label"])


def _sorted(options: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(options, key=lambda option: option[1].lower())


def _legend(ids: Sequence[str], edges: Sequence[Edge]) -> dict[str, list[Json]]:
    """Return what the colours, shapes and lines in this picture mean: nothing that is not in it."""
    groups = {id_.partition("/")[0] for id_ in ids}
    standings = {edge.standing for edge in edges}
    directions = {edge.direction for edge in edges if edge.direction and not edge.negated}
    return {
        "groups": [
            {
                "words": wording.PLURALS[group],
                "color": style.node_color(group),
                "outline": outline(style.node_shape(group), 9, 9, 16),
            }
            for group in wording.PLURALS
            if group in groups
        ],
        "standings": [
            {"name": name, "words": words, "color": style.edge_color(name, ""), "line": style.LINES[name]}
            for name, words in STANDINGS.items()
            if name in standings and not (name == "stated" and "affirmed" in standings)  # which look alike
        ],
        "directions": [
            {"words": wording.plain(name), "color": style.edge_color("affirmed", name)} for name in sorted(directions)
        ],
    }
