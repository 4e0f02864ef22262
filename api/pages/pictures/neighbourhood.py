"""The relations of an entity: incoming ones at the left, outgoing ones at the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.pictures.svg import element, number, picture, shorten

_SIDE, _BRANCH, _STEP, _TOP = 400, 120, 26, 22
_LETTER, _LONGEST = 7.4, 34


@dataclass(frozen=True)
class Neighbour:
    """A related entity: its label, page and type, the relation in words, and the number of findings that support it.

    A relation without findings belongs to the hierarchy.
    """

    label: str
    href: str
    type: str
    relation: str
    findings: int


def neighbourhood(middle: str, incoming: Sequence[Neighbour], outgoing: Sequence[Neighbour], title: str) -> Markup:
    """Draw relations as curves, wider with more supporting findings; those of the hierarchy are dashed."""
    words = shorten(middle, _LONGEST)
    half = (_LETTER * len(words) + 26) / 2
    left = _SIDE + _BRANCH if incoming else 2
    x0, rows = left + half, max(len(incoming), len(outgoing), 1)
    width, height = x0 + half + (_SIDE + _BRANCH if outgoing else 2), 2 * _TOP + _STEP * (rows - 1)
    y0 = height / 2
    content = [
        _neighbour(one, side, x0 + side * half, y0, y0 + (place - (len(neighbours) - 1) / 2) * _STEP)
        for side, neighbours in ((-1, incoming), (1, outgoing))
        for place, one in enumerate(neighbours)
    ]
    box = {"x": x0 - half, "y": y0 - 15, "width": 2 * half, "height": 30, "rx": 6, "class_": "middle"}
    content.append(element("rect", **box))
    content.append(element("text", words, x=x0, y=y0 + 4.5, text_anchor="middle", class_="middle-label"))
    relations = [f"{one.label} {one.relation} {middle}" for one in incoming]
    relations += [f"{middle} {one.relation} {one.label}" for one in outgoing]
    return picture(width, height, title, "; ".join(relations) or "no relations", content, "neighbourhood", "group")


def _neighbour(one: Neighbour, side: int, x0: float, y0: float, y: float) -> Markup:
    end = x0 + side * (_BRANCH - 10)
    bend = number((x0 + end) / 2)
    path = f"M{number(x0)} {number(y0)}C{bend} {number(y0)} {bend} {number(y)} {number(end)} {number(y)}"
    width = min(1 + one.findings / 2, 6)
    relation = f"{one.relation}, {one.findings}" if one.findings else one.relation
    x, anchor = x0 + side * _BRANCH, "start" if side > 0 else "end"
    spans = (
        element("tspan", shorten(one.label, _LONGEST), class_="label"),
        "  ",
        element("tspan", relation, class_="relation"),
    )
    return element(
        "a",
        element("path", d=path, stroke_width=width, class_="edge" if one.findings else "edge axiom"),
        element("circle", cx=x - side * 6, cy=y, r=4, class_=f"node type-{one.type}"),
        element("text", *spans[::side], x=x + side * 4, y=y + 4, text_anchor=anchor),
        element("title", f"{one.label}: {relation}"),
        href=one.href,
    )
