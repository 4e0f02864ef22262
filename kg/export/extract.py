"""What an exporter is given: a snapshot, what answers queries over it, and what was selected by the filters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kg.engine import Engine
from kg.engine.rows import Row
from kg.export.about import read_about
from kg.export.network import Network
from kg.export.selection import Selection
from kg.read.filters import Filters
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels

if TYPE_CHECKING:
    from kg.snapshot import Snapshot

__all__ = ["Extract", "Filters"]

_BATCH = 200  # findings that are held at once


@dataclass(frozen=True)
class Extract:
    """The part of a snapshot that is exported; what it holds is read when it is first asked for.

    Raises FilterError from any of its parts when a filter names what is not there; ``check`` tells at once.
    """

    snapshot: "Snapshot"
    engine: Engine
    labels: Labels
    filters: Filters = field(default_factory=Filters)

    def check(self) -> None:
        """Raise FilterError when a filter names what is not there."""
        _ = self.selection.resolved

    @cached_property
    def about(self) -> dict[str, str]:
        """What the export says of itself."""
        return read_about(self.snapshot, self.filters)

    @cached_property
    def selection(self) -> Selection:
        """What the filters choose."""
        return Selection(self.labels, self.filters)

    @property
    def statements(self) -> list[Row]:
        """What each selected finding states, in the order of their IRIs."""
        return self.selection.statements

    @property
    def findings(self) -> list[str]:
        """The IRIs of the selected findings, in order."""
        return self.selection.findings

    @property
    def entities(self) -> list[str]:
        """The IRIs of the selected entities, in order."""
        return list(self.selection.entities)

    @cached_property
    def network(self) -> Network:
        """The selected entities, and what joins them."""
        return Network(self.selection)

    def read_findings(self) -> Iterator[Json]:
        """Yield the selected findings whole, as the contract shapes them (section 7); only a batch is held at once."""
        for start in range(0, len(self.findings), _BATCH):
            yield from read_findings(self.labels, self.findings[start : start + _BATCH])


def extract_of(snapshot: "Snapshot", filters: Filters | None = None) -> Extract:
    """Return what the filters choose of a snapshot, all of it without any, by an engine of its own."""
    engine = snapshot.engine()
    return Extract(snapshot, engine, Labels(engine), filters or Filters())
