"""Statistics of proportions: intervals of one, and the random-effects pooling of several.

Every proportion here is a share between 0 and 1, never a percentage. A count is a pair: numerator (how many had the
result) and denominator (out of how many). Levels of confidence are shares too: 0.95.

Quantiles come from scipy, which is imported with the first one: it takes longer to import than everything else.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

#: Numerator and denominator of one proportion.
Count = tuple[int, int]


class Interval(NamedTuple):
    """Two bounds, shares between 0 and 1."""

    lower: float
    upper: float


@dataclass(frozen=True)
class Pooled:
    """The random-effects mean of several proportions.

    ``estimate`` is the mean proportion with its confidence ``interval``; ``prediction`` is the prediction interval of a
    further study (None for two studies). ``tau_squared`` is the variance of the true logits between
    studies, ``q`` Cochran's Q, ``i_squared`` the share of Q beyond chance, max(0, (Q - df) / Q), and ``h`` its
    companion, max(1, sqrt(Q / df)), with df = studies - 1 (Higgins and Thompson 2002, doi:10.1002/sim.1186).
    """

    studies: int
    estimate: float
    interval: Interval
    prediction: Interval | None
    tau_squared: float
    q: float
    i_squared: float
    h: float


def exact_interval(numerator: int, denominator: int, level: float = 0.95) -> Interval:
    """Return the exact interval of a proportion, which covers the true one in at least ``level`` of samples.

    Clopper and Pearson 1934 (doi:10.1093/biomet/26.4.404): quantiles of beta distributions. Without events the lower
    bound is 0, with nothing but events the upper bound is 1. Raises ValueError for impossible counts or levels.

    >>> "{:.4f} {:.4f}".format(*exact_interval(13, 39))
    '0.1909 0.5022'
    >>> exact_interval(14, 13)
    Traceback (most recent call last):
        ...
    ValueError: 14 of 13 is not a proportion
    """
    from scipy.special import betaincinv

    _check(numerator, denominator, level)
    tail = (1 - level) / 2
    nonevents = denominator - numerator
    lower = float(betaincinv(numerator, nonevents + 1, tail)) if numerator else 0.0
    upper = float(betaincinv(numerator + 1, nonevents, 1 - tail)) if nonevents else 1.0
    return Interval(lower, upper)


def wilson_interval(numerator: int, denominator: int, level: float = 0.95) -> Interval:
    """Return the score interval of a proportion, without correction for continuity (Wilson 1927, doi:10.2307/2276774).

    It covers the true proportion in about ``level`` of samples on average, the exact interval in more. Raises
    ValueError for impossible counts or levels.

    >>> "{:.4f} {:.4f}".format(*wilson_interval(13, 39))
    '0.2063 0.4902'
    """
    _check(numerator, denominator, level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    nonevents = denominator - numerator
    centre, total = numerator + z * z / 2, denominator + z * z
    half = z * math.sqrt(numerator * nonevents / denominator + z * z / 4)
    return Interval((centre - half) / total if numerator else 0.0, (centre + half) / total if nonevents else 1.0)


def pool(counts: Sequence[Count], level: float = 0.95) -> Pooled:
    """Pool the proportions of two or more studies in a random-effects model on the logit scale.

    - Logit ln(n / (N - n)) with variance 1/n + 1/(N - n); 0.5 is added to both counts of a study in which one of them
      is 0, and of no other.
    - tau² by Paule and Mandel 1982 (doi:10.6028/jres.087.022): the value at which the weighted sum of squares is as
      expected, or 0.
    - Confidence interval by Hartung and Knapp 2001 (doi:10.1002/sim.1009), t with k - 1 degrees of freedom, its
      variance never below that of the inverse weights (Knapp and Hartung 2003, doi:10.1002/sim.1482).
    - Prediction interval by Higgins, Thompson and Spiegelhalter 2009 (doi:10.1111/j.1467-985X.2008.00552.x), t with
      k - 2 degrees of freedom and the variance above (Partlett and Riley 2017, doi:10.1002/sim.7140).

    Raises ValueError for fewer than two studies, and for impossible counts or levels.

    >>> pooled = pool([(3, 30), (8, 40), (10, 25)])
    >>> "{:.4f} ({:.4f} to {:.4f})".format(pooled.estimate, *pooled.interval)
    '0.2208 (0.0311 to 0.7142)'
    """
    if len(counts) < 2:
        raise ValueError(f"{len(counts)} studies; pooling needs at least two")
    for count in counts:
        _check(*count, level)
    logits, variances = zip(*map(_logit, counts), strict=True)
    freedom = len(counts) - 1
    q = _spread(logits, [1 / variance for variance in variances])[1]
    tau_squared = _paule_mandel(logits, variances)
    weights = [1 / (variance + tau_squared) for variance in variances]
    mean, squares = _spread(logits, weights)
    variance = max(1.0, squares / freedom) / math.fsum(weights)
    return Pooled(
        studies=len(counts),
        estimate=_proportion(mean),
        interval=_around(mean, variance, freedom, level),
        prediction=_around(mean, tau_squared + variance, freedom - 1, level) if freedom > 1 else None,
        tau_squared=tau_squared,
        q=q,
        i_squared=max(0.0, 1 - freedom / q) if q else 0.0,
        h=max(1.0, math.sqrt(q / freedom)),
    )


def leave_one_out(counts: Sequence[Count], level: float = 0.95) -> list[Pooled]:
    """Pool again without each study in turn, in the order given. Raises ValueError for fewer than three studies."""
    return [pool([*counts[:place], *counts[place + 1 :]], level) for place in range(len(counts))]


def _check(numerator: int, denominator: int, level: float) -> None:
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError(f"{numerator} of {denominator} is not a proportion")
    if not 0 < level < 1:
        raise ValueError(f"{level} is not a level of confidence: give a share between 0 and 1, such as 0.95")


def _logit(count: Count) -> tuple[float, float]:
    """Return the logit of a proportion and its variance."""
    correction = 0.5 if count[0] in (0, count[1]) else 0.0
    events, nonevents = count[0] + correction, count[1] - count[0] + correction
    return math.log(events / nonevents), 1 / events + 1 / nonevents


def _proportion(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit > 0 else math.exp(logit) / (1 + math.exp(logit))


def _spread(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Return the weighted mean of values, and the weighted sum of their squares around it."""
    products = (weight * value for value, weight in zip(values, weights, strict=True))
    mean = math.fsum(products) / math.fsum(weights)
    return mean, math.fsum(weight * (value - mean) ** 2 for value, weight in zip(values, weights, strict=True))


def _paule_mandel(values: Sequence[float], variances: Sequence[float]) -> float:
    """Solve for the tau² at which the weighted squares equal the degrees of freedom; 0 when they are fewer without it.

    Newton's method from 0 climbs to the solution without ever passing it, because the squares fall along a convex curve
    (DerSimonian and Kacker 2007, doi:10.1016/j.cct.2006.04.004).
    """
    tau_squared = 0.0
    while True:
        weights = [1 / (variance + tau_squared) for variance in variances]
        mean, squares = _spread(values, weights)
        excess = squares - (len(values) - 1)
        slope = math.fsum((weight * (value - mean)) ** 2 for value, weight in zip(values, weights, strict=True))
        if excess <= 1e-12 * len(values) or tau_squared + excess / slope == tau_squared:
            return tau_squared
        tau_squared += excess / slope


def _around(mean: float, variance: float, freedom: int, level: float) -> Interval:
    """Return the proportions that lie around a mean logit, by the t distribution."""
    from scipy.special import stdtrit

    half = float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(variance)
    return Interval(_proportion(mean - half), _proportion(mean + half))
