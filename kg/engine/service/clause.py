"""Finds a SERVICE clause in the text of a query, and the pattern around it, by its tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from kg.engine.tokens import Token, is_keyword, tokens
from kg.errors import QuerySyntaxError


def number_of_clauses(text: str) -> int:
    """Return how many SERVICE clauses a query has."""
    return sum(is_keyword(token, "SERVICE") for token in tokens(text))


def variables(text: str) -> set[str]:
    """Return the names of the variables in a pattern."""
    return {token[0][1:] for token in tokens(text) if token.lastgroup == "variable"}


@dataclass(frozen=True)
class Clause:
    """The first SERVICE clause of a query: the indices of its tokens, and for each bracket that of its closing one."""

    text: str
    tokens: Sequence[Token]
    closing: dict[int, int]
    keyword: int
    silent: bool

    @classmethod
    def first(cls, text: str) -> "Clause | None":
        """Return the first SERVICE clause of a query, if any; raises QuerySyntaxError when it is malformed."""
        all_tokens = list(tokens(text))
        keyword = next((index for index, token in enumerate(all_tokens) if is_keyword(token, "SERVICE")), None)
        if keyword is None:
            return None
        silent = is_keyword(all_tokens[keyword + 1], "SILENT") if keyword + 1 < len(all_tokens) else False
        clause = cls(text, all_tokens, _closing(all_tokens), keyword, silent)
        after = all_tokens[keyword + 1 + silent : keyword + 3 + silent]
        if len(after) < 2 or after[0].lastgroup not in ("iri", "name", "variable") or after[1][0] != "{":
            raise _syntax_error(text, all_tokens[keyword], "SERVICE needs an endpoint and a group in braces after it")
        if clause.opening not in clause.closing:
            raise _syntax_error(text, all_tokens[clause.opening], "this brace is not closed")
        return clause

    @property
    def endpoint(self) -> Token:
        """The IRI, prefixed name or variable of the endpoint."""
        return self.tokens[self.keyword + 1 + self.silent]

    @property
    def opening(self) -> int:
        """The index of the clause's opening brace."""
        return self.keyword + 2 + self.silent

    @property
    def span(self) -> tuple[int, int]:
        """Where the clause begins and ends in the text."""
        return self.tokens[self.keyword].start(), self.tokens[self.closing[self.opening]].end()

    @property
    def body(self) -> str:
        """The text between the braces."""
        return self.text[self.tokens[self.opening].end() : self.tokens[self.closing[self.opening]].start()]

    def certain(self) -> set[str]:
        """Return variables that every solution of the body binds: those of the triples of its outermost group."""
        names: set[str] = set()
        index, end = self.opening + 1, self.closing[self.opening]
        if is_keyword(self.tokens[index], "SELECT"):
            return names  # which variables a sub-query always binds cannot be read from its tokens
        while index < end:
            token = self.tokens[index]
            if is_keyword(token, "FILTER", "SERVICE", "BIND", "VALUES"):
                index = self._bracket(index)
                if is_keyword(token, "VALUES") and self.tokens[index][0] == "(":
                    index = self._after(index)
            elif token.lastgroup == "variable":
                names.add(token[0][1:])
            index = self._after(index)
        return names

    def before(self) -> str:
        """Return the pattern before the clause that it is joined with; empty when there is none.

        Filters are left out: they apply to their whole group, the clause included. So the pattern may have more
        solutions than the clause will be joined with, never fewer.
        """
        pattern, index = "", self.keyword
        while True:
            opening = self._opening(index)
            if opening is None or is_keyword(self.tokens[opening + 1], "SELECT"):
                return pattern
            pattern = f"{self._without_filters(opening + 1, index)} {pattern}".strip()
            outer = self._opening(opening)
            if outer is None or is_keyword(self.tokens[outer + 1], "SELECT"):
                return pattern
            if is_keyword(self.tokens[opening - 1], "UNION", "MINUS", "EXISTS"):
                return pattern
            if is_keyword(self.tokens[opening - 2], "GRAPH"):
                index, pattern = opening - 2, f"GRAPH {self.tokens[opening - 1][0]} {{ {pattern} }}"
            else:
                index = opening - is_keyword(self.tokens[opening - 1], "OPTIONAL")
                pattern = pattern and f"{{ {pattern} }}"

    def _without_filters(self, first: int, last: int) -> str:
        """Return the text of the tokens from one to before another, without the filters of that level."""
        parts, start, index = [], first, first
        while index < last:
            if is_keyword(self.tokens[index], "FILTER"):
                parts.append(self._slice(start, index))
                index = start = self._after(self._bracket(index))
            else:
                index = self._after(index)
        return " ".join([*parts, self._slice(start, last)])

    def _slice(self, first: int, last: int) -> str:
        return self.text[self.tokens[first].start() : self.tokens[last - 1].end()] if first < last else ""

    def _after(self, index: int) -> int:
        """Return the index after a token, or after all of a bracket."""
        return self.closing.get(index, index) + 1

    def _bracket(self, index: int) -> int:
        """Return the index of the next opening bracket."""
        return next((opening for opening in range(index, len(self.tokens)) if opening in self.closing), index)

    def _opening(self, index: int) -> int | None:
        """Return the index of the innermost bracket around a token."""
        return max((start for start, end in self.closing.items() if start < index < end), default=None)


def _closing(all_tokens: Sequence[Token]) -> dict[int, int]:
    """Return the index of the closing bracket by that of the opening one, for all that are closed."""
    pairs, opened = {}, []
    for index, token in enumerate(all_tokens):
        if token.lastgroup == "open":
            opened.append(index)
        elif token.lastgroup == "close" and opened:
            pairs[opened.pop()] = index
    return pairs


def _syntax_error(text: str, token: Token, reason: str) -> QuerySyntaxError:
    line = text.count("\n", 0, token.start()) + 1
    return QuerySyntaxError(reason, line, token.start() - text.rfind("\n", 0, token.start()))
