"""Answers kept in memory, by what they answer: bounded in bytes, the least recently used go first."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from kg.engine import Format


@dataclass(frozen=True)
class Kept:
    """A whole answer."""

    format: Format
    body: bytes


class Cache:
    """Whole answers by their tag, which names snapshot, query, dataset and formats: so none can be out of date."""

    def __init__(self, size: int) -> None:
        """Keep ``size`` bytes of answers at most, each of a sixteenth of that at most."""
        self._size, self._largest = size, size // 16
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, tag: str) -> Kept | None:
        """Return an answer, if it is kept."""
        with self._lock:
            if (found := self._kept.get(tag)) is not None:
                self._kept.move_to_end(tag)
            return found

    def put(self, tag: str, answer: Kept) -> None:
        """Keep an answer, unless it is too large."""
        if len(answer.body) > self._largest:
            return
        with self._lock:
            if tag in self._kept:
                return
            self._kept[tag] = answer
            self._bytes += len(answer.body)
            while self._bytes > self._size:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.body)
