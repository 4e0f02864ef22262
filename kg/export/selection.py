"""What the filters select: findings, and the entities that they join."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kg.engine import Row
from kg.export.filters import DENIED, NONE, Filters, Resolved
from kg.read.labels import Labels, local


@dataclass(frozen=True)
class Selection:
    """The findings and the entities that fit the filters; each part is read when it is first asked for.

    Its relations are those of all findings that fit, and the hierarchy, unless a filter names other relations. Its
    entities are those that the findings join; around a center those within so many steps along these relations;
    without a filter on findings all there are. A filter on types leaves entities of these types and the centers.

    Raises FilterError when a filter names what does not exist; ``check`` raises it at once.
    """

    labels: Labels
    filters: Filters = field(default_factory=Filters)

    def check(self) -> None:
        """Raise FilterError when a filter names what does not exist."""
        self.resolved.check()

    @cached_property
    def resolved(self) -> Resolved:
        """The filters as the IRIs that they stand for."""
        return Resolved(self.labels, self.filters)

    @cached_property
    def fitting(self) -> list[Row]:
        """What each finding states that fits the filters on findings, whatever entities it joins."""
        directions = self.resolved.directions
        rows = self.labels.select("export/statements", **self.resolved.findings)
        return [row for row in rows if not directions or direction_of(row) in directions]

    @cached_property
    def statements(self) -> list[Row]:
        """What each selected finding states, in the order of their IRIs.

        Around a center, both entities of a finding must be within reach. For a type, one is enough: findings about
        drugs are those that join a drug to anything.
        """
        area, without = self.area, self.resolved.without
        typed = self.typed if self.filters.type else None
        return [
            row
            for row in self.fitting
            if (area is None or _ends(row) <= area)
            and not _ends(row) & without
            and (typed is None or _ends(row) & typed)
        ]

    @cached_property
    def findings(self) -> list[str]:
        """The IRIs of the selected findings, in order."""
        return [row["finding"] for row in self.statements]

    @cached_property
    def entities(self) -> list[str]:
        """The IRIs of the selected entities, in order."""
        filters, resolved = self.filters, self.resolved
        if self.area is not None:
            selected = set(self.area)
        elif filters.kind or filters.source or filters.predicate or filters.direction or filters.max_level:
            selected = self._joined
        elif graphs := resolved.graphs:
            rows = self.labels.select("export/entities", graph=graphs)
            selected = self._joined | {row["entity"] for row in rows}
        else:
            selected = set(self.typed)
        if filters.type:
            selected &= self.typed.union(resolved.centers)
        return sorted(selected - resolved.without)

    @cached_property
    def area(self) -> frozenset[str] | None:
        """The entities within so many steps of a center; None where there is no center."""
        centers = self.resolved.centers
        if not centers:
            return None
        neighbours: defaultdict[str, set[str]] = defaultdict(set)
        stated = [(row["subject"], row["predicate"], row["object"]) for row in self.fitting if "object" in row]
        for start, _, end in (*stated, *self.axioms):
            neighbours[start].add(end)
            neighbours[end].add(start)
        reached = frontier = frozenset(centers)
        for _ in range(1 if self.filters.depth is None else self.filters.depth):
            frontier = frozenset(other for one in frontier for other in neighbours.get(one, ())) - reached
            if not frontier:
                break
            reached |= frontier
        return reached

    @cached_property
    def typed(self) -> frozenset[str]:
        """The entities of the types that the filters name; all when they name none."""
        types = {name: iris for name, iris in self.resolved.entities.items() if name == "type"}
        return frozenset(row["entity"] for row in self.labels.select("export/entities", **types))

    @cached_property
    def axioms(self) -> Sequence[tuple[str, str, str]]:
        """The hierarchy as triples, unless the filters name only other relations."""
        predicates, graphs = self.resolved.findings.get("predicate"), self.resolved.graphs
        rows = self.labels.select("export/axioms", **({"graph": graphs} if graphs else {}))
        triples = [(row["subject"], row["predicate"], row["object"]) for row in rows]
        return [triple for triple in triples if not isinstance(predicates, Sequence) or triple[1] in predicates]

    @property
    def _joined(self) -> set[str]:
        """The entities that findings name, and those of the hierarchy where the filters name its relations."""
        named = set().union(*map(_ends, self.fitting))
        if self.filters.predicate or self.filters.graph:
            named |= {end for start, _, other in self.axioms for end in (start, other)}
        return named


def direction_of(statement: Row) -> str:
    """Return ``denied`` when the source denies the relation, else the direction of a finding, else ``none``."""
    return DENIED if statement["standing"] == "denied" else local(statement.get("direction", NONE))


def _ends(statement: Row) -> set[str]:
    return {statement[end] for end in ("subject", "object") if end in statement}
