"""What the filters select: findings, and the entities that they join."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from kg.engine import Row
from kg.queries import Parameter
from kg.read.filters import GRAPH_FILTERS, SINGLE_PATIENTS, Filters, resolve
from kg.read.findings import find_findings
from kg.read.labels import Labels

_ON_GRAPH = {one.name for one in GRAPH_FILTERS}


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
        _ = self.resolved

    @cached_property
    def resolved(self) -> Mapping[str, Parameter]:
        """The filters as the IRIs that they stand for."""
        return resolve(self.labels, self.filters)

    @cached_property
    def fitting(self) -> list[Row]:
        """What each finding states that fits the filters on findings, whatever entities it joins."""
        limits = self._on_findings | self._given("graph")
        chosen = {"finding": find_findings(self.labels, limits).all()} if limits else {}
        rows = self.labels.select("export/statements", **chosen)
        return [row for row in rows if not _ends(row) & self.hidden]

    @cached_property
    def statements(self) -> list[Row]:
        """What each selected finding states, in the order of their IRIs.

        Around a center, both entities of a finding must be within reach. For a type, one is enough: findings about
        drugs are those that join a drug to anything.
        """
        area, without = self.area, self.iris("without")
        typed = self.typed if "type" in self.resolved else None
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
        if self.area is not None:
            selected = set(self.area)
        elif self._on_findings:
            selected = self._joined
        elif graph := self._given("graph"):
            rows = self.labels.select("export/entities", **graph)
            selected = self._joined | {row["entity"] for row in rows}
        else:
            selected = set(self.typed)
        if "type" in self.resolved:
            selected &= self.typed | self.iris("center")
        return sorted(selected - self.iris("without") - self.hidden)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The populations of one person, where a filter leaves them out; a center stays."""
        if self.filters.values(SINGLE_PATIENTS) != ["no"]:
            return frozenset()
        return frozenset(iri for iri, size in self.labels.sizes.items() if size == 1) - self.iris("center")

    @cached_property
    def left_out(self) -> frozenset[str]:
        """Those of the hidden populations that would be among the entities otherwise."""
        pairs = tuple(pair for pair in self.filters.pairs if pair[0] != SINGLE_PATIENTS)
        return self.hidden.intersection(replace(self, filters=Filters(pairs)).entities) if self.hidden else frozenset()

    @cached_property
    def area(self) -> frozenset[str] | None:
        """The entities within so many steps of a center; None where there is no center."""
        centers, depth = self.iris("center"), self.resolved.get("depth", 1)
        if not centers:
            return None
        neighbours: defaultdict[str, set[str]] = defaultdict(set)
        stated = [(row["subject"], row["predicate"], row["object"]) for row in self.fitting if "object" in row]
        for start, _, end in (*stated, *self.axioms):
            neighbours[start].add(end)
            neighbours[end].add(start)
        reached = frontier = centers
        assert isinstance(depth, int)
        for _ in range(depth):
            frontier = frozenset(other for one in frontier for other in neighbours.get(one, ())) - reached
            if not frontier:
                break
            reached |= frontier
        return reached

    @cached_property
    def typed(self) -> frozenset[str]:
        """The entities of the types that the filters name; all when they name none."""
        rows = self.labels.select("export/entities", **self._given("type"))
        return frozenset(row["entity"] for row in rows)

    @cached_property
    def axioms(self) -> Sequence[tuple[str, str, str]]:
        """The hierarchy as triples, unless the filters name only other relations."""
        predicates = self.iris("predicate")
        rows = self.labels.select("export/axioms", **self._given("graph"))
        triples = [(row["subject"], row["predicate"], row["object"]) for row in rows]
        return [
            triple
            for triple in triples
            if (not predicates or triple[1] in predicates) and not self.hidden.intersection((triple[0], triple[2]))
        ]

    @property
    def _joined(self) -> set[str]:
        """The entities that findings name, and those of the hierarchy where the filters name its relations."""
        named = set().union(*map(_ends, self.fitting))
        if self._given("predicate", "graph"):
            named |= {end for start, _, other in self.axioms for end in (start, other)}
        return named

    def iris(self, name: str) -> frozenset[str]:
        """Return the IRIs that a filter stands for; none when it is not given."""
        value = self.resolved.get(name, ())
        return frozenset(value) if isinstance(value, Sequence) else frozenset()

    @property
    def _on_findings(self) -> dict[str, Parameter]:
        return {name: value for name, value in self.resolved.items() if name not in _ON_GRAPH}

    def _given(self, *names: str) -> dict[str, Parameter]:
        return {name: value for name, value in self.resolved.items() if name in names}


def _ends(statement: Row) -> set[str]:
    return {statement[end] for end in ("subject", "object") if end in statement}
