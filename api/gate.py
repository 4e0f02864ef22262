"""Looks at a query before the engine does, for good messages; safety does not depend on it.

The limits lie far below what breaks the engine, and far above what the W3C test suites and people write.
"""

from dataclasses import dataclass

from kg.engine.tokens import tokens
from kg.errors import RefusedError

#: How deep brackets of any kind may nest.
MAX_DEPTH = 64
#: How many tokens a query may have.
MAX_TOKENS = 50_000


@dataclass(frozen=True)
class Shape:
    """What a look at the tokens of a query tells."""

    tokens: int
    depth: int
    words: frozenset[str]


def look(text: str) -> Shape:
    """Count the tokens of a query, how deep it nests, and which keywords it holds.

    >>> look('SELECT ?service { ?s <http://x/SERVICE> "SERVICE"@service } # SERVICE').words
    frozenset({'SELECT'})
    """
    number = depth = deepest = 0
    words = set()
    for found in tokens(text):
        kind = found.lastgroup
        number += 1
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "word":
            words.add(found[0].upper())
    return Shape(number, deepest, frozenset(words))


def admit(text: str) -> Shape:
    """Return the shape of a query; refuse one that nests too deeply or is too long."""
    shape = look(text)
    if shape.depth > MAX_DEPTH:
        raise RefusedError(f"the query nests {shape.depth} brackets deep; {MAX_DEPTH} are allowed")
    if shape.tokens > MAX_TOKENS:
        raise RefusedError(f"the query has {shape.tokens:,} tokens; {MAX_TOKENS:,} are allowed")
    return shape
