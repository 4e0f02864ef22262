"""The network as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), for Markdown pages."""

import re
from collections import defaultdict
from collections.abc import Iterator

from kg.export import look
from kg.export.extract import Extract
from kg.export.network import Edge
from kg.export.text import to_line

# What would end a quoted text, begin an entity or a tag, or be taken for Markdown.
_SPECIAL = re.compile(r'["#&<>`\\*_]')
_SHAPES = {
    "round-rectangle": ("(", ")"),
    "ellipse": ("([", "])"),
    "diamond": ("{", "}"),
    "hexagon": ("{{", "}}"),
    "triangle": ("[/", "\\]"),
    "octagon": ("[[", "]]"),
    "rectangle": ("[", "]"),
}
_DASHES = {"solid": "", "dashed": ",stroke-dasharray:8 4", "dotted": ",stroke-dasharray:2 3"}


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the flowchart; what belongs to nobody's eye stands in comments."""
    network = extract.network
    number = {node.id: f"n{index}" for index, node in enumerate(network.nodes)}
    for name, text in extract.about.items():
        yield f"%% {name}: {to_line(text)}\n".encode()
    yield b"flowchart LR\n"
    for group in sorted({node.group for node in network.nodes}):
        yield f"  classDef {group} stroke:{look.node_color(group)},stroke-width:3px\n".encode()
    for node in network.nodes:
        left, right = _SHAPES[node.shape]
        yield f"  %% {node.id}: {node.type}\n".encode()
        yield f'  {number[node.id]}{left}"{_text(node.label)}"{right}:::{node.group}\n'.encode()
    styles: defaultdict[str, list[int]] = defaultdict(list)
    for index, edge in enumerate(network.edges):
        arrow = {"solid": "-->", "dashed": "-.->", "dotted": "-.->"}[edge.line]
        yield f'  {number[edge.source]} {arrow}|"{_text(_words(edge))}"| {number[edge.target]}\n'.encode()
        styles[f"stroke:{edge.color},stroke-width:{edge.width}px{_DASHES[edge.line]}"].append(index)
    for style, indexes in styles.items():
        yield f"  linkStyle {','.join(map(str, indexes))} {style}\n".encode()


def _words(edge: Edge) -> str:
    if edge.axiom:
        return edge.label
    return f"{edge.label}: {edge.weight} finding{'' if edge.weight == 1 else 's'}, best level {edge.rank}"


def _text(text: str) -> str:
    """Write a text for a label in quotes: Mermaid has character entities of its own, without ampersand.

    >>> _text('5 < 6 & "x" #1')
    '5 #60; 6 #38; #34;x#34; #35;1'
    """
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", to_line(text))
