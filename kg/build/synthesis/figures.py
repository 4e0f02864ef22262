"""The kinds of figures that are pooled: proportions, ratios, and differences of means; each with its model."""

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.metadata import version
from typing import Protocol

from kg import __version__
from kg.build.jsonld import Node
from kg.build.synthesis.rows import Row
from kg.build.synthesis.selection import Candidate
from kg.build.synthesis.writing import LEVEL, decimal, percent, refs
from kg.prefixes import ID, ONTOLOGY
from kg.statistics import normal
from kg.statistics.intervals import Count, Interval, exact_interval
from kg.statistics.normal import Effect, Mean
from kg.statistics.proportions import Pooled, pool, pool_logits

#: A confidence interval of a proportion that is wider than this says nothing of the mean.
_WIDEST = 0.8
#: And one of a ratio whose upper bound is more than so many times the lower.
_WIDEST_RATIO = 100
#: In how many people a p-value tells the standard error of a ratio; of fewer it is often of an exact test.
_FEWEST = 60

#: The formula of each method, by its IRI.
Formulas = Mapping[str, str]
Inputs = Sequence[Candidate]


class Kind(Protocol):
    """A kind of figures: how they are read, written for one study, and pooled."""

    folder: str
    type: str

    def read(self, row: Row) -> tuple[Count | Effect | None, str]:
        """Return the figure of a finding and its basis; without a figure, the name of the reason."""

    def study(self, finding: Candidate, formulas: Formulas) -> Node:
        """Return what one finding gives."""

    def reasons_against(self, inputs: Inputs) -> frozenset[str]:
        """Return why like findings are not pooled all the same: there is no mean, or it would say nothing."""

    def result(self, inputs: Inputs, formulas: Formulas) -> Node:
        """Return the mean of findings."""

    def by_other_model(self, inputs: Inputs, formulas: Formulas) -> Iterator[tuple[str, Node]]:
        """Yield the same by other models, each with its name."""

    def is_printed(self, finding: Candidate) -> bool:
        """Tell whether the source prints what is computed with, and not only what it follows from."""


class Proportions:
    """Counts of people, pooled in the binomial-normal model; the model of two steps stands beside it."""

    folder = "proportion"
    type = "PooledProportion"

    def read(self, row: Row) -> tuple[Count | None, str]:
        """Read numerator and denominator, printed or from a share; of people alone, as those of others go together."""
        if row["things"]:
            return None, "notPeople"
        count = read_count(row)
        return (count, _basis(row, "numerator")) if count else (None, "noCounts")

    def study(self, finding: Candidate, formulas: Formulas) -> Node:
        """Return the exact interval."""
        numerator, denominator = _count(finding)
        interval = exact_interval(numerator, denominator, LEVEL)
        return {
            "id": finding.iri + ("#exact-interval" if self.is_printed(finding) else "#interval-of-share"),
            "type": "ExactInterval",
            "label": f"{finding.iri.removeprefix(ID)}: exact interval of {numerator}/{denominator}",
            **_share("clopperPearson", numerator / denominator, interval, formulas),
            **self._inputs([finding]),
            "eventCount": numerator,
            "totalCount": denominator,
        }

    def reasons_against(self, inputs: Inputs) -> frozenset[str]:
        """There is no mean without events; a wide interval says nothing."""
        counts = [_count(finding) for finding in inputs]
        if not any(0 < events < total for events, total in counts):
            return frozenset({ONTOLOGY + "noEvents"})
        lower, upper = pool(counts, LEVEL).interval
        return frozenset({ONTOLOGY + "uninformative"} if upper - lower > _WIDEST else ())

    def result(self, inputs: Inputs, formulas: Formulas) -> Node:
        """Pool by the exact likelihood."""
        return self._means("binomialNormal", pool([_count(one) for one in inputs], LEVEL), inputs, formulas)

    def by_other_model(self, inputs: Inputs, formulas: Formulas) -> Iterator[tuple[str, Node]]:
        """Pool in two steps."""
        pooled = pool_logits([_count(one) for one in inputs], LEVEL)
        heterogeneity = {"cochranQ": decimal(pooled.q, 6), "hStatistic": decimal(pooled.h, 6)}
        yield "two-steps", self._means("randomEffectsLogit", pooled, inputs, formulas) | heterogeneity

    def is_printed(self, finding: Candidate) -> bool:
        """Both numbers are printed."""
        return finding.basis == "counts"

    def _means(self, method: str, pooled: Pooled, inputs: Inputs, formulas: Formulas) -> Node:
        return {
            **_share(method, pooled.estimate, pooled.interval, formulas),
            **_prediction(pooled.prediction and Interval(*(100 * bound for bound in pooled.prediction))),
            "tauSquared": decimal(pooled.tau_squared, 6),
            "iSquared": percent(pooled.i_squared),
            **self._inputs(inputs),
        }

    def _inputs(self, inputs: Inputs) -> Node:
        return _inputs(inputs) | {"countFromShare": refs(one.iri for one in inputs if not self.is_printed(one))}


class Ratios:
    """Odds, hazard and risk ratios, pooled as logarithms in the normal-normal model."""

    folder = "ratio"
    type = "PooledRatio"

    def read(self, row: Row) -> tuple[Effect | None, str]:
        """Read a printed ratio with its interval or p-value, or the odds ratio of two groups."""
        if row["steps"] and not row["step"]:
            return None, "stepNotTold"
        if row["untold"]:
            return None, "adjustmentNotTold"
        try:
            effect, basis = self._read(row)
        except ValueError:
            return None, "noInterval" if row["ratio"] else "noEvents"
        if effect and row["towards"] and effect.value * int(row["towards"]) < 0:
            return None, "againstDirection"
        return effect, basis

    def _read(self, row: Row) -> tuple[Effect | None, str]:
        if row["ratio"] and row["lower"]:
            return normal.log_ratio(*(float(row[key]) for key in ("ratio", "lower", "upper"))), "printedInterval"
        if row["ratio"] and row["p"] and int(row["people"] or 0) >= _FEWEST:
            return normal.log_ratio_from_p(float(row["ratio"]), float(row["p"])), "printedPValue"
        if row["ratio"]:
            return None, "noInterval"
        count, other = read_count(row), read_other_count(row)
        if not (count and other):
            return None, "noCounts"
        printed = {_basis(row, "numerator"), _basis(row, "otherNumerator")} == {"counts"}
        return normal.log_odds_ratio(count, other), "groupCounts" if printed else "groupShares"

    def study(self, finding: Candidate, formulas: Formulas) -> Node:
        """Return the ratio with its interval, as printed where it is."""
        row, effect = finding.row, _effect(finding)
        interval = normal.normal_interval(effect, LEVEL)
        ratio, lower, upper = (math.exp(one) for one in (effect.value, *interval))
        if row["lower"]:
            lower, upper = float(row["lower"]), float(row["upper"])
        return {
            **_study(finding, "#effect", effect, formulas),
            **_estimate(ratio, Interval(lower, upper)),
            **self._measure(finding),
            "countFromShare": refs([finding.iri] if finding.basis == "groupShares" else ()),
        }

    def reasons_against(self, inputs: Inputs) -> frozenset[str]:
        """A wide interval says nothing."""
        lower, upper = _pool(inputs).interval
        return frozenset({ONTOLOGY + "uninformative"} if upper - lower > math.log(_WIDEST_RATIO) else ())

    def result(self, inputs: Inputs, formulas: Formulas) -> Node:
        """Pool the logarithms."""
        mean = _pool(inputs)
        return {
            **_estimate(math.exp(mean.estimate), _exponents(mean.interval)),
            **_prediction(mean.prediction and _exponents(mean.prediction)),
            **self._means("normalNormal", mean, inputs, formulas),
        }

    def by_other_model(self, inputs: Inputs, formulas: Formulas) -> Iterator[tuple[str, Node]]:
        """Give the same mean the interval of the normal distribution."""
        mean = _pool(inputs)
        plain = _estimate(math.exp(mean.estimate), _exponents(mean.plain))
        yield "normal-interval", plain | self._means("normalInterval", mean, inputs, formulas)

    def is_printed(self, finding: Candidate) -> bool:
        """The interval, or all four counts."""
        return finding.basis in ("printedInterval", "groupCounts")

    def _means(self, method: str, mean: Mean, inputs: Inputs, formulas: Formulas) -> Node:
        shares = refs(one.iri for one in inputs if one.basis == "groupShares")
        return _means(method, mean, inputs, formulas) | self._measure(inputs[0]) | {"countFromShare": shares}

    def _measure(self, finding: Candidate) -> Node:
        (statistic,) = (mark for mark, reason in finding.marks if reason.endswith("differentStatistic"))
        return {"effectMeasure": {"id": statistic}, "estimateUnit": "1"}


class Differences:
    """Differences of the means of two groups, pooled in the normal-normal model."""

    folder = "difference"
    type = "PooledDifference"

    def read(self, row: Row) -> tuple[Effect | None, str]:
        """Read mean, standard deviation and size of both groups, if they are of people."""
        if row["things"]:
            return None, "notPeople"
        if row["median"]:
            return None, "mediansOnly"
        keys = ("mean", "deviation", "size", "otherMean", "otherDeviation", "otherSize")
        if None in (figures := [row[key] for key in keys]):
            return None, "noSpread"
        mean, deviation, size, other, other_deviation, other_size = map(float, figures)
        effect = normal.mean_difference(mean, deviation, int(size), other, other_deviation, int(other_size))
        return (effect, "groupMeans") if effect.variance else (None, "noSpread")

    def study(self, finding: Candidate, formulas: Formulas) -> Node:
        """Return the difference with its interval."""
        effect = _effect(finding)
        node = _study(finding, "#difference", effect, formulas) | _estimate(
            effect.value, normal.normal_interval(effect, LEVEL)
        )
        return node | self._measure(finding)

    def reasons_against(self, inputs: Inputs) -> frozenset[str]:
        """Nothing: how wide is too wide depends on the unit."""
        return frozenset()

    def result(self, inputs: Inputs, formulas: Formulas) -> Node:
        """Pool the differences."""
        mean = _pool(inputs)
        means = _means("normalNormal", mean, inputs, formulas) | self._measure(inputs[0])
        return _estimate(mean.estimate, mean.interval) | _prediction(mean.prediction) | means

    def by_other_model(self, inputs: Inputs, formulas: Formulas) -> Iterator[tuple[str, Node]]:
        """Give the same mean the interval of the normal distribution."""
        mean = _pool(inputs)
        means = _means("normalInterval", mean, inputs, formulas) | self._measure(inputs[0])
        yield "normal-interval", _estimate(mean.estimate, mean.plain) | means

    def is_printed(self, finding: Candidate) -> bool:
        """All figures are."""
        return True

    def _measure(self, finding: Candidate) -> Node:
        unit = finding.row["unit"]
        return {"effectMeasure": {"id": ONTOLOGY + "difference"}} | ({"estimateUnit": unit} if unit else {})


def read_count(row: Row) -> Count | None:
    """Return the count of a row, as printed, or the one that a printed share stands for."""
    return _read_count(row, "numerator", "denominator", "share", "persons")


def read_other_count(row: Row) -> Count | None:
    """Return the count of the comparator of a row; None where it has none."""
    return _read_count(row, "otherNumerator", "otherDenominator", "otherShare", "otherPersons")


def _read_count(row: Row, numerator: str, denominator: str, share: str, people: str) -> Count | None:
    if row.get(numerator) is not None and row[denominator]:
        return int(row[numerator]), int(row[denominator])
    if row.get(share) is None or not row[people]:
        return None
    return count_of_share(row[share], int(row[people]), row["reported"] or "")


def _basis(row: Row, numerator: str) -> str:
    return "share" if row[numerator] is None else "counts"


def count_of_share(share: str, people: int, reported: str = "") -> Count | None:
    """Return the count of people that a printed share stands for, in per cent; None where no number of them makes it.

    A share is rounded to its last digit, or cut off there, or rounded up where it has decimals. ``reported`` is the
    figure as printed, which tells of a 0 as the last digit.

    >>> count_of_share("23.3", 30), count_of_share("23", 30), count_of_share("22.6", 30)
    ((7, 30), (7, 30), None)
    >>> count_of_share("60", 44), count_of_share("60", 45), count_of_share("60", 44, "60.0% vs. 39.3%")
    (None, (27, 45), None)
    """
    printed = Decimal(share)
    digits = 1 if f"{share}.0" in reported else max(0, -int(printed.as_tuple().exponent))
    last = Decimal(1).scaleb(-min(digits, 2))
    events = int((printed * people / 100).to_integral_value(ROUND_HALF_UP))
    off = Decimal(100 * events) / people - printed
    least = -last if digits else -last / 2
    return (events, people) if people > 1 and least <= off < last else None


def _count(finding: Candidate) -> Count:
    assert isinstance(finding.figure, tuple) and not isinstance(finding.figure, Effect)
    return finding.figure


def _effect(finding: Candidate) -> Effect:
    assert isinstance(finding.figure, Effect)
    return finding.figure


def _pool(inputs: Inputs) -> Mean:
    return normal.pool([_effect(one) for one in inputs], LEVEL)


def _exponents(interval: Interval) -> Interval:
    return Interval(math.exp(interval.lower), math.exp(interval.upper))


def _study(finding: Candidate, part: str, effect: Effect, formulas: Formulas) -> Node:
    return {
        "id": finding.iri + part,
        "type": "StudyEffect",
        "label": f"{finding.iri.removeprefix(ID)}: effect",
        "effect": decimal(effect.value, 9),
        "standardError": decimal(math.sqrt(effect.variance), 9),
        **_by("groupCounts" if finding.basis == "groupShares" else finding.basis, formulas),
        **_inputs([finding]),
    }


def _share(method: str, share: float, interval: Interval, formulas: Formulas) -> Node:
    bounds = Interval(100 * interval.lower, 100 * interval.upper)
    unit = {"effectMeasure": {"id": ONTOLOGY + "share"}, "estimateUnit": "%"}
    return _estimate(100 * share, bounds) | unit | _by(method, formulas)


def _estimate(estimate: float, interval: Interval) -> Node:
    return {
        "estimate": decimal(estimate, 4),
        "confidenceLower": decimal(interval.lower, 4),
        "confidenceUpper": decimal(interval.upper, 4),
        "confidenceLevel": percent(LEVEL),
    }


def _prediction(interval: Interval | None) -> Node:
    if interval is None:
        return {}
    return {"predictionLower": decimal(interval.lower, 4), "predictionUpper": decimal(interval.upper, 4)}


def _means(method: str, mean: Mean, inputs: Inputs, formulas: Formulas) -> Node:
    return {
        "tauSquared": decimal(mean.tau_squared, 6),
        "iSquared": percent(mean.i_squared),
        "cochranQ": decimal(mean.q, 6),
        "hStatistic": decimal(mean.h, 6),
        **_by(method, formulas),
        **_inputs(inputs),
    }


def _by(method: str, formulas: Formulas) -> Node:
    return {
        "method": {"id": ONTOLOGY + method},
        "formula": formulas[ONTOLOGY + method],
        "computedWith": list(_versions()),
    }


@cache
def _versions() -> tuple[str, ...]:
    """Return what everything is computed with."""
    return f"calcikg {__version__}", f"scipy {version('scipy')}"


def _inputs(inputs: Inputs) -> Node:
    people = [finding.people for finding in inputs]
    node: Node = {"inputCount": len(inputs), "input": refs(finding.iri for finding in inputs)}
    return node | ({} if None in people else {"peopleCount": sum(filter(None, people))})


#: The kinds of figures that are pooled.
KINDS: Sequence[Kind] = (Proportions(), Ratios(), Differences())
