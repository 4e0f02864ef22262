"""The findings as nanopublications, in TriG."""

from collections.abc import Iterator

from kg.export.selection import Extract
from kg.nanopub import read_nanopublications


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the nanopublications, one a chunk, and their index at the end."""

    def construct(text: str) -> bytes:
        return extract.answer(text, "nt")

    for nanopublication in read_nanopublications(construct):
        yield nanopublication.to_trig()
