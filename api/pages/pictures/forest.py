"""Forest plots: what was pooled, on one scale with what it was pooled from."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.pictures.figure import Figure
from api.pages.pictures.marks import axis, marks
from api.pages.pictures.scale import percent
from api.pages.pictures.svg import element, number, picture

_WIDTH, _LEFT, _RIGHT, _STEP, _TOP = 760, 250, 560, 24, 34
_DIAMOND = 7
_LONGEST = 38  # letters of a label that find room


@dataclass(frozen=True)
class Row:
    """A line of the plot: its words, its share with bounds in per cent, and how it is drawn.

    ``form`` is ``study``, ``pooled`` (a diamond), ``sensitivity`` (a small one) or ``prediction`` (a bar, no value).
    """

    label: str
    form: str
    lower: float
    upper: float
    estimate: float | None = None
    counts: str = ""
    href: str | None = None


def forest(rows: Sequence[Row], title: str) -> Markup:
    """Draw shares in per cent, one above the other."""
    scale = percent(_LEFT, _RIGHT)
    content = [
        element("text", "Study", x=0, y=16, class_="head"),
        element("text", "n of N", x=_LEFT - 12, y=16, text_anchor="end", class_="head"),
        element("text", "share, 95 % interval", x=_WIDTH, y=16, text_anchor="end", class_="head"),
    ]
    bottom = _TOP + _STEP * len(rows)
    whole = next((row for row in rows if row.form == "pooled"), None)
    if whole and whole.estimate is not None:
        x = scale.x(whole.estimate)
        content.append(element("line", x1=x, x2=x, y1=_TOP - 10, y2=bottom - 8, class_="reference"))
    for place, row in enumerate(rows):
        content.append(_line(row, scale.x, _TOP + _STEP * place))
    content.append(axis(scale, bottom, "%"))
    description = "; ".join(f"{row.label}: {_words(row)}" for row in rows)
    return picture(_WIDTH, bottom + 18, title, description, content, "forest", "group")


def _line(row: Row, x: object, y: float) -> Markup:
    assert callable(x)
    label = element("text", _short(row.label), x=0, y=y + 4, class_="label")
    if row.href:
        label = element("a", label, href=row.href)
    parts = [label, element("text", row.counts, x=_LEFT - 12, y=y + 4, text_anchor="end", class_="counts")]
    lower, upper = x(row.lower), x(row.upper)
    match row.form:
        case "study":
            figure = Figure("%", "exact", row.estimate, row.lower, row.upper)
            parts.append(marks(figure, percent(_LEFT, _RIGHT), y))
        case "prediction":
            parts.append(element("rect", x=lower, y=y - 3, width=upper - lower, height=6, class_="prediction"))
        case form:
            assert row.estimate is not None, "a diamond has a middle"
            half, middle = _DIAMOND if form == "pooled" else _DIAMOND - 3, x(row.estimate)
            corners = [(lower, y), (middle, y - half), (upper, y), (middle, y + half)]
            points = " ".join(f"{number(left)},{number(top)}" for left, top in corners)
            parts.append(element("polygon", points=points, class_=f"diamond {form}"))
    parts.append(element("text", _words(row), x=_WIDTH, y=y + 4, text_anchor="end", class_="figures"))
    return element("g", *parts, class_=f"row {row.form}")


def _words(row: Row) -> str:
    """Return the figures of a row in words, to a tenth of a per cent."""
    bounds = f"{row.lower:.1f} to {row.upper:.1f}"
    return bounds if row.estimate is None else f"{row.estimate:.1f} % ({bounds})"


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"
