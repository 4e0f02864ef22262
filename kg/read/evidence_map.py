"""The evidence map: findings by treatment and outcome, complication, site or subtype, and its gaps."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from kg.engine import Row
from kg.prefixes import ID, ONTOLOGY
from kg.queries import Parameter
from kg.read.findings import APART
from kg.read.labels import Json, Labels, local

#: What the columns of a map can be, with their classes.
ASPECTS = {
    "outcome": ("Outcome",),
    "complication": ("Complication", "AdverseEffect"),
    "site": ("AnatomicalSite",),
    "subtype": ("DiseaseSubtype",),
}


def read_evidence_map(labels: Labels, by: str) -> Json:
    """Return every cell of the map with columns of one kind, including empty ones.

    What was found in other diseases and in mixed groups is named apart (``elsewhere``), and counts for nothing else.
    """
    cells: defaultdict[tuple[str, str], Json] = defaultdict(lambda: {"findings": [], "elsewhere": []})
    for row in labels.select("read/evidence-map", type=classes(by)):
        findings = sorted(iri.removeprefix(ID) for iri in row.get("findings", "").split())
        cells[row["treatment"], row["aspect"]]["elsewhere" if row["elsewhere"] else "findings"] = findings
    numbers = _read_numbers(labels, by)
    shaped = [_cell(treatment, aspect, found, numbers) for (treatment, aspect), found in cells.items()]
    return {
        "by": by,
        "treatments": [labels.reference(iri) for iri in sorted({treatment for treatment, _ in cells})],
        "aspects": [labels.reference(iri) for iri in sorted({aspect for _, aspect in cells})],
        "cells": shaped,
        "filled": sum(bool(cell["findings"] or cell["elsewhere"]) for cell in shaped),
        "empty": sum(not (cell["findings"] or cell["elsewhere"]) for cell in shaped),
    }


def count_evidence(labels: Labels, by: str) -> Json:
    """Return the map in numbers: its ``treatments`` and ``aspects``, the number of ``all`` cells, and what is in them.

    ``filled`` are the cells with findings by the ids of treatment and aspect: the number of their ``findings``, that
    by verdict (``verdicts``), the ``best_level`` of results, and how many are on other diseases or mixed groups
    (``elsewhere``), which count for nothing else.
    """
    ends: defaultdict[str, list[Json]] = defaultdict(list)
    cells: Counter[str] = Counter()
    for row in labels.select("read/evidence-map-ends", type=classes(by)):
        ends[local(row["end"])].append(labels.reference(row["entity"]))
        cells[local(row["end"])] += row["cells"]
    return {
        "treatments": ends["mapsTreatment"],
        "aspects": ends["mapsAspect"],
        "all": cells["mapsAspect"],
        "filled": _read_numbers(labels, by),
    }


def read_rates(labels: Labels, by: str) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return in what share of people, in per cent, the complications of treatments were found in systemic sclerosis.

    The least and the greatest share, by the ids of treatment and complication.
    """
    return {
        (row["treatment"].removeprefix(ID), row["aspect"].removeprefix(ID)): (row["least"], row["most"])
        for row in labels.select("read/evidence-map-rates", type=classes(by))
    }


def find_gaps(labels: Labels, filters: Mapping[str, Parameter]) -> list[Json]:
    """Return the gaps that fit all filters: by what is missing, then by the people concerned, then by surprise."""
    return [
        {
            "iri": row["cell"],
            "treatment": labels.reference(row["treatment"]),
            "aspect": labels.reference(row["aspect"]),
            "findings": row["findings"],
            "reason": local(row["reason"]),
            "people": row["people"],
            **({"people_basis": local(row["basis"])} if "basis" in row else {}),
            "like_treatments": row["like"],
            "expected": row["expected"],
        }
        for row in labels.select("read/gaps", **filters)
    ]


def gap_reason(row: Row) -> str:
    """Return why a cell is a gap: it has opinion or aims only, a wider figure is not broken down, or nothing."""
    return "opinionOnly" if row["findings"] else "notBrokenDown" if row["widely"] else "unstudied"


def classes(by: str) -> list[str]:
    """Return the classes, by IRI, of the columns of a map."""
    return [ONTOLOGY + name for name in ASPECTS[by]]


def _read_numbers(labels: Labels, by: str) -> Mapping[tuple[str, str], Json]:
    """Return the cells with findings in numbers, by the ids of treatment and aspect."""
    filled: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in labels.select("read/evidence-map-counts", type=classes(by)):
        filled[row["treatment"].removeprefix(ID), row["aspect"].removeprefix(ID)].append(row)
    return {names: _numbers(labels, rows) for names, rows in filled.items()}


def _numbers(labels: Labels, rows: Sequence[Row]) -> Json:
    """Return a cell in numbers. Of its populations only the largest is given: several may share people."""
    direct = [row for row in rows if local(row["people"]) not in APART]
    directions: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for row in direct:
        directions[local(row.get("direction", "stated"))] += row["findings"]
        if "verdict" in row:
            verdicts[local(row["verdict"])] += row["findings"]
    findings = sum(row["findings"] for row in direct)
    return {
        "findings": findings,
        "elsewhere": sum(row["findings"] for row in rows) - findings,
        "directions": dict(sorted(directions.items())),
        "verdicts": dict(sorted(verdicts.items())),
        "best_level": min((labels.ranks[row["level"]] for row in direct if "level" in row), default=None),
        "largest_population": max((row["largest"] for row in direct if "largest" in row), default=None),
    }


def _cell(treatment: str, aspect: str, findings: Json, numbers: Mapping[tuple[str, str], Json]) -> Json:
    """Return a cell with its findings, and what its numbers say of those in systemic sclerosis."""
    names = {"treatment": treatment.removeprefix(ID), "aspect": aspect.removeprefix(ID)}
    if not findings["findings"]:
        return names | findings
    said = numbers[names["treatment"], names["aspect"]]
    keys = ("directions", "verdicts", "best_level", "largest_population")
    return names | findings | {key: said[key] for key in keys if said[key] is not None}
