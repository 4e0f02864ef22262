"""The attributes of nodes and edges under the names that all network formats give them."""

from kg.export.network import Edge, Node

Member = str | int | float | bool | list[str]

#: What the attributes are, in words; the order is theirs in every file.
NODE_MEMBERS = {
    "id": "id, as in addresses and on the command line",
    "iri": "canonical IRI",
    "label": "name",
    "type": "class of the entity",
    "group": "first part of the id",
    "finding_count": "number of selected findings that name it",
    "degree": "number of edges here",
    "color": "colour by group",
    "shape": "shape by group",
    "size": "diameter in pixels, by number of findings",
    "x": "place, in pixels to the right",
    "y": "place, in pixels down",
}
EDGE_MEMBERS = {
    "id": "id within the file",
    "source": "id of the subject",
    "target": "id of the object",
    "predicate": "relation, as the ontology names it",
    "label": "relation in words, with denial and direction",
    "direction": "direction of the findings; empty: none",
    "negated": "true: the findings deny the relation",
    "standing": "affirmed: the findings support it as a direct edge; stated: they state it, of a relation that has no "
    "direct edges; denied: they deny it; open: null, doubtful, unreported or worse; axiom: hierarchy",
    "axiom": "true: it belongs to the hierarchy and needs no finding",
    "weight": "number of findings; 0 for an axiom",
    "rank": "rank of the best evidence level, 1 to 5, 1 is the best; left out for an axiom",
    "level": "that level in words",
    "findings": "ids of the findings",
    "sources": "ids of their sources",
    "color": "colour by direction and standing",
    "line": "solid, dashed or dotted, by standing",
    "width": "width in pixels, by number of findings",
}


#: What values are that are no text.
TYPES = {
    **dict.fromkeys(("finding_count", "degree", "weight", "rank"), "int"),
    **dict.fromkeys(("size", "x", "y", "width"), "float"),
    **dict.fromkeys(("negated", "axiom"), "bool"),
    **dict.fromkeys(("findings", "sources"), "list"),
}


def node_members(node: Node) -> dict[str, Member]:
    """Return the attributes of a node."""
    return {name: getattr(node, name) for name in NODE_MEMBERS}


def edge_members(edge: Edge) -> dict[str, Member]:
    """Return the attributes of an edge; one without a value is left out."""
    values = {name: getattr(edge, name) for name in EDGE_MEMBERS}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value is not None
    }
