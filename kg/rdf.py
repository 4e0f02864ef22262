"""Small helpers around quads."""

import pyoxigraph as ox

from kg.prefixes import GRAPH


def graph_of(quad: ox.Quad) -> str:
    """Return the name of a quad's graph below the project's graph IRI, such as ``entities``; of others, the IRI."""
    assert isinstance(quad.graph_name, ox.NamedNode), "every quad of a dataset is in a named graph"
    return quad.graph_name.value.removeprefix(GRAPH)


def graph_named(name: str) -> ox.NamedNode:
    """Return the graph that `graph_of` names."""
    return ox.NamedNode(name if ":" in name else GRAPH + name)
