"""Answers kept in memory, by what they answer: bounded in bytes, the least recently used go first."""

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

from api.http.metrics import CACHE_BYTES
from kg.engine import Answer


@dataclass(frozen=True)
class Kept:
    """A whole answer with its entity tag and its links, and whether it came as a stream."""

    tag: str
    answer: Answer
    streamed: bool
    links: tuple[str, ...] = ()


class Cache:
    """Whole answers by a key that tells snapshot, query, dataset and formats: so none can be out of date."""

    def __init__(self, size: int) -> None:
        """Keep ``size`` bytes of keys and answers at most, each pair a sixteenth of that at most."""
        self._size, self._largest = size, size // 16
        self._kept: OrderedDict[str, tuple[int, Kept]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Kept | None:
        """Return an answer, if it is kept."""
        with self._lock:
            if (found := self._kept.get(key)) is None:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def keep(self, key: str, tag: str, answer: Answer, links: tuple[str, ...] = ()) -> Answer:
        """Return the answer to pass on in place of this one. It is kept once it is whole, unless it is too large."""
        if isinstance(answer.chunks, tuple):
            self._put(key, Kept(tag, answer, streamed=False, links=links))
            return answer
        return replace(answer, chunks=self._collect(key, tag, answer, answer.chunks))

    def _collect(
        self, key: str, tag: str, answer: Answer, chunks: Generator[bytes, None, None]
    ) -> Generator[bytes, None, None]:
        """Pass chunks on, and keep them at their end; an answer that breaks off, or is given up, has none."""
        parts: list[bytes] = []
        left = self._largest
        with closing(chunks):
            for chunk in chunks:
                left -= len(chunk)
                if left >= 0:
                    parts.append(chunk)
                else:
                    parts.clear()
                yield chunk
        if left >= 0:
            self._put(key, Kept(tag, replace(answer, chunks=tuple(parts)), streamed=True))

    def _put(self, key: str, kept: Kept) -> None:
        size = len(key) + sum(map(len, kept.answer.chunks))
        if size > self._largest:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = size, kept
            self._bytes += size
            while self._bytes > self._size:
                _, (oldest, _) = self._kept.popitem(last=False)
                self._bytes -= oldest
            CACHE_BYTES.set(self._bytes)
