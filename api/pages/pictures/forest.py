"""Forest plots: the figures of studies one below the other, then their mean, on one scale."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.pictures.intervals import Figure, axis, marks
from api.pages.pictures.svg import Scale, element, percent, picture, points, ratios, scale, shorten
from kg.rounding import ratio

_WIDTH, _LEFT, _RIGHT, _STEP, _TOP = 840, 380, 670, 24, 34
_SLIM, _SLIM_ALONE, _SLIM_BESIDE_FIGURES = 358, 52, 32
_DIAMOND = 7
_LONGEST, _LONGEST_BESIDE_COUNTS, _LONGEST_ALONE = 56, 42, 110  # letters of a label
_YEAR = re.compile(r"\b((?:19|20)\d\d)\)?$")


@dataclass(frozen=True)
class Row:
    """A line of a forest plot: a figure with its bounds.

    ``form`` is ``study``, ``pooled`` (a diamond), ``sensitivity`` (a small one), ``prediction`` (a bar, no estimate),
    or ``heading`` (a label alone, above a group of lines). ``details`` stand beside the label, such as counts.
    """

    label: str
    form: str
    lower: float = 0
    upper: float = 0
    estimate: float | None = None
    details: str = ""
    href: str | None = None


@dataclass(frozen=True)
class Axis:
    """What is drawn: the heading of the figures, how one is written, and the place where nothing is told apart."""

    heading: str
    unit: str
    write: Callable[[float], str]
    neutral: float | None = None

    def scale(self, rows: Sequence[Row], left: float = _LEFT, right: float = _RIGHT) -> Scale:
        """Return a scale for all lines."""
        if self.unit == "%":
            return percent(left, right)
        figures = [number for row in rows if row.form != "heading" for number in (row.lower, row.upper)]
        return ratios(figures, left, right) if self.unit == "1" else scale(figures, left, right)

    def figures(self, row: Row) -> str:
        """Return the figures of a line as text."""
        if row.form == "heading":
            return ""
        unit = f" {self.unit}" if self.unit not in ("", "1") else ""
        bounds = f"{self.write(row.lower)} to {self.write(row.upper)}"
        return bounds if row.estimate is None else f"{self.write(row.estimate)}{unit} ({bounds})"


def axis_of(unit: str, measure: str = "") -> Axis:
    """Return the axis for a unit: ``%``, ``1`` for ratios, or any other for differences.

    >>> axis_of("1", "odds ratio").figures(Row("a", "study", 1.02, 12.345, 2.6))
    '2.60 (1.02 to 12.3)'
    """
    if unit == "%":
        return Axis("proportion, 95 % interval", unit, "{:.1f}".format)
    if unit == "1":
        return Axis(f"{measure or 'ratio'}, 95 % interval", unit, ratio, neutral=1)
    return Axis("difference, 95 % interval", unit, "{:.4g}".format, neutral=0)


def forest(rows: Sequence[Row], title: str, on: Axis, details: str = "n of N") -> Markup:
    """Draw a forest plot, one line below the other; a line through the mean, if there is one and not several."""
    scale = on.scale(rows)
    content = [
        element("text", "Study", x=0, y=16, class_="head"),
        element("text", details, x=_LEFT - 12, y=16, text_anchor="end", class_="head"),
        element("text", on.heading, x=_WIDTH, y=16, text_anchor="end", class_="head"),
    ]
    bottom = _TOP + _STEP * len(rows)
    pooled = [row.estimate for row in rows if row.form == "pooled"]
    for value, class_ in ((on.neutral, "neutral"), (pooled[0] if len(pooled) == 1 else None, "reference")):
        if value is not None:
            x = scale.x(value)
            content.append(element("line", x1=x, x2=x, y1=_TOP - 10, y2=bottom - 8, class_=class_))
    content += [_line(row, scale, on, _TOP + _STEP * place) for place, row in enumerate(rows)]
    content.append(axis(scale, bottom, on.unit if on.unit != "1" else ""))
    description = "; ".join(f"{row.label}: {on.figures(row)}" for row in rows if row.form != "heading")
    return picture(_WIDTH, bottom + 18, title, description, content, "forest", "group")


def slim(rows: Sequence[Row], title: str, on: Axis) -> Markup:
    """Draw the same for a phone: each line has its label and its figures above its mark, and no details."""
    scale = on.scale(rows, 6, _SLIM - 6)
    content, y = [], 16.0
    for row in rows:
        figures = on.figures(row)
        length = _SLIM_ALONE if not figures or row.form == "heading" else _SLIM_BESIDE_FIGURES
        label = element("text", _shorten(row.label, length), x=0, y=y, class_="label")
        if row.href:
            label = element("a", label, href=row.href)
        figures_ = element("text", figures, x=_SLIM, y=y, text_anchor="end", class_="figures")
        mark = _mark(row, scale, y + 14)
        content.append(element("g", label, figures_, mark, class_=f"row {row.form}"))
        y += _STEP if row.form == "heading" else 2 * _STEP - 6
    content.append(axis(scale, y - 6, on.unit if on.unit != "1" else ""))
    inside = element("g", *content, class_="forest")
    return picture(_SLIM, y + 12, title, "the same as a narrow picture", [inside], "slim", "group")


def _line(row: Row, scale: Scale, on: Axis, y: float) -> Markup:
    longest = _LONGEST_ALONE if row.form == "heading" else _LONGEST_BESIDE_COUNTS if row.details else _LONGEST
    label = element("text", _shorten(row.label, longest), x=0, y=y + 4, class_="label")
    if row.href:
        label = element("a", label, href=row.href)
    return element(
        "g",
        label,
        element("text", row.details, x=_LEFT - 12, y=y + 4, text_anchor="end", class_="details"),
        _mark(row, scale, y),
        element("text", on.figures(row), x=_WIDTH, y=y + 4, text_anchor="end", class_="figures"),
        class_=f"row {row.form}",
    )


def _shorten(label: str, longest: int) -> str:
    """Cut a label that is too long before its year, by which readers know a study.

    >>> _shorten("Radiographs of hands and feet (Iran, 2023)", 30), _shorten("Hands and feet, 2023", 30)
    ('Radiographs of hands and… 2023', 'Hands and feet, 2023')
    """
    year = _YEAR.search(label)
    if len(label) <= longest or not year:
        return shorten(label, longest)
    return f"{shorten(label, longest - 5)} {year[1]}"


def _mark(row: Row, scale: Scale, y: float) -> Markup:
    lower, upper = scale.x(row.lower), scale.x(row.upper)
    match row.form:
        case "heading":
            return Markup()
        case "study":
            return marks(Figure("%", "exact", row.estimate, row.lower, row.upper), scale, y)
        case "prediction":
            return element("rect", x=lower, y=y - 3, width=upper - lower, height=6, class_="prediction")
        case form:
            assert row.estimate is not None, "a diamond has an estimate"
            half, middle = _DIAMOND if form == "pooled" else _DIAMOND - 3, scale.x(row.estimate)
            corners = [(lower, y), (middle, y - half), (upper, y), (middle, y + half)]
            return element("polygon", points=points(corners), class_=f"diamond {form}")
