"""The dataset itself, as N-Quads."""

from collections.abc import Iterator

from kg.nanopub import Construct
from kg.snapshot import Snapshot

_CHUNK = 2**18  # bytes


def write(snapshot: Snapshot, _construct: Construct) -> Iterator[bytes]:
    """Yield the quads of a snapshot just as they are kept, its description at the end."""
    for path in snapshot.quads:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
