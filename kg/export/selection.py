"""What the filters choose: findings, and the entities that they join."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.engine import Row
from kg.export.filters import DENIED, NONE, Filters, Resolved
from kg.read.labels import Labels, local


@dataclass(frozen=True)
class Selection:
    """The findings and the entities that fit the filters; each part is read when it is first asked for.

    Its relations are those of all findings that fit, and those of the hierarchy, unless relations are asked for and
    they are not among them. Its entities are those that the findings join; around a center those within so many steps
    along these relations; without a filter on findings all there are. Of them only those of the types asked for
    (centers stay), and none that is left out.

    Raises FilterError when a filter names what is not there.
    """

    labels: Labels
    filters: Filters

    @cached_property
    def resolved(self) -> Resolved:
        """The filters as the IRIs that they stand for."""
        return Resolved(self.labels, self.filters)

    @cached_property
    def fitting(self) -> list[Row]:
        """What each finding states that fits the filters on findings, wherever its entities stand."""
        directions = self.resolved.directions
        rows = self.labels.select("export/statements", **self.resolved.findings)
        return [row for row in rows if not directions or direction_of(row) in directions]

    @cached_property
    def statements(self) -> list[Row]:
        """What each selected finding states, in the order of their IRIs.

        Around a center, both ends of a finding have to be there. Of a type, one end is enough: findings about drugs are
        those that join a drug to anything.
        """
        area, resolved = self.area, self.resolved
        typed = self.typed if self.filters.type else None
        chosen = []
        for row in self.fitting:
            ends = {str(row[end]) for end in ("subject", "object") if end in row}
            if (area is None or ends <= area) and not ends & resolved.without and (typed is None or ends & typed):
                chosen.append(row)
        return chosen

    @cached_property
    def findings(self) -> list[str]:
        """The IRIs of the selected findings, in order."""
        return [row["finding"] for row in self.statements]

    @cached_property
    def entities(self) -> Sequence[str]:
        """The IRIs of the selected entities, in order."""
        filters, resolved = self.filters, self.resolved
        if self.area is not None:
            found = set(self.area)
        elif filters.kind or filters.source or filters.predicate or filters.direction or filters.max_level:
            found = self._joined
        elif graphs := resolved.graphs:
            rows = self.labels.select("export/entities", graph=graphs)
            found = self._joined | {row["entity"] for row in rows}
        else:
            found = set(self.typed)
        if filters.type:
            found = {iri for iri in found if iri in self.typed or iri in resolved.centers}
        return sorted(found - resolved.without)

    @cached_property
    def area(self) -> frozenset[str] | None:
        """The entities within so many steps of a center; None where there is no center."""
        centers = self.resolved.centers
        if not centers:
            return None
        near: defaultdict[str, set[str]] = defaultdict(set)
        for start, _, end in self._pairs:
            near[start].add(end)
            near[end].add(start)
        reached = edge = set(centers)
        for _ in range(1 if self.filters.depth is None else self.filters.depth):
            edge = {other for one in edge for other in near.get(one, ())} - reached
            if not edge:
                break
            reached = reached | edge
        return frozenset(reached)

    @cached_property
    def typed(self) -> frozenset[str]:
        """The entities of the types asked for; all when none are."""
        types = {name: iris for name, iris in self.resolved.entities.items() if name == "type"}
        return frozenset(row["entity"] for row in self.labels.select("export/entities", **types))

    @cached_property
    def axioms(self) -> Sequence[tuple[str, str, str]]:
        """The hierarchy, unless relations are asked for that it is not made of."""
        limits = self.resolved.findings
        wanted, graphs = limits.get("predicate"), self.resolved.graphs
        rows = self.labels.select("export/axioms", **({"graph": graphs} if graphs else {}))
        triples = [(row["subject"], row["predicate"], row["object"]) for row in rows]
        return [triple for triple in triples if not isinstance(wanted, Sequence) or triple[1] in wanted]

    @cached_property
    def _pairs(self) -> Sequence[tuple[str, str, str]]:
        stated = [(row["subject"], row["predicate"], row["object"]) for row in self.fitting if "object" in row]
        return [*stated, *self.axioms]

    @property
    def _joined(self) -> set[str]:
        """The entities that findings name, and those of the hierarchy where its relations are asked for."""
        named = {str(row[end]) for row in self.fitting for end in ("subject", "object") if end in row}
        if self.filters.predicate or self.filters.graph:
            named |= {end for start, _, other in self.axioms for end in (start, other)}
        return named


def direction_of(statement: Row) -> str:
    """Return ``denied`` when the source denies the relation, else the direction of a finding, else ``none``."""
    return DENIED if statement["standing"] == "denied" else local(statement.get("direction", NONE))
