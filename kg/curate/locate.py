"""Finds passages in source texts by their words alone.

A passage is k consecutive words after normalisation: Unicode NFKC, lower case, every run of characters that are neither
letters nor digits becomes one space. The SHA-256 of its words identifies it however the text is wrapped or paginated,
and no text is passed on.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kg.errors import LocateError

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Locator:
    """A place in a source: the section as the source names it, the number of words, and their digest."""

    section: str
    words: int
    sha256: str


@dataclass(frozen=True)
class Passage:
    """A run of words of a document: from word ``start`` to before word ``stop``."""

    start: int
    stop: int


@dataclass(frozen=True)
class Document:
    """A source text."""

    name: str
    raw: str

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the text as it is, in UTF-8."""
        return hashlib.sha256(self.raw.encode()).hexdigest()

    @cached_property
    def text(self) -> str:
        """The text in the form that is searched (Unicode NFKC, lower case)."""
        return unicodedata.normalize("NFKC", self.raw).lower()

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word begins and ends in ``text``."""
        return [match.span() for match in _WORD.finditer(self.text)]

    @cached_property
    def words(self) -> list[str]:
        """The normalised words."""
        return [self.text[start:stop] for start, stop in self.spans]

    def digest(self, passage: Passage) -> str:
        """Return the SHA-256 of a passage's words, joined by one space, in UTF-8."""
        return digest(self.words[passage.start : passage.stop])

    def read(self, passage: Passage) -> str:
        """Return the normalised text of a passage with its punctuation."""
        return self.text[self.spans[passage.start][0] : self.spans[passage.stop - 1][1]]

    def find(self, locator: Locator) -> list[Passage]:
        """Return every passage with the locator's digest: a text may repeat the same words."""
        return self._windows(locator.words).get(locator.sha256, [])

    def _windows(self, size: int) -> dict[str, list[Passage]]:
        if size not in self._known:
            windows = self._known[size] = {}
            for start in range(len(self.words) - size + 1):
                passage = Passage(start, start + size)
                windows.setdefault(self.digest(passage), []).append(passage)
        return self._known[size]

    @cached_property
    def _known(self) -> dict[int, dict[str, list[Passage]]]:
        return {}


def normalise(text: str) -> list[str]:
    """Return the normalised words of a text.

    >>> normalise("59 ± 11.4 years; Anti-topoisomerase I")
    ['59', '11', '4', 'years', 'anti', 'topoisomerase', 'i']
    """
    return Document("", text).words


def digest(words: list[str]) -> str:
    """Return the SHA-256 of normalised words, joined by one space, in UTF-8."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def locate(document: Document, quotation: str, section: str = "") -> Locator:
    """Return the locator of a passage given as ``first words ... last words`` or in full.

    Raises LocateError when there is no such passage, or when different passages start and end like this.
    """
    first, ellipsis, last = quotation.partition("...")
    head, tail = normalise(first), normalise(last)
    if not head or (ellipsis and not tail):
        raise LocateError(f"{quotation!r} has no words to search for; give the first words ... last words")
    # Of several passages with the same end, the shortest is meant.
    starts = {stop: start for start in _starts(document, head) for stop in _ends(document, start, head, tail)}
    passages = [Passage(start, stop) for stop, start in starts.items()]
    if not passages:
        raise LocateError(f"{quotation!r} is not in {document.name}; copy the words exactly as they are there")
    if len({document.digest(passage) for passage in passages}) > 1:
        raise LocateError(f"{quotation!r} occurs {len(passages)} times in {document.name}; give more words")
    return Locator(section, passages[0].stop - passages[0].start, document.digest(passages[0]))


def _starts(document: Document, words: list[str]) -> Iterator[int]:
    for start in range(len(document.words) - len(words) + 1):
        if document.words[start : start + len(words)] == words:
            yield start


def _ends(document: Document, start: int, head: list[str], tail: list[str]) -> Iterator[int]:
    """Yield the nearest end of a passage that starts with ``head``: after it, or after the next ``tail``."""
    after = start + len(head)
    if not tail:
        yield after
        return
    for stop in range(after + len(tail), len(document.words) + 1):
        if document.words[stop - len(tail) : stop] == tail:
            yield stop
            return
