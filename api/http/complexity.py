"""Estimates how complex a query is before the engine sees it, for clear messages; safety does not depend on it.

It counts tokens, as a parser would have to survive the query first. Where they cannot tell, the count is an upper
bound: an item of a list, or of a path in brackets, counts as two triple patterns, and operators of paths and of
expressions count together.

The limits lie far below what breaks the engine, and far above what the W3C test suites and people write. Its optimiser
takes 0.7 s for 100 triple patterns of one subject and 10 s for 200, 3 s for 99 nested blank nodes, 0.5 s for 1,000
conditions in a FILTER and more than 12 s for 6,000; its stack ends at about 2,000 nested brackets, 3,000 MINUS, 6,000
BIND, 12,000 alternatives.
"""

from dataclasses import dataclass, field
from itertools import islice

from kg.engine.tokens import tokens
from kg.errors import RefusedError

#: Words that stand where a term may stand; every other word in a pattern is a keyword.
_TERMS = frozenset({"a", "true", "false"})
_OPERATORS = frozenset({"!", "&&", "||", "+", "-", "*", "/", "^", "|"})
#: Signs in a pattern that make further triple patterns: a step of a path, ``<<`` and ``~`` of SPARQL 1.2.
_JOINS = frozenset({"/", "<", "~"})


@dataclass(frozen=True)
class Limit:
    """How much of something a query may hold: a field of [Complexity][], the largest number, and what is counted."""

    counted: str
    most: int
    meaning: str


LIMITS = (
    Limit("tokens", 50_000, "tokens"),
    Limit("depth", 256, "levels of nested brackets"),
    Limit("joined", 100, "triple patterns that are joined with each other"),
    Limit("patterns", 400, "triple patterns in all branches of UNION together"),
    Limit("operations", 1000, "operators, function calls and brackets in expressions and paths"),
    Limit("rows", 10_000, "values or rows in VALUES"),
    Limit("graphs", 1000, "graphs in FROM and FROM NAMED, or as parameters"),
)
_MOST = {limit.counted: limit for limit in LIMITS}


@dataclass(frozen=True)
class Complexity:
    """How much of what costs time a query holds.

    ``patterns`` are all triple patterns, empty groups and VALUES blocks; ``joined`` those that are joined with each
    other: of the branches of a UNION the largest. ``operations`` are operators, function calls and brackets of
    expressions, and operators of paths; ``rows`` those of VALUES; ``graphs`` those of FROM and FROM NAMED.
    """

    tokens: int
    depth: int
    patterns: int
    joined: int
    operations: int
    rows: int
    graphs: int
    words: frozenset[str]


def check_complexity(text: str) -> Complexity:
    """Return how complex a query is; raises RefusedError for one that is too long or too complex."""
    complexity = measure_complexity(text, _MOST["tokens"].most, _MOST["depth"].most)
    for limit in LIMITS:
        _check(limit, getattr(complexity, limit.counted))
    return complexity


def check_graphs(number: int) -> None:
    """Raise RefusedError for a request that names too many graphs."""
    _check(_MOST["graphs"], number)


def measure_complexity(text: str, most: int, deepest: int | None = None) -> Complexity:
    """Count what a query holds, in its first ``most`` tokens and one, and until brackets nest deeper than ``deepest``.

    >>> measure_complexity('SELECT ?service { ?s <http://x/SERVICE> "SERVICE"@service } # SERVICE', 100).words
    frozenset({'SELECT'})
    >>> measure_complexity("ASK { { ?s ?p 1.5, 2 ; a ?c } UNION { [] ?p (1 2) } FILTER(?c = 1 && STR(?p) = 'x') }", 100)
    ... # doctest: +ELLIPSIS
    Complexity(tokens=36, depth=3, patterns=8, joined=5, operations=3, rows=0, graphs=0, words=...)
    """
    counts = _Counts()
    for found in islice(tokens(text), most + 1):
        counts.take(found.lastgroup or "", found[0])
        if deepest is not None and counts.deepest > deepest:
            break
    return counts.complexity()


def _check(limit: Limit, number: int) -> None:
    if number > limit.most:
        raise RefusedError(f"the query has more {limit.meaning} than the {limit.most:,} allowed")


@dataclass(slots=True)
class _Bracket:
    """An open bracket: what it holds, how many triple patterns so far, and those of the group closed last."""

    holds: str  # pattern, items, expression, data or row
    branches: bool = False
    joined: int = 0
    last: int = 0


@dataclass(slots=True)
class _Counts:
    """Counts token by token."""

    number: int = 0
    deepest: int = 0
    patterns: int = 0
    operations: int = 0
    rows: int = 0
    words: list[str] = field(default_factory=list)
    open: list[_Bracket] = field(default_factory=lambda: [_Bracket("expression")])
    #: Whether the next term begins a triple pattern.
    fresh: bool = False
    #: The keyword before, with names at most between; and the last keyword in this bracket.
    calls: bool = False
    keyword: str = ""

    def take(self, kind: str, text: str) -> None:
        self.number += 1
        if kind == "open":
            self._open(text)
        elif kind == "close":
            self._close(text)
        elif kind == "word" and text not in _TERMS and not text[0].isdigit():
            self._word(text.upper())
        elif kind == "other":
            self._sign(text)
        else:
            self._term()
            self.calls = self.calls and kind in ("iri", "name")

    def complexity(self) -> Complexity:
        while len(self.open) > 1:
            self._close("")
        joined, graphs = self.open[0].joined, self.words.count("FROM")
        counted = (self.number, self.deepest, self.patterns, joined, self.operations, self.rows, graphs)
        return Complexity(*counted, frozenset(self.words))

    def _open(self, text: str) -> None:
        within = self.open[-1].holds
        if text == "{":
            holds = "data" if self.keyword in ("VALUES", "CONSTRUCT") else "pattern"
            if self.keyword == "VALUES":
                self._add(1)
        elif within == "data":
            holds = "row"
            self.rows += 1
        elif within == "expression":
            holds = within
            self.operations += 1
        elif text == "(" and self.calls:
            holds = "expression"
            self.operations += 1
        else:
            self._term()
            holds = "items" if text == "(" else "pattern"
        self.open.append(_Bracket(holds, branches=self.keyword == "UNION"))
        self.deepest = max(self.deepest, len(self.open) - 1)
        self.fresh = holds == "pattern"
        self.calls = False
        if text == "{":
            self.keyword = ""

    def _close(self, text: str) -> None:
        if len(self.open) == 1:
            return  # closes nothing: no query
        closed = self.open.pop()
        around = self.open[-1]
        if text == "}" and closed.holds == "pattern" and not closed.joined:
            self.patterns += 1
            closed.joined = 1
        beside = around.last if closed.branches else 0
        around.joined += max(0, closed.joined - beside)
        around.last = max(closed.joined, beside)
        self.fresh = text == "}" or closed.holds == "expression"
        self.calls = False
        if text == "}":
            self.keyword = ""

    def _word(self, word: str) -> None:
        self.words.append(word)
        self.keyword, self.calls, self.fresh = word, True, False
        if word == "SELECT":  # a subquery: no triples stand in its own braces, only in those of its WHERE
            self.open[-1].holds = "expression"

    def _sign(self, sign: str) -> None:
        here = self.open[-1].holds
        self.calls = False
        if here in ("data", "row"):
            return
        self.operations += sign in _OPERATORS
        if here == "expression":
            return
        if sign in _JOINS or (sign == "|" and self.fresh):  # {| |} of SPARQL 1.2
            self._add(1)
        self.fresh = self.fresh or sign in (".", ";", ",")

    def _term(self) -> None:
        here = self.open[-1].holds
        if here == "pattern" and self.fresh:
            self._add(1)
            self.fresh = False
        elif here == "items":
            self._add(2)
        elif here == "data":
            self.rows += 1

    def _add(self, number: int) -> None:
        self.patterns += number
        self.open[-1].joined += number
