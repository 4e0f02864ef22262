"""The network as GEXF 1.3 (https://gexf.net), with places, colours, sizes and lines as Gephi draws them."""

from collections.abc import Iterator, Mapping

from kg.export.extract import Extract
from kg.export.members import EDGE_MEMBERS, NODE_MEMBERS, TYPES, Member, edge_members, node_members
from kg.export.network import Edge, Node
from kg.export.text import to_attribute, to_element, to_line

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
"""
_TYPES = {"int": "integer", "float": "double", "bool": "boolean"}
# Shapes that GEXF has, for those of ours.
_SHAPES = {
    "ellipse": "disc",
    "round-rectangle": "square",
    "rectangle": "square",
    "diamond": "diamond",
    "triangle": "triangle",
}
# What has an element or an attribute of its own in GEXF.
_OWN_NODE = ("id", "label", "color", "size", "x", "y")
_OWN_EDGE = ("id", "source", "target", "label", "weight", "color", "line", "width")


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the graph, one element a line.

    An edge that findings state weighs as many as they are; an axiom has no weight in the file, which reads as 1.
    """
    network = extract.network
    about = extract.about
    told = to_element("; ".join(f"{name}: {text}" for name, text in about.items()))
    yield _HEAD.encode()
    yield (
        f"<meta lastmodifieddate={to_attribute(about['issued'])}><creator>{to_element(about['creator'])}</creator>"
        f"<description>{told}</description></meta>\n"
        '<graph mode="static" defaultedgetype="directed" idtype="string">\n'
    ).encode()
    for domain, members, own in (("node", NODE_MEMBERS, _OWN_NODE), ("edge", EDGE_MEMBERS, _OWN_EDGE)):
        columns = "".join(
            f'<attribute id="{name}" title="{name}" type="{_TYPES.get(TYPES.get(name, ""), "string")}"/>'
            for name in members
            if name not in own
        )
        yield f'<attributes class="{domain}" mode="static">{columns}</attributes>\n'.encode()
    yield f'<nodes count="{len(network.nodes)}">\n'.encode()
    for node in network.nodes:
        yield _node(node).encode()
    yield f'</nodes>\n<edges count="{len(network.edges)}">\n'.encode()
    for edge in network.edges:
        yield _edge(edge).encode()
    yield b"</edges>\n</graph>\n</gexf>\n"


def _node(node: Node) -> str:
    return (
        f"<node id={to_attribute(node.id)} label={to_attribute(to_line(node.label))}>"
        f"{_values(node_members(node), _OWN_NODE)}{_color(node.color)}"
        # y goes up in Gephi
        f'<viz:position x="{node.x}" y="{-node.y}"/><viz:size value="{node.size}"/>'
        f'<viz:shape value="{_SHAPES.get(node.shape, "disc")}"/></node>\n'
    )


def _edge(edge: Edge) -> str:
    weight = f' weight="{edge.weight}"' if edge.weight else ""
    return (
        f"<edge id={to_attribute(edge.id)} source={to_attribute(edge.source)} target={to_attribute(edge.target)} "
        f"label={to_attribute(to_line(edge.label))}{weight} kind={to_attribute(_kind(edge))}>"
        f"{_values(edge_members(edge), _OWN_EDGE)}{_color(edge.color)}"
        f'<viz:thickness value="{edge.width}"/><viz:shape value="{edge.line}"/></edge>\n'
    )


def _kind(edge: Edge) -> str:
    """Return what tells an edge from others between the same nodes: Gephi makes one of those that are of a kind."""
    return ":".join(filter(None, (edge.predicate, edge.standing, edge.direction)))


def _values(members: Mapping[str, Member], own: tuple[str, ...]) -> str:
    values = "".join(
        f'<attvalue for="{name}" value={to_attribute(_text(value))}/>'
        for name, value in members.items()
        if name not in own
    )
    return f"<attvalues>{values}</attvalues>"


def _text(value: Member) -> Member:
    return "; ".join(value) if isinstance(value, list) else value


def _color(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f'<viz:color r="{red}" g="{green}" b="{blue}"/>'
