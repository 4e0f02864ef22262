"""The network of the explorer as a picture of its own: for browsers without scripts, and to save."""

import math
from collections import defaultdict
from itertools import chain

from markupsafe import Markup

from api.pages.pictures.svg import element
from kg.export import style
from kg.export.network import Edge, Network, Node

_LINE, _MARGIN = 15, 40  # line height of a label, and margin, in pixels
_BEND = 26  # distance between the middles of edges that join the same two nodes
_DASHES = {"dashed": "7 5", "dotted": "2 4"}
_STYLE = Markup(
    '.ground { fill: #fff; } text { font: 12px system-ui, "Liberation Sans", sans-serif; text-anchor: middle; '
    "fill: #1a2329; paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; }\n"
    "@media (prefers-color-scheme: dark) { .ground { fill: #12181c; } text { fill: #e4eaed; stroke: #12181c; } }"
)
#: The corners of Cytoscape's shapes, from the centre, in halves of the diameter.
CORNERS = {
    "triangle": ((0, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "hexagon": ((-0.5, -1), (0.5, -1), (1, 0), (0.5, 1), (-0.5, 1), (-1, 0)),
    "octagon": tuple((math.cos((n + 0.5) * math.pi / 4), math.sin((n + 0.5) * math.pi / 4)) for n in range(8)),
    "round-rectangle": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
}


def draw(network: Network) -> Markup:
    """Draw a network as an SVG document, with each node at its coordinates."""
    nodes = {node.id: node for node in network.nodes}
    between: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in network.edges:
        between[min(edge.source, edge.target), max(edge.source, edge.target)].append(edge)
    lines = [
        _edge(edge, nodes[edge.source], nodes[edge.target], number - (len(edges) - 1) / 2)
        for edges in between.values()
        for number, edge in enumerate(edges)
    ]
    xs = [*chain.from_iterable((node.x - 90, node.x + 90) for node in nodes.values())] or [0, 400]
    ys = [*chain.from_iterable((node.y - node.size / 2, node.y + node.size / 2 + 30) for node in nodes.values())]
    ys = ys or [0, 200]
    left, top = round(min(xs) - _MARGIN), round(min(ys) - _MARGIN)
    width, height = math.ceil(max(xs) + _MARGIN - left), math.ceil(max(ys) + _MARGIN - top)
    return element(
        "svg",
        element("style", _STYLE),
        element("rect", x=left, y=top, width=width, height=height, class_="ground"),
        *lines,
        *map(_node, nodes.values()),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"{left} {top} {width} {height}",
        width=width,
        height=height,
    )


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


def _node(node: Node) -> Markup:
    lines = style.wrapped(node.label)
    spans = [element("tspan", line, x=node.x, dy=_LINE if place else 0) for place, line in enumerate(lines)]
    return element(
        "g",
        element("title", " ".join(lines)),
        element("path", d=outline(node.shape, node.x, node.y, node.size), fill=node.color),
        element("text", *spans, x=node.x, y=node.y + node.size / 2 + _LINE),
    )


def _edge(edge: Edge, start: Node, end: Node, place: float) -> Markup:
    path, head = _loop(start) if start is end else _curve(edge, start, end, place)
    return element(
        "g",
        element("title", f"{start.label}: {edge.label}: {end.label}"),
        element(
            "path",
            d=path,
            fill="none",
            stroke=edge.color,
            stroke_width=edge.width,
            stroke_dasharray=_DASHES.get(edge.line),
        ),
        *([element("path", d=head, fill=edge.color)] if head else []),
    )


def _loop(node: Node) -> tuple[str, str]:
    x, y, size = node.x, node.y - node.size / 2, node.size
    return f"M{x:.1f},{y:.1f}c{-size:.1f},{-2 * size:.1f} {size:.1f},{-2 * size:.1f} 0,0", ""


def _curve(edge: Edge, start: Node, end: Node, place: float) -> tuple[str, str]:
    """Return the path of an edge and of its arrowhead."""
    # The bend is on the same side of the two nodes, whichever of them the edge starts at.
    flip = 1 if edge.source < edge.target else -1
    along = math.atan2(end.y - start.y, end.x - start.x)
    off = _BEND * place * flip
    middle = ((start.x + end.x) / 2 - off * math.sin(along), (start.y + end.y) / 2 + off * math.cos(along))
    first, last = _towards(start, middle, 0), _towards(end, middle, 3)
    bend = (2 * middle[0] - (first[0] + last[0]) / 2, 2 * middle[1] - (first[1] + last[1]) / 2)
    path = f"M{first[0]:.1f},{first[1]:.1f}Q{bend[0]:.1f},{bend[1]:.1f} {last[0]:.1f},{last[1]:.1f}"
    return path, _head(edge, last, math.atan2(last[1] - bend[1], last[0] - bend[0]))


def _towards(node: Node, point: tuple[float, float], gap: float) -> tuple[float, float]:
    angle = math.atan2(point[1] - node.y, point[0] - node.x)
    reach = node.size / 2 + gap
    return node.x + reach * math.cos(angle), node.y + reach * math.sin(angle)


def _head(edge: Edge, tip: tuple[float, float], angle: float) -> str:
    """Return an arrowhead: a bar for a denied relation, nothing for the hierarchy."""
    if edge.axiom:
        return ""
    size = 6 + edge.width
    sides = ((0, -0.6), (0, 0.6), (-0.25, 0.6), (-0.25, -0.6)) if edge.negated else ((0, 0), (-1, 0.45), (-1, -0.45))
    cos, sin = math.cos(angle) * size, math.sin(angle) * size
    return "M" + "L".join(f"{tip[0] + x * cos - y * sin:.1f},{tip[1] + x * sin + y * cos:.1f}" for x, y in sides) + "Z"
