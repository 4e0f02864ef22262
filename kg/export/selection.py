"""What the filters choose: findings, and the entities that they join."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from kg.engine.rows import Row
from kg.queries import Parameter, read_query
from kg.read.filters import DENIED, FINDING_FILTERS, NONE, Filters, resolve
from kg.read.findings import find_findings
from kg.read.labels import Labels, local

# What decides which findings fit, wherever their entities stand.
_ON_FINDINGS = {"graph", *(one.name for one in FINDING_FILTERS)}


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
    def resolved(self) -> Mapping[str, Parameter]:
        """The filters as the IRIs that they stand for."""
        return resolve(self.labels, self.filters)

    @cached_property
    def fitting(self) -> list[Row]:
        """What each finding states that fits the filters on findings, wherever its entities stand."""
        limits = {name: value for name, value in self.resolved.items() if name in _ON_FINDINGS}
        given = {"finding": find_findings(self.labels, limits)} if limits else {}
        return self.labels.engine.select(read_query("export/statements", **given))

    @cached_property
    def statements(self) -> list[Row]:
        """What each selected finding states, in the order of their IRIs.

        Around a center, both ends of a finding have to be there. Of a type, one end is enough: findings about drugs are
        those that join a drug to anything.
        """
        area, without = self.area, self.iris("without")
        typed = self.typed if "type" in self.resolved else None
        chosen = []
        for row in self.fitting:
            ends = {str(row[end]) for end in ("subject", "object") if end in row}
            if (area is None or ends <= area) and not ends & without and (typed is None or ends & typed):
                chosen.append(row)
        return chosen

    @cached_property
    def findings(self) -> list[str]:
        """The IRIs of the selected findings, in order."""
        return [row["finding"] for row in self.statements]

    @cached_property
    def entities(self) -> Sequence[str]:
        """The IRIs of the selected entities, in order."""
        if self.area is not None:
            found = set(self.area)
        elif self.resolved.keys() & {one.name for one in FINDING_FILTERS}:
            found = self._joined
        elif "graph" in self.resolved:
            rows = self.labels.engine.select(read_query("export/entities", graph=self.resolved["graph"]))
            found = self._joined | {row["entity"] for row in rows}
        else:
            found = set(self.typed)
        if "type" in self.resolved:
            found &= self.typed | self.iris("center")
        return sorted(found - self.iris("without"))

    @cached_property
    def area(self) -> Set[str] | None:
        """The entities within so many steps of a center; None where there is no center."""
        if "center" not in self.resolved:
            return None
        near: defaultdict[str, set[str]] = defaultdict(set)
        for start, _, end in self._pairs:
            near[start].add(end)
            near[end].add(start)
        reached: Set[str] = self.iris("center")
        edge = reached
        depth = self.resolved.get("depth", 1)
        assert isinstance(depth, int)
        for _ in range(depth):
            edge = {other for one in edge for other in near.get(one, ())} - reached
            if not edge:
                break
            reached = reached | edge
        return reached

    @cached_property
    def typed(self) -> frozenset[str]:
        """The entities of the types asked for; all when none are."""
        types = {name: iris for name, iris in self.resolved.items() if name == "type"}
        return frozenset(row["entity"] for row in self.labels.engine.select(read_query("export/entities", **types)))

    @cached_property
    def axioms(self) -> Sequence[tuple[str, str, str]]:
        """The hierarchy, unless relations are asked for that it is not made of."""
        graphs = {name: iris for name, iris in self.resolved.items() if name == "graph"}
        rows = self.labels.engine.select(read_query("export/axioms", **graphs))
        triples = [(row["subject"], row["predicate"], row["object"]) for row in rows]
        wanted = self.iris("predicate")
        return [triple for triple in triples if not wanted or triple[1] in wanted]

    @cached_property
    def _pairs(self) -> Sequence[tuple[str, str, str]]:
        stated = [(row["subject"], row["predicate"], row["object"]) for row in self.fitting if "object" in row]
        return [*stated, *self.axioms]

    @property
    def _joined(self) -> set[str]:
        """The entities that findings name, and those of the hierarchy where its relations are asked for."""
        named = {str(row[end]) for row in self.fitting for end in ("subject", "object") if end in row}
        if self.resolved.keys() & {"predicate", "graph"}:
            named |= {end for start, _, other in self.axioms for end in (start, other)}
        return named

    def iris(self, name: str) -> frozenset[str]:
        """Return the IRIs that a filter stands for; none when it is not given."""
        value = self.resolved.get(name, ())
        return frozenset(value) if isinstance(value, Sequence) else frozenset()


def direction_of(statement: Row) -> str:
    """Return ``denied`` when the source denies the relation, else the direction of a finding, else ``none``."""
    return DENIED if statement["standing"] == "denied" else local(statement.get("direction", NONE))
