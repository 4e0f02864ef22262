"""Finds SERVICE clauses in the text of a query, and what stands around them, by its tokens."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.engine.tokens import tokens
from kg.errors import QuerySyntaxError

Token = re.Match[str]


def number_of_clauses(text: str) -> int:
    """Return how many SERVICE clauses a query has."""
    return sum(_is(token, "SERVICE") for token in tokens(text)) if "service" in text.lower() else 0


@dataclass(frozen=True)
class Clause:
    """A SERVICE clause in the text of a query, which has no other one before it."""

    text: str
    tokens: Sequence[Token]
    index: int
    silent: bool
    endpoint: Token
    #: Where the clause begins and ends, and where the text between its braces does.
    start: int
    end: int
    body_start: int
    body_end: int

    @classmethod
    def first(cls, text: str) -> "Clause | None":
        """Return the first SERVICE clause of a query; raises QuerySyntaxError when it is not one."""
        found = list(tokens(text))
        index = next((index for index, token in enumerate(found) if _is(token, "SERVICE")), None)
        if index is None:
            return None
        silent = _is(_at(found, index + 1), "SILENT")
        named, opening = _at(found, index + 1 + silent), _at(found, index + 2 + silent)
        if named is None or named.lastgroup not in ("iri", "name", "variable") or opening is None or opening[0] != "{":
            raise _syntax_error(text, found[index], "SERVICE needs an endpoint and a group in braces after it")
        closing = _closing(found, index + 2 + silent)
        if closing is None:
            raise _syntax_error(text, opening, "this brace is not closed")
        start, end = found[index].start(), found[closing].end()
        return cls(text, found, index, silent, named, start, end, opening.end(), found[closing].start())

    @property
    def body(self) -> str:
        """The pattern between the braces."""
        return self.text[self.body_start : self.body_end]

    @property
    def prologue(self) -> str:
        """The PREFIX and BASE declarations of the query."""
        index = 0
        while _is(token := _at(self.tokens, index), "PREFIX", "BASE"):
            index += 3 if _is(token, "PREFIX") else 2
        return self.text[: self.tokens[index - 1].end()] + "\n" if index else ""

    @property
    def dataset(self) -> str:
        """The FROM clauses of the query."""
        parts, index = [], 0
        while index < len(self.tokens):
            if _is(self.tokens[index], "FROM"):
                last = index + 1 + _is(_at(self.tokens, index + 1), "NAMED")
                parts.append(self._slice(index, last + 1))
            index = self._after(index)
        return " ".join(parts)

    def certain(self) -> set[str]:
        """Return variables that every solution of the pattern binds: those of the triples of its outermost group."""
        names: set[str] = set()
        found = list(tokens(self.body))
        if _is(_at(found, 0), "SELECT"):
            return names  # which variables a sub-query always binds takes more than a look at tokens
        index = 0
        while index < len(found):
            token = found[index]
            if _is(token, "FILTER", "SERVICE", "BIND", "VALUES"):
                while index + 1 < len(found) and found[index].lastgroup != "open":
                    index += 1
                if _is(token, "VALUES") and found[index][0] == "(":
                    index = 1 + (_closing(found, index) or index)
            elif token.lastgroup == "variable":
                names.add(token[0][1:])
            index = 1 + (_closing(found, index) or index)
        return names

    def before(self) -> str:
        """Return the pattern that the clause is joined with as far as it stands before it; empty when there is none.

        Filters are left out: they hold for their whole group, the clause included. So the pattern may have more
        solutions than the clause will be joined with, never fewer.
        """
        pattern, index = "", self.index
        while True:
            opening = _opening(self.tokens, index)
            if opening is None or _is(_at(self.tokens, opening + 1), "SELECT"):
                return pattern
            pattern = f"{self._part(opening + 1, index)} {pattern}".strip()
            outer = _opening(self.tokens, opening)
            if outer is None or _is(_at(self.tokens, outer + 1), "SELECT"):
                return pattern
            keyword, named = self.tokens[opening - 1], self.tokens[opening - 2]
            if _is(keyword, "UNION", "MINUS", "EXISTS"):
                return pattern
            if _is(named, "GRAPH"):
                index, pattern = opening - 2, f"GRAPH {keyword[0]} {{ {pattern} }}"
            else:
                index = opening - _is(keyword, "OPTIONAL")
                pattern = pattern and f"{{ {pattern} }}"

    def _part(self, first: int, last: int) -> str:
        """Return the text of the tokens from one to before another, without the filters of that level."""
        parts, start, index = [], first, first
        while index < last:
            if _is(self.tokens[index], "FILTER"):
                parts.append(self._slice(start, index))
                while self.tokens[index].lastgroup != "open":
                    index += 1
                start = self._after(index)
            index = self._after(index)
        return " ".join([*parts, self._slice(start, last)])

    def _slice(self, first: int, last: int) -> str:
        return self.text[self.tokens[first].start() : self.tokens[last - 1].end()] if first < last else ""

    def _after(self, index: int) -> int:
        """Return the index after a token, or after all of a bracket."""
        return 1 + (_closing(self.tokens, index) or index)


def variables(text: str) -> set[str]:
    """Return the names of the variables in a pattern."""
    return {token[0][1:] for token in tokens(text) if token.lastgroup == "variable"}


def _is(token: Token | None, *words: str) -> bool:
    return token is not None and token.lastgroup == "word" and token[0].upper() in words


def _at(found: Sequence[Token], index: int) -> Token | None:
    return found[index] if index < len(found) else None


def _closing(found: Sequence[Token], index: int) -> int | None:
    """Return the index of the bracket that closes the one at an index; None when there stands none, or none closes."""
    depth = 0
    for place in range(index, len(found)):
        depth += (found[place].lastgroup == "open") - (found[place].lastgroup == "close")
        if depth <= 0:
            return place if place > index else None
    return None


def _opening(found: Sequence[Token], index: int) -> int | None:
    """Return the index of the innermost bracket that is open before a token."""
    depth = 0
    for place in range(index - 1, -1, -1):
        depth += (found[place].lastgroup == "open") - (found[place].lastgroup == "close")
        if depth == 1:
            return place
    return None


def _syntax_error(text: str, token: Token, problem: str) -> QuerySyntaxError:
    line = text.count("\n", 0, token.start()) + 1
    return QuerySyntaxError(problem, line, token.start() - text.rfind("\n", 0, token.start()))
