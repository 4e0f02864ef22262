"""The network as DOT (https://graphviz.org/doc/info/lang.html): ``dot -Tsvg`` draws it as it is placed here."""

import re
from collections.abc import Iterator, Mapping

from kg.export import look
from kg.export.extract import Extract
from kg.export.members import Member, edge_members, node_members
from kg.export.text import without_control

_POINTS = 72  # to an inch
_FONT = f'fontname="sans-serif", fontcolor="{look.INK}"'
_SHAPES = {"round-rectangle": "box"}
# In labels, Graphviz takes backslashes for escapes and reads HTML entities.
_AMPERSAND = re.compile(r"&(?=#?\w+;)")


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the graph, one node or edge a line."""
    network = extract.network
    about = _attributes({name: text for name, text in extract.about.items() if name != "title"})
    # Curves, because Graphviz takes minutes to lead so many lines around so many nodes.
    yield (
        f"digraph calcikg {{\n"
        f"  graph [layout=neato, inputscale={_POINTS}, overlap=true, splines=curved, outputorder=edgesfirst, "
        f'bgcolor="{look.PAPER}", label={_label(extract.about["title"])}, {about}];\n'
        f'  node [style=filled, fixedsize=true, label="", {_FONT}, fontsize=12];\n'
        f"  edge [{_FONT}, fontsize=9, arrowsize=0.7];\n"
    ).encode()
    for node in network.nodes:
        size = f"{node.size / _POINTS:.3f}"
        drawn = (
            f"xlabel={_label(node.label)}, tooltip={_label(f'{node.label} ({node.type})')}, URL={_quoted(node.iri)}, "
            f'pos="{node.x:.1f},{-node.y:.1f}!", fillcolor="{node.color}", color="{node.color}", '
            f"shape={_SHAPES.get(node.shape, node.shape)}, width={size}, height={size}"
        )
        told = _attributes(node_members(node), "label", "color", "shape")
        yield f"  {_quoted(node.id)} [{drawn}, {told}];\n".encode()
    for edge in network.edges:
        drawn = (
            f'label={_label(edge.label)}, color="{edge.color}", style={edge.line}, penwidth={edge.width}, '
            f"tooltip={_label(f'{edge.source} {edge.label} {edge.target}: {_told(edge.weight, edge.level)}')}"
        )
        told = _attributes(edge_members(edge), "label", "color", "source", "target")
        yield f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [{drawn}, {told}];\n".encode()
    yield b"}\n"


def _told(weight: int, level: str) -> str:
    return f"{weight} finding{'' if weight == 1 else 's'}, best {level}" if weight else "hierarchy"


def _attributes(members: Mapping[str, Member], *drawn: str) -> str:
    texts = {
        name: "; ".join(value)
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
        for name, value in members.items()
        if name not in drawn
    }
    # A prefix, because Graphviz has meanings of its own for weight, size and others.
    return ", ".join(f"ckg_{name}={_quoted(text)}" for name, text in texts.items())


def _quoted(text: str) -> str:
    r"""Write a text in quotes: only a quote needs a backslash, and a backslash may not stand before the last quote.

    >>> print(_quoted('say "hand/wrist"'))
    "say \"hand/wrist\""
    """
    return '"' + _escaped(text) + '"'


def _escaped(text: str) -> str:
    # Graphviz writes XML, and writes what that cannot hold as it is.
    return without_control(text).replace("\\", "\\\\").replace('"', '\\"')


def _label(text: str) -> str:
    r"""Write a text as a label, in lines that are not too long.

    >>> print(_label('R&amp;D \\n "x"'))
    "R&amp;amp;D \\n \"x\""
    """
    lines = look.wrapped(_AMPERSAND.sub("&amp;", text))
    return '"' + "\\n".join(map(_escaped, lines)) + '"'
