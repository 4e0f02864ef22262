"""Exports of a snapshot: one row a format, one module each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.export import nanopub, nquads, sssom
from kg.nanopub import Construct
from kg.snapshot import Snapshot


@dataclass(frozen=True)
class Export:
    """A format: its name, media type and extension, what it is in words, and what writes it in chunks.

    ``write`` is given the snapshot and what evaluates a CONSTRUCT over it.
    """

    name: str
    media_type: str
    extension: str
    meaning: str
    write: Callable[[Snapshot, Construct], Iterator[bytes]]


_ROWS = (
    Export("nq", "application/n-quads", "nq", "the whole dataset, graph by graph", nquads.write),
    Export("nanopub", "application/trig", "trig", "each finding as a nanopublication, and their index", nanopub.write),
    Export("sssom", "text/tab-separated-values", "sssom.tsv", "the mappings to other vocabularies", sssom.write),
)

#: Every export by its name.
EXPORTS: dict[str, Export] = {row.name: row for row in _ROWS}
