"""The difference of two snapshots in quads, also as an RDF Patch (https://afs.github.io/rdf-patch/)."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Literal

from kg.prefixes import BASE
from kg.snapshot import Snapshot

#: A quad to delete (D) from the older snapshot or to add (A) to it, as a line of N-Quads.
Change = tuple[Literal["D", "A"], str]


def read_patch(old: Snapshot, new: Snapshot) -> Iterator[bytes]:
    """Yield the lines of the patch that turns one snapshot into another.

    The id of a snapshot is made from its version, so that patches form a chain: one continues that whose ``id`` its
    ``prev`` names. Blank nodes are named as in the files of the snapshots.
    """
    yield f"H id <uuid:{_id(new)}> .\nH prev <uuid:{_id(old)}> .\nTX .\n".encode()
    for operation, quad in read_changes(old, new):
        yield f"{operation} {quad}".encode()
    yield b"TC .\n"


def read_changes(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """Yield the changes in the order of the files, reading both at once; memory does not grow with them."""
    for before, after in zip(old.quads, new.quads, strict=True):
        # Only a line feed ends a line of N-Quads: a literal may contain other separators.
        with before.open(encoding="utf-8", newline="\n") as one, after.open(encoding="utf-8", newline="\n") as other:
            yield from _compare(one, other)


def _compare(old: Iterable[str], new: Iterable[str]) -> Iterator[Change]:
    """Yield the differences of two sorted sequences of lines without repetitions."""
    before, after = iter(old), iter(new)
    left, right = next(before, None), next(after, None)
    while left is not None or right is not None:
        if left == right:
            left, right = next(before, None), next(after, None)
        elif right is None or (left is not None and left < right):
            assert left is not None
            yield "D", left
            left = next(before, None)
        else:
            yield "A", right
            right = next(after, None)


def _id(snapshot: Snapshot) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}version/{snapshot.version}")
