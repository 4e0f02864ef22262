"""The entities as a network (networkx): neighbourhoods, paths, centrality and communities; the dataset in numbers."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING

from kg.engine import Row
from kg.prefixes import ID
from kg.read.entities import read_edge
from kg.read.labels import Json, Labels, local
from kg.read.schema import kind_of

if TYPE_CHECKING:
    import networkx as nx

#: Most paths in an answer, and most entities in a list of the most central.
MAX_PATHS, MAX_CENTRAL = 50, 20
_SEED = 1  # communities are found by a method that begins at random


@dataclass(frozen=True)
class Network:
    """The direct relations of one snapshot: those that findings support, and those of the hierarchies."""

    labels: Labels

    @cached_property
    def relations(self) -> Sequence[Row]:
        """Every relation: what it joins and how, and for those that findings support their number and best level."""
        return self.labels.select("read/network")

    @cached_property
    def graph(self) -> "nx.Graph[str]":
        """The relations without their directions: between two entities one edge, with all relations between them."""
        import networkx as nx  # a third of the start of a web process, which few requests need

        graph: nx.Graph[str] = nx.Graph()
        for relation in self.relations:
            start, end = relation["from"], relation["to"]
            if not graph.has_edge(start, end):
                graph.add_edge(start, end, relations=[])
            graph.edges[start, end]["relations"].append(relation)
        return graph

    def around(self, center: str, depth: int, within: Set[str] | None = None) -> Json:
        """Return the entities within some steps of one, or those of them in ``within``, and their relations."""
        import networkx as nx

        graph = self.graph
        steps = nx.single_source_shortest_path_length(graph, center, cutoff=depth) if center in graph else {center: 0}
        chosen = {
            iri: distance for iri, distance in sorted(steps.items()) if within is None or iri == center or iri in within
        }
        inside = [row for row in self.relations if row["from"] in chosen and row["to"] in chosen]
        return {
            "center": self.labels.reference(center),
            "nodes": [self.labels.reference(iri) | {"distance": distance} for iri, distance in chosen.items()],
            "edges": self.explain(inside),
        }

    def paths(self, start: str, end: str, longest: int, limit: int) -> Json:
        """Return paths between two entities, the shortest first, each step with the findings behind it."""
        import networkx as nx

        found: list[list[str]] = []
        if start in self.graph and end in self.graph and nx.has_path(self.graph, start, end):
            # Simple paths one after the other, each as short as any that is left (Yen 1971).
            every = nx.shortest_simple_paths(self.graph, start, end)
            found = list(islice(takewhile(lambda path: len(path) <= longest + 1, every), limit))
        steps = {
            _name(row): row
            for path in found
            for one, other in pairwise(path)
            for row in self.graph.edges[one, other]["relations"]
        }
        explained = dict(zip(steps, self.explain(list(steps.values())), strict=True))
        return {
            "from": self.labels.reference(start),
            "to": self.labels.reference(end),
            "paths": [
                {
                    "length": len(path) - 1,
                    "nodes": [self.labels.reference(iri) for iri in path],
                    "steps": [
                        [explained[_name(row)] for row in self.graph.edges[one, other]["relations"]]
                        for one, other in pairwise(path)
                    ],
                }
                for path in found
            ],
        }

    @cached_property
    def figures(self) -> Json:
        """Size, the most central entities by two measures, and the communities (Louvain, by relations)."""
        import networkx as nx

        graph = self.graph
        groups = sorted(
            nx.community.louvain_communities(graph, seed=_SEED), key=lambda group: (-len(group), min(group))
        )
        return {
            "entities": graph.number_of_nodes(),
            "relations": len(self.relations),
            "components": nx.number_connected_components(graph),
            "degree": self._central({iri: float(degree) for iri, degree in graph.degree()}),
            "betweenness": self._central(_betweenness(graph)),
            "communities": [
                {
                    "size": len(group),
                    "members": [
                        self.labels.reference(iri)
                        for iri in sorted(group, key=lambda iri: (-graph.degree(iri), iri))[:MAX_CENTRAL]
                    ],
                }
                for group in groups
            ],
        }

    def explain(self, relations: Sequence[Row]) -> list[Json]:
        """Return relations with the findings behind them; those of a hierarchy have none, they are axioms."""
        behind: defaultdict[str, list[str]] = defaultdict(list)
        edges = [row["edge"] for row in relations if "edge" in row]
        for row in self.labels.select("read/edge-findings", edge=edges) if edges else ():
            behind[row["edge"]].append(row["finding"].removeprefix(ID))
        return [self._relation(row, behind) for row in relations]

    def _relation(self, row: Row, behind: Mapping[str, list[str]]) -> Json:
        if "edge" in row:
            return read_edge(self.labels, row) | {"findings": behind[row["edge"]]}
        return {
            "from": self.labels.reference(row["from"]),
            "predicate": local(row["predicate"]),
            "to": self.labels.reference(row["to"]),
        }

    def _central(self, measure: Mapping[str, float]) -> list[Json]:
        best = sorted(measure.items(), key=lambda item: (-item[1], item[0]))[:MAX_CENTRAL]
        return [self.labels.reference(iri) | {"value": round(value, 6)} for iri, value in best]


def _betweenness(graph: "nx.Graph[str]") -> dict[str, float]:
    """Return for each node the share of the other pairs between which it is, on their shortest paths.

    By igraph: networkx takes seconds.
    """
    import igraph

    numbers = {iri: number for number, iri in enumerate(graph)}
    edges = [(numbers[one], numbers[other]) for one, other in graph.edges]
    pairs = max((len(numbers) - 1) * (len(numbers) - 2) / 2, 1)
    between = igraph.Graph(len(numbers), edges).betweenness(directed=False)
    return {iri: paths / pairs for iri, paths in zip(numbers, between, strict=True)}


def _name(relation: Row) -> str:
    """Tell a relation from all others: that of findings by its edge."""
    return str(relation.get("edge") or f"{relation['from']} {relation['predicate']} {relation['to']}")


def read_counts(labels: Labels) -> Json:
    """Return the numbers of findings by kind and by evidence level."""
    kinds: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    for row in labels.select("read/counts"):
        kinds[kind_of(local(row["kind"]))] += row["findings"]
        levels[local(row["level"])] += row["findings"]
    return {"kinds": dict(sorted(kinds.items())), "levels": dict(sorted(levels.items()))}


def read_stats(network: Network) -> Json:
    """Return the numbers of findings by kind and evidence level, and the figures of the network."""
    return read_counts(network.labels) | {"network": network.figures}
