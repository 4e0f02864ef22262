"""Small-study effects: whether small studies find something else than large ones, by regression on their size.

A small p-value says that results go with size. Why they do, it does not say: studies that were not published are one
reason, other people and other methods in small studies are others (Sterne and others 2011, doi:10.1136/bmj.d4002).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from kg.statistics.intervals import Count
from kg.statistics.normal import Effect, logit

#: With fewer studies the tests find nothing even where there is something (Sterne and others 2011).
FEWEST = 10


class Asymmetry(NamedTuple):
    """The slope of the regression in its standard errors, ``t``, its degrees of freedom, and the two-sided p-value."""

    t: float
    freedom: int
    p: float


def egger(effects: Sequence[Effect]) -> Asymmetry:
    """Test whether effects go with their standard errors (Egger and others 1997, doi:10.1136/bmj.315.7109.629).

    Raises ValueError for fewer than ten studies, and where standard errors are all the same.
    """
    return _regress(effects, [math.sqrt(effect.variance) for effect in effects])


def peters(counts: Sequence[Count]) -> Asymmetry:
    """Test whether logits of proportions go with the inverse of the number of people (as Peters and others 2006,
    doi:10.1001/jama.295.6.676, do of odds ratios).

    The standard error of a logit depends on the proportion itself, so that Egger's test would find asymmetry where
    there is none; the number of people does not. Raises ValueError for fewer than ten studies, and where all are of
    one size.
    """
    return _regress([logit(count) for count in counts], [1 / total for _, total in counts])


def _regress(effects: Sequence[Effect], sizes: Sequence[float]) -> Asymmetry:
    """Return the slope of effects by sizes, weighted by the inverse variances, the residual variance being free."""
    from scipy.special import stdtr

    if len(effects) < FEWEST:
        raise ValueError(f"{len(effects)} studies; a test of small-study effects needs at least {FEWEST}")
    weights = [1 / effect.variance for effect in effects]
    values = [effect.value for effect in effects]
    size, value = (_mean(numbers, weights) for numbers in (sizes, values))
    spread = math.fsum(weight * (one - size) ** 2 for one, weight in zip(sizes, weights, strict=True))
    if spread <= 1e-12 * size**2 * math.fsum(weights):
        raise ValueError("all studies are of one size")
    products = zip(sizes, values, weights, strict=True)
    slope = math.fsum(weight * (x - size) * (y - value) for x, y, weight in products) / spread
    residuals = (
        weight * (y - value - slope * (x - size)) ** 2 for x, y, weight in zip(sizes, values, weights, strict=True)
    )
    freedom = len(effects) - 2
    error = math.sqrt(math.fsum(residuals) / freedom / spread)
    # Where all studies find the very same, nothing goes with their size.
    t = slope / error if error > 1e-12 * abs(slope) else math.copysign(math.inf, slope) if slope else 0.0
    return Asymmetry(t, freedom, 2 * float(stdtr(freedom, -abs(t))))


def _mean(numbers: Sequence[float], weights: Sequence[float]) -> float:
    return math.fsum(w * one for one, w in zip(numbers, weights, strict=True)) / math.fsum(weights)
