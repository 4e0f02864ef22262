"""The network as GraphML, GEXF, DOT, Mermaid and node-link JSON."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from kg.export import style
from kg.export.extract import Extract
from kg.export.network import EDGE_ATTRIBUTES, NODE_ATTRIBUTES, Edge, Node, attributes
from kg.export.text import replace_control, to_attribute, to_element, to_json, to_json_items, to_line, to_plain


def write_node_link(extract: Extract) -> Iterator[bytes]:
    """Yield the JSON that ``networkx.node_link_graph(data, edges="edges")`` reads, one node or edge a line."""
    network = extract.network
    yield b'{"directed": true, "multigraph": true,\n"graph": ' + to_json(extract.about) + b',\n"nodes": [\n'
    yield from to_json_items(map(attributes, network.nodes))
    yield b'],\n"edges": [\n'
    yield from to_json_items({"key": edge.id, **attributes(edge)} for edge in network.edges)
    yield b"]}\n"


def write_graphml(extract: Extract) -> Iterator[bytes]:
    """Yield GraphML (http://graphml.graphdrawing.org), as networkx writes it.

    The schema allows no slash in an id: ``treatment/colchicine`` is ``treatment:colchicine``, and whole in ``name``.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.graph |= {"id": "calcikg", **extract.about}
    for node in extract.network.nodes:
        graph.add_node(_token(node.id), **_graphml_attributes(node))
    for edge in extract.network.edges:
        graph.add_edge(_token(edge.source), _token(edge.target), key=_token(edge.id), **_graphml_attributes(edge))
    for line in nx.generate_graphml(graph):
        yield line.encode() + b"\n"


def _graphml_attributes(element: Node | Edge) -> dict[str, Any]:
    """Return the attributes under names that GraphML leaves free, as values that XML can contain."""
    given = {"name": element.id, **attributes(element)}
    return {
        name: replace_control(to_plain(value)) if isinstance(value, str | list) else value
        for name, value in given.items()
        if name not in ("id", "source", "target")
    }


def _token(id_: str) -> str:
    """Write an id as an XML name token.

    >>> _token("treatment/colchicine#treats/disease/calcinosis:denied")
    'treatment:colchicine:treats:disease:calcinosis:denied'
    """
    return re.sub(r"[^A-Za-z0-9._:-]", ":", id_)


_GEXF_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
"""
_GEXF_TYPES = {int: "integer", int | None: "integer", float: "double", bool: "boolean"}
_GEXF_SHAPES = {"round-rectangle": "square", "rectangle": "square", "diamond": "diamond", "triangle": "triangle"}
#: Attributes that GEXF has elements or XML attributes for.
_GEXF_OWN = {"id", "label", "color", "size", "x", "y", "source", "target", "weight", "line", "width"}


def write_gexf(extract: Extract) -> Iterator[bytes]:
    """Yield GEXF 1.3 (https://gexf.net), one element a line, with positions, colours and lines for Gephi.

    An edge weighs as many as the findings that state it; an axiom has no weight in the file, which reads as 1.
    """
    network, about = extract.network, extract.about
    description = "; ".join(f"{name}: {text}" for name, text in about.items())
    yield _GEXF_HEAD.encode()
    yield (
        f"<meta lastmodifieddate={to_attribute(about['issued'])}><creator>{to_element(about['creator'])}</creator>"
        f"<description>{to_element(description)}</description></meta>\n"
        '<graph mode="static" defaultedgetype="directed" idtype="string">\n'
    ).encode()
    for domain, declared in (("node", NODE_ATTRIBUTES), ("edge", EDGE_ATTRIBUTES)):
        columns = "".join(
            f'<attribute id="{name}" title="{name}" type="{_GEXF_TYPES.get(attribute.type, "string")}"/>'
            for name, attribute in declared.items()
            if name not in _GEXF_OWN
        )
        yield f'<attributes class="{domain}" mode="static">{columns}</attributes>\n'.encode()
    yield f'<nodes count="{len(network.nodes)}">\n'.encode()
    yield from (_gexf_node(node).encode() for node in network.nodes)
    yield f'</nodes>\n<edges count="{len(network.edges)}">\n'.encode()
    yield from (_gexf_edge(edge).encode() for edge in network.edges)
    yield b"</edges>\n</graph>\n</gexf>\n"


def _gexf_node(node: Node) -> str:
    return (
        f"<node id={to_attribute(node.id)} label={to_attribute(to_line(node.label))}>{_gexf_values(node)}"
        # y goes up in Gephi
        f'<viz:position x="{node.x}" y="{-node.y}"/><viz:size value="{node.size}"/>'
        f'<viz:shape value="{_GEXF_SHAPES.get(node.shape, "disc")}"/></node>\n'
    )


def _gexf_edge(edge: Edge) -> str:
    # Gephi merges edges of one kind between the same nodes.
    kind = ":".join(filter(None, (edge.predicate, edge.standing, edge.direction, edge.directness)))
    weight = f' weight="{edge.weight}"' if edge.weight else ""
    return (
        f"<edge id={to_attribute(edge.id)} source={to_attribute(edge.source)} target={to_attribute(edge.target)} "
        f"label={to_attribute(to_line(edge.label))}{weight} kind={to_attribute(kind)}>{_gexf_values(edge)}"
        f'<viz:thickness value="{edge.width}"/><viz:shape value="{edge.line}"/></edge>\n'
    )


def _gexf_values(element: Node | Edge) -> str:
    values = "".join(
        f'<attvalue for="{name}" value={to_attribute(to_plain(value))}/>'
        for name, value in attributes(element).items()
        if name not in _GEXF_OWN
    )
    red, green, blue = bytes.fromhex(element.color[1:])
    return f'<attvalues>{values}</attvalues><viz:color r="{red}" g="{green}" b="{blue}"/>'


_POINTS = 72  # to an inch
_DOT_FONT = f'fontname="sans-serif", fontcolor="{style.INK}"'
_DOT_SHAPES = {"round-rectangle": "box"}
#: Attributes that are not repeated under ``ckg_``: they are drawn, or are the ends of an edge.
_DOT_OWN = {"label", "color", "source", "target"}


def write_dot(extract: Extract) -> Iterator[bytes]:
    """Yield DOT (https://graphviz.org/doc/info/lang.html), one node or edge a line: ``dot -Tsvg`` draws it as placed.

    Attributes that Graphviz does not draw begin with ``ckg_``: it has meanings of its own for weight, size and others.
    """
    about = dict(extract.about)
    title = about.pop("title")
    # Curves, because Graphviz takes minutes to route so many lines around so many nodes.
    yield (
        f"digraph calcikg {{\n"
        f"  graph [layout=neato, inputscale={_POINTS}, overlap=true, splines=curved, outputorder=edgesfirst, "
        f'bgcolor="{style.PAPER}", label={_dot_label(title)}, {_dot_attributes(about)}];\n'
        f'  node [style=filled, fixedsize=true, label="", {_DOT_FONT}, fontsize=12];\n'
        f"  edge [{_DOT_FONT}, fontsize=9, arrowsize=0.7];\n"
    ).encode()
    for node in extract.network.nodes:
        size = f"{node.size / _POINTS:.3f}"
        drawn = (
            f"xlabel={_dot_label(node.label)}, tooltip={_dot_label(f'{node.label} ({node.type})')}, "
            f'URL={_dot_text(node.iri)}, pos="{node.x:.1f},{-node.y:.1f}!", fillcolor="{node.color}", '
            f'color="{node.color}", shape={_DOT_SHAPES.get(node.shape, node.shape)}, width={size}, height={size}'
        )
        yield f"  {_dot_text(node.id)} [{drawn}, {_dot_attributes(attributes(node), 'shape')}];\n".encode()
    for edge in extract.network.edges:
        findings = f"{edge.weight} finding{'' if edge.weight == 1 else 's'}" + (
            f", best {edge.level}" if edge.level else ""
        )
        tooltip = f"{edge.source} {edge.label} {edge.target}: {findings if edge.weight else 'hierarchy'}"
        drawn = (
            f'label={_dot_label(edge.label)}, color="{edge.color}", style={edge.line}, penwidth={edge.width}, '
            f"tooltip={_dot_label(tooltip)}"
        )
        ends = f"{_dot_text(edge.source)} -> {_dot_text(edge.target)}"
        yield f"  {ends} [{drawn}, {_dot_attributes(attributes(edge))}];\n".encode()
    yield b"}\n"


def _dot_attributes(given: Mapping[str, object], *drawn: str) -> str:
    left = {name: value for name, value in given.items() if name not in (*_DOT_OWN, *drawn)}
    return ", ".join(f"ckg_{name}={_dot_text(to_plain(value))}" for name, value in left.items())


def _dot_text(text: str) -> str:
    r"""Write a text in quotes. Graphviz may copy it into XML, and copies what that cannot contain as it is.

    >>> print(_dot_text('say "hand/wrist"'))
    "say \"hand/wrist\""
    """
    return '"' + replace_control(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dot_label(text: str) -> str:
    r"""Write a label, in lines that are not too long; Graphviz reads HTML entities in it.

    >>> print(_dot_label('R&amp;D \\n "x"'))
    "R&amp;amp;D \\n \"x\""
    """
    lines = style.wrapped(re.sub(r"&(?=#?\w+;)", "&amp;", text))
    return '"' + "\\n".join(_dot_text(line)[1:-1] for line in lines) + '"'


_MERMAID_SHAPES = {
    "round-rectangle": ("(", ")"),
    "ellipse": ("([", "])"),
    "diamond": ("{", "}"),
    "hexagon": ("{{", "}}"),
    "triangle": ("[/", "\\]"),
    "octagon": ("[[", "]]"),
    "rectangle": ("[", "]"),
}
_MERMAID_LINES = {
    "solid": ("-->", ""),
    "dashed": ("-.->", ",stroke-dasharray:8 4"),
    "dotted": ("-.->", ",stroke-dasharray:2 3"),
}


def write_mermaid(extract: Extract) -> Iterator[bytes]:
    """Yield a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html); what is not shown is in comments."""
    network = extract.network
    number = {node.id: f"n{index}" for index, node in enumerate(network.nodes)}
    for name, text in extract.about.items():
        yield f"%% {name}: {to_line(text)}\n".encode()
    yield b"flowchart LR\n"
    for group in sorted({node.group for node in network.nodes}):
        yield f"  classDef {group} stroke:{style.node_color(group)},stroke-width:3px\n".encode()
    for node in network.nodes:
        left, right = _MERMAID_SHAPES[node.shape]
        yield f"  %% {node.id}: {node.type}\n".encode()
        yield f'  {number[node.id]}{left}"{_mermaid_text(node.label)}"{right}:::{node.group}\n'.encode()
    styles: defaultdict[str, list[int]] = defaultdict(list)
    for index, edge in enumerate(network.edges):
        arrow, dashes = _MERMAID_LINES[edge.line]
        best = f", best level {edge.rank}" if edge.rank else ""
        findings = f": {edge.weight} finding{'' if edge.weight == 1 else 's'}{best}"
        label = edge.label if edge.axiom else edge.label + findings
        yield f'  {number[edge.source]} {arrow}|"{_mermaid_text(label)}"| {number[edge.target]}\n'.encode()
        styles[f"stroke:{edge.color},stroke-width:{edge.width}px{dashes}"].append(index)
    for line_style, indexes in styles.items():
        yield f"  linkStyle {','.join(map(str, indexes))} {line_style}\n".encode()


def _mermaid_text(text: str) -> str:
    """Write a text for a label in quotes: Mermaid has character entities of its own, without ampersand.

    >>> _mermaid_text('5 < 6 & "x" #1')
    '5 #60; 6 #38; #34;x#34; #35;1'
    """
    # What would end the text, begin an entity or a tag, or be taken for Markdown.
    return re.sub(r'["#&<>`\\*_]', lambda found: f"#{ord(found[0])};", to_line(text))
