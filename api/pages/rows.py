"""Findings as rows of a page: each with its words, its bar, and what it says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.pages import wording
from api.pages.pictures.bars import bar, sample, scale_of
from api.pages.pictures.figure import KINDS, Figure, figure_of
from kg.read.labels import Json

#: A figure may share its scale with those of the same measure, unit and instrument only.
_ALIKE = ("measure", "unit", "instrument")


def rows_of(findings: Sequence[Mapping[str, Any]], says: Mapping[str, str]) -> list[Json]:
    """Return findings with ``bar``, where a figure can be drawn, ``says``, and ``figure_kind`` for the key."""
    figures = {str(one["iri"]): figure_of(one) for one in findings}
    alike: defaultdict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for one in findings:
        if figure := figures[str(one["iri"])]:
            alike[_quantity(one, figure)].append(figure)
    rows = []
    for one in findings:
        row: Json = {**one, "says": says.get(str(one["iri"]), "")}
        if figure := figures[str(one["iri"])]:
            words = wording.counts(one) if figure.kind == "exact" else wording.figure(one)
            scale = scale_of(alike[_quantity(one, figure)])
            row |= {"bar": bar(figure, scale, words, wording.unit(figure.unit)), "figure_kind": figure.kind}
        rows.append(row)
    return rows


def key_of(rows: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return the key of the bars on a page: a sample and the meaning of each kind of bounds that occurs."""
    found = {row["figure_kind"] for row in rows if "figure_kind" in row}
    return [{"sample": sample(kind), "meaning": meaning} for kind, meaning in KINDS.items() if kind in found]


def _quantity(finding: Mapping[str, Any], figure: Figure) -> tuple[object, ...]:
    return ("%",) if figure.is_share else tuple(finding.get(key) for key in _ALIKE)
