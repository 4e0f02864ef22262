"""``/evidence-map`` and ``/compare``: every treatment against every outcome, and treatments side by side."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import Response, abort, render_template, request

from api.data.resources import of_kind
from api.http.problems import Pages
from api.http.responses import HTML, respond
from api.http.serving import labels
from api.pages import check_parameters, wording
from api.pages.cite import cite_comparison
from api.pages.findings import first_row, key_of, rows_of
from api.pages.pictures.counts import SHAPES, bubble, shape_of
from kg.prefixes import ID
from kg.read.compare import compare as read_comparison
from kg.read.evidence import VERDICTS, read_cell
from kg.read.evidence_map import classes, count_evidence, find_gaps, read_rates
from kg.read.filters import find_entity
from kg.read.findings import split_apart
from kg.read.labels import Json

#: The most treatments that fit side by side.
MOST = 4
#: What the columns of the map can be: their heading, and what one of them is called.
COLUMNS = {
    "outcome": ("Outcomes", "outcome"),
    "complication": ("Complications and adverse effects", "complication or adverse effect"),
    "site": ("Anatomical sites", "anatomical site"),
    "subtype": ("Disease subtypes", "disease subtype"),
}
#: Findings on one page of a cell of the map, and all those of a comparison.
ROWS, COMPARED = 100, 500
_GAPS = 15  # aspects in the list of gaps below the map

blueprint = Pages("evidence_pages", __name__)
blueprint.before_request(check_parameters)


@blueprint.get("/evidence-map")
def evidence_map() -> Response:
    """Show the evidence map, or the findings in one of its cells."""
    by = request.args.get("by", "outcome")
    if by not in COLUMNS:
        abort(400, f"by must be one of {', '.join(COLUMNS)}, not {by!r}")
    treatment, aspect = request.args.get("treatment"), request.args.get("aspect")
    if treatment and aspect:
        return _cell(by, find_entity(labels(), treatment), find_entity(labels(), aspect))
    if treatment or aspect:
        abort(400, "name the treatment and the aspect of the cell")
    return respond(HTML, lambda: render_template("evidence_map.html", choices=COLUMNS, **_map(by)))


@blueprint.get("/compare")
def compare() -> Response:
    """Show treatments side by side, or a form to choose them."""
    names = list(dict.fromkeys(name for name in request.args.getlist("treatment") if name))
    if len(names) > MOST:
        abort(400, f"at most {MOST} treatments fit side by side; /api/v1/compare takes ten")
    treatments = list(dict.fromkeys(find_entity(labels(), name) for name in names))
    for iri in treatments:
        if not iri.startswith(f"{ID}treatment/"):
            abort(400, f"{iri.removeprefix(ID)} is not a treatment")
    outcome = find_entity(labels(), request.args["outcome"]) if request.args.get("outcome") else None

    def write() -> str:
        return render_template(
            "compare.html",
            chosen=treatments,
            outcome=outcome,
            most=MOST,
            treatments=_by_type("treatment"),
            outcomes={wording.PLURALS[kind]: of_kind(kind) for kind in ("outcome", "complication", "adverse-effect")},
            **(_comparison(treatments, outcome) if len(treatments) > 1 else {}),
        )

    return respond(HTML, write)


def _cell(by: str, treatment: str, aspect: str) -> Response:
    """Show a page of the findings in a cell: those in systemic sclerosis first, each with the best level first."""
    start = first_row()

    def write() -> str:
        cell = read_cell(labels(), treatment, aspect, start, ROWS)
        shown = rows_of(cell["findings"])
        rows, elsewhere = split_apart(shown)
        ends = {"treatment": labels().reference(treatment), "aspect": labels().reference(aspect)}
        return render_template(
            "evidence_map_cell.html",
            by=by,
            rows=rows,
            elsewhere=elsewhere,
            key=key_of(shown),
            direct=cell["direct"],
            total=cell["total"],
            start=start,
            step=ROWS,
            **ends,
        )

    return respond(HTML, write)


def _map(by: str) -> dict[str, Any]:
    """Return the evidence map: columns and rows with the most findings first, rows by class of treatment; the key."""
    given: Any = count_evidence(labels(), by)
    filled = given["filled"]
    most = max((cell["findings"] for cell in filled.values()), default=1) or 1
    counts: Counter[str] = Counter()
    for ends, cell in filled.items():
        counts.update(dict.fromkeys(ends, cell["findings"]))
    columns, lines = (
        sorted(given[name], key=lambda one: (-counts[one["id"]], one["label"])) for name in ("aspects", "treatments")
    )
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    rates = read_rates(labels(), by) if by in ("outcome", "complication") else {}
    for row in lines:
        cells = [(column, (row["id"], column["id"])) for column in columns]
        marks = [_mark(row, column, filled.get(ends), most, rates.get(ends)) for column, ends in cells]
        groups[row["type"]].append({**row, "cells": marks})
    ordered = sorted(groups.items(), key=lambda group: -sum(counts[row["id"]] for row in group[1]))
    gaps = find_gaps(labels(), {"type": classes(by)})
    levels = sorted({cell["best_level"] for cell in filled.values() if cell.get("best_level")})
    return {
        "by": by,
        "columns": columns,
        "groups": [(wording.plain(type_), rows) for type_, rows in ordered],
        "filled": len(filled),
        "total": given["all"],
        "key": [(_sample(shape, 4), words) for shape, words in SHAPES.items()],
        "rates": bool(rates),
        "shades": [(_sample("favourable", level), level) for level in levels],
        "gaps": _by_aspect(gaps)[:_GAPS],
    }


def _by_aspect(gaps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is unstudied by aspect, in the order of the gaps, with the treatments that lack it."""
    groups: dict[str, dict[str, Any]] = {}
    for gap in gaps:
        if gap["reason"] == "unstudied":
            group = groups.setdefault(gap["aspect"]["iri"], {**gap, "treatments": []})
            group["treatments"].append(gap["treatment"])
    return list(groups.values())


def _mark(
    row: Mapping[str, Any],
    column: Mapping[str, Any],
    cell: Mapping[str, Any] | None,
    most: int,
    rate: tuple[Decimal, Decimal] | None,
) -> Json | None:
    """Return the mark of a cell of the map, with a rate in place of the number of findings; None for a gap."""
    if cell is None:
        return None
    count, apart = cell["findings"], cell["elsewhere"]
    besides = f"{apart} in other diseases or mixed groups"
    if not count:
        title = f"{row['label']}, {column['label']}: no findings in systemic sclerosis"
        return {"aspect": column["id"], "mark": bubble(apart, most, "elsewhere", None, title, besides)}
    numbers = cell["verdicts"]
    words = [f"{numbers[name]} {wording.plain(name)}" for name in VERDICTS if name in numbers]
    others = count - sum(numbers.values())
    if others:
        words.append(f"{others} on other effects")
    title = f"{row['label']}, {column['label']}: {count} finding{'s' if count != 1 else ''}"
    level = cell["best_level"]
    description = f"{', '.join(words)}; {f'best evidence level {level}' if level else 'no result'}"
    description += f"; besides {besides}" * bool(apart)
    share = f"{'–'.join(dict.fromkeys(f'{one:.0f}' for one in rate))} %" if rate else ""
    description += f"; found in {share} of people" * bool(rate)
    mark = bubble(count, most, shape_of(numbers, others), level, title, description, share)
    return {"aspect": column["id"], "mark": mark}


def _sample(shape: str, level: int) -> object:
    return bubble(6, 9, shape, level, SHAPES[shape], f"as drawn at level {level}")


def _comparison(treatments: list[str], outcome: str | None) -> dict[str, Any]:
    """Return the rows of a comparison: the outcomes on which all treatments have findings, and the others."""
    compared: Any = read_comparison(labels(), treatments, outcome, COMPARED)
    every: list[Any] = []
    for row in compared["rows"]:
        groups = [cell[name] for cell in row["cells"] for name in ("findings", "elsewhere")]
        drawn = {one["iri"]: one for one in rows_of([finding for group in groups for finding in group])}
        for group in groups:
            group[:] = [drawn[one["iri"]] for one in group]
        every += drawn.values()
    shared = [row for row in compared["rows"] if all(cell["findings"] for cell in row["cells"])]
    return {
        "compared": compared["treatments"],
        "shared": shared,
        "others": [row for row in compared["rows"] if row not in shared],
        "key": key_of(every),
        **cite_comparison(compared["treatments"], labels().reference(outcome) if outcome else None),
    }


def _by_type(kind: str) -> dict[str, list[Json]]:
    """Return the entities of a kind by the label of their class."""
    grouped: defaultdict[str, list[Json]] = defaultdict(list)
    for one in of_kind(kind):
        grouped[wording.plain(str(one["type"]))].append(one)
    return dict(sorted(grouped.items()))
