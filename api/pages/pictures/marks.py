"""The marks of a figure on a scale: each kind of bounds is drawn in a way of its own, and named in a key."""

from collections.abc import Iterator

from markupsafe import Markup

from api.pages.pictures.figure import Figure
from api.pages.pictures.scale import Scale
from api.pages.pictures.svg import element, join

_CAP, _BOX, _DOT = 4.5, 5, 3.6
_LETTER = 6.2  # how wide a letter of the axis is
_CAPPED = frozenset({"exact", "ci95", "sd", "spread"})


def marks(figure: Figure, scale: Scale, y: float) -> Markup:
    """Return what stands for a figure at the height ``y``; the group names the kind of its bounds."""
    return element("g", join(_marks(figure, scale, y)), class_=f"kind-{figure.kind}")


def before(figure: Figure, scale: Scale, y: float) -> Markup:
    """Return what stands for the figure before: hollow, its bounds as a thin line."""
    value, lower, upper = figure.before or (None, None, None)
    parts = []
    if lower is not None and upper is not None:
        parts.append(_line(scale.x(lower), scale.x(upper), y, "bounds"))
    if value is not None:
        parts.append(element("circle", cx=scale.x(value), cy=y, r=_DOT, class_="dot hollow"))
    return element("g", join(parts), class_="before")


def axis(scale: Scale, y: float, unit: str) -> Markup:
    """Return the axis below: a line, a tick for each number that finds room, and the unit at the last."""
    parts = [element("line", x1=scale.left, x2=scale.right, y1=y, y2=y, class_="axis")]
    free = scale.right - _LETTER * (len(f"{scale.ticks[-1]} {unit}") + 2)  # where the last words begin
    for place, tick in enumerate(scale.ticks):
        x, last = scale.x(tick), place == len(scale.ticks) - 1
        if not last and place and x + _LETTER * len(str(tick)) / 2 > free:
            continue
        anchor = "start" if place == 0 else "end" if last else "middle"
        parts.append(element("line", x1=x, x2=x, y1=y, y2=y + 3, class_="axis"))
        words = f"{tick} {unit}" if last and unit else str(tick)
        parts.append(element("text", words, x=x, y=y + 13, text_anchor=anchor, class_="tick"))
    return element("g", join(parts), class_="scale", aria_hidden="true")


def _marks(figure: Figure, scale: Scale, y: float) -> Iterator[Markup]:
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
            yield element("circle", cx=x, cy=y, r=_DOT, class_="dot hollow" if figure.about else "dot")


def _arrow(figure: Figure, scale: Scale, y: float) -> Iterator[Markup]:
    """Draw what is known of one bound only: a stroke at it, and an open arrow to where the other would be."""
    bound, goes_on = (figure.lower, scale.right) if figure.upper is None else (figure.upper, scale.left)
    assert bound is not None, "an open figure has one bound"
    x, back = scale.x(bound), -5 if figure.upper is None else 5
    yield _line(x, goes_on, y, "bounds")
    yield element("line", x1=x, x2=x, y1=y - _CAP, y2=y + _CAP, class_="cap")
    points = f"{goes_on + back:g},{y - 4:g} {goes_on:g},{y:g} {goes_on + back:g},{y + 4:g}"
    yield element("polyline", points=points, class_="arrow")


def _line(x1: float, x2: float, y: float, class_: str) -> Markup:
    return element("line", x1=x1, x2=x2, y1=y, y2=y, class_=class_)
