"""An extract: the part of a snapshot that an export contains."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from kg.export.network import Network
from kg.export.selection import Selection
from kg.read.description import read_description
from kg.read.entities import first
from kg.read.filters import Filters
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels

if TYPE_CHECKING:
    from kg.snapshot import Snapshot

_BATCH = 200  # findings or entities that one query asks for
_T = TypeVar("_T")


@dataclass(frozen=True)
class Extract(Selection):
    """What the filters select from a snapshot, whole or as a network; each part is read when it is first asked for."""

    snapshot: "Snapshot" = field(kw_only=True)

    @classmethod
    def open(cls, snapshot: "Snapshot", filters: Filters | None = None) -> "Extract":
        """Return an extract of a snapshot, with an engine of its own; without filters it is the whole snapshot."""
        return cls(Labels(snapshot.engine()), filters or Filters(), snapshot=snapshot)

    @cached_property
    def about(self) -> dict[str, str]:
        """What the export says of itself: title, creator, version, licence, citation, and the filters, if any."""
        description = read_description(self.snapshot.description())
        title, creator = first(description.dataset, "title"), first(description.publisher, "name")
        issued, version, address = (
            first(description.version, name) for name in ("issued", "versionInfo", "identifier")
        )
        about = {
            "title": title,
            "creator": creator,
            "version": version,
            "snapshot": self.snapshot.version,
            "issued": issued,
            "license": first(description.dataset, "license"),
            "citation": f"{creator} ({issued[:4]}). {title}, version {version}. {address}",
        }
        return about | ({"filters": urlencode(self.filters.pairs)} if self.filters else {})

    @cached_property
    def network(self) -> Network:
        """The selected entities, and the edges between them."""
        return Network(self)

    def read_findings(self) -> Iterator[Json]:
        """Yield the selected findings, each with all its keys; only a batch is in memory at once."""
        for batch in batches(self.findings):
            yield from read_findings(self.labels, batch)


def batches(items: Iterable[_T], size: int = _BATCH) -> Iterator[list[_T]]:
    """Yield items a few at a time.

    >>> list(batches("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
