"""Positions the nodes of a network: neighbours are close, labels do not overlap, and the result is always the same."""

import math
from collections.abc import Sequence
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from kg.export.style import wrapped

if TYPE_CHECKING:
    import igraph
    import numpy as np

Point = tuple[float, float]

_LETTER, _LINE = 6.6, 16.0  # width of a letter and height of a line, in pixels
_GAP, _COMPONENT_GAP = 12.0, 60.0  # pixels between boxes, and between connected components
_LARGE = 500  # nodes from which on a coarser, faster layout is used
_ROUNDS, _STRETCH = 400, 10  # rounds of pushing boxes apart, at most; after how many all of it is stretched a little
_SEED = 1
_LOCK = Lock()


def place(
    ids: Sequence[str], labels: Sequence[str], sizes: Sequence[float], edges: Sequence[tuple[str, str]]
) -> list[Point]:
    """Return the position of each node, in pixels, right and down from the top left corner.

    Each connected component is drawn by itself, then they are set in rows; each node has the room that its label needs.
    """
    import igraph
    import numpy as np

    if not ids:
        return []
    number = {id_: index for index, id_ in enumerate(ids)}
    pairs = sorted({(min(ends), max(ends)) for start, end in edges if len(ends := {number[start], number[end]}) == 2})
    boxes = np.array([_box(label, size) for label, size in zip(labels, sizes, strict=True)])
    # A label is below its node, so the centre of the box is below that of the node.
    below = np.stack([np.zeros(len(ids)), (boxes[:, 1] - np.array(sizes)) / 2], axis=1)
    graph = igraph.Graph(n=len(ids), edges=pairs)
    positions = np.zeros((len(ids), 2))
    components = sorted(graph.connected_components(), key=lambda component: (-len(component), component))
    extents = []
    for component in components:
        size = boxes[component]
        centres = _separate(_drawn(graph.induced_subgraph(component), size), size)
        top_left = (centres - size / 2).min(axis=0)
        positions[component] = centres - below[component] - top_left
        extents.append(tuple((centres + size / 2).max(axis=0) - top_left))
    for component, corner in zip(components, _shelves(extents), strict=True):
        positions[component] += corner
    return [(round(float(x), 1), round(float(y), 1)) for x, y in positions]


def _box(label: str, size: float) -> Point:
    """Return width and height of a node with its label below it."""
    lines = wrapped(label)
    return max(size, _LETTER * max(map(len, lines))) + _GAP, size + len(lines) * _LINE + _GAP


def _drawn(graph: "igraph.Graph", boxes: "np.ndarray") -> "np.ndarray":
    """Draw a connected graph by forces, starting from a spiral, not at random, and scale it so that its labels fit."""
    import igraph
    import numpy as np

    count = graph.vcount()
    if count == 1:
        return np.zeros((1, 2))
    turns = np.arange(count)
    spiral = np.sqrt(turns + 0.5)[:, None] * np.stack([np.cos(turns * 2.399963), np.sin(turns * 2.399963)], axis=1)
    if count < _LARGE:
        drawn = np.array(graph.layout_kamada_kawai(seed=spiral.tolist()).coords)
    else:
        with _LOCK:  # the library has one generator for all threads
            igraph.set_random_number_generator(Random(_SEED))
            drawn = np.array(graph.layout_fruchterman_reingold(seed=spiral.tolist(), niter=100, grid=True).coords)
    drawn -= drawn.min(axis=0)
    extent = np.maximum(drawn.max(axis=0), 1e-9)
    # Twice the area of the labels, in the proportions of a page.
    side = math.sqrt(2 * float(boxes.prod(axis=1).sum()))
    room: np.ndarray = drawn / extent * np.array([side * 1.25, side / 1.25])
    return room


def _separate(positions: "np.ndarray", boxes: "np.ndarray") -> "np.ndarray":
    """Push overlapping boxes apart, along the axis on which they overlap less, until none overlaps."""
    import numpy as np
    from scipy.spatial import cKDTree

    positions = positions.copy()
    for round_ in range(1, _ROUNDS + 1):
        if round_ % _STRETCH == 0:
            positions *= 1.06
        near = cKDTree(positions / boxes.max(axis=0)).query_pairs(1.0, p=np.inf, output_type="ndarray")
        if not len(near):
            break
        one, other = near[:, 0], near[:, 1]
        apart = positions[other] - positions[one]
        overlap = (boxes[one] + boxes[other]) / 2 - np.abs(apart)
        hit = (overlap > 0.05).all(axis=1)
        if not hit.any():
            break
        one, other, apart, overlap = one[hit], other[hit], apart[hit], overlap[hit]
        axis = overlap.argmin(axis=1)
        rows = np.arange(len(axis))
        push = np.zeros_like(apart)
        push[rows, axis] = np.where(apart[rows, axis] < 0, -1, 1) * overlap[rows, axis] / 2
        moved = np.zeros_like(positions)
        np.add.at(moved, other, push)
        np.add.at(moved, one, -push)
        positions += moved
    return positions


def _shelves(sizes: Sequence[tuple[float, ...]]) -> list[Point]:
    """Return the top left corners of rectangles set in rows, so that the whole has the proportions of a page."""
    area = sum((width + _COMPONENT_GAP) * (height + _COMPONENT_GAP) for width, height in sizes)
    limit = max(max(width for width, _ in sizes), math.sqrt(area * 1.5))
    corners = []
    x = y = tallest = 0.0
    for width, height in sizes:
        if x and x + width > limit:
            x, y, tallest = 0.0, y + tallest + _COMPONENT_GAP, 0.0
        corners.append((x, y))
        x, tallest = x + width + _COMPONENT_GAP, max(tallest, height)
    return corners
