"""A query as tokens with their brackets paired, and edits of its text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kg.engine.tokens import Token, is_keyword, tokens


@dataclass(frozen=True)
class Tokens:
    """The tokens of a query, and for each opening bracket the index of its closing one."""

    text: str

    @cached_property
    def all(self) -> list[Token]:
        """Every token in its order."""
        return list(tokens(self.text))

    @cached_property
    def closing(self) -> dict[int, int]:
        """The index of the closing bracket by that of the opening one."""
        pairs, opened = {}, list[int]()
        for index, token in enumerate(self.all):
            if token.lastgroup == "open":
                opened.append(index)
            elif token.lastgroup == "close" and opened:
                pairs[opened.pop()] = index
        return pairs

    def where(self, *words: str) -> Iterator[int]:
        """Yield the indices of keywords, given in capitals."""
        return (index for index, token in enumerate(self.all) if is_keyword(token, *words))

    def slice(self, first: int, last: int) -> str:
        """Return the text from the beginning of one token to before that of another."""
        end = self.all[last].start() if last < len(self.all) else len(self.text)
        return self.text[self.all[first].start() : end] if first < last else ""


@dataclass
class Edits:
    """Replacements in a text, by the places of the text as it was."""

    text: str
    _edits: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, by: str) -> None:
        """Put something in place of a part, or between two letters when the part is empty."""
        self._edits.append((start, end, by))

    def apply(self) -> str:
        """Return the text with all replacements."""
        parts, at = [], 0
        for start, end, by in sorted(self._edits, key=lambda edit: edit[:2]):
            parts += [self.text[at:start], by]
            at = end
        return "".join((*parts, self.text[at:]))
