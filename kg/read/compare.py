"""Treatments side by side: outcome by outcome, what was found of each; unlike measures are never blended."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from kg.queries import Parameter, read_query
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels, local

_PLAIN = {
    "noDirection": "stated",
    "noDifference": "no difference",
    "notReported": "result not reported",
}
#: What a source only supposes, or calls uncertain, is told as such.
_DOUBTED = {"hypothesis": "a hypothesis", "uncertain": "called uncertain"}
_RELATIONS = {
    "hasOutcome": "Outcome",
    "hasComplication": "Complication",
    "hasAdverseEffect": "Adverse effect",
    "treats": "Treats",
    "prevents": "Prevents",
}


def compare(labels: Labels, treatments: Sequence[str], outcome: str | None = None) -> Json:
    """Return a row for each outcome, complication, adverse effect or disease that a finding joins to a treatment.

    Findings on kinds of a treatment count for it; with ``outcome``, only it and what lies below it make rows.
    """
    filters: dict[str, Parameter] = {"above": outcome} if outcome else {}
    found = labels.engine.select(read_query("read/compared", treatment=treatments, **filters))
    whole = {
        str(finding["iri"]): finding for finding in read_findings(labels, sorted({row["finding"] for row in found}))
    }
    rows: defaultdict[tuple[str, str], defaultdict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for row in found:
        key = local(row["relation"]), row["outcome"]
        rows[key][row["treatment"]].append(whole[row["finding"]])
    return {
        "treatments": [labels.reference(iri) for iri in treatments],
        "rows": [
            _row(labels, relation, about, [(iri, cells[iri]) for iri in treatments])
            for (relation, about), cells in rows.items()
        ],
    }


def _row(labels: Labels, relation: str, about: str, cells: Sequence[tuple[str, list[Json]]]) -> Json:
    label = str(labels.reference(about)["label"])
    parts = "; ".join(f"{labels.reference(iri)['label']}: {_words(findings)}" for iri, findings in cells)
    return {
        "relation": relation,
        "outcome": labels.reference(about),
        "cells": [_cell(labels, iri, findings) for iri, findings in cells],
        "sentence": f"{_RELATIONS[relation]}, {label}. {parts}. {_verdict([findings for _, findings in cells])}",
    }


def _cell(labels: Labels, treatment: str, findings: list[Json]) -> Json:
    cell: Json = {"treatment": labels.reference(treatment), "findings": findings}
    if findings:
        cell |= {"directions": dict(sorted(_directions(findings).items())), "best_level": _best(findings)}
    return cell


def _words(findings: Sequence[Json]) -> str:
    if not findings:
        return "no finding"
    directions = sorted(_directions(findings).items())
    told = ", ".join(
        _PLAIN.get(name, name) + (f" {count}" if len(directions) > 1 else "") for name, count in directions
    )
    number = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    if doubted := Counter(str(one["certainty"]) for one in findings if one.get("certainty") in _DOUBTED):
        told += "".join(f"; of these {count} {_DOUBTED[name]}" for name, count in sorted(doubted.items()))
    figures = [f"“{finding['reported']}”" for finding in findings if "measure" in finding and "reported" in finding]
    printed = f"; printed: {', '.join(figures)}" if figures else ""
    return f"{number} ({told}; best evidence level {_best(findings)['rank']}{printed})"


def _verdict(cells: Sequence[Sequence[Json]]) -> str:
    """Say whether the figures of the treatments can be set against each other."""
    if any(not findings for findings in cells):
        return "They cannot be compared: for one at least there is nothing."
    measured = [
        {(finding["measure"], finding.get("unit")) for finding in findings if "measure" in finding}
        for findings in cells
    ]
    if all(measured) and set.intersection(*measured):
        return "There are figures of the same measure, from different people: they stand side by side, not in one sum."
    if any(measured):
        return "Their figures are of different measures and cannot be set against each other."
    return "None of these findings gives a figure."


def _directions(findings: Sequence[Json]) -> Counter[str]:
    return Counter(
        "denied" if "negated" in finding else str(finding.get("direction", "noDirection")) for finding in findings
    )


def _best(findings: Sequence[Json]) -> Json:
    levels = [finding["evidence_level"] for finding in findings]
    return min(levels, key=lambda level: level["rank"])
