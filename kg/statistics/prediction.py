"""Where the true effect of a further study is expected, as long as the spread of true effects is not known.

If the standard deviation ``tau`` between studies were known, the effect of a further study would be normal around the
mean, with the variance of the mean and tau². It is not: few studies show it badly, and often as 0 where it is not. So
each value of tau counts as much as a confidence distribution gives it (Nagashima, Noma and Furukawa 2019,
doi:10.1177/0962280218773520), and the interval is that of the mixture of normal distributions.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

from kg.statistics.intervals import Interval

_HALVINGS = 100


class Part(NamedTuple):
    """What is expected of a further study if tau has a certain value, and how much that value counts.

    ``variance`` is that of the mean, plus tau². The weights of all parts add up to 1.
    """

    weight: float
    mean: float
    variance: float


def prediction_interval(parts: Sequence[Part], mean: Interval, level: float) -> Interval:
    """Return the interval that leaves as much of the mixture out on either side; it holds that of the mean.

    A further study is never more certain than the mean of all; where the interval of the mean is made by other means,
    and wider, the bounds are those.

    >>> "{:.2f} {:.2f}".format(*prediction_interval([Part(0.5, 0, 1), Part(0.5, 0, 4)], Interval(-1, 1), 0.95))
    '-3.30 3.30'
    """
    tail = (1 - level) / 2
    lower, upper = (_quantile(parts, share) for share in (tail, 1 - tail))
    return Interval(min(lower, mean.lower), max(upper, mean.upper))


def _quantile(parts: Sequence[Part], share: float) -> float:
    """Return the value below which a share of the mixture lies: it is between those of its parts."""
    quantiles = [NormalDist().inv_cdf(share) * math.sqrt(part.variance) + part.mean for part in parts]
    lower, upper = min(quantiles), max(quantiles)
    for _ in range(_HALVINGS):
        middle = (lower + upper) / 2
        lower, upper = (middle, upper) if _below(parts, middle) < share else (lower, middle)
    return (lower + upper) / 2


def _below(parts: Sequence[Part], value: float) -> float:
    return math.fsum(part.weight * math.erfc((part.mean - value) / math.sqrt(2 * part.variance)) / 2 for part in parts)
