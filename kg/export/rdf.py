"""The dataset itself, as RDF."""

from collections.abc import Iterator

from kg.export.selection import Extract

_CHUNK = 2**18  # bytes


def write(extract: Extract, format_: str) -> Iterator[bytes]:
    """Yield the quads of a snapshot just as they are kept, its description at the end."""
    for path in extract.snapshot.quads:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
