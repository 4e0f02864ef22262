"""Long lists a part at a time: what is read of them is held only that long."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
_SIZE = 200


def batches(items: Sequence[Item], size: int = _SIZE) -> Iterator[Sequence[Item]]:
    """Yield a list in parts.

    >>> list(batches("abcde", 2))
    ['ab', 'cd', 'e']
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]
