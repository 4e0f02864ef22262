"""The evidence map as a table: a row for each treatment, a column for each aspect, a mark where findings are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from api.http.serving import labels
from api.pages import wording
from api.pages.effects import effects
from api.pages.pictures.bubbles import SHAPES, bubble, shape_of
from kg.prefixes import ID
from kg.read.evidence import VERDICTS
from kg.read.evidence_map import classes, find_gaps, read_evidence_map
from kg.read.labels import Json

#: What the columns can be: the heading of the map, and what one of them is called.
BY = {
    "outcome": ("Outcomes", "outcome"),
    "complication": ("Complications and adverse effects", "complication or adverse effect"),
    "site": ("Sites of the body", "site"),
    "subtype": ("Subtypes of the disease", "subtype"),
}
_WORDS = {
    "for": "for",
    "against": "against",
    "null": "without a difference",
    "unsettled": "not settled",
    "change": "neither good nor bad by itself",
    "use": "of use without a result",
    "": "of something else",
}
_GAPS = 15  # gaps that are named


def read_map(by: str) -> dict[str, Any]:
    """Return what the page of the map shows: columns, the fullest first; rows by class; the key."""
    found: Any = read_evidence_map(labels(), by)
    says = effects()
    cells = {(cell["treatment"], cell["aspect"]): cell for cell in found["cells"]}
    most = max((len(cell["findings"]) for cell in found["cells"]), default=1) or 1
    columns = sorted(found["aspects"], key=lambda one: (-_findings(cells, 1, one), str(one["label"])))
    rows: defaultdict[str, list[Any]] = defaultdict(list)
    for treatment in sorted(found["treatments"], key=lambda one: (-_findings(cells, 0, one), str(one["label"]))):
        shown = [_cell(treatment, aspect, cells[treatment["id"], aspect["id"]], says, most) for aspect in columns]
        rows[str(treatment["type"])].append({**treatment, "cells": shown, "findings": _findings(cells, 0, treatment)})
    groups = sorted(rows.items(), key=lambda item: -sum(row["findings"] for row in item[1]))
    gaps = find_gaps(labels(), {"type": classes(by)})
    return {
        "by": by,
        "columns": columns,
        "groups": [(wording.plain(type_), group) for type_, group in groups],
        "filled": found["filled"],
        "total": found["filled"] + found["empty"],
        "key": [(_sample(shape, 4), words) for shape, words in SHAPES.items()],
        "shades": [(_sample("for", level), level) for level in (2, 4, 5)],
        "gaps": [gap for gap in gaps if gap["reason"] == "unstudied"][:_GAPS],
    }


def _cell(
    treatment: Mapping[str, Any], aspect: Mapping[str, Any], cell: Mapping[str, Any], says: Mapping[str, str], most: int
) -> Json | None:
    count = len(cell["findings"])
    if not count:
        return None
    told = Counter(says.get(ID + one, "") for one in cell["findings"])
    words = ", ".join(f"{told[name]} {_WORDS[name]}" for name in (*VERDICTS, "") if told[name])
    title = f"{treatment['label']}, {aspect['label']}: {count} finding{'s' if count != 1 else ''}"
    description = f"{words}; best evidence level {cell['best_level']}"
    mark = bubble(count, most, shape_of(told), cell["best_level"], title, description)
    return {"aspect": aspect["id"], "mark": mark, "words": description, "findings": count}


def _findings(cells: Mapping[tuple[str, str], Any], place: int, one: Mapping[str, Any]) -> int:
    """Return how many different findings a row (0) or a column (1) holds."""
    return len(set(_in(cell for key, cell in cells.items() if key[place] == one["id"])))


def _in(cells: Iterable[Mapping[str, Any]]) -> list[str]:
    return [finding for cell in cells for finding in cell["findings"]]


def _sample(shape: str, level: int) -> object:
    return bubble(6, 9, shape, level, SHAPES[shape], f"as drawn at level {level}")
