"""The dataset itself, as N-Quads."""

from collections.abc import Iterator

from kg.nanopub import Construct
from kg.snapshot import DATASET, Snapshot

_CHUNK = 2**18  # bytes


def write(snapshot: Snapshot, _construct: Construct) -> Iterator[bytes]:
    """Yield the quads of a snapshot, sorted, just as they are kept."""
    with (snapshot.path / DATASET).open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
