"""The network as node-link JSON, which ``networkx.node_link_graph(data, edges="edges")`` reads."""

from collections.abc import Iterator

from kg.export.extract import Extract
from kg.export.members import edge_members, node_members
from kg.export.text import to_json, to_json_members


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the graph, one node or edge a line."""
    network = extract.network
    yield b'{"directed": true, "multigraph": true,\n"graph": ' + to_json(extract.about) + b',\n"nodes": [\n'
    yield from to_json_members(map(node_members, network.nodes))
    yield b'],\n"edges": [\n'
    yield from to_json_members({"key": edge.id, **edge_members(edge)} for edge in network.edges)
    yield b"]}\n"
