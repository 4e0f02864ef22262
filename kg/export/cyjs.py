"""The network as Cytoscape.js JSON (https://js.cytoscape.org/#notation/elements-json), which Cytoscape opens, too."""

from collections.abc import Iterator

from kg.export import look
from kg.export.extract import Extract
from kg.export.members import edge_members, node_members
from kg.export.text import to_json, to_json_members


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the graph: what it is, its elements with their places, and its style; one element a line."""
    network = extract.network
    nodes = ({"data": node_members(node), "position": {"x": node.x, "y": node.y}} for node in network.nodes)
    edges = ({"data": edge_members(edge)} for edge in network.edges)
    yield b'{"data": ' + to_json(extract.about)
    yield b',\n"elements": {"nodes": [\n'
    yield from to_json_members(nodes)
    yield b'],\n"edges": [\n'
    yield from to_json_members(edges)
    yield b']},\n"layout": {"name": "preset"},\n"style": ' + to_json(_STYLE) + b"}\n"


_STYLE = [
    {
        "selector": "node",
        "style": {
            "label": "data(label)",
            "background-color": "data(color)",
            "shape": "data(shape)",
            "width": "data(size)",
            "height": "data(size)",
            "color": look.INK,
            "text-outline-color": look.PAPER,
            "text-outline-width": 2,
            "font-size": 12,
            "text-valign": "bottom",
            "text-wrap": "wrap",
            "text-max-width": f"{look.LABEL_WIDTH}px",
        },
    },
    {
        "selector": "edge",
        "style": {
            "label": "data(label)",
            "line-color": "data(color)",
            "target-arrow-color": "data(color)",
            "target-arrow-shape": "triangle",
            "curve-style": "bezier",
            "width": "data(width)",
            "color": look.INK,
            "text-outline-color": look.PAPER,
            "text-outline-width": 2,
            "font-size": 9,
        },
    },
    *(
        {"selector": f'edge[standing = "{standing}"]', "style": {"line-style": line}}
        for standing, line in look.LINES.items()
        if line != "solid"
    ),
]
