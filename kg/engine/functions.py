"""Statistics as SPARQL functions: extension functions and aggregates below ``https://w3id.org/calcikg/function/``.

A wrong argument is an error of the expression, as for SPARQL's own functions: the variable stays unbound. The engine
gives an aggregate one argument, so ``counts`` makes one value of numerator and denominator, and ``ratio`` one of a
ratio and its interval.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from statistics import median
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.prefixes import FUNCTION, expand
from kg.statistics import normal, proportions
from kg.statistics.intervals import Count, Interval, exact_interval, wilson_interval
from kg.statistics.proportions import Pooled

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Functions = dict[ox.NamedNode, Callable[..., Term | None]]
Aggregates: TypeAlias = "dict[ox.NamedNode, Callable[[], ox.AggregateFunctionAccumulator]]"

#: Datatype of a numerator and a denominator in one value, such as "13/39".
COUNTS = ox.NamedNode(FUNCTION + "Counts")
_COUNTS = re.compile(r"(\d+)/(\d+)")
#: Datatype of a ratio and the bounds of its interval in one value, such as "2.37/1.66/3.39".
RATIO = ox.NamedNode(FUNCTION + "Ratio")
_DOUBLE, _DECIMAL = ox.NamedNode(expand("xsd:double")), ox.NamedNode(expand("xsd:decimal"))
#: The datatypes that SPARQL computes with; the engine turns the subtypes of xsd:integer into it.
_NUMERIC = {ox.NamedNode(expand(f"xsd:{name}")) for name in ("integer", "decimal", "double", "float")}
#: A number small enough to be written out, unlike 1e999999999.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
#: How many studies are pooled at most, and of how many people each: then a likelihood takes no longer than a second.
_STUDIES, _PEOPLE = 1000, 10**9


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


def read_ratio(term: Term) -> normal.Effect:
    """Return the logarithm of a ratio that `_ratio` made, with its variance. Raises ValueError for any other term."""
    parts = term.value.split("/") if isinstance(term, ox.Literal) and term.datatype == RATIO else []
    if len(parts) != 3 or not all(map(_NUMBER.fullmatch, parts)):
        raise ValueError(f"{term} is not a value of ckgf:ratio")
    return normal.log_ratio(*map(float, parts))


def _ratio(ratio: Term, lower: Term, upper: Term) -> Term:
    numbers = [float(read_number(term)) for term in (ratio, lower, upper)]
    normal.log_ratio(*numbers)
    return ox.Literal("/".join(map(str, numbers)), datatype=RATIO)


def _double(number: float) -> Term:
    return ox.Literal(str(number), datatype=_DOUBLE)


def _bound(interval: Callable[..., Interval], index: int) -> Callable[..., Term]:
    def compute(numerator: Term, denominator: Term, *level: Term) -> Term:
        levels = [float(read_number(term)) for term in level]
        return _double(interval(read_integer(numerator), read_integer(denominator), *levels)[index])

    return compute


@lru_cache(1000)
def _pool(counts: tuple[Count, ...]) -> Pooled:
    """Pool once for all aggregates of a group: the likelihood is the slow part."""
    return proportions.pool(counts)


def _studies(values: list[Term]) -> tuple[Count, ...]:
    counts = tuple(map(read_counts, _few(values)))
    if any(total > _PEOPLE for _, total in counts):
        raise ValueError(f"a study of more than {_PEOPLE} people is not pooled")
    return counts


def _few(values: list[Term]) -> list[Term]:
    if len(values) > _STUDIES:
        raise ValueError(f"{len(values)} studies; {_STUDIES} are pooled at most")
    return values


def _pooled(read: Callable[[Pooled], float]) -> Callable[[list[Term]], Term]:
    return lambda values: _double(read(_pool(_studies(values))))


def _logits(read: Callable[[Pooled], float]) -> Callable[[list[Term]], Term]:
    return lambda values: _double(read(proportions.pool_logits(_studies(values))))


def _pooled_ratio(read: Callable[[normal.Mean], float]) -> Callable[[list[Term]], Term]:
    return lambda values: _double(math.exp(read(normal.pool(list(map(read_ratio, _few(values)))))))


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


_OF_RATIO = "ratio, lower and upper 95 % bound"
_OF_ONE = "numerator, denominator, level (0.95 when left out)"
_EXACT = "Clopper-Pearson: quantile of a beta distribution"
_WILSON = "Wilson: (n + z²/2 ± z √(n (N - n)/N + z²/4)) / (N + z²)"
_MEAN = "maximum likelihood: n binomial of N, logits of true proportions normal with mean m and variance τ²"
_INTERVAL = "the wider of m ± t(k - 1) r and m ± z s"
_NEXT = (
    "quantiles of normal distributions with variance τ² + s², mixed over all τ, each by its likelihood; never narrower "
    "than the interval of the mean; unbound for two studies"
)
_BETWEEN = "τ² / (τ² + typical variance of a logit within studies)"
_TWO_STEPS = (
    "random effects of logits ln(n/(N - n)), 0.5 added to n and N - n where one of them is 0; τ² by Paule-Mandel"
)
_KNAPP = "Hartung-Knapp: m ± t(k - 1) s, with s never below that of the inverse weights"
_CHANCE = "max(0, (Q - k + 1)/Q)"
_RATIOS = "random effects of logarithms, the variance of each from its interval; τ² by Paule-Mandel"
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
        ("ratio", _OF_RATIO, "all in one value, for the aggregates", "ratio/lower/upper as text", _ratio),
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
        ("tauSquared", "counts", "variance of logits between studies", _MEAN, _pooled(lambda of: of.tau_squared)),
        ("iSquared", "counts", "share of variance between studies", _BETWEEN, _pooled(lambda of: of.i_squared)),
        ("logitProportion", "counts", "mean of logits, in two steps", _TWO_STEPS, _logits(lambda of: of.estimate)),
        ("logitLower", "counts", "lower 95 % bound of that", _KNAPP, _logits(lambda of: of.interval.lower)),
        ("logitUpper", "counts", "upper 95 % bound of that", _KNAPP, _logits(lambda of: of.interval.upper)),
        ("logitISquared", "counts", "share of Q beyond chance", _CHANCE, _logits(lambda of: of.i_squared)),
        ("pooledRatio", "ratio", "mean ratio of studies", _RATIOS, _pooled_ratio(lambda of: of.estimate)),
        ("pooledRatioLower", "ratio", "lower 95 % bound of that", _KNAPP, _pooled_ratio(lambda of: of.interval.lower)),
        ("pooledRatioUpper", "ratio", "upper 95 % bound of that", _KNAPP, _pooled_ratio(lambda of: of.interval.upper)),
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
