"""Bars: a figure with its interval on a scale, small enough for a cell of a table."""

from collections.abc import Iterable

from markupsafe import Markup

from api.pages.pictures.figure import KINDS, Figure
from api.pages.pictures.marks import axis, before, marks
from api.pages.pictures.scale import Scale, common, percent
from api.pages.pictures.svg import number, picture

_WIDTH, _LEFT, _RIGHT = 220, 8, 212


def scale_of(figures: Iterable[Figure]) -> Scale:
    """Return the scale of a bar: that of shares, or the one that holds all numbers of like figures."""
    found = list(figures)
    if all(figure.is_share for figure in found):
        return percent(_LEFT, _RIGHT)
    return common((one for figure in found for one in figure.numbers), _LEFT, _RIGHT)


def bar(figure: Figure, scale: Scale, words: str, unit: str) -> Markup:
    """Draw a figure; ``words`` tell it to those who cannot see it, ``unit`` stands at the end of the axis."""
    low, high = scale.ticks[0], scale.ticks[-1]
    description = f"{KINDS[figure.kind]}; the scale goes from {number(low)} to {number(high)} {unit}".strip()
    if figure.before:
        content = [before(figure, scale, 8), marks(figure, scale, 22), axis(scale, 31, unit)]
        return picture(_WIDTH, 46, words, f"above the figure before; {description}", content, "interval-bar")
    return picture(_WIDTH, 33, words, description, [marks(figure, scale, 9), axis(scale, 18, unit)], "interval-bar")


def sample(kind: str) -> Markup:
    """Draw what a kind of bounds looks like, for the key."""
    scale = Scale(0, 10, 4, 60, (0, 10))
    lower, upper, value = {"open": (None, 4, None), "point": (None, None, 5)}.get(kind, (1.5, 8.5, 4.5))
    figure = Figure("", kind, value, lower, upper)
    return picture(64, 18, KINDS[kind], "How it is drawn", [marks(figure, scale, 9)], "interval-bar")
