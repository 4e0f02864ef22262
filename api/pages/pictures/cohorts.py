"""Figures of cohorts in groups: one line each, its population in the label, on a scale that shows small figures."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.pictures.letters import width_of, wrap
from api.pages.pictures.svg import Scale, element, picture, points, ratios

WIDE, NARROW = 820, 340
_TITLE, _NOTE = 13, 11.5  # sizes of letters
_LINE, _SMALL = 17, 15  # heights of a line of a label
_BEFORE, _AFTER = 6, 5
_DOT, _CAP, _DIAMOND = 4, 4.5, 6
#: Ratios beyond these are drawn as arrows: they tell nothing that the end of the scale does not.
_LEAST, _MOST = 0.01, 100


@dataclass(frozen=True)
class Line:
    """A figure with its interval; ``note`` tells the people.

    ``form`` is ``heading``, ``study``, ``pooled``, or ``derived``: the interval is neither printed nor from counts.
    """

    label: str
    form: str
    note: str = ""
    lower: float = 0
    estimate: float = 0
    upper: float = 0
    figures: str = ""
    href: str | None = None


def cohorts(lines: Sequence[Line], title: str, description: str, unit: str, width: int) -> Markup:
    """Draw lines one below the other: per cent from 0, or ratios (``unit`` 1) on a logarithmic scale around 1."""
    narrow = width < 600
    figures = max(width_of(line.figures, _TITLE, line.form == "pooled") for line in lines)
    left, right = (16.0, width - figures - 14) if narrow else (0.46 * width, width - figures - 14)
    room = width if narrow else left - 18
    on = _scale(lines, unit, left, right)
    parts, y = list[Markup](), 4.0
    for line in lines:
        drawn, y = _line(line, on, unit, y, room, width, narrow)
        parts.append(drawn)
    behind = [] if narrow else [_grid(on, unit, 0, y + 4)]
    behind.append(_numbers(on, y))
    axis = element("line", x1=left, x2=right, y1=y, y2=y, class_="axis")
    shape, middle = ("cohorts narrow", width / 2) if narrow else ("cohorts broad", (left + right) / 2)
    words = {"1": "odds ratio, logarithmic; right of 1 it is more common", "%": "per cent of people"}[unit]
    below = element("text", words, x=middle, y=y + 34, text_anchor="middle", class_="tick")
    return picture(width, y + 40, title, description, [*behind, *parts, axis, below], shape, "group")


def _scale(lines: Sequence[Line], unit: str, left: float, right: float) -> Scale:
    given = [one for line in lines if line.form != "heading" for one in (line.lower, line.upper)]
    if unit == "1":
        return ratios((min(max(one, _LEAST), _MOST) for one in given), left, right)
    return _fine(max(given), left, right)


def _fine(most: float, left: float, right: float) -> Scale:
    """Return a scale from 0 that ends little above a number, with four to eight steps.

    >>> _fine(62.1, 0, 100).ticks, _fine(3.2, 0, 100).ticks
    ((0, 10, 20, 30, 40, 50, 60, 70), (0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5))
    """
    power = 10.0 ** math.floor(math.log10(most))
    step = next(power * part for part in (0.2, 0.5, 1.0, 2.0) if most / (power * part) <= 7)
    number = math.ceil(most / step - 1e-9)
    ticks = tuple(round(step * place, 6) for place in range(number + 1))
    whole = tuple(int(one) for one in ticks) if step >= 1 else (0, *ticks[1:])
    return Scale(0, ticks[-1], left, right, whole)


def _grid(on: Scale, unit: str, top: float, bottom: float) -> Markup:
    """Draw the lines of a scale; that of no difference is stronger."""
    classes = {tick: "neutral" if unit == "1" and tick == 1 else "grid" for tick in on.ticks}
    places = [(on.x(tick), class_) for tick, class_ in classes.items()]
    return element("g", *(element("line", x1=x, x2=x, y1=top, y2=bottom, class_=class_) for x, class_ in places))


def _numbers(on: Scale, y: float) -> Markup:
    texts = (
        element("text", str(tick), x=on.x(tick), y=y + 17, text_anchor="middle", class_="tick") for tick in on.ticks
    )
    return element("g", *texts, aria_hidden="true")


def _line(
    line: Line, on: Scale, unit: str, top: float, room: float, width: float, narrow: bool
) -> tuple[Markup, float]:
    """Draw a line below ``top``; return it, and where it ends."""
    y, parts = top + _BEFORE, list[Markup]()
    if line.form == "heading":
        y += 6
        room = width
    for text in wrap(line.label, _TITLE, room, line.form in ("heading", "pooled")):
        y += _LINE
        parts.append(element("text", text, x=0, y=y - 4, class_="label"))
    if line.href:
        parts = [element("a", *parts, href=line.href)]
    for text in wrap(line.note, _NOTE, room):
        y += _SMALL
        parts.append(element("text", text, x=0, y=y - 4, class_="note"))
    if line.form != "heading":
        middle = y + 10 if narrow else (top + _BEFORE + y) / 2
        y = y + 18 if narrow else y
        if narrow:  # a line through the labels would cross them out
            parts.append(_grid(on, unit, middle - 8, middle + 8))
        parts += _marks(line, on, middle)
        parts.append(element("text", line.figures, x=width, y=middle + 4.5, text_anchor="end", class_="figures"))
    return element("g", *parts, class_=f"row {line.form}"), y + _AFTER


def _marks(line: Line, on: Scale, y: float) -> Iterator[Markup]:
    left, middle, right = on.x(line.lower), on.x(line.estimate), on.x(line.upper)
    if line.form == "pooled":
        corners = [(left, y), (middle, y - _DIAMOND), (right, y), (middle, y + _DIAMOND)]
        yield element("polygon", points=points(corners), class_="diamond")
        return
    yield element("line", x1=left, x2=right, y1=y, y2=y, class_="bounds")
    for x, bound, back in ((left, line.lower, 6), (right, line.upper, -6)):
        if on.lower <= bound <= on.upper:
            yield element("line", x1=x, x2=x, y1=y - _CAP, y2=y + _CAP, class_="cap")
        else:
            yield element("polyline", points=points([(x + back, y - 4), (x, y), (x + back, y + 4)]), class_="arrow")
    yield element("circle", cx=middle, cy=y, r=_DOT, class_="dot")


def percentage(lower: float, estimate: float, upper: float) -> str:
    """Write a proportion with its interval.

    >>> percentage(10.139, 22.96, 44.31)
    '23.0 % (10.1 to 44.3)'
    """
    return f"{estimate:.1f} % ({lower:.1f} to {upper:.1f})"
