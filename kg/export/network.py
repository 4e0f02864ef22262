"""The selected entities as a directed multigraph: the one list of the attributes that nodes and edges have in files."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from kg.engine import Row
from kg.export import style
from kg.export.selection import Selection
from kg.prefixes import ID, ONTOLOGY
from kg.read.labels import Labels, local

#: The standing of an edge of the hierarchy; the others are terms of the ontology.
AXIOM = "axiom"


def _attribute(meaning: str) -> Any:
    return field(metadata={"meaning": meaning})


@dataclass(frozen=True)
class Node:
    """An entity, and how it is drawn."""

    id: str = _attribute("id, as in addresses and on the command line")
    iri: str = _attribute("canonical IRI")
    label: str = _attribute("label")
    type: str = _attribute("class of the entity")
    group: str = _attribute("first part of the id")
    finding_count: int = _attribute("number of selected findings that name it")
    degree: int = _attribute("number of edges in this network")
    color: str = _attribute("colour by group")
    shape: str = _attribute("shape by group")
    size: float = _attribute("diameter in pixels, by number of findings")
    x: float = _attribute("position in pixels, to the right")
    y: float = _attribute("position in pixels, downwards")


@dataclass(frozen=True)
class Edge:
    """All findings that state a relation between two entities with one direction, standing and directness."""

    id: str = _attribute("id within the file")
    source: str = _attribute("id of the subject")
    target: str = _attribute("id of the object")
    predicate: str = _attribute("relation, by its name in the ontology")
    label: str = _attribute("relation in words, with support, direction and directness")
    direction: str = _attribute("direction of the findings; empty: none")
    directness: str = _attribute(
        "mixed, indirect: not all people of the findings have systemic sclerosis; empty: all have, or it is not stated"
    )
    negated: bool = _attribute("true: the findings deny the relation")
    standing: str = _attribute(
        "how well the findings support it: stated; conditional, minority, singlePatient, hedged, hypothetical,"
        " intended: weaker; noEffect, notProven, withoutResult, denied: not at all; axiom: hierarchy"
    )
    axiom: bool = _attribute("true: it belongs to the hierarchy and needs no finding")
    weight: int = _attribute("number of findings; 0 for an axiom")
    rank: int | None = _attribute(
        "rank of the best evidence level of a result, 1 (best) to 5; left out for an axiom, and without a result"
    )
    level: str = _attribute("label of that level")
    findings: tuple[str, ...] = _attribute("ids of the findings")
    sources: tuple[str, ...] = _attribute("ids of their sources")
    color: str = _attribute("colour by direction and support")
    line: str = _attribute("solid, dashed or dotted, by support")
    width: float = _attribute("width in pixels, by number of findings")


@dataclass(frozen=True)
class Attribute:
    """The type of an attribute of nodes or edges, and its meaning."""

    type: Any
    meaning: str


def _attributes_of(class_: type[Node] | type[Edge]) -> dict[str, Attribute]:
    return {one.name: Attribute(one.type, one.metadata["meaning"]) for one in fields(class_)}


#: The attributes of nodes and edges by name, in the order in which files have them.
NODE_ATTRIBUTES, EDGE_ATTRIBUTES = _attributes_of(Node), _attributes_of(Edge)


def attributes(element: Node | Edge) -> dict[str, Any]:
    """Return the attributes of a node or an edge; one without a value is left out, and ids are lists."""
    values = {one.name: getattr(element, one.name) for one in fields(element)}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value is not None
    }


class Network:
    """The selected entities as nodes, and an edge for the findings that state the same, or for an axiom."""

    def __init__(self, selection: Selection) -> None:
        """Prepare the network of a selection; nothing is read yet."""
        self._selection = selection

    @property
    def entities(self) -> Sequence[str]:
        """The IRIs of the nodes, in order."""
        return self._selection.entities

    @cached_property
    def nodes(self) -> Sequence[Node]:
        """The nodes, in the order of their ids, each with its position."""
        from kg.export.layout import place

        references = [self._selection.labels.entities[iri] for iri in self.entities]
        ids, labels = ([entity[key] for entity in references] for key in ("id", "label"))
        counts: Counter[str] = Counter()
        for row in self._selection.statements:
            counts.update({row[end] for end in ("subject", "object") if end in row})
        degrees = Counter(end for edge in self.edges for end in (edge.source, edge.target))
        sizes = [style.node_size(counts[iri]) for iri in self.entities]
        positions = place(ids, labels, sizes, [(edge.source, edge.target) for edge in self.edges])
        return [
            Node(
                id=id_,
                iri=iri,
                label=label,
                type=entity["type"],
                group=(group := id_.partition("/")[0]),
                finding_count=counts[iri],
                degree=degrees[id_],
                color=style.node_color(group),
                shape=style.node_shape(group),
                size=size,
                x=x,
                y=y,
            )
            for iri, id_, label, entity, size, (x, y) in zip(
                self.entities, ids, labels, references, sizes, positions, strict=True
            )
        ]

    @cached_property
    def edges(self) -> Sequence[Edge]:
        """The edges, in the order of their ids."""
        inside = frozenset(self.entities)
        groups: defaultdict[tuple[str, str, str, str, str, str], list[Row]] = defaultdict(list)
        for row in self._selection.fitting:
            if "object" in row and row["subject"] in inside and row["object"] in inside:
                names = (local(row.get(key, "")) for key in ("standing", "direction", "directness"))
                groups[row["subject"], row["predicate"], row["object"], *names].append(row)
        for start, predicate, end in self._selection.axioms:
            if start in inside and end in inside:
                groups[start, predicate, end, AXIOM, "", ""] = []
        edges = (_edge(self._selection.labels, *group, rows) for group, rows in groups.items())
        return sorted(edges, key=lambda edge: edge.id)


def _edge(
    labels: Labels,
    start: str,
    predicate: str,
    end: str,
    standing: str,
    direction: str,
    directness: str,
    rows: Sequence[Row],
) -> Edge:
    source, target, relation = start.removeprefix(ID), end.removeprefix(ID), local(predicate)
    best = min({row["level"] for row in rows if "level" in row}, key=labels.ranks.__getitem__, default=None)
    parts = [name for name in (standing, direction, directness) if name]
    marks = [labels.terms[ONTOLOGY + name] for name in parts if name not in ("stated", AXIOM)]
    return Edge(
        id=f"{source}#{relation}/{target}:{':'.join(parts)}",
        source=source,
        target=target,
        predicate=relation,
        label=labels.terms[predicate] + (f" ({', '.join(marks)})" if marks else ""),
        direction=direction,
        directness=directness,
        negated=standing == "denied",
        standing=standing,
        axiom=standing == AXIOM,
        weight=len(rows),
        rank=labels.ranks[best] if best else None,
        level=labels.terms[best] if best else "",
        findings=tuple(row["finding"].removeprefix(ID) for row in rows),
        sources=tuple(sorted({row["source"].removeprefix(ID) for row in rows})),
        color=style.edge_color(standing, direction),
        line=style.edge_line(standing),
        width=style.edge_width(len(rows)),
    )
