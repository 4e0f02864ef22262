"""Treatments side by side, outcome by outcome; unlike measures are never blended."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from kg.queries import Parameter
from kg.read.findings import rank_of, read_findings, split_apart
from kg.read.labels import Json, Labels, local

_PLAIN = {
    "noDirection": "stated",
    "noDifference": "no difference",
    "notReported": "result not reported",
}
#: Hypotheses and what a source calls uncertain are marked as such.
_DOUBTED = {"hypothesis": "hypothetical", "uncertain": "uncertain"}
_RELATIONS = {
    "hasOutcome": "Outcome",
    "hasComplication": "Complication",
    "hasAdverseEffect": "Adverse effect",
    "treats": "Treats",
    "prevents": "Prevents",
}


def compare(labels: Labels, treatments: Sequence[str], outcome: str | None = None) -> Json:
    """Return a row for each outcome, complication, adverse effect or disease that a finding relates to a treatment.

    Findings on the subtypes of a treatment count for it; with ``outcome``, rows are limited to it and its descendants.
    What was found in other diseases and in mixed groups stands apart (``elsewhere``) and counts for nothing.
    """
    filters: dict[str, Parameter] = {"above": outcome} if outcome else {}
    rows = labels.select("read/compared", treatment=treatments, **filters)
    findings = {one["iri"]: one for one in read_findings(labels, sorted({row["finding"] for row in rows}))}
    cells: defaultdict[tuple[str, str], defaultdict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        relation = local(row["relation"])
        cells[relation, row["outcome"]][row["treatment"]].append(findings[row["finding"]])
    return {
        "treatments": [labels.reference(iri) for iri in treatments],
        "rows": [
            _row(labels, relation, about, [(iri, of[iri]) for iri in treatments])
            for (relation, about), of in cells.items()
        ],
    }


def _row(labels: Labels, relation: str, about: str, cells: Sequence[tuple[str, list[Json]]]) -> Json:
    label = labels.reference(about)["label"]
    parts = "; ".join(f"{labels.reference(iri)['label']}: {_words(findings)}" for iri, findings in cells)
    return {
        "relation": relation,
        "outcome": labels.reference(about),
        "cells": [_cell(labels, iri, findings) for iri, findings in cells],
        "sentence": f"{_RELATIONS[relation]}, {label}. {parts}. {_verdict([split_apart(of)[0] for _, of in cells])}",
    }


def _cell(labels: Labels, treatment: str, findings: list[Json]) -> Json:
    direct, apart = split_apart(findings)
    cell: Json = {"treatment": labels.reference(treatment), "findings": direct, "elsewhere": apart}
    if direct:
        cell |= {"directions": dict(sorted(_directions(direct).items())), "best_level": _best(direct)}
    return cell


def _words(findings: Sequence[Json]) -> str:
    findings, apart = split_apart(findings)
    besides = f"{len(apart)} in other diseases or mixed groups" if apart else ""
    if not findings:
        return f"no finding in systemic sclerosis, {besides}" if apart else "no finding"
    directions = sorted(_directions(findings).items())
    text = ", ".join(
        _PLAIN.get(name, name) + (f" {count}" if len(directions) > 1 else "") for name, count in directions
    )
    number = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    if doubted := Counter(one["certainty"] for one in findings if one.get("certainty") in _DOUBTED):
        text += "".join(f"; of these {count} {_DOUBTED[name]}" for name, count in sorted(doubted.items()))
    figures = [f"“{finding['reported']}”" for finding in findings if "measure" in finding and "reported" in finding]
    printed = f"; printed: {', '.join(figures)}" if figures else ""
    return f"{number} ({text}; best evidence level {_best(findings)['rank']}{printed})" + (
        f", and {besides}" if apart else ""
    )


def _verdict(cells: Sequence[Sequence[Json]]) -> str:
    """Say whether the figures of the treatments can be compared."""
    if any(not findings for findings in cells):
        return "They cannot be compared: at least one has no findings."
    measured = [
        {(finding["measure"], finding.get("unit")) for finding in findings if "measure" in finding}
        for findings in cells
    ]
    if all(measured) and set.intersection(*measured):
        return "They have figures of the same measure, which may be compared but not added up."
    if any(measured):
        return "Their figures are of different measures and cannot be compared."
    return "None of these findings gives a figure."


def _directions(findings: Sequence[Json]) -> Counter[str]:
    return Counter(
        "denied" if "negated" in finding else finding.get("direction", "noDirection") for finding in findings
    )


def _best(findings: Sequence[Json]) -> Json:
    best: Json = min(findings, key=rank_of)["evidence_level"]
    return best
