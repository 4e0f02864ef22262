"""Findings on the pages: their verdict, their rows with a bar for the figure, and the list of findings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import Response, abort, render_template, request

from api.http.answers import labels
from api.http.serving import served
from api.http.written import HTML, written
from api.pages import wording
from api.pages.finding_filters import choices, chosen_filters
from api.pages.pictures.intervals import KINDS, Figure, bar, figure_of, sample, scale_of
from kg.read.evidence import read_effects
from kg.read.findings import find_findings, read_findings
from kg.read.labels import Json

#: Findings, or other entities, on one page of a list.
ROWS = 50
#: Figures share a scale only with those of the same measure, unit and instrument.
_ALIKE = ("measure", "unit", "instrument")
#: The verdicts that colour a direction; the others are neither good nor bad, or not settled.
_SETTLED = ("for", "against", "null")


def verdicts() -> Mapping[str, str]:
    """Return the verdict of each finding on an effect of a treatment, by its IRI (``kg/queries/read/effects.rq``)."""
    return _verdicts(served().version)


def mark(finding: Mapping[str, Any]) -> str:
    """Return how the direction of a finding is coloured: ``for``, ``against``, ``null``, or else ``open``."""
    verdict = verdicts().get(finding["iri"], "")
    return verdict if verdict in _SETTLED else "open"


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _verdicts(version: str) -> Mapping[str, str]:
    assert version == served().version
    return read_effects(labels())


def rows_of(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return findings with their ``verdict``, and those with a figure also with its ``bar`` and ``figure_kind``."""
    figures = [figure_of(one) for one in findings]
    alike: defaultdict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for one, figure in zip(findings, figures, strict=True):
        if figure:
            alike[_quantity(one, figure)].append(figure)
    scales = {quantity: scale_of(group) for quantity, group in alike.items()}
    rows = []
    for one, figure in zip(findings, figures, strict=True):
        row = {**one, "verdict": verdicts().get(one["iri"], "")}
        if figure:
            words = wording.counts(one) if figure.kind == "exact" else wording.figure(one)
            row["bar"] = bar(figure, scales[_quantity(one, figure)], words, wording.unit(figure.unit))
            row["figure_kind"] = figure.kind
        rows.append(row)
    return rows


def key_of(rows: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return the key of the bars on a page: an example and the meaning of each kind of bounds that occurs."""
    kinds = {row["figure_kind"] for row in rows if "figure_kind" in row}
    return [{"sample": sample(kind), "meaning": meaning} for kind, meaning in KINDS.items() if kind in kinds]


def _quantity(finding: Mapping[str, Any], figure: Figure) -> tuple[object, ...]:
    return ("%",) if figure.is_share else tuple(finding.get(key) for key in _ALIKE)


def listing() -> Response:
    """List all findings, or those that match the filters of the form."""
    start, chosen = first_row(), chosen_filters(request.args)

    def write() -> bytes:
        found = find_findings(labels(), chosen.filters)
        shown = read_findings(labels(), found[start : start + ROWS])
        return render_template(
            "findings.html", rows=shown, total=len(found), start=start, step=ROWS, chosen=chosen, **choices()
        ).encode()

    return written(HTML, write)


def first_row() -> int:
    """Return the number of the first row of a page of a list; 404 for what is no number."""
    text = request.args.get("start", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        abort(404, "start is the number of the first row")
    return int(text)
