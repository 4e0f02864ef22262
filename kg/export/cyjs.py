"""The network as Cytoscape.js JSON (https://js.cytoscape.org/#notation/elements-json), which Cytoscape opens, too."""

import json
from collections.abc import Iterator

from kg.export import look
from kg.export.members import edge_members, node_members
from kg.export.selection import Extract


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the graph: its elements with places, its style, and what it is; one element a line."""
    network = extract.network
    yield b'{"data": ' + _json({"name": f"calcikg {extract.snapshot.version}", "filters": extract.filters.items()})
    yield b',\n"elements": {"nodes": [\n'
    yield from _listed({"data": node_members(node), "position": {"x": node.x, "y": node.y}} for node in network.nodes)
    yield b'],\n"edges": [\n'
    yield from _listed({"data": edge_members(edge)} for edge in network.edges)
    yield b']},\n"layout": {"name": "preset"},\n"style": ' + _json(_STYLE) + b"}\n"


_STYLE = [
    {
        "selector": "node",
        "style": {
            "label": "data(label)",
            "background-color": "data(color)",
            "shape": "data(shape)",
            "width": "data(size)",
            "height": "data(size)",
            "font-size": 12,
            "text-valign": "bottom",
            "text-wrap": "wrap",
            "text-max-width": "185px",
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
            "font-size": 9,
        },
    },
    *(
        {"selector": f'edge[standing = "{standing}"]', "style": {"line-style": line}}
        for standing, line in look.LINES.items()
        if line != "solid"
    ),
    {"selector": 'edge[standing = "axiom"]', "style": {"target-arrow-shape": "none"}},
]


def _listed(members: "Iterator[dict[str, object]]") -> Iterator[bytes]:
    for number, member in enumerate(members):
        yield (b",\n" if number else b"") + _json(member)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
