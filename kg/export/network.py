"""The selected entities as a network: a directed multigraph that all network formats share."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.engine import Row
from kg.export import look
from kg.export.selection import Selection
from kg.prefixes import ID
from kg.read.labels import local

#: How an edge of the hierarchy stands; the others are told in ``kg/queries/export/statements.rq``.
AXIOM = "axiom"


@dataclass(frozen=True)
class Node:
    """An entity, and how it is drawn.

    ``finding_count`` tells how many of the selected findings name it, ``degree`` how many edges it has here.
    ``group`` is the first part of its id. ``size`` is a diameter; x and y go right and down; all in pixels.
    """

    id: str
    iri: str
    label: str
    type: str
    group: str
    finding_count: int
    degree: int
    x: float
    y: float
    size: float

    @property
    def color(self) -> str:
        """The colour of its group."""
        return look.node_color(self.group)

    @property
    def shape(self) -> str:
        """The shape of its group, in the words of Cytoscape."""
        return look.node_shape(self.group)


@dataclass(frozen=True)
class Edge:
    """What findings state alike: the same relation between the same entities, with the same direction and standing.

    ``label`` is the relation in words, with what must not be overlooked: ``treats (denied)``, ``has outcome
    (worsened)``. ``source`` and ``target`` are ids of nodes; ``direction`` is empty for findings without one.
    ``weight`` is the number of findings, ``rank`` and ``level`` are their best evidence level (1 is the best). An axiom
    of the hierarchy has no findings, no level, and the weight 0.
    """

    id: str
    source: str
    target: str
    predicate: str
    label: str
    direction: str
    standing: str
    weight: int
    rank: int | None
    level: str
    findings: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def negated(self) -> bool:
        """Whether the findings deny the relation."""
        return self.standing == "denied"

    @property
    def axiom(self) -> bool:
        """Whether it is an axiom of the hierarchy, which needs no finding."""
        return self.standing == AXIOM

    @property
    def color(self) -> str:
        """Its colour, by direction and standing."""
        return look.edge_color(self.standing, self.direction)

    @property
    def line(self) -> str:
        """Its line by standing: solid, dashed or dotted."""
        return look.LINES[self.standing]

    @property
    def width(self) -> float:
        """Its width, by the number of findings, in pixels."""
        return look.edge_width(self.weight)


class Network:
    """The selected entities, and between them an edge for all findings that state the same alike, or for an axiom."""

    def __init__(self, selection: Selection) -> None:
        """Prepare the network of a selection; nothing is read yet."""
        self._selection = selection

    @property
    def entities(self) -> Sequence[str]:
        """The IRIs of the nodes, in order."""
        return self._selection.entities

    @cached_property
    def nodes(self) -> Sequence[Node]:
        """The nodes, in the order of their ids, with a place and a look of their own."""
        from kg.export.layout import place

        labels = self._selection.labels
        counts: Counter[str] = Counter()
        for row in self._selection.statements:
            counts.update({str(row[end]) for end in ("subject", "object") if end in row})
        degree = Counter(end for edge in self.edges for end in (edge.source, edge.target))
        ids = [str(labels.entities[iri]["id"]) for iri in self.entities]
        texts = [str(labels.entities[iri]["label"]) for iri in self.entities]
        sizes = [look.node_size(counts[iri]) for iri in self.entities]
        places = place(ids, texts, sizes, [(edge.source, edge.target) for edge in self.edges])
        return [
            Node(
                id=id_,
                iri=iri,
                label=label,
                type=str(labels.entities[iri]["type"]),
                group=id_.partition("/")[0],
                finding_count=counts[iri],
                degree=degree[id_],
                x=x,
                y=y,
                size=size,
            )
            for iri, id_, label, size, (x, y) in zip(self.entities, ids, texts, sizes, places, strict=True)
        ]

    @cached_property
    def edges(self) -> Sequence[Edge]:
        """The edges, in the order of their ids."""
        inside = frozenset(self.entities)
        groups: defaultdict[tuple[str, str, str, str, str], list[Row]] = defaultdict(list)
        for row in self._selection.fitting:
            if "object" in row and row["subject"] in inside and row["object"] in inside:
                direction = local(row.get("direction", ""))
                groups[row["subject"], row["predicate"], row["object"], row["standing"], direction].append(row)
        for start, predicate, end in self._selection.axioms:
            if start in inside and end in inside:
                groups[start, predicate, end, AXIOM, ""] = []
        return sorted((self._edge(*key, rows) for key, rows in groups.items()), key=lambda edge: edge.id)

    def _edge(self, start: str, predicate: str, end: str, standing: str, direction: str, rows: Sequence[Row]) -> Edge:
        labels = self._selection.labels
        source, target, relation = start.removeprefix(ID), end.removeprefix(ID), local(predicate)
        levels = sorted({row["level"] for row in rows}, key=labels.ranks.__getitem__)
        told = [standing] if standing in ("denied", "open") else []
        told += [labels.terms[str(rows[0]["direction"])]] if direction else []
        return Edge(
            id=f"{source}#{relation}/{target}:{standing}" + (f":{direction}" if direction else ""),
            source=source,
            target=target,
            predicate=relation,
            label=labels.terms[predicate] + (f" ({', '.join(told)})" if told else ""),
            direction=direction,
            standing=standing,
            weight=len(rows),
            rank=labels.ranks[levels[0]] if levels else None,
            level=labels.terms[levels[0]] if levels else "",
            findings=tuple(row["finding"].removeprefix(ID) for row in rows),
            sources=tuple(sorted({row["source"].removeprefix(ID) for row in rows})),
        )
