"""All findings as nanopublications, in TriG."""

from collections.abc import Iterator

from kg.nanopub import Construct, read_nanopublications
from kg.snapshot import Snapshot


def write(_snapshot: Snapshot, construct: Construct) -> Iterator[bytes]:
    """Yield the nanopublications, one a chunk, and their index at the end."""
    for nanopublication in read_nanopublications(construct):
        yield nanopublication.to_trig()
