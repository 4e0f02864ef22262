"""Figures with their intervals, as a bar in a cell of a table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from api.pages.pictures.svg import Scale, element, number, percent, picture, points, scale

#: The kinds of bounds, with their meaning in the key beside a bar.
KINDS = {
    "exact": "95 % interval, computed from the counts",
    "ci95": "95 % confidence interval, as printed",
    "range": "range, as printed",
    "iqr": "interquartile range, as printed",
    "sd": "± one standard deviation, as printed",
    "spread": "± as printed; the source does not say what it is",
    "bounds": "from … to, as printed; the source does not say what the bounds are",
    "open": "one bound only: the arrow marks the open side",
    "point": "a figure without an interval",
}
_WIDTH, _LEFT, _RIGHT = 220, 8, 212
_CAP, _BOX, _DOT = 4.5, 5, 3.6
_LETTER = 6.2  # width of a letter of the axis
_CAPPED = frozenset({"exact", "ci95", "sd", "spread"})


@dataclass(frozen=True)
class Figure:
    """A figure with its bounds, their kind and the baseline; ``approximate`` where the source says "about"."""

    unit: str
    kind: str
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    baseline: tuple[float | None, float | None, float | None] | None = None
    approximate: bool = False

    @property
    def numbers(self) -> list[float]:
        """All numbers that the scale has to contain."""
        given = (self.value, self.lower, self.upper, *(self.baseline or ()))
        return [one for one in given if one is not None]

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage: these have a scale of their own."""
        return self.unit == "%"


def figure_of(finding: Mapping[str, Any]) -> Figure | None:
    """Return the figure of a finding; None without one, and for a bare number that is no percentage.

    An exact interval replaces the printed figure: both come from the same counts.

    >>> figure_of({"value": 15, "unit": "%"})
    Figure(unit='%', kind='point', value=15, lower=None, upper=None, baseline=None, approximate=False)
    >>> figure_of({"upper": 1, "unit": "%", "qualifier": "lessThan"}).kind
    'open'
    >>> figure_of({"value": 22, "lower": 13, "upper": 60, "interval": "range", "unit": "mo"}).kind
    'range'
    >>> figure_of({"value": 13, "unit": "{patient}",
    ...     "exact_interval": {"estimate": 33.3333, "lower": 19.0881, "upper": 50.2172, "level": 95}}).value
    33.3333
    >>> figure_of({"value": 39, "unit": "{patient}"}), figure_of({})
    (None, None)
    """
    if exact := finding.get("exact_interval"):
        return Figure("%", "exact", exact["estimate"], exact["lower"], exact["upper"])
    value, lower, upper = (finding.get(key) for key in ("value", "lower", "upper"))
    unit, baseline = finding.get("unit", ""), finding.get("baseline")
    kind = finding.get("interval", "bounds")
    if value is not None and lower is None and upper is None:
        lower, upper, kind = _bounds_of(value, finding)
    elif lower is None or upper is None:
        kind = "open"
    if not (value is not None and (unit == "%" or baseline)) and lower is None and upper is None:
        return None
    before = (baseline.get("value"), baseline.get("lower"), baseline.get("upper")) if baseline else None
    if kind == "open" and value is not None and value in (lower, upper):
        value = None  # the value is the bound
    return Figure(unit, kind, value, lower, upper, before, finding.get("qualifier") == "approximately")


def _bounds_of(value: float, finding: Mapping[str, Any]) -> tuple[float | None, float | None, str]:
    """Return the bounds of a figure that is printed without any: from its spread, or from its qualifier."""
    if (spread := finding.get("spread")) is not None:
        return value - spread, value + spread, "sd" if finding.get("interval") == "sd" else "spread"
    match finding.get("qualifier"):
        case "lessThan" | "upTo":
            return None, value, "open"
        case "greaterThan" | "atLeast":
            return value, None, "open"
        case _:
            return None, None, "point"


def scale_of(figures: Iterable[Figure]) -> Scale:
    """Return the common scale of bars: that of percentages, or one that contains all numbers."""
    given = list(figures)
    if all(figure.is_share for figure in given):
        return percent(_LEFT, _RIGHT)
    return scale((one for figure in given for one in figure.numbers), _LEFT, _RIGHT)


def bar(figure: Figure, scale: Scale, words: str, unit: str) -> Markup:
    """Draw a figure; ``words`` are its title for screen readers, ``unit`` ends the axis."""
    low, high = scale.ticks[0], scale.ticks[-1]
    description = f"{KINDS[figure.kind]}; the scale runs from {number(low)} to {number(high)} {unit}".strip()
    if figure.baseline:
        content = [_baseline(figure, scale, 8), marks(figure, scale, 22), axis(scale, 31, unit)]
        return picture(_WIDTH, 46, words, f"baseline above; {description}", content, "interval-bar")
    return picture(_WIDTH, 33, words, description, [marks(figure, scale, 9), axis(scale, 18, unit)], "interval-bar")


def sample(kind: str) -> Markup:
    """Draw an example of a kind of bounds, for the key."""
    lower, upper, value = {"open": (None, 4, None), "point": (None, None, 5)}.get(kind, (1.5, 8.5, 4.5))
    example = marks(Figure("", kind, value, lower, upper), Scale(0, 10, 4, 60, (0, 10)), 9)
    return picture(64, 18, KINDS[kind], "Example", [example], "interval-bar")


def marks(figure: Figure, scale: Scale, y: float) -> Markup:
    """Draw a figure at the height ``y``; the class of the group names the kind of its bounds."""
    return element("g", *_parts(figure, scale, y), class_=f"kind-{figure.kind}")


def _parts(figure: Figure, scale: Scale, y: float) -> Iterator[Markup]:
    lower, upper = figure.lower, figure.upper
    if figure.kind == "open":
        yield from _arrow(figure, scale, y)
    elif lower is not None and upper is not None:
        left, right = scale.x(lower), scale.x(upper)
        if figure.kind == "iqr":
            yield element("rect", x=left, y=y - _BOX, width=right - left, height=2 * _BOX, class_="box")
        else:
            yield _line(left, right, y, "bounds")
        for x in (left, right):
            if figure.kind in _CAPPED:
                yield element("line", x1=x, x2=x, y1=y - _CAP, y2=y + _CAP, class_="cap")
            elif figure.kind == "range":
                yield element("circle", cx=x, cy=y, r=2.4, class_="end")
    if figure.value is not None:
        x = scale.x(figure.value)
        if figure.kind == "ci95":
            yield element("rect", x=x - _DOT, y=y - _DOT, width=2 * _DOT, height=2 * _DOT, class_="dot")
        elif figure.kind == "iqr":
            yield element("line", x1=x, x2=x, y1=y - _BOX, y2=y + _BOX, class_="middle")
        else:
            yield element("circle", cx=x, cy=y, r=_DOT, class_="dot hollow" if figure.approximate else "dot")


def _arrow(figure: Figure, scale: Scale, y: float) -> Iterator[Markup]:
    """Draw a single bound: a stroke at the bound, and an arrow towards the side that is open."""
    bound, end = (figure.lower, scale.right) if figure.upper is None else (figure.upper, scale.left)
    assert bound is not None, "an open figure has one bound"
    x, back = scale.x(bound), -5 if figure.upper is None else 5
    yield _line(x, end, y, "bounds")
    yield element("line", x1=x, x2=x, y1=y - _CAP, y2=y + _CAP, class_="cap")
    yield element("polyline", points=points([(end + back, y - 4), (end, y), (end + back, y + 4)]), class_="arrow")


def _baseline(figure: Figure, scale: Scale, y: float) -> Markup:
    """Draw the baseline: hollow, its bounds as a thin line."""
    value, lower, upper = figure.baseline or (None, None, None)
    parts = []
    if lower is not None and upper is not None:
        parts.append(_line(scale.x(lower), scale.x(upper), y, "bounds"))
    if value is not None:
        parts.append(element("circle", cx=scale.x(value), cy=y, r=_DOT, class_="dot hollow"))
    return element("g", *parts, class_="before")


def axis(scale: Scale, y: float, unit: str) -> Markup:
    """Draw the axis: a line, a tick for each number that has room, and the unit at the last one."""
    parts = [element("line", x1=scale.left, x2=scale.right, y1=y, y2=y, class_="axis")]
    free = scale.right - _LETTER * (len(f"{scale.ticks[-1]} {unit}") + 2)  # where the last label begins
    for place, tick in enumerate(scale.ticks):
        x, last = scale.x(tick), place == len(scale.ticks) - 1
        if not last and place and x + _LETTER * len(str(tick)) / 2 > free:
            continue
        anchor = "start" if place == 0 else "end" if last else "middle"
        parts.append(element("line", x1=x, x2=x, y1=y, y2=y + 3, class_="axis"))
        words = f"{tick} {unit}" if last and unit else str(tick)
        parts.append(element("text", words, x=x, y=y + 13, text_anchor=anchor, class_="tick"))
    return element("g", *parts, class_="scale", aria_hidden="true")


def _line(x1: float, x2: float, y: float, class_: str) -> Markup:
    return element("line", x1=x1, x2=x2, y1=y, y2=y, class_=class_)
