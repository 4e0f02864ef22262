"""Findings about several entities at once: the filters for them, and the nearest where no finding fits them all."""

from collections.abc import Iterable
from dataclasses import dataclass

from kg.read.facets import KIND_FILTERS, find_nearest
from kg.read.filters import Filters, resolve
from kg.read.findings import find_findings
from kg.read.labels import Labels


@dataclass(frozen=True)
class Choice:
    """Filters of findings, and the number of findings that fit them."""

    filters: Filters
    findings: int


def combine(ids: Iterable[str]) -> tuple[Filters, list[str]]:
    """Return the filters for findings about all of some entities, and the entities that there is no filter left for.

    Values of one filter are alternatives, so that a second entity of the same kind takes ``about``.

    >>> combine(["outcome/pain", "site/fingertip"])
    (Filters(pairs=(('outcome', 'outcome/pain'), ('site', 'site/fingertip'))), [])
    >>> combine(["outcome/pain", "complication/fistula", "complication/infection"])[0].pairs
    (('about', 'complication/fistula'), ('outcome', 'outcome/pain'))
    """
    chosen: dict[str, str] = {}
    left = []
    for id_ in ids:
        names = (KIND_FILTERS.get(id_.partition("/")[0], "about"), "about")
        if name := next((name for name in names if name not in chosen), None):
            chosen[name] = id_
        else:
            left.append(id_)
    return Filters(tuple(sorted(chosen.items()))), left


def read_choice(labels: Labels, filters: Filters) -> Choice:
    """Count the findings that fit filters."""
    return Choice(filters, find_findings(labels, resolve(labels, filters)).total)


def read_nearest(labels: Labels, filters: Filters) -> list[Choice]:
    """Return, where nothing fits all filters, what comes nearest: broader entities, then all but one of the filters."""
    broader = [
        Choice(_without(filters, name, (name, value.value)), value.number)
        for name, value in find_nearest(labels, resolve(labels, filters))
    ]
    fewer = [read_choice(labels, left) for name in dict(filters.pairs) if (left := _without(filters, name))]
    return [*broader, *(one for one in fewer if one.findings)]


def _without(filters: Filters, name: str, *others: tuple[str, str]) -> Filters:
    """Return filters without those of one name, and with others."""
    return Filters(tuple(sorted([*(pair for pair in filters.pairs if pair[0] != name), *others])))
