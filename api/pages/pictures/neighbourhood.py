"""What lies around a thing: itself in the middle, what reaches it at the left, what it reaches at the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.pictures.svg import element, number, picture

_SIDE, _BRANCH, _STEP, _TOP = 400, 120, 26, 22
_LETTER, _LONGEST = 7.4, 34


@dataclass(frozen=True)
class Neighbour:
    """Something near: its label, its page, its type, the relation in words, and how many findings affirm it.

    Without findings the relation is one of the hierarchy.
    """

    label: str
    href: str
    type: str
    relation: str
    findings: int


def neighbourhood(middle: str, into: Sequence[Neighbour], out: Sequence[Neighbour], title: str) -> Markup:
    """Draw relations as curves, the thicker the more findings affirm them; those of the hierarchy are dashed."""
    words = _short(middle)
    half = (_LETTER * len(words) + 26) / 2
    left = _SIDE + _BRANCH if into else 2
    x0, rows = left + half, max(len(into), len(out), 1)
    width, height = x0 + half + (_SIDE + _BRANCH if out else 2), 2 * _TOP + _STEP * (rows - 1)
    y0 = height / 2
    content = [
        _neighbour(one, side, x0 + side * half, y0, y0 + (place - (len(found) - 1) / 2) * _STEP)
        for side, found in ((-1, into), (1, out))
        for place, one in enumerate(found)
    ]
    box = {"x": x0 - half, "y": y0 - 15, "width": 2 * half, "height": 30, "rx": 6, "class_": "middle"}
    content.append(element("rect", **box))
    content.append(element("text", words, x=x0, y=y0 + 4.5, text_anchor="middle", class_="middle-label"))
    told = [f"{one.label} {one.relation} {middle}" for one in into]
    told += [f"{middle} {one.relation} {one.label}" for one in out]
    return picture(width, height, title, "; ".join(told) or "nothing", content, "neighbourhood", "group")


def _neighbour(one: Neighbour, side: int, x0: float, y0: float, y: float) -> Markup:
    end = x0 + side * (_BRANCH - 10)
    bend = number((x0 + end) / 2)
    path = f"M{number(x0)} {number(y0)}C{bend} {number(y0)} {bend} {number(y)} {number(end)} {number(y)}"
    width = min(1 + one.findings / 2, 6)
    told = f"{one.relation}, {one.findings}" if one.findings else one.relation
    x, anchor = x0 + side * _BRANCH, "start" if side > 0 else "end"
    label = element("tspan", _short(one.label), class_="label")
    relation = element("tspan", told, class_="relation")
    words = (label, "  ", relation) if side > 0 else (relation, "  ", label)
    return element(
        "a",
        element("path", d=path, stroke_width=width, class_="edge" if one.findings else "edge axiom"),
        element("circle", cx=x - side * 6, cy=y, r=4, class_=f"node type-{one.type}"),
        element("text", *words, x=x + side * 4, y=y + 4, text_anchor=anchor),
        element("title", f"{one.label}: {told}"),
        href=one.href,
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
