"""Proportions of several studies, pooled."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from kg.statistics import binomial, normal
from kg.statistics.intervals import Count, Interval, check
from kg.statistics.prediction import prediction_interval


@dataclass(frozen=True)
class Pooled:
    """The mean of several proportions on the scale of logits.

    ``estimate`` is the proportion of a study in the middle, with its confidence ``interval``; ``prediction`` is the
    prediction interval of a further study (None for two studies). ``tau_squared`` is the variance of the true logits
    between studies, ``i_squared`` the share of the variance of what studies show that is between them.
    """

    studies: int
    estimate: float
    interval: Interval
    prediction: Interval | None
    tau_squared: float
    i_squared: float


@dataclass(frozen=True)
class PooledLogits(Pooled):
    """The same from logits with their variances; ``q`` and ``h`` are those of `normal.Mean`."""

    q: float
    h: float


def pool(counts: Sequence[Count], level: float = 0.95) -> Pooled:
    """Pool the proportions of two or more studies in the binomial-normal model (`binomial`), by maximum likelihood.

    - Confidence interval: mu ± t s, by the t distribution with k - 1 degrees of freedom and the variance s² that the
      studies themselves show (`binomial.Fit.robust`), and never narrower than the normal one by the curvature of the
      likelihood, lest a few studies that agree by chance claim too much. docs/synthesis.md shows how often it covers.
    - Prediction interval (`prediction`): of all values of tau, each counted by the likelihood (`binomial.parts`).
    - I² = tau² / (tau² + v), v being the typical variance of a logit within studies (Higgins and Thompson 2002,
      doi:10.1002/sim.1186, formula 9).

    Raises ValueError for fewer than two studies, for impossible counts or levels, and where no study has both events
    and non-events: such studies have no finite mean.

    >>> pooled = pool([(0, 6), (1, 8), (2, 12), (5, 9)])
    >>> f"{pooled.estimate:.3f}"
    '0.188'
    """
    _check(counts, level)
    fitted = binomial.fit(counts)
    freedom = len(counts) - 1
    z = NormalDist().inv_cdf((1 + level) / 2)
    robust = normal.around(fitted.mu, fitted.robust, freedom, level)
    half = max(robust.upper - fitted.mu, z * math.sqrt(fitted.variance))
    interval = Interval(fitted.mu - half, fitted.mu + half)
    tau_squared = fitted.tau**2
    return Pooled(
        studies=len(counts),
        estimate=normal.proportion(fitted.mu),
        interval=_proportions(interval),
        prediction=(
            _proportions(prediction_interval(binomial.parts(counts), interval, level)) if freedom > 1 else None
        ),
        tau_squared=tau_squared,
        i_squared=tau_squared / (tau_squared + _typical_variance(counts)),
    )


def pool_logits(counts: Sequence[Count], level: float = 0.95) -> PooledLogits:
    """Pool the proportions of two or more studies in two steps: logits with their variances, then their mean.

    The mean is biased where events are few or studies small; it stands beside `pool` to show by how much. The formulas
    are those of `normal.logit` and `normal.pool`, whose plain prediction interval is the one that is usual. Raises
    ValueError for fewer than two studies, and for impossible counts or levels.

    >>> f"{pool_logits([(0, 6), (1, 8), (2, 12), (5, 9)]).estimate:.3f}"
    '0.237'
    """
    _check(counts, level)
    mean = normal.pool([normal.logit(count) for count in counts], level)
    return PooledLogits(
        studies=mean.studies,
        estimate=normal.proportion(mean.estimate),
        interval=_proportions(mean.interval),
        prediction=mean.plain_prediction and _proportions(mean.plain_prediction),
        tau_squared=mean.tau_squared,
        i_squared=mean.i_squared,
        q=mean.q,
        h=mean.h,
    )


def _check(counts: Sequence[Count], level: float) -> None:
    if len(counts) < 2:
        raise ValueError(f"{len(counts)} studies; pooling needs at least two")
    for count in counts:
        check(*count, level)


def _proportions(logits: Interval) -> Interval:
    return Interval(normal.proportion(logits.lower), normal.proportion(logits.upper))


def _typical_variance(counts: Sequence[Count]) -> float:
    weights = [1 / normal.logit(count).variance for count in counts]
    total = math.fsum(weights)
    return (len(counts) - 1) * total / (total**2 - math.fsum(weight**2 for weight in weights))
