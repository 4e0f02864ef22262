"""The network as GraphML (http://graphml.graphdrawing.org), which networkx, igraph, JGraphT and Gephi read."""

import re
from collections.abc import Iterator, Mapping

from kg.export.extract import Extract
from kg.export.members import EDGE_MEMBERS, NODE_MEMBERS, TYPES, Member, edge_members, node_members
from kg.export.text import to_attribute, to_element

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
_TYPES = {"int": "int", "float": "double", "bool": "boolean"}
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._:-]")


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the graph, one element a line.

    The schema's ids have no slash: ``treatment/colchicine`` is ``treatment:colchicine`` there, and whole in ``name``.
    """
    network = extract.network
    yield _HEAD.encode()
    for name in extract.about:
        yield _key("graph", name).encode()
    for domain, members in (("node", NODE_MEMBERS), ("edge", EDGE_MEMBERS)):
        yield "".join(_key(domain, name) for name in members if name not in _STRUCTURE).encode()
    yield b'<graph id="calcikg" edgedefault="directed">\n'
    yield (_data("graph", dict(extract.about)) + "\n").encode()
    for node in network.nodes:
        yield f'<node id="{_token(node.id)}">{_data("node", node_members(node))}</node>\n'.encode()
    for edge in network.edges:
        ends = f'source="{_token(edge.source)}" target="{_token(edge.target)}"'
        yield f'<edge id="{_token(edge.id)}" {ends}>{_data("edge", edge_members(edge))}</edge>\n'.encode()
    yield b"</graph>\n</graphml>\n"


# These are XML attributes; an id is also kept whole, as the name by which igraph finds it.
_STRUCTURE = ("source", "target")


def _key(domain: str, member: str) -> str:
    name = "name" if member == "id" else member
    kind = _TYPES.get(TYPES.get(member, ""), "string") if domain != "graph" else "string"
    return f'<key id="{domain}-{member}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>\n'


def _data(domain: str, members: Mapping[str, Member]) -> str:
    return "".join(
        f"<data key={to_attribute(f'{domain}-{name}')}>{to_element(value)}</data>"
        for name, value in members.items()
        if name not in _STRUCTURE
    )


def _token(id_: str) -> str:
    """Write an id as an XML name token.

    >>> _token("treatment/colchicine#treats/disease/calcinosis:denied")
    'treatment:colchicine:treats:disease:calcinosis:denied'
    """
    return _NO_TOKEN.sub(":", id_)
