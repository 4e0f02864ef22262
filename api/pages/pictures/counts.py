"""Numbers of findings as areas: the balance bar of a treatment, and the marks of the evidence map."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from api.pages.pictures.svg import element, picture, points

_WIDTH, _HEIGHT, _GAP = 720, 30, 2
_SIDE, _LARGEST, _SMALLEST = 40, 13, 4
#: The shapes of the marks by verdict, with their meaning in the key.
SHAPES = {
    "favourable": "only favourable results",
    "unfavourable": "only unfavourable results",
    "nullResult": "only results without a change or difference",
    "mixed": "conflicting results",
    "open": "no clear result",
    "elsewhere": "only in other diseases or in mixed groups",
}


def balance(groups: Sequence[tuple[str, str, Mapping[int, int]]], title: str) -> Markup:
    """Draw groups (class, label, number of findings at each evidence level) as one bar; better levels are darker."""
    total = sum(sum(levels.values()) for _, _, levels in groups)
    parts, x = [], 0.0
    for class_, _, levels in groups:
        start = x
        for level, count in sorted(levels.items()):
            width = (_WIDTH - _GAP * (len(groups) - 1)) * count / total
            attributes = {"x": x, "y": 0, "width": width, "height": _HEIGHT, "class_": f"part {class_} at-{level}"}
            parts.append(element("rect", **attributes))
            x += width
        if number := sum(levels.values()):
            parts.append(
                element("text", str(number), x=(start + x) / 2, y=20, text_anchor="middle", class_=f"count {class_}")
            )
            x += _GAP
    description = "; ".join(
        f"{words}: {sum(levels.values())}"
        + "".join(f", {count} of level {level}" for level, count in sorted(levels.items()))
        for _, words, levels in groups
    )
    return picture(_WIDTH, _HEIGHT, title, description, parts, "balance") if total else Markup("")


def shape_of(verdicts: Mapping[str, int], others: int) -> str:
    """Return the shape of a mark by the number of findings with each verdict, and that of findings without one.

    Where most findings tell of another effect, such as the complication itself, the few with a verdict show no clear
    result of the cell.

    >>> shape_of({"favourable": 2}, 0), shape_of({"favourable": 2, "nullResult": 1}, 0), shape_of({"unsettled": 1}, 0)
    ('favourable', 'mixed', 'open')
    >>> shape_of({"favourable": 2}, 2), shape_of({"favourable": 2}, 3)
    ('favourable', 'open')
    """
    if others > sum(verdicts.values()):
        return "open"
    settled = [name for name in ("favourable", "unfavourable", "nullResult") if verdicts.get(name)]
    return settled[0] if len(settled) == 1 else "mixed" if settled else "open"


def bubble(
    count: int, most: int, shape: str, level: int | None, title: str, description: str, words: str = ""
) -> Markup:
    """Draw a mark whose area grows with the number of findings; ``most`` is the number in the fullest cell.

    ``words`` stand beside it in place of the number.
    """
    radius = max(_LARGEST * min(count / most, 1) ** 0.5, _SMALLEST)
    middle = _SIDE / 2 - 3
    content = [
        _mark(shape, middle, radius, f"mark {shape}" + (f" at-{level}" if level else "")),
        element("text", words or str(count), x=_SIDE - 1, y=_SIDE - 2, text_anchor="end", class_="number"),
    ]
    return picture(_SIDE, _SIDE, title, description, content, "bubble")


def _mark(shape: str, c: float, r: float, class_: str) -> Markup:
    """Draw a shape around ``c`` with the area of a circle of radius ``r``."""
    if shape in ("favourable", "unfavourable"):
        side = r * (3.1416 / 3**0.5) ** 0.5  # half the side of an equilateral triangle
        up = 1 if shape == "favourable" else -1
        corners = [(0, -up * side * 1.1547), (side, up * side * 0.57735), (-side, up * side * 0.57735)]
    elif shape == "mixed":
        half = r * (3.1416 / 2) ** 0.5
        corners = [(0, -half), (half, 0), (0, half), (-half, 0)]
    elif shape == "nullResult":
        half = r * 3.1416**0.5 / 2
        corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    else:
        return element("circle", cx=c, cy=c, r=r, class_=class_)
    return element("polygon", points=points((c + x, c + y) for x, y in corners), class_=class_)
