"""The network as CX2 (Cytoscape Exchange format, version 2), with its visual style, for Cytoscape and NDEx."""

from collections.abc import Iterator, Mapping

from kg.export import look
from kg.export.extract import Extract
from kg.export.members import EDGE_MEMBERS, NODE_MEMBERS, TYPES, Member, edge_members, node_members
from kg.export.text import to_json, to_json_members

_TYPES = {"int": "integer", "float": "double", "bool": "boolean", "list": "list_of_string"}
# Cytoscape's names for what an element and an edge are called.
_NAMES = {"label": "name", "predicate": "interaction"}


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the aspects of the network in the order that CX2 sets, one node or edge a line."""
    network = extract.network
    number = {node.id: index for index, node in enumerate(network.nodes)}
    counts = {
        "attributeDeclarations": 1,
        "networkAttributes": 1,
        "nodes": len(network.nodes),
        "edges": len(network.edges),
        "visualProperties": 1,
    }
    yield b'[{"CXVersion": "2.0", "hasFragments": false},\n'
    yield _aspect("metaData", [{"name": name, "elementCount": count} for name, count in counts.items() if count])
    yield _aspect(
        "attributeDeclarations",
        [
            {
                "networkAttributes": {_network_name(name): {"d": "string"} for name in extract.about},
                "nodes": _declared(NODE_MEMBERS, "x", "y"),
                "edges": _declared(EDGE_MEMBERS, "source", "target"),
            }
        ],
    )
    yield _aspect("networkAttributes", [{_network_name(name): text for name, text in extract.about.items()}])
    yield b'{"nodes": [\n'
    yield from to_json_members(
        {"id": number[node.id], "x": node.x, "y": node.y, "v": _values(node_members(node), "x", "y")}
        for node in network.nodes
    )
    yield b']},\n{"edges": [\n'
    yield from to_json_members(
        {
            "id": index,
            "s": number[edge.source],
            "t": number[edge.target],
            "v": _values(edge_members(edge), "source", "target"),
        }
        for index, edge in enumerate(network.edges)
    )
    yield b"]},\n"
    yield _aspect("visualProperties", [_STYLE])
    yield b'{"status": [{"success": true, "error": ""}]}]\n'


def _aspect(name: str, content: list[object]) -> bytes:
    return to_json({name: content}) + b",\n"


def _network_name(name: str) -> str:
    return "name" if name == "title" else name


def _declared(members: Mapping[str, str], *own: str) -> dict[str, dict[str, str]]:
    return {
        _NAMES.get(name, name): {"d": _TYPES.get(TYPES.get(name, ""), "string")} for name in members if name not in own
    }


def _values(members: Mapping[str, Member], *own: str) -> dict[str, Member]:
    return {_NAMES.get(name, name): value for name, value in members.items() if name not in own}


def _from(attribute: str, kind: str) -> dict[str, object]:
    return {"type": "PASSTHROUGH", "definition": {"attribute": attribute, "type": kind}}


_STYLE: dict[str, object] = {
    "default": {
        "network": {"NETWORK_BACKGROUND_COLOR": look.PAPER},
        "node": {
            "NODE_BORDER_WIDTH": 1,
            "NODE_BORDER_COLOR": look.PAPER,
            "NODE_LABEL_COLOR": look.INK,
            "NODE_LABEL_FONT_SIZE": 12,
            "NODE_LABEL_MAX_WIDTH": look.LABEL_WIDTH,
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
        "edge": {"EDGE_TARGET_ARROW_SHAPE": "triangle", "EDGE_LABEL_COLOR": look.INK, "EDGE_LABEL_FONT_SIZE": 9},
    },
    "nodeMapping": {
        "NODE_LABEL": _from("name", "string"),
        "NODE_BACKGROUND_COLOR": _from("color", "string"),
        "NODE_SHAPE": _from("shape", "string"),
        "NODE_WIDTH": _from("size", "double"),
        "NODE_HEIGHT": _from("size", "double"),
    },
    "edgeMapping": {
        "EDGE_LABEL": _from("name", "string"),
        "EDGE_LINE_COLOR": _from("color", "string"),
        "EDGE_TARGET_ARROW_COLOR": _from("color", "string"),
        "EDGE_WIDTH": _from("width", "double"),
        "EDGE_LINE_STYLE": {
            "type": "DISCRETE",
            "definition": {
                "attribute": "standing",
                "type": "string",
                "map": [{"v": standing, "vp": line} for standing, line in look.LINES.items()],
            },
        },
    },
}
