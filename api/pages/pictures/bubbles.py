"""Marks for the cells of an evidence map: size is number, shape and colour what findings say."""

from collections.abc import Mapping

from markupsafe import Markup

from api.pages.pictures.svg import element, number, picture

_SIDE, _LARGEST, _SMALLEST = 40, 13, 4
#: Shapes by what findings say, with the words of the key.
SHAPES = {
    "for": "only results that point to a benefit",
    "against": "only results that point against it",
    "null": "only results without a change or difference",
    "mixed": "results that point in different ways",
    "open": "findings without such a result",
}


def shape_of(says: Mapping[str, int]) -> str:
    """Return the shape of a cell by how many of its findings say what.

    >>> shape_of({"for": 2}), shape_of({"for": 2, "null": 1}), shape_of({"unsettled": 1}), shape_of({})
    ('for', 'mixed', 'open', 'open')
    """
    pointing = [name for name in ("for", "against", "null") if says.get(name)]
    return pointing[0] if len(pointing) == 1 else "mixed" if pointing else "open"


def bubble(count: int, most: int, shape: str, level: int, title: str, description: str) -> Markup:
    """Draw a cell: the area of the mark is as the number of findings, to that of the fullest cell, ``most``."""
    radius = max(_LARGEST * (count / most) ** 0.5, _SMALLEST)
    middle = _SIDE / 2 - 3
    content = [
        _mark(shape, middle, radius, f"mark {shape} at-{level}"),
        element("text", str(count), x=_SIDE - 1, y=_SIDE - 2, text_anchor="end", class_="number"),
    ]
    return picture(_SIDE, _SIDE, title, description, content, "bubble")


def _mark(shape: str, c: float, r: float, class_: str) -> Markup:
    """Draw a shape of the area of a circle with the radius ``r`` around ``c``."""
    if shape in ("for", "against"):
        side = r * (3.1416 / 3**0.5) ** 0.5  # half the side of an equal triangle
        up = 1 if shape == "for" else -1
        corners = [(0, -up * side * 1.1547), (side, up * side * 0.57735), (-side, up * side * 0.57735)]
    elif shape == "mixed":
        half = r * (3.1416 / 2) ** 0.5
        corners = [(0, -half), (half, 0), (0, half), (-half, 0)]
    elif shape == "null":
        half = r * 3.1416**0.5 / 2
        corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    else:
        return element("circle", cx=c, cy=c, r=r, class_=class_)
    points = " ".join(f"{number(c + x)},{number(c + y)}" for x, y in corners)
    return element("polygon", points=points, class_=class_)
