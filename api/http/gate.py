"""Looks at a query before the engine does, for good messages; safety does not depend on it.

The limits lie far below what breaks the engine, and far above what the W3C test suites and people write. Its optimiser
takes 0.7 s for 100 triple patterns of one subject and 10 s for 200, 0.5 s for 1,000 conditions in a FILTER and more
than 12 s for 6,000; its stack ends at about 2,000 nested brackets, 3,000 MINUS, 6,000 BIND, 12,000 alternatives.
"""

from dataclasses import dataclass

from api.http.complexity import Shape, look
from kg.errors import RefusedError


@dataclass(frozen=True)
class Limit:
    """How much of something a query may hold: a field of its shape, the largest number, and what is counted."""

    counted: str
    most: int
    meaning: str


LIMITS = (
    Limit("tokens", 50_000, "tokens"),
    Limit("depth", 64, "levels of nested brackets"),
    Limit("joined", 100, "triple patterns that are joined with each other"),
    Limit("patterns", 400, "triple patterns in all branches of UNION together"),
    Limit("operations", 1000, "operators, function calls and brackets in expressions and paths"),
    Limit("rows", 10_000, "values or rows in VALUES"),
    Limit("graphs", 1000, "graphs in FROM and FROM NAMED, or as parameters"),
)
_MOST = {limit.counted: limit for limit in LIMITS}


def admit(text: str) -> Shape:
    """Return the shape of a query; refuse one that is too long or too intricate."""
    shape = look(text, _MOST["tokens"].most)
    for limit in LIMITS:
        _check(limit, getattr(shape, limit.counted))
    return shape


def admit_graphs(number: int) -> None:
    """Refuse a request that names more graphs than one may."""
    _check(_MOST["graphs"], number)


def _check(limit: Limit, number: int) -> None:
    if number > limit.most:
        raise RefusedError(f"the query has more {limit.meaning} than the {limit.most:,} allowed")
