"""Pictures of people by what results say: of each treatment, and of each outcome of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.http.serving import labels, once_per_snapshot
from api.pages.chart import Cell, Chart, Table, page_of
from api.pages.pictures.people import VERDICTS, Bars, Tally, people
from kg.read.cohorts import read_tallies

_COUNTED = (
    "The length of a bar is the number of people with systemic sclerosis in groups for which a source reports such a "
    "result{on}. The dark part is the people counted with the result (42 of 87); of several counts of one group, the "
    "largest. For people “in groups” only the result of the whole group, such as a mean, is reported. Nobody is "
    "counted twice in a bar; a group with results in several directions is in each. Results without a number of people "
    "are given as a number of findings; opinions are left out."
)


@once_per_snapshot
def _read_treatments() -> Any:
    return read_tallies(labels())


def treatments() -> Chart | None:
    """Return the people behind the results of each treatment, not those of its kinds; None without any."""
    lines = [_bars(one, page_of(one["about"]["id"])) for one in _read_treatments()]
    title = "Treatments in systemic sclerosis with calcinosis: people by direction of the result"
    return _chart("Treatment", lines, title, _COUNTED.format(on=" on any outcome"), "treatments") if lines else None


def outcomes(iri: str, label: str, anchors: Mapping[str, str]) -> Chart | None:
    """Return the people behind the results of a treatment and its kinds, by outcome; None where there is no result."""
    lines = [_bars(one, "#" + anchors.get(one["about"]["id"], "balance")) for one in read_tallies(labels(), iri)]
    title = f"{label[:1].upper()}{label[1:]}: people by outcome and direction"
    return _chart("Outcome", lines, title, _COUNTED.format(on="")) if lines else None


def _chart(what: str, lines: Sequence[Bars], title: str, caption: str, name: str = "") -> Chart:
    rows: list[list[Cell]] = [
        [(line.label, line.href), *(_cell(line.tallies.get(verdict)) for verdict in VERDICTS)] for line in lines
    ]
    table = Table("People and findings behind each direction", (what, *VERDICTS.values()), rows)
    return Chart(title, caption, lambda width: people(lines, title, _described(lines), width), [table], name)


def _bars(tally: Mapping[str, Any], href: str) -> Bars:
    given = tally["verdicts"]
    return Bars(tally["about"]["label"], href, {name: Tally(**given[name]) for name in VERDICTS if name in given})


def _cell(tally: Tally | None) -> str:
    return f"{tally.words} ({tally.findings} finding{'s' * (tally.findings != 1)})" if tally else ""


def _described(lines: Sequence[Bars]) -> str:
    return "; ".join(
        f"{line.label}: " + ", ".join(f"{VERDICTS[name].lower()} {tally.words}" for name, tally in line.tallies.items())
        for line in lines
    )
