"""What lies around an entity, as a network."""

import networkx as nx

from kg.read.models import Graph


def to_network(graph: Graph) -> "nx.MultiDiGraph[str]":
    """Return a graph with entities as nodes and relations as edges, each by its predicate."""
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in graph.nodes:
        made.add_node(node.id, label=node.label, type=node.type, iri=node.iri, distance=node.distance)
    for edge in graph.edges:
        level = edge.best_level.rank if edge.best_level else None
        made.add_edge(
            edge.from_.id, edge.to.id, key=edge.predicate,
            predicate=edge.predicate, findings=edge.findings, evidence_level=level, directions=edge.directions,
        )  # fmt: skip
    return made
