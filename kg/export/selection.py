"""What an exporter is given: a snapshot, what answers queries over it, and what was selected by the filters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kg.export.about import read_about
from kg.export.filters import DENIED, NONE, Filters, Resolved
from kg.queries import read_query
from kg.read.findings import read_findings
from kg.read.names import Json, Names, local
from kg.read.rows import Row

if TYPE_CHECKING:
    from kg.export.network import Network
    from kg.snapshot import Snapshot

__all__ = ["Extract", "Filters"]

#: Evaluates the text of a query; returns its answer in the format of this name.
Evaluate = Callable[[str, str], bytes]
_BATCH = 200  # findings that are held at once


@dataclass(frozen=True)
class Extract:
    """The part of a snapshot that is exported; what it holds is read when it is first asked for.

    Raises FilterError from any of its parts when a filter names what is not there; ``check`` tells at once.
    """

    snapshot: "Snapshot"
    answer: Evaluate
    names: Names
    filters: Filters = field(default_factory=Filters)

    def check(self) -> None:
        """Raise FilterError when a filter names what is not there."""
        self.resolved.check()

    @cached_property
    def about(self) -> dict[str, str]:
        """What the export says of itself."""
        return read_about(self.snapshot, self.filters)

    @cached_property
    def resolved(self) -> Resolved:
        """The filters as the IRIs that they stand for."""
        return Resolved(self.names, self.filters)

    @cached_property
    def fitting(self) -> list[Row]:
        """What each finding states that fits the filters on findings, wherever its entities stand."""
        directions = self.resolved.directions
        rows = self.names.ask(read_query("export/statements", **self.resolved.findings))
        return [row for row in rows if not directions or direction_of(row) in directions]

    @cached_property
    def statements(self) -> list[Row]:
        """What each selected finding states, in the order of their IRIs.

        Around a center, both ends of a finding have to be there. Of a type, one end is enough: findings about drugs are
        those that join a drug to anything.
        """
        area, resolved = self.network.area, self.resolved
        typed = self.network.typed if self.filters.type else None
        chosen = []
        for row in self.fitting:
            ends = {str(row[end]) for end in ("subject", "object") if end in row}
            if (area is None or ends <= area) and not ends & resolved.without and (typed is None or ends & typed):
                chosen.append(row)
        return chosen

    @cached_property
    def findings(self) -> list[str]:
        """The IRIs of the selected findings, in order."""
        return [str(row["finding"]) for row in self.statements]

    @cached_property
    def entities(self) -> list[str]:
        """The IRIs of the selected entities, in order."""
        return list(self.network.entities)

    @cached_property
    def network(self) -> "Network":
        """The selected entities, and what joins them."""
        from kg.export.network import Network

        return Network(self)

    def read_findings(self) -> Iterator[Json]:
        """Yield the selected findings whole, as the contract shapes them (section 7); only a batch is held at once."""
        for start in range(0, len(self.findings), _BATCH):
            yield from read_findings(self.names, self.findings[start : start + _BATCH])


def direction_of(statement: Row) -> str:
    """Return ``denied`` when the source denies the relation, else the direction of a finding, else ``none``."""
    return DENIED if statement["standing"] == "denied" else local(statement.get("direction", NONE))
