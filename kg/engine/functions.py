"""Statistics as SPARQL functions: extension functions and aggregates below ``https://w3id.org/calcikg/function/``.

A wrong argument is an error of the expression, as for SPARQL's own functions: the variable stays unbound. The engine
gives an aggregate one argument, so ``counts`` makes one value of numerator and denominator.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.prefixes import FUNCTION, expand
from kg.statistics import Count, Interval, Pooled, exact_interval, pool, wilson_interval

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Functions = dict[ox.NamedNode, Callable[..., Term | None]]
Aggregates: TypeAlias = "dict[ox.NamedNode, Callable[[], ox.AggregateFunctionAccumulator]]"

#: Datatype of a numerator and a denominator in one value, such as "13/39".
COUNTS = ox.NamedNode(FUNCTION + "Counts")
_COUNTS = re.compile(r"(\d+)/(\d+)")
_DOUBLE, _DECIMAL = ox.NamedNode(expand("xsd:double")), ox.NamedNode(expand("xsd:decimal"))
#: The datatypes that SPARQL computes with; the engine turns the subtypes of xsd:integer into it.
_NUMERIC = {ox.NamedNode(expand(f"xsd:{name}")) for name in ("integer", "decimal", "double", "float")}
#: A number small enough to be written out, unlike 1e999999999.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


def read_number(term: Term) -> Decimal:
    """Return a finite number. Raises ValueError for any other term."""
    if not isinstance(term, ox.Literal) or term.datatype not in _NUMERIC or not _NUMBER.fullmatch(term.value):
        raise ValueError(f"{term} is not a number")
    return Decimal(term.value)


def read_integer(term: Term) -> int:
    """Return an integer. Raises ValueError for any other term."""
    number = read_number(term)
    if number != int(number):
        raise ValueError(f"{number} is not an integer")
    return int(number)


def read_counts(term: Term) -> Count:
    """Return the two numbers of a value that `_counts` made. Raises ValueError for any other term."""
    match = _COUNTS.fullmatch(term.value) if isinstance(term, ox.Literal) and term.datatype == COUNTS else None
    if match is None:
        raise ValueError(f"{term} is not a value of ckgf:counts")
    return int(match[1]), int(match[2])


def _counts(numerator: Term, denominator: Term) -> Term:
    events, total = read_integer(numerator), read_integer(denominator)
    if not 0 <= events <= total or total == 0:
        raise ValueError(f"{events} of {total} is not a proportion")
    return ox.Literal(f"{events}/{total}", datatype=COUNTS)


def _double(number: float) -> Term:
    return ox.Literal(str(number), datatype=_DOUBLE)


def _bound(interval: Callable[..., Interval], index: int) -> Callable[..., Term]:
    def compute(numerator: Term, denominator: Term, *level: Term) -> Term:
        levels = [float(read_number(term)) for term in level]
        return _double(interval(read_integer(numerator), read_integer(denominator), *levels)[index])

    return compute


def _pooled(read: Callable[[Pooled], float]) -> Callable[[list[Term]], Term]:
    return lambda values: _double(read(pool([read_counts(value) for value in values])))


def _prediction(index: int) -> Callable[[Pooled], float]:
    def read(pooled: Pooled) -> float:
        if pooled.prediction is None:
            raise ValueError("two studies give no prediction interval")
        return pooled.prediction[index]

    return read


def _median(values: list[Term]) -> Term:
    return ox.Literal(f"{median(map(read_number, values)).normalize():f}", datatype=_DECIMAL)


@dataclass(frozen=True)
class Function:
    """A function or an aggregate: its name, its arguments, what it returns, the formula, and the Python behind it."""

    name: str
    arguments: str
    meaning: str
    formula: str
    compute: Callable[..., Term]

    @property
    def iri(self) -> ox.NamedNode:
        """The IRI by which queries call it."""
        return ox.NamedNode(FUNCTION + self.name)


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


class Accumulator:
    """Gathers the values of a group, and computes the result from them."""

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


_CALLS: Functions = {row.iri: partial(_or_error, row.compute) for row in FUNCTIONS}
_ACCUMULATORS: Aggregates = {row.iri: partial(Accumulator, row.compute) for row in AGGREGATES}
#: A query that calls a function has its name in it, or writes it by the number of a character.
_NAMED = re.compile("|".join((*(row.name for row in (*FUNCTIONS, *AGGREGATES)), r"\\[uU]")))


def functions_of(text: str) -> tuple[Functions, Aggregates]:
    """Return the functions and aggregates that a query may call: all of them, or none when it names none."""
    return (_CALLS, _ACCUMULATORS) if _NAMED.search(text) else ({}, {})
