"""Intervals of one proportion.

A count is a pair: numerator (how many had the result) and denominator (out of how many).
"""

import math
from statistics import NormalDist
from typing import NamedTuple

#: Numerator and denominator of one proportion.
Count = tuple[int, int]


class Interval(NamedTuple):
    """Two bounds."""

    lower: float
    upper: float


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

    check(numerator, denominator, level)
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
    check(numerator, denominator, level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    nonevents = denominator - numerator
    centre, total = numerator + z * z / 2, denominator + z * z
    half = z * math.sqrt(numerator * nonevents / denominator + z * z / 4)
    return Interval((centre - half) / total if numerator else 0.0, (centre + half) / total if nonevents else 1.0)


def check(numerator: int, denominator: int, level: float) -> None:
    """Raise ValueError for a count that is no proportion, or a level that is none."""
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError(f"{numerator} of {denominator} is not a proportion")
    if not 0 < level < 1:
        raise ValueError(f"{level} is not a level of confidence: give a share between 0 and 1, such as 0.95")
