"""What lies around a thing: itself in the middle, what reaches it at the left, what it reaches at the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pictures.svg import element, number, picture

_WIDTH, _MIDDLE, _LEFT, _RIGHT, _STEP, _TOP = 880, 440, 262, 618, 26, 22
_LONGEST = 34


@dataclass(frozen=True)
class Neighbour:
    """Something near: its label, its page, its type, the relation in words, and how many findings affirm it."""

    label: str
    href: str
    type: str
    relation: str
    findings: int
    level: int | None = None


def neighbourhood(middle: str, into: Sequence[Neighbour], out: Sequence[Neighbour], title: str) -> Markup:
    """Draw relations as curves as thick as the number of findings; a relation that is an axiom is thin and dashed."""
    rows = max(len(into), len(out), 1)
    height = 2 * _TOP + _STEP * (rows - 1)
    y0 = height / 2
    content = []
    for side, found in ((-1, into), (1, out)):
        for place, one in enumerate(found):
            y = y0 + (place - (len(found) - 1) / 2) * _STEP
            content.append(_neighbour(one, side, y, y0))
    words = _short(middle, 24)
    width = 7.2 * len(words) + 26
    box = {"x": _MIDDLE - width / 2, "y": y0 - 15, "width": width, "height": 30, "rx": 6, "class_": "middle"}
    content.append(element("rect", **box))
    content.append(element("text", words, x=_MIDDLE, y=y0 + 4.5, text_anchor="middle", class_="middle-label"))
    told = "; ".join(
        f"{middle} {one.relation} {one.label}" if one in out else f"{one.label} {one.relation} {middle}"
        for one in (*into, *out)
    )
    return picture(_WIDTH, height, title, told or "nothing lies around it", content, "neighbourhood", "group")


def _neighbour(one: Neighbour, side: int, y: float, y0: float) -> Markup:
    start, end = _MIDDLE + side * 60, (_RIGHT if side > 0 else _LEFT) - side * 8
    bend = (start + end) / 2
    path = f"M{number(start)} {number(y0)}C{number(bend)} {number(y0)} {number(bend)} {number(y)} {number(end)} {number(y)}"
    width = min(1 + one.findings / 2, 6) if one.findings else 1
    told = f"{one.relation}: {one.findings} finding{'s' if one.findings != 1 else ''}" if one.findings else one.relation
    x, anchor = (_RIGHT, "start") if side > 0 else (_LEFT, "end")
    dot = element("circle", cx=x - side * 6, cy=y, r=4, class_=f"node type-{one.type}")
    label = element("text", _short(one.label, _LONGEST), x=x + side * 4, y=y + 4, text_anchor=anchor, class_="label")
    return element(
        "g",
        element("path", element("title", told), d=path, stroke_width=width, class_="edge" if one.findings else "edge axiom"),
        element("a", element("title", f"{one.label} ({told})"), dot, label, href=one.href),
    )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
