"""Treatments side by side, outcome by outcome; unlike measures are never blended."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kg.engine import Row
from kg.queries import Parameter
from kg.read.findings import APART, read_findings
from kg.read.labels import Json, Labels, drop_empty, local

_PLAIN = {
    "noDirection": "stated",
    "noDifference": "no difference",
    "notReported": "result not reported",
}
#: Hypotheses and what a source calls uncertain are marked as such.
_DOUBTED = {"hypothesis": "hypothetical", "uncertain": "uncertain"}
#: The relations that are compared, each with its name.
RELATIONS = {
    "hasOutcome": "Outcome",
    "hasComplication": "Complication",
    "hasAdverseEffect": "Adverse effect",
    "treats": "Treats",
    "prevents": "Prevents",
}

#: A treatment, how it is related to an outcome, and the outcome.
Place = tuple[str, str, str]


def compare(labels: Labels, treatments: Sequence[str], outcome: str | None = None, most: int = 1000) -> Json:
    """Return a row for each outcome, complication, adverse effect or disease that a finding relates to a treatment.

    Findings on the subtypes of a treatment count for it; with ``outcome``, rows are limited to it and its descendants.
    What was found in other diseases and in mixed groups stands apart (``elsewhere``) and counts for nothing. So many
    findings as ``most`` are in the answer, the best levels of each cell first; where others are left out, ``total`` and
    ``total_elsewhere`` are the numbers of all in the cell.
    """
    given: dict[str, Parameter] = {"treatment": treatments}
    if outcome:
        given["above"] = outcome
    counted: defaultdict[Place, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for row in labels.select("read/compared", **given):
        counted[_place(row)][_is_apart(row)].append(row)
    shown = _read_best(labels, given, [_total(rows) for both in counted.values() for rows in both], most)
    rows = dict.fromkeys((relation, about) for _, relation, about in counted)
    return {
        "treatments": [labels.reference(iri) for iri in treatments],
        "rows": [
            _row(
                labels,
                relation,
                about,
                {iri: (counted[place], shown[place]) for iri in treatments for place in [(iri, relation, about)]},
            )
            for relation, about in rows
        ],
    }


def _place(row: Row) -> Place:
    return row["treatment"], row["relation"], row["outcome"]


def _is_apart(row: Row) -> bool:
    return local(row.get("people", "")) in APART


def _total(rows: Iterable[Row]) -> int:
    return sum(row["findings"] for row in rows)


def _read_best(
    labels: Labels, given: Mapping[str, Parameter], totals: Sequence[int], most: int
) -> Mapping[Place, tuple[list[Json], list[Json]]]:
    """Read the best findings of every cell, those that stand apart in a list of their own: as many of each as fit."""
    each = fitting(totals, most)
    ranked: defaultdict[tuple[Place, bool], list[tuple[int, str]]] = defaultdict(list)
    for row in labels.select("read/compared-findings", **given):
        ranked[_place(row), _is_apart(row)].append((labels.ranks[row["level"]], row["finding"]))
    best = {key: [iri for _, iri in sorted(found)[:each]] for key, found in ranked.items()}
    known = {one["iri"]: one for one in read_findings(labels, sorted({iri for iris in best.values() for iri in iris}))}
    shown: defaultdict[Place, tuple[list[Json], list[Json]]] = defaultdict(lambda: ([], []))
    for (place, apart), iris in best.items():
        shown[place][apart].extend(known[iri] for iri in iris)
    return shown


def fitting(totals: Sequence[int], most: int) -> int:
    """Return the length to which lists are cut so that all together have so many items at most; none becomes empty.

    >>> fitting([3, 50, 400], 100), fitting([3, 50, 400], 1000), fitting([3, 50, 400], 2)
    (48, 400, 1)
    """
    left, ordered = most, sorted(totals)
    for place, total in enumerate(ordered):
        share = left // (len(ordered) - place)
        if total > share:
            return max(share, 1)
        left -= total
    return max(ordered, default=1)


def _row(
    labels: Labels,
    relation: str,
    about: str,
    cells: Mapping[str, tuple[tuple[list[Row], list[Row]], tuple[list[Json], list[Json]]]],
) -> Json:
    label = labels.reference(about)["label"]
    parts = "; ".join(
        f"{labels.reference(iri)['label']}: {_words(labels, *counted, shown[0])}"
        for iri, (counted, shown) in cells.items()
    )
    verdict = _verdict([direct for (direct, _), _ in cells.values()])
    return {
        "relation": local(relation),
        "outcome": labels.reference(about),
        "cells": [_cell(labels, iri, counted, shown) for iri, (counted, shown) in cells.items()],
        "sentence": f"{RELATIONS[local(relation)]}, {label}. {parts}. {verdict}",
    }


def _cell(
    labels: Labels, treatment: str, counted: tuple[list[Row], list[Row]], shown: tuple[list[Json], list[Json]]
) -> Json:
    totals = [_total(rows) if _total(rows) > len(found) else None for rows, found in zip(counted, shown, strict=True)]
    cell: Json = {"treatment": labels.reference(treatment), "findings": shown[0], "elsewhere": shown[1]}
    cell |= drop_empty({"total": totals[0], "total_elsewhere": totals[1]})
    if direct := counted[0]:
        cell |= {
            "directions": dict(sorted(_directions(direct).items())),
        } | drop_empty({"best_level": labels.levels.get(_best(labels, direct))})
    return cell


def _words(labels: Labels, direct: Sequence[Row], apart: Sequence[Row], shown: Sequence[Json]) -> str:
    total, elsewhere = _total(direct), _total(apart)
    besides = f"{elsewhere} in other diseases or mixed groups" if apart else ""
    if not direct:
        return f"no finding in systemic sclerosis, {besides}" if apart else "no finding"
    directions = sorted(_directions(direct).items())
    text = ", ".join(
        _PLAIN.get(name, name) + (f" {count}" if len(directions) > 1 else "") for name, count in directions
    )
    number = "1 finding" if total == 1 else f"{total} findings"
    doubted: Counter[str] = Counter()
    for row in direct:
        if (name := local(row.get("certainty", ""))) in _DOUBTED:
            doubted[name] += row["findings"]
    if doubted:
        text += "".join(f"; of these {count} {_DOUBTED[name]}" for name, count in sorted(doubted.items()))
    figures = [f"“{finding['reported']}”" for finding in shown if "measure" in finding and "reported" in finding]
    first = f" in the first {len(shown)}" if len(shown) < total else ""
    printed = f"; printed{first}: {', '.join(figures)}" if figures else ""
    best = _best(labels, direct)
    level = f"best evidence level {best}" if best else "no result"
    return f"{number} ({text}; {level}{printed})" + (f", and {besides}" if apart else "")


def _verdict(cells: Sequence[Sequence[Row]]) -> str:
    """Say whether the figures of the treatments can be compared."""
    if not all(cells):
        return "They cannot be compared: at least one has no findings."
    measured = [{(row["measure"], row.get("unit")) for row in rows if "measure" in row} for rows in cells]
    if all(measured) and set.intersection(*measured):
        return "They have figures of the same measure, which may be compared but not added up."
    if any(measured):
        return "Their figures are of different measures and cannot be compared."
    return "None of these findings gives a figure."


def _directions(rows: Iterable[Row]) -> Counter[str]:
    directions: Counter[str] = Counter()
    for row in rows:
        directions["denied" if "negated" in row else local(row.get("direction", "noDirection"))] += row["findings"]
    return directions


def _best(labels: Labels, rows: Iterable[Row]) -> int:
    """Return the rank of the best evidence level of a result; 0 where there is no result."""
    return min((labels.ranks[row["level"]] for row in rows if "level" in row), default=0)
