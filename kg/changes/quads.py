"""The quads in which two snapshots differ, found by walking through both sorted files at once."""

from collections.abc import Iterable, Iterator
from typing import Literal

from kg.snapshot import Snapshot

#: A quad that the newer snapshot lacks or has more than the older one, as a line of N-Quads.
Change = tuple[Literal["D", "A"], str]


def read_changes(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """Yield what has to be deleted (D) and added (A), in the order of the files; memory does not grow with them."""
    for before, after in zip(old.quads, new.quads, strict=True):
        # N-Quads end a line by a line feed alone: other separators may stand in a literal.
        with before.open(encoding="utf-8", newline="\n") as one, after.open(encoding="utf-8", newline="\n") as other:
            yield from compare(one, other)


def compare(old: Iterable[str], new: Iterable[str]) -> Iterator[Change]:
    """Yield the differences of two sorted sequences of lines without repetitions."""
    before, after = iter(old), iter(new)
    left, right = next(before, None), next(after, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left < right):
            assert left is not None
            yield "D", left
            left = next(before, None)
        elif left is None or right < left:
            yield "A", right
            right = next(after, None)
        else:
            left, right = next(before, None), next(after, None)
