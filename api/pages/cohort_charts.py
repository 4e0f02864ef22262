"""Pictures of cohorts: the prevalence of calcinosis by method of detection, and what goes with it by odds ratio."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from api.http.serving import labels, once_per_snapshot
from api.pages.chart import Cell, Chart, Table, link_to, page_of
from api.pages.pictures.cohorts import Line, cohorts, percentage
from kg.prefixes import ID, ONTOLOGY
from kg.read.cohorts import CALCINOSIS, read_prevalence, read_risk_factors
from kg.rounding import ratio

#: What the interval of a ratio comes from, by the method of the study.
_BASES = {
    "printedInterval": "interval as printed",
    "groupCounts": "interval computed from the counts of two groups",
    "printedPValue": "interval computed from the printed p-value",
}
_ADJUSTMENTS = {
    "adjustedRatio": "Adjusted for other factors",
    "unadjustedRatio": "Not adjusted, or computed from the counts of two groups",
    "adjustmentNotTold": "The source does not say whether it is adjusted",
}
_STUDY = ("Study", "Method", "People", "With calcinosis")
_FACTOR = ("Factor", "Study", "People", "Adjustment")
#: The captions of tables of what is not drawn.
_SAME, _BARE = (
    "Not drawn: these may be the same people",
    "Not drawn: no interval, or step or adjustment not reported",
)


@once_per_snapshot
def _read_prevalence() -> Any:
    return read_prevalence(labels())


@once_per_snapshot
def _read_risk_factors() -> Any:
    return read_risk_factors(labels())


def prevalence() -> Chart | None:
    """Return the prevalence of calcinosis in systemic sclerosis by cohort: most people first; None without any."""
    known = _read_prevalence()
    groups = _grouped(known["cohorts"], lambda one: _method(one["finding"]), lambda one: one["total"])
    lines, rows = list[Line](), list[Sequence[Cell]]()
    for method, found in sorted(groups, key=lambda group: -sum(one["total"] for one in group[1])):
        lines.append(Line(method, "heading"))
        for one in found:
            name, address = link_to(one["finding"])
            lower, estimate, upper = _bounds(one)
            figures = percentage(lower, estimate, upper)
            note = _told_once(f"{_counts(one)} · {_people(one['finding'])}", one["total"])
            lines.append(Line(name, "study", note, lower, estimate, upper, figures, address))
            rows.append([*_cohort(one), figures])
        lines += _pooled(known["pooled"], found)
    if not rows:
        return None
    left_out = [[*_cohort(one), _others(one)] for one in known["left_out"]]
    title = "Calcinosis in systemic sclerosis: prevalence by cohort"
    counts = known["counts"]
    caption = (
        "Each line is a cohort with its exact 95 % interval, each diamond the mean of studies with one method; "
        f"different methods are not pooled. {_cut(known, 'cohorts')}"
        f"{counts['left_out']} findings may be of the same people, and are only in the "
        "table; shares without a number of people, as in reviews, are not drawn."
    )
    return Chart(
        title,
        caption,
        lambda width: cohorts(lines, title, _described(lines), "%", width),
        [
            Table("The figures that are drawn", (*_STUDY, "Share, 95 % interval"), rows),
            Table(_SAME, (*_STUDY, "As in"), left_out),
        ],
        "prevalence",
        CALCINOSIS.removeprefix(ID),
    )


def risk_factors() -> Chart | None:
    """Return the odds ratios of calcinosis, those that are adjusted first; most people first; None without any."""
    known = _read_risk_factors()
    lines, rows = list[Line](), list[Sequence[Cell]]()
    for adjustment, heading in _ADJUSTMENTS.items():
        found = [one for one in known["ratios"] if one["adjustment"] == adjustment]
        lines += [Line(heading, "heading")] * bool(found)
        for factor, ones in _grouped(found, lambda one: _factor(one["finding"]), _size):
            drawn = [_ratio(factor, one) for one in ones]
            lines += [*drawn, *_pooled(known["pooled"], ones)]
            bases = [_BASES[one["method"].removeprefix(ONTOLOGY)] for one in ones]
            rows += [[*_row(one), line.figures, basis] for one, line, basis in zip(ones, drawn, bases, strict=True)]
    if not rows:
        return None
    bare = [[*_row(one), str(one["finding"].get("reported", one["ratio"]))] for one in known["without_interval"]]
    left_out = [[*_row(one), _ratio("", one).figures, _others(one)] for one in known["left_out"]]
    title = "Factors associated with calcinosis in systemic sclerosis: odds ratios"
    counts = known["counts"]
    caption = (
        "Odds of calcinosis with the factor over the odds without it, with the 95 % interval; these are associations, "
        "not causes. A dashed interval follows from a p-value; an arrow leads beyond the scale. "
        f"{_cut(known, 'ratios')}{counts['without_interval']} ratios have no interval, or it is not reported for which "
        f"step of a quantity or whether they are adjusted, and {counts['left_out']} may be of people "
        "who are drawn already: both are only in the table."
    )
    return Chart(
        title,
        caption,
        lambda width: cohorts(lines, title, _described(lines), "1", width),
        [
            Table("The ratios that are drawn", (*_FACTOR, "Odds ratio, 95 % interval", "From"), rows),
            Table(_BARE, (*_FACTOR, "As printed"), bare),
            Table(_SAME, (*_FACTOR, "Odds ratio, 95 % interval", "As in"), left_out),
        ],
        "risk-factors",
        CALCINOSIS.removeprefix(ID),
    )


def _cut(known: Mapping[str, Any], name: str) -> str:
    """Say that not all figures are drawn, if that is so."""
    drawn, total = len(known[name]), known["counts"][name]
    return f"The {drawn} with the most people, of {total:,}, are drawn. " if drawn < total else ""


def _grouped(
    ones: Iterable[Any], name: Callable[[Any], str], size: Callable[[Any], int]
) -> list[tuple[str, Sequence[Any]]]:
    """Return figures by name, those of most people first in each group, and the group with the largest first."""
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for one in sorted(ones, key=lambda one: (-size(one), one["finding"]["id"])):
        groups[name(one)].append(one)
    return list(groups.items())


def _pooled(results: Iterable[Any], drawn: Iterable[Any]) -> list[Line]:
    """Return the means of which all studies are among those drawn."""
    ids = {one["finding"]["id"] for one in drawn}
    return [_mean(one) for one in results if {study["id"] for study in one["studies"]} <= ids]


def _mean(pooled: Mapping[str, Any]) -> Line:
    lower, estimate, upper = _bounds(pooled)
    words = (percentage if pooled["unit"] == "%" else _ratio_words)(lower, estimate, upper)
    people = f"{pooled['people']:,} people; random effects" if "people" in pooled else "random effects"
    name = f"Mean of {len(pooled['studies'])} studies"
    return Line(name, "pooled", people, lower, estimate, upper, words, page_of(pooled["id"]))


def _ratio(factor: str, one: Mapping[str, Any]) -> Line:
    finding = one["finding"]
    lower, estimate, upper = _bounds(one)
    form = "derived" if one["method"].endswith("printedPValue") else "study"
    note = _compared(finding) + (f"; {finding['source']['year']}" if "year" in finding["source"] else "")
    words = _ratio_words(lower, estimate, upper)
    return Line(factor, form, note, lower, estimate, upper, words, page_of(finding["id"]))


def _bounds(one: Mapping[str, Any]) -> tuple[float, float, float]:
    return float(one["lower"]), float(one["estimate"]), float(one["upper"])


def _ratio_words(lower: float, estimate: float, upper: float) -> str:
    return f"{ratio(estimate)} ({ratio(lower)} to {ratio(upper)})"


def _cohort(one: Mapping[str, Any]) -> Sequence[Cell]:
    return [link_to(one["finding"]), _method(one["finding"]), _people(one["finding"]), _counts(one)]


def _row(one: Mapping[str, Any]) -> Sequence[Cell]:
    finding = one["finding"]
    return [_factor(finding), link_to(finding), _compared(finding), _ADJUSTMENTS[one["adjustment"]]]


def _others(one: Mapping[str, Any]) -> str:
    """Return the studies that stand for the same people."""
    return "; ".join(sorted({link_to(other)[0] for other in one["overlapping"]}))


def _described(lines: Iterable[Line]) -> str:
    return "; ".join(
        line.label if line.form == "heading" else f"{line.label}, {line.note}: {line.figures}" for line in lines
    )


def _factor(finding: Mapping[str, Any]) -> str:
    """Return the factor, and what it goes with unless that is calcinosis of the skin as a whole."""
    target = finding["object"]
    label = str(finding["subject"]["label"])
    label = label[:1].upper() + label[1:]
    return label if target["iri"] == CALCINOSIS else f"{label} (with {target['label']})"


def _method(finding: Mapping[str, Any]) -> str:
    """Return how calcinosis was looked for, and where."""
    tools = ", ".join(one["label"] for one in finding.get("instrument", ()))
    sites = ", ".join(one["label"] for one in finding.get("site", ()))
    words = " of ".join(each for each in (tools, sites) if each)
    return (
        f"Found by {words}"
        if tools
        else f"At {sites}; method not reported"
        if sites
        else "Method of detection not reported"
    )


def _people(finding: Mapping[str, Any]) -> str:
    return str(finding["population"]["label"]) if "population" in finding else "people not described"


def _compared(finding: Mapping[str, Any]) -> str:
    """Return the people of a ratio, and those with whom they were compared."""
    other = finding.get("comparator")
    return f"{_people(finding)}, against {other['label']}" if isinstance(other, dict) else _people(finding)


def _size(one: Mapping[str, Any]) -> int:
    return int(one.get("people") or one["finding"].get("population", {}).get("size", 0))


def _counts(one: Mapping[str, Any]) -> str:
    return f"{'about ' if one['share'] else ''}{one['events']:,} of {one['total']:,}"


def _told_once(words: str, total: int) -> str:
    """Leave out a number of people that the label of the population repeats.

    >>> _told_once("28 of 71 · 71 people of Mexico City", 71)
    '28 of 71 people of Mexico City'
    """
    return words.replace(f"of {total:,} · {total} ", f"of {total:,} ")
