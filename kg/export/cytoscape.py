"""The network for Cytoscape, with positions and style: JSON for Cytoscape.js, and CX2, which NDEx takes too."""

from collections.abc import Iterator, Mapping
from typing import Any

from kg.export import style
from kg.export.extract import Extract
from kg.export.network import EDGE_ATTRIBUTES, NODE_ATTRIBUTES, Attribute, Edge, Node, attributes
from kg.export.text import to_json, to_json_items


def write_cyjs(extract: Extract) -> Iterator[bytes]:
    """Yield Cytoscape.js JSON (https://js.cytoscape.org/#notation/elements-json), one element a line."""
    network = extract.network
    yield b'{"data": ' + to_json(extract.about)
    yield b',\n"elements": {"nodes": [\n'
    yield from to_json_items(
        {"data": attributes(node), "position": {"x": node.x, "y": node.y}} for node in network.nodes
    )
    yield b'],\n"edges": [\n'
    yield from to_json_items({"data": attributes(edge)} for edge in network.edges)
    yield b']},\n"layout": {"name": "preset"},\n"style": ' + to_json(_CYJS_STYLE) + b"}\n"


def write_cx2(extract: Extract) -> Iterator[bytes]:
    """Yield CX2 (https://cytoscape.org/cx/cx2/specification), its aspects in the set order, one node or edge a line."""
    network = extract.network
    number = {node.id: index for index, node in enumerate(network.nodes)}
    counts = {
        "attributeDeclarations": 1,
        "networkAttributes": 1,
        "nodes": len(network.nodes),
        "edges": len(network.edges),
        "visualProperties": 1,
    }
    about = {"name" if name == "title" else name: text for name, text in extract.about.items()}
    declared = {
        "networkAttributes": {name: {"d": "string"} for name in about},
        "nodes": _declare(NODE_ATTRIBUTES),
        "edges": _declare(EDGE_ATTRIBUTES),
    }
    yield b'[{"CXVersion": "2.0", "hasFragments": false},\n'
    yield _aspect("metaData", *({"name": name, "elementCount": count} for name, count in counts.items() if count))
    yield _aspect("attributeDeclarations", declared)
    yield _aspect("networkAttributes", about)
    yield b'{"nodes": [\n'
    yield from to_json_items(
        {"id": number[node.id], "x": node.x, "y": node.y, "v": _cx2_values(node)} for node in network.nodes
    )
    yield b']},\n{"edges": [\n'
    yield from to_json_items(
        {"id": index, "s": number[edge.source], "t": number[edge.target], "v": _cx2_values(edge)}
        for index, edge in enumerate(network.edges)
    )
    yield b"]},\n"
    yield _aspect("visualProperties", _CX2_STYLE)
    yield b'{"status": [{"success": true, "error": ""}]}]\n'


_CX2_TYPES = {
    int: "integer",
    int | None: "integer",
    float: "double",
    bool: "boolean",
    tuple[str, ...]: "list_of_string",
}
#: Attributes that are parts of a node or an edge in CX2.
_CX2_OWN = {"x", "y", "source", "target"}
#: What Cytoscape calls the label of an element, and the predicate of an edge.
_CX2_NAMES = {"label": "name", "predicate": "interaction"}


def _aspect(name: str, *content: object) -> bytes:
    return to_json({name: content}) + b",\n"


def _declare(given: Mapping[str, Attribute]) -> dict[str, dict[str, str]]:
    return {
        _CX2_NAMES.get(name, name): {"d": _CX2_TYPES.get(attribute.type, "string")}
        for name, attribute in given.items()
        if name not in _CX2_OWN
    }


def _cx2_values(element: Node | Edge) -> dict[str, Any]:
    return {_CX2_NAMES.get(name, name): value for name, value in attributes(element).items() if name not in _CX2_OWN}


def _from(attribute: str, type_: str = "string") -> dict[str, object]:
    return {"type": "PASSTHROUGH", "definition": {"attribute": attribute, "type": type_}}


_CX2_STYLE: dict[str, object] = {
    "default": {
        "network": {"NETWORK_BACKGROUND_COLOR": style.PAPER},
        "node": {
            "NODE_BORDER_WIDTH": 1,
            "NODE_BORDER_COLOR": style.PAPER,
            "NODE_LABEL_COLOR": style.INK,
            "NODE_LABEL_FONT_SIZE": 12,
            "NODE_LABEL_MAX_WIDTH": style.LABEL_WIDTH,
            "NODE_LABEL_POSITION": {
                "HORIZONTAL_ALIGN": "center",
                "VERTICAL_ALIGN": "top",
                "HORIZONTAL_ANCHOR": "center",
                "VERTICAL_ANCHOR": "bottom",
                "JUSTIFICATION": "center",
                "MARGIN_X": 0,
                "MARGIN_Y": 0,
            },
        },
        "edge": {
            "EDGE_TARGET_ARROW_SHAPE": "triangle",
            "EDGE_LABEL_COLOR": style.INK,
            "EDGE_LABEL_FONT_SIZE": 9,
            "EDGE_LINE_STYLE": style.OTHER_LINE,
        },
    },
    "nodeMapping": {
        "NODE_LABEL": _from("name"),
        "NODE_BACKGROUND_COLOR": _from("color"),
        "NODE_SHAPE": _from("shape"),
        "NODE_WIDTH": _from("size", "double"),
        "NODE_HEIGHT": _from("size", "double"),
    },
    "edgeMapping": {
        "EDGE_LABEL": _from("name"),
        "EDGE_LINE_COLOR": _from("color"),
        "EDGE_TARGET_ARROW_COLOR": _from("color"),
        "EDGE_WIDTH": _from("width", "double"),
        "EDGE_LINE_STYLE": {
            "type": "DISCRETE",
            "definition": {
                "attribute": "standing",
                "type": "string",
                "map": [{"v": standing, "vp": line} for standing, line in style.LINES.items()],
            },
        },
    },
}
_TEXT_STYLE = {"color": style.INK, "text-outline-color": style.PAPER, "text-outline-width": 2}
_CYJS_STYLE = [
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
            "text-max-width": f"{style.LABEL_WIDTH}px",
            **_TEXT_STYLE,
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
            "line-style": style.OTHER_LINE,
            "width": "data(width)",
            "font-size": 9,
            **_TEXT_STYLE,
        },
    },
    *(
        {"selector": f'edge[standing = "{standing}"]', "style": {"line-style": line}}
        for standing, line in style.LINES.items()
    ),
]
