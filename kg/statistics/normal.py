"""Effects of several studies, each with its variance, pooled in the normal-normal random-effects model.

The effects are on a scale on which they are nearly normal: logits of proportions, logarithms of odds, hazard and risk
ratios, differences of means.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

from kg.statistics.intervals import Count, Interval
from kg.statistics.prediction import Part, prediction_interval

#: Effects of this size and beyond, or a variance as near to 0, are no results: their squares would overflow.
_EXTREME = 1e60
#: At how many values of tau it is asked where a further study is expected.
_SPREADS = 64


class Effect(NamedTuple):
    """What one study found, and the variance of that."""

    value: float
    variance: float


@dataclass(frozen=True)
class Mean:
    """The random-effects mean of several effects.

    ``estimate`` is the mean with its confidence ``interval``; ``plain`` is the interval by the normal distribution,
    which claims too much of few studies, but is what many published analyses give. ``prediction`` is the prediction
    interval of a further study, ``plain_prediction`` the one that takes tau² as it is estimated, which claims too much
    of five to some ten studies that differ (both None for two studies). ``tau_squared`` is the variance of the true
    effects between studies, ``q`` Cochran's Q, ``i_squared`` the share of Q beyond chance, max(0, (Q - df) / Q), and
    ``h`` its companion, max(1, sqrt(Q / df)), with df = studies - 1 (Higgins and Thompson 2002, doi:10.1002/sim.1186).
    """

    studies: int
    estimate: float
    interval: Interval
    plain: Interval
    prediction: Interval | None
    plain_prediction: Interval | None
    tau_squared: float
    q: float
    i_squared: float
    h: float


def pool(effects: Sequence[Effect], level: float = 0.95) -> Mean:
    """Pool the effects of two or more studies.

    - tau² by Paule and Mandel 1982 (doi:10.6028/jres.087.022): the value at which the weighted sum of squares is as
      expected, or 0.
    - Confidence interval by Hartung and Knapp 2001 (doi:10.1002/sim.1009), t with k - 1 degrees of freedom, its
      variance never below that of the inverse weights (Knapp and Hartung 2003, doi:10.1002/sim.1482).
    - Prediction interval (`prediction`): of all values of tau², each counted by the generalised Q, which is chi-squared
      with k - 1 degrees of freedom at the true one (Viechtbauer 2007, doi:10.1002/sim.2514).
    - The plain one by Higgins, Thompson and Spiegelhalter 2009 (doi:10.1111/j.1467-985X.2008.00552.x), t with k - 2
      degrees of freedom and the variance above (Partlett and Riley 2017, doi:10.1002/sim.7140).

    Raises ValueError for fewer than two studies, and for a variance that is not above 0.

    >>> pooled = pool([log_ratio(2.37, 1.66, 3.39), log_ratio(3.9, 2.7, 5.5)])
    >>> f"{math.exp(pooled.estimate):.2f}"
    '3.04'
    """
    if len(effects) < 2:
        raise ValueError(f"{len(effects)} studies; pooling needs at least two")
    values, variances = zip(*effects, strict=True)
    if not all(abs(value) < _EXTREME and 1 / _EXTREME < variance < _EXTREME for value, variance in effects):
        raise ValueError("an effect is a number, and its variance is above 0")
    freedom = len(effects) - 1
    q = _spread(values, [1 / variance for variance in variances])[1]
    tau_squared = _spread_at(values, variances, freedom)  # 0 when they are fewer without it
    weights = [1 / (variance + tau_squared) for variance in variances]
    mean, squares = _spread(values, weights)
    variance = max(1.0, squares / freedom) / math.fsum(weights)
    interval = around(mean, variance, freedom, level)
    return Mean(
        studies=len(effects),
        estimate=mean,
        interval=interval,
        plain=normal_interval(Effect(mean, 1 / math.fsum(weights)), level),
        prediction=prediction_interval(_parts(values, variances), interval, level) if freedom > 1 else None,
        plain_prediction=around(mean, tau_squared + variance, freedom - 1, level) if freedom > 1 else None,
        tau_squared=tau_squared,
        q=q,
        i_squared=max(0.0, 1 - freedom / q) if q else 0.0,
        h=max(1.0, math.sqrt(q / freedom)),
    )


def logit(count: Count) -> Effect:
    """Return the logit of a proportion, ln(n / (N - n)), with variance 1/n + 1/(N - n).

    0.5 is added to both counts where one of them is 0, and nowhere else.
    """
    correction = 0.5 if count[0] in (0, count[1]) else 0.0
    events, nonevents = count[0] + correction, count[1] - count[0] + correction
    return Effect(math.log(events / nonevents), 1 / events + 1 / nonevents)


def log_odds_ratio(count: Count, other: Count) -> Effect:
    """Return the logarithm of the odds ratio of one group against another (Woolf 1955), from the counts of both.

    0.5 is added to all four cells where one of them is 0. Raises ValueError where neither group, or all of both, had
    the result: the counts say nothing of the ratio.

    >>> "{:.3f} {:.3f}".format(*log_odds_ratio((15, 40), (10, 80)))
    '1.435 0.221'
    """
    cells = (count[0], count[1] - count[0], other[0], other[1] - other[0])
    if cells[0] + cells[2] == 0 or cells[1] + cells[3] == 0:
        raise ValueError("none or all of both groups had the result")
    a, b, c, d = (cell + (0.5 if 0 in cells else 0.0) for cell in cells)
    return Effect(math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d)


def log_ratio(ratio: float, lower: float, upper: float, level: float = 0.95) -> Effect:
    """Return the logarithm of a ratio, with the variance that its confidence interval implies.

    The interval is taken as it is for such ratios: symmetric on the scale of logarithms. Raises ValueError for bounds
    that are not below and above the ratio, or are far from symmetric: then one of them is misprinted or rounded away.

    >>> "{:.4f} {:.4f}".format(*log_ratio(2.37, 1.66, 3.39))
    '0.8629 0.0332'
    """
    if not 0 < lower < ratio < upper:
        raise ValueError(f"{lower} to {upper} is no interval of the ratio {ratio}")
    width = math.log(upper / lower)
    if abs(math.log(upper * lower) / 2 - math.log(ratio)) > 0.1 * width:
        raise ValueError(f"{lower} to {upper} does not lie around the ratio {ratio}")
    z = NormalDist().inv_cdf((1 + level) / 2)
    return Effect(math.log(ratio), (width / (2 * z)) ** 2)


def log_ratio_from_p(ratio: float, p: float) -> Effect:
    """Return the logarithm of a ratio, with the variance at which it has a two-sided p-value.

    Altman and Bland 2011 (doi:10.1136/bmj.d2090), with the quantile itself in place of their approximation. Raises
    ValueError for a ratio that is not above 0, or is 1, and for p-values that are not between 0 and 1.

    >>> "{:.3f} {:.3f}".format(*log_ratio_from_p(0.30, 0.034))
    '-1.204 0.323'
    """
    if not (ratio > 0 and ratio != 1 and 0 < p < 1):
        raise ValueError(f"a ratio of {ratio} with a p-value of {p} has no variance")
    return Effect(math.log(ratio), (math.log(ratio) / NormalDist().inv_cdf(1 - p / 2)) ** 2)


def mean_difference(
    mean: float, deviation: float, size: int, other: float, other_deviation: float, other_size: int
) -> Effect:
    """Return the difference of two means, from each group's mean, standard deviation and size."""
    return Effect(mean - other, deviation**2 / size + other_deviation**2 / other_size)


def proportion(logit_: float) -> float:
    """Return the proportion that a logit stands for."""
    return 1 / (1 + math.exp(-logit_)) if logit_ > 0 else math.exp(logit_) / (1 + math.exp(logit_))


def normal_interval(effect: Effect, level: float) -> Interval:
    """Return the interval around an effect by the normal distribution."""
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(effect.variance)
    return Interval(effect.value - half, effect.value + half)


def around(mean: float, variance: float, freedom: int, level: float) -> Interval:
    """Return the interval around a mean by the t distribution."""
    from scipy.special import stdtrit

    half = float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(variance)
    return Interval(mean - half, mean + half)


def _spread(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Return the weighted mean of values, and the weighted sum of their squares around it."""
    products = (weight * value for value, weight in zip(values, weights, strict=True))
    mean = math.fsum(products) / math.fsum(weights)
    return mean, math.fsum(weight * (value - mean) ** 2 for value, weight in zip(values, weights, strict=True))


def _parts(values: Sequence[float], variances: Sequence[float]) -> list[Part]:
    """Return what is expected of a further study at values of tau, from the least to the greatest.

    The values have even steps of u between 0 and 1, the confidence being u² (3 - 2u): finer where it is near to 0 or 1.
    """
    parts = []
    tau_squared = 0.0
    for step in range(_SPREADS):
        u = (step + 0.5) / _SPREADS
        tau_squared = _at_confidence(values, variances, u * u * (3 - 2 * u), tau_squared)
        weights = [1 / (variance + tau_squared) for variance in variances]
        mean, _ = _spread(values, weights)
        parts.append(Part(6 * u * (1 - u), mean, tau_squared + 1 / math.fsum(weights)))
    total = math.fsum(part.weight for part in parts)
    return [part._replace(weight=part.weight / total) for part in parts]


def tau_squared_at(effects: Sequence[Effect], confidence: float) -> float:
    """Return the tau² below which the true one is with a confidence: that with which a chi-squared quantity exceeds Q.

    >>> effects = [Effect(0, 1), Effect(3, 1), Effect(-3, 1)]
    >>> " ".join(f"{tau_squared_at(effects, confidence):.2f}" for confidence in (0.025, 0.975))
    '1.44 354.48'
    """
    values, variances = zip(*effects, strict=True)
    return _at_confidence(values, variances, confidence)


def _at_confidence(values: Sequence[float], variances: Sequence[float], confidence: float, least: float = 0.0) -> float:
    from scipy.special import chdtri

    return _spread_at(values, variances, float(chdtri(len(values) - 1, confidence)), least)


def _spread_at(values: Sequence[float], variances: Sequence[float], q: float, least: float = 0.0) -> float:
    """Solve for the tau² at which the weighted squares are ``q``; ``least`` when they are fewer there.

    Newton's method climbs to the solution without ever passing it, because the squares fall along a convex curve
    (DerSimonian and Kacker 2007, doi:10.1016/j.cct.2006.04.004).
    """
    tau_squared = least
    while True:
        weights = [1 / (variance + tau_squared) for variance in variances]
        mean, squares = _spread(values, weights)
        excess = squares - q
        slope = math.fsum((weight * (value - mean)) ** 2 for value, weight in zip(values, weights, strict=True))
        if excess <= 1e-12 * len(values) or tau_squared + excess / slope == tau_squared:
            return tau_squared
        tau_squared += excess / slope
