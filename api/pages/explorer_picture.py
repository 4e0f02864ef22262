"""A network as lines and outlines, ready to be written as SVG: where there is no script, a picture all the same."""

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

from kg.export import style
from kg.export.network import Edge, Network, Node

_LINE, _MARGIN = 15, 40  # height of a line of a label, and margin, in pixels
_BEND = 26  # how far the middles of lines between the same two things lie apart
_DASHES = {"dashed": "7 5", "dotted": "2 4"}
#: Characters that no XML document may hold (XML 1.0, production 2).
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Corners of the shapes, as Cytoscape has them: from the middle, in halves of the diameter.
CORNERS = {
    "triangle": ((0, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "hexagon": ((-0.5, -1), (0.5, -1), (1, 0), (0.5, 1), (-0.5, 1), (-1, 0)),
    "octagon": tuple((math.cos((n + 0.5) * math.pi / 4), math.sin((n + 0.5) * math.pi / 4)) for n in range(8)),
    "round-rectangle": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
}


@dataclass(frozen=True)
class Line:
    """An edge: path, head of its arrow, words. A denied one ends in a bar, one of the hierarchy in nothing."""

    path: str
    head: str
    color: str
    width: float
    dashes: str
    words: str


@dataclass(frozen=True)
class Mark:
    """A node: its outline, and the lines of its label, which stand below it."""

    outline: str
    color: str
    x: float
    y: float
    label: list[str]


@dataclass(frozen=True)
class Drawn:
    """A picture: where its top left corner is, its size, and what is in it."""

    box: str
    width: int
    height: int
    lines: list[Line]
    marks: list[Mark]


def draw(network: Network) -> Drawn:
    """Draw a network with each node where the network says."""
    nodes = {node.id: node for node in network.nodes}
    between: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in network.edges:
        between[min(edge.source, edge.target), max(edge.source, edge.target)].append(edge)
    lines = [
        _line(edge, nodes, number - (len(edges) - 1) / 2)
        for edges in between.values()
        for number, edge in enumerate(edges)
    ]
    marks = [_mark(node) for node in nodes.values()]
    xs = list(chain.from_iterable((node.x - 90, node.x + 90) for node in nodes.values())) or [0, 400]
    ys = list(
        chain.from_iterable((node.y - node.size / 2, node.y + node.size / 2 + 30) for node in nodes.values())
    ) or [0, 200]
    left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
    width, height = math.ceil(max(xs) + _MARGIN - left), math.ceil(max(ys) + _MARGIN - top)
    return Drawn(f"{left:.0f} {top:.0f} {width} {height}", width, height, lines, marks)


def outline(shape: str, x: float, y: float, size: float) -> str:
    """Return the outline of a node as the path of an SVG.

    >>> outline("diamond", 10, 10, 8)
    'M10.0,6.0L14.0,10.0L10.0,14.0L6.0,10.0Z'
    """
    half = size / 2
    if shape in CORNERS:
        return "M" + "L".join(f"{x + half * right:.1f},{y + half * down:.1f}" for right, down in CORNERS[shape]) + "Z"
    return (
        f"M{x - half:.1f},{y:.1f}a{half:.2f},{half:.2f} 0 1 0 {size:.2f},0a{half:.2f},{half:.2f} 0 1 0 {-size:.2f},0Z"
    )


def _mark(node: Node) -> Mark:
    label = style.wrapped(_UNWRITABLE.sub("\ufffd", node.label))
    return Mark(
        outline(node.shape, node.x, node.y, node.size), node.color, node.x, node.y + node.size / 2 + _LINE, label
    )


def _line(edge: Edge, nodes: dict[str, Node], place: float) -> Line:
    start, end = nodes[edge.source], nodes[edge.target]
    dashes = _DASHES.get(edge.line, "")
    words = _UNWRITABLE.sub("\ufffd", f"{start.label}: {edge.label}: {end.label}")
    if start is end:
        x, y, size = start.x, start.y - start.size / 2, start.size
        path = f"M{x:.1f},{y:.1f}c{-size:.1f},{-2 * size:.1f} {size:.1f},{-2 * size:.1f} 0,0"
        return Line(path, "", edge.color, edge.width, dashes, words)
    # The bend is the same side of the two, whichever of them the edge begins at.
    flip = 1 if edge.source < edge.target else -1
    along = math.atan2(end.y - start.y, end.x - start.x)
    off = _BEND * place * flip
    middle = ((start.x + end.x) / 2 - off * math.sin(along), (start.y + end.y) / 2 + off * math.cos(along))
    first, last = _towards(start, middle, 0), _towards(end, middle, 3)
    bend = (2 * middle[0] - (first[0] + last[0]) / 2, 2 * middle[1] - (first[1] + last[1]) / 2)
    path = f"M{first[0]:.1f},{first[1]:.1f}Q{bend[0]:.1f},{bend[1]:.1f} {last[0]:.1f},{last[1]:.1f}"
    return Line(
        path, _head(edge, last, math.atan2(last[1] - bend[1], last[0] - bend[0])), edge.color, edge.width, dashes, words
    )


def _towards(node: Node, point: tuple[float, float], gap: float) -> tuple[float, float]:
    angle = math.atan2(point[1] - node.y, point[0] - node.x)
    reach = node.size / 2 + gap
    return node.x + reach * math.cos(angle), node.y + reach * math.sin(angle)


def _head(edge: Edge, tip: tuple[float, float], angle: float) -> str:
    if edge.axiom:
        return ""
    size = 6 + edge.width
    sides = ((0, -0.6), (0, 0.6), (-0.25, 0.6), (-0.25, -0.6)) if edge.negated else ((0, 0), (-1, 0.45), (-1, -0.45))
    cos, sin = math.cos(angle) * size, math.sin(angle) * size
    return "M" + "L".join(f"{tip[0] + x * cos - y * sin:.1f},{tip[1] + x * sin + y * cos:.1f}" for x, y in sides) + "Z"
