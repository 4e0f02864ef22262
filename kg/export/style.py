"""The style of networks, in every format that has one: colours and shapes of nodes, colours and lines of edges.

Each colour contrasts with white and with the dark background of our pages alike (3:1 or more, WCAG 2.2, 1.4.11). The
hues are close to those that Okabe and Ito chose for people with colour vision deficiency; nothing is shown by colour
alone: groups of similar colour differ in shape, and the standing of an edge is in its line and its label.
"""

import math
import textwrap

_BLUE, _VERMILION, _GREEN, _PURPLE, _OCHRE, _GREY = "#0072b2", "#d55e00", "#009e73", "#c2589a", "#b07400", "#757c85"
_CRIMSON = "#d33a5a"
#: Colours of text and background, where the format does not leave them to the reader.
INK, PAPER = "#1a2329", "#ffffff"
#: Width at which a label is wrapped, in letters and in pixels.
LABEL_LETTERS, LABEL_WIDTH = 28, 185

_GROUPS = {
    "treatment": (_BLUE, "round-rectangle"),
    "disease": (_VERMILION, "ellipse"),
    "subtype": (_VERMILION, "diamond"),
    "phenotype": (_VERMILION, "hexagon"),
    "outcome": (_GREEN, "ellipse"),
    "complication": (_PURPLE, "ellipse"),
    "adverse-effect": (_PURPLE, "diamond"),
    "risk-factor": (_OCHRE, "round-rectangle"),
    "indication": (_OCHRE, "triangle"),
    "diagnostic": (_BLUE, "octagon"),
    "site": (_GREY, "hexagon"),
    "autoantibody": (_GREY, "triangle"),
    "marker": (_GREY, "diamond"),
    "population": (_GREY, "octagon"),
}
_OTHER = (_GREY, "rectangle")

#: The line of an edge by its standing, and that of all others: what is weaker than stated, or without effect.
LINES, OTHER_LINE = {"stated": "solid", "axiom": "solid", "denied": "dashed"}, "dotted"

_DIRECTIONS = {
    "improved": _GREEN,
    "resolved": _GREEN,
    "worsened": _VERMILION,
    "increased": _PURPLE,
    "decreased": _PURPLE,
}
#: The colours of edges that no direction colours.
_STANDINGS = {
    "denied": _CRIMSON,
    "axiom": _GREY,
    "noEffect": _OCHRE,
    "notProven": _OCHRE,
    "withoutResult": _OCHRE,
}


def node_color(group: str) -> str:
    """Return the colour of a group of entities.

    >>> node_color("treatment")
    '#0072b2'
    """
    return _GROUPS.get(group, _OTHER)[0]


def node_shape(group: str) -> str:
    """Return the shape of a group of entities, as Cytoscape names it.

    >>> node_shape("disease")
    'ellipse'
    """
    return _GROUPS.get(group, _OTHER)[1]


def node_size(findings: int) -> float:
    """Return the diameter of a node, in pixels: its area grows with the number of findings, up to a limit.

    >>> node_size(0), node_size(9), node_size(1000)
    (16.0, 32.0, 72.0)
    """
    return round(min(16 + 16 * math.sqrt(findings) / 3, 72.0), 1)


def wrapped(label: str) -> list[str]:
    """Return the lines of a label.

    >>> wrapped("surgical treatment of calcinosis")
    ['surgical treatment of', 'calcinosis']
    """
    return textwrap.wrap(label, LABEL_LETTERS) or [""]


def edge_color(standing: str, direction: str) -> str:
    """Return the colour of an edge: that of its direction, if any; what no finding supports has a colour of its own.

    >>> edge_color("hedged", "improved"), edge_color("noEffect", "improved"), edge_color("stated", "")
    ('#009e73', '#b07400', '#0072b2')
    """
    return _STANDINGS.get(standing) or _DIRECTIONS.get(direction, _BLUE)


def edge_line(standing: str) -> str:
    """Return the line of an edge.

    >>> edge_line("stated"), edge_line("hedged"), edge_line("denied")
    ('solid', 'dotted', 'dashed')
    """
    return LINES.get(standing, OTHER_LINE)


def edge_width(weight: int) -> float:
    """Return the width of an edge, in pixels: that of the hierarchy is the thinnest.

    >>> edge_width(0), edge_width(1), edge_width(8)
    (1.0, 1.5, 4.5)
    """
    return round(min(1.5 + math.log2(weight), 8), 1) if weight else 1.0
