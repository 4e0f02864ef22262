"""Statistics as SPARQL functions: extension functions and aggregates below ``https://w3id.org/calcikg/function/``.

A wrong argument is an error of the expression, as for the functions of SPARQL itself: the variable stays unbound. The
engine hands an aggregate one argument, so ``counts`` makes one value of numerator and denominator.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.engine.numbers import (
    Term,
    read_counts,
    read_number,
    read_whole,
    write_counts,
    write_decimal,
    write_double,
)
from kg.engine.sandbox import memory_left
from kg.prefixes import FUNCTION
from kg.statistics import Interval, Pooled, exact_interval, is_loaded, load, pool, wilson_interval

Calls = dict[ox.NamedNode, Callable[..., Term | None]]
Accumulators: TypeAlias = "dict[ox.NamedNode, Callable[[], ox.AggregateFunctionAccumulator]]"


@dataclass(frozen=True)
class Function:
    """A function or an aggregate: its name, its arguments, what it returns, and how that is computed."""

    name: str
    arguments: str
    meaning: str
    formula: str
    compute: Callable[..., Term]

    @property
    def iri(self) -> ox.NamedNode:
        """The IRI by which queries call it."""
        return ox.NamedNode(FUNCTION + self.name)


class Accumulator:
    """Gathers the values of a group, and computes from them when the group is complete."""

    def __init__(self, compute: Callable[[list[Term]], Term]) -> None:
        self._compute, self._values = compute, list[Term]()

    def accumulate(self, value: Term) -> None:
        """Take one value."""
        self._values.append(value)

    def finish(self) -> Term | None:
        """Return the result, or None for an error of the expression."""
        return _or_error(self._compute, self._values)


def _or_error(compute: Callable[..., Term], *arguments: Any) -> Term | None:
    try:
        return compute(*arguments)
    except (ValueError, ArithmeticError, TypeError):  # a TypeError is a wrong number of arguments
        return None


def _counts(numerator: Term, denominator: Term) -> Term:
    return write_counts(read_whole(numerator), read_whole(denominator))


def _bound(interval: Callable[..., Interval], place: int) -> Callable[..., Term]:
    def compute(numerator: Term, denominator: Term, *level: Term) -> Term:
        levels = [float(read_number(term)) for term in level]
        return write_double(interval(read_whole(numerator), read_whole(denominator), *levels)[place])

    return compute


def _pooled(read: Callable[[Pooled], float]) -> Callable[[list[Term]], Term]:
    return lambda values: write_double(read(pool([read_counts(value) for value in values])))


def _prediction(place: int) -> Callable[[Pooled], float]:
    def read(pooled: Pooled) -> float:
        if pooled.prediction is None:
            raise ValueError("two studies predict no third")
        return pooled.prediction[place]

    return read


def _median(values: list[Term]) -> Term:
    return write_decimal(median(map(read_number, values)))


_OF_ONE = "numerator, denominator, level (0.95 when left out)"
_EXACT = "Clopper-Pearson: quantile of a beta distribution"
_WILSON = "Wilson: (n + z²/2 ± z √(n (N - n)/N + z²/4)) / (N + z²)"
_MEAN = "random effects of logits ln(n/(N - n)), 0.5 added to n and N - n where one of them is 0"
_INTERVAL = "Hartung-Knapp: m ± t(k - 1) s, with s never below that of the inverse weights"
_NEXT = "Higgins-Thompson-Spiegelhalter: m ± t(k - 2) √(τ² + s²), so unbound for two studies"
_TAU = "Paule-Mandel: τ² such that Σ w (y - m)² = k - 1, or 0"
_MIDDLE = "of two in the middle, their mean"

#: The functions of one row.
FUNCTIONS = tuple(
    Function(*row)
    for row in (
        ("wilsonLower", _OF_ONE, "lower bound of the score interval", _WILSON, _bound(wilson_interval, 0)),
        ("wilsonUpper", _OF_ONE, "upper bound of the score interval", _WILSON, _bound(wilson_interval, 1)),
        ("exactLower", _OF_ONE, "lower bound of the exact interval", _EXACT, _bound(exact_interval, 0)),
        ("exactUpper", _OF_ONE, "upper bound of the exact interval", _EXACT, _bound(exact_interval, 1)),
        ("counts", "numerator, denominator", "both in one value, for the aggregates", "n/N as text", _counts),
    )
)

#: The functions of a group of rows.
AGGREGATES = tuple(
    Function(*row)
    for row in (
        ("pooledProportion", "counts", "mean proportion of studies", _MEAN, _pooled(lambda of: of.estimate)),
        ("pooledLower", "counts", "lower 95 % bound of the mean", _INTERVAL, _pooled(lambda of: of.interval.lower)),
        ("pooledUpper", "counts", "upper 95 % bound of the mean", _INTERVAL, _pooled(lambda of: of.interval.upper)),
        ("predictionLower", "counts", "lower 95 % bound for a further study", _NEXT, _pooled(_prediction(0))),
        ("predictionUpper", "counts", "upper 95 % bound for a further study", _NEXT, _pooled(_prediction(1))),
        ("tauSquared", "counts", "variance of logits between studies", _TAU, _pooled(lambda of: of.tau_squared)),
        ("iSquared", "counts", "share of Q beyond chance", "max(0, (Q - k + 1)/Q)", _pooled(lambda of: of.i_squared)),
        ("median", "number", "middle of the numbers, as xsd:decimal", _MIDDLE, _median),
    )
)

_CALLS: Calls = {row.iri: partial(_or_error, row.compute) for row in FUNCTIONS}
_ACCUMULATORS: Accumulators = {row.iri: partial(Accumulator, row.compute) for row in AGGREGATES}
#: A query that calls a function has its name in it, or writes it by the number of a character.
_NAMED = re.compile("|".join((*(row.name for row in (*FUNCTIONS, *AGGREGATES)), r"\\[uU]")))
_ROOM = 192 * 2**20  # bytes; scipy takes 152 MiB of addresses
_NEEDS_SCIPY = re.compile(r"exact[LU]|pooled[PLU]|prediction[LU]|Squared")


def functions_of(text: str) -> tuple[Calls, Accumulators]:
    """Return what the engine needs to know for a query: all functions and aggregates, or none when it names none.

    scipy is loaded now if they need it: what fails during evaluation would look like an unbound variable. Raises
    MemoryError when there is no room for it, which its own libraries find out by trying until the time is up.
    """
    if not _NAMED.search(text):
        return {}, {}
    if _NEEDS_SCIPY.search(text) and not is_loaded():
        if memory_left() < _ROOM:
            raise MemoryError
        load()
    return _CALLS, _ACCUMULATORS
