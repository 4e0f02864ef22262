"""The binomial-normal model of several proportions, fitted by its exact likelihood.

The events of each study are binomial, and the logits of the true proportions normal with mean ``mu`` and standard
deviation ``tau`` between studies (Stijnen, Hamza and Özdemir 2010, doi:10.1002/sim.4040): nothing is added to a study
without events, and small studies count as what they are. The integral over the true logit of each study is taken by
quadrature around its mode (as Pinheiro and Bates 1995, doi:10.1080/10618600.1995.10474663, with a denser rule).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.statistics.intervals import Count
from kg.statistics.prediction import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_NODES = 121
#: The values of tau from which the best is sought; logits of proportions seldom spread farther.
_GRID = (0.0, 0.1, 0.3, 0.6, 1.0, 1.6, 2.5, 4.0, 7.0, 12.0, 20.0)
#: The values of tau at which it is asked where a further study is expected: dense near 0, as far as 8.1; beyond, the
#: quadrature is too coarse for the curvature.
_SPREADS = tuple(math.sinh(step / 6) / 4 for step in range(26))
#: A study is large when its true logit, in units of tau, is known better than this.
_LARGE = 0.5
#: By how much the likelihood has to gain for studies to differ at all.
_GAIN = 1e-9
#: How near to the maximum mu and tau are sought.
_EXACT = 1e-9


@dataclass(frozen=True)
class Fit:
    """The maximum of the likelihood.

    ``mu`` and ``tau`` are on the scale of logits. ``variance`` is that of ``mu`` by the curvature of the likelihood,
    ``robust`` by what the studies themselves show: the sandwich estimate (Huber 1967; White 1982,
    doi:10.2307/1912526) times k / (k - 1). ``log_likelihood`` leaves out the binomial coefficients.
    """

    mu: float
    tau: float
    variance: float
    robust: float
    log_likelihood: float


class _Point(NamedTuple):
    """The log-likelihood at a point: its value, the gradient of each study, the matrix of second derivatives."""

    value: float
    gradients: "Array"
    curvature: "Array"


def fit(counts: Sequence[Count]) -> Fit:
    """Fit the model. Raises ValueError where no study has both events and non-events: then there is no maximum."""
    import numpy as np

    events, totals = np.array(counts, dtype=float).T
    mu, tau, point = _maximise(events, totals, _start(events, totals))
    # Where studies do not differ, tau is at its bound and takes no part.
    free = slice(None, 2 if tau else 1)
    inverse = np.linalg.inv(-point.curvature[free, free])
    scores = point.gradients[:, free]
    robust = (inverse @ (scores.T @ scores) @ inverse)[0, 0] * len(counts) / (len(counts) - 1)
    return Fit(mu, tau, float(inverse[0, 0]), float(robust), point.value)


def parts(counts: Sequence[Count]) -> list[Part]:
    """Return what is expected of a further study's logit at values of tau, from the least to the greatest.

    The confidence that tau is below a value is that of the signed root of the restricted likelihood, as the normal
    distribution gives it: Φ(±√(2 (l - l(tau)))), with l the highest and l(tau) the log-likelihood of the best mu plus
    half the logarithm of its variance, so that the mean is not taken for known. A value has the confidence from half
    way below it to half way above; the last one has all the rest. Raises ValueError as `fit`.
    """
    import numpy as np
    from scipy.special import ndtr

    events, totals = np.array(counts, dtype=float).T
    mu, known = _start(events, totals), []
    for tau in _SPREADS:
        mu, point = _climb(events, totals, mu, tau)
        variance = -1 / float(point.curvature[0, 0])
        known.append((point.value + math.log(variance) / 2, mu, variance + tau * tau))
    likelihoods = np.array([one[0] for one in known])
    best = int(likelihoods.argmax())
    sign = np.where(np.arange(len(known)) < best, -1, 1)
    confidence = ndtr(sign * np.sqrt(2 * (likelihoods[best] - likelihoods)))
    weights = np.diff([0.0, *(confidence[:-1] + confidence[1:]) / 2, 1.0])
    return [Part(float(weight), mu, variance) for weight, (_, mu, variance) in zip(weights, known, strict=True)]


def _start(events: "Array", totals: "Array") -> float:
    """Return a mu to begin with. Raises ValueError where there is no maximum."""
    if not ((events > 0) & (events < totals)).any():
        raise ValueError("no study has both events and non-events")
    return math.log((events.sum() + 0.5) / (totals.sum() - events.sum() + 0.5))


def _maximise(events: "Array", totals: "Array", mu: float) -> tuple[float, float, _Point]:
    """Return the mu and tau at which the likelihood is highest, and what it is there.

    The best of a grid of tau leads to the maximum beside it, which is where the slope by tau is 0: mu always being the
    best for a tau, the likelihood changes as if mu stayed.
    """
    known = []
    for tau in _GRID:
        mu, point = _climb(events, totals, mu, tau)
        known.append((mu, tau, point))
    best = max(range(len(_GRID)), key=lambda place: (known[place][2].value, -place))
    mu, tau, point = known[best]
    lower, upper = _GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)]
    if best == 0:
        # The slope is always 0 at 0, since -tau means the same as tau: only the bend says whether it is the maximum.
        if _bend(point) <= 0:
            return known[0]
        mu, point = _climb(events, totals, mu, tau := upper / 2)
    while True:
        slope, bend = float(point.gradients[:, 1].sum()), _bend(point)
        lower, upper = (tau, upper) if slope > 0 else (lower, tau)
        following = tau - slope / bend if bend < 0 else math.inf
        if not lower < following < upper:
            following = (lower + upper) / 2
        if abs(following - tau) < _EXACT:
            return (mu, tau, point) if point.value > known[0][2].value + _GAIN else known[0]
        mu, point = _climb(events, totals, mu, tau := following)


def _bend(point: _Point) -> float:
    """Return the second derivative by tau, mu following."""
    return float(point.curvature[1, 1] - point.curvature[0, 1] ** 2 / point.curvature[0, 0])


def _climb(events: "Array", totals: "Array", mu: float, tau: float) -> tuple[float, _Point]:
    """Return the mu at which the likelihood is highest for a tau, and what it is there: it is concave in mu."""
    lower, upper = -math.inf, math.inf
    while True:
        point = _evaluate(events, totals, mu, tau)
        slope = float(point.gradients[:, 0].sum())
        lower, upper = (mu, upper) if slope > 0 else (lower, mu)
        step = max(-2.0, min(2.0, slope / -float(point.curvature[0, 0])))
        if abs(step) < _EXACT or upper - lower < _EXACT:
            return mu, point
        mu = mu + step if lower < mu + step < upper else (lower + upper) / 2


def _evaluate(events: "Array", totals: "Array", mu: float, tau: float) -> _Point:
    """Evaluate the likelihood and its derivatives by mu and tau, which are means over what is not seen (Louis 1982).

    Not seen are the true logits ``eta``, or how far they are from mu, ``z`` times tau. The two give the same
    derivatives, but by z those of a large study are small differences of large numbers, and by eta those with a small
    tau: each study has the one that suits it.
    """
    import numpy as np
    from scipy.special import expit

    nodes, weights = _quadrature()
    mode, spread = _modes(events, totals, mu, tau)
    z = mode[:, None] + spread[:, None] * nodes
    eta = mu + tau * z
    log = events[:, None] * eta - totals[:, None] * np.logaddexp(0, eta) - z * z / 2 + weights
    highest = log.max(axis=1, keepdims=True)
    mass = np.exp(log - highest)
    total = mass.sum(axis=1, keepdims=True)
    value = float((highest[:, 0] + np.log(total[:, 0] * spread / math.sqrt(2 * math.pi))).sum())
    mass /= total

    def mean(values: "Array") -> Any:
        return (mass * values).sum(axis=1)

    large, unit = (spread < _LARGE)[:, None], tau or 1.0
    share = expit(eta)
    noise = totals[:, None] * share * (1 - share)
    by_mu = np.where(large, z / unit, events[:, None] - totals[:, None] * share)
    by_tau = np.where(large, (z * z - 1) / unit, by_mu * z)
    gradients = np.stack([mean(by_mu), mean(by_tau)], axis=1)
    by_mu, by_tau = by_mu - gradients[:, :1], by_tau - gradients[:, 1:]
    mixed = mean(by_mu * by_tau - np.where(large, 2 * z / unit**2, noise * z)).sum()
    curvature = np.array(
        [
            [mean(by_mu**2 - np.where(large, 1 / unit**2, noise)).sum(), mixed],
            [mixed, mean(by_tau**2 - np.where(large, (3 * z * z - 1) / unit**2, noise * z * z)).sum()],
        ]
    )
    return _Point(value, gradients, curvature)


def _modes(events: "Array", totals: "Array", mu: float, tau: float) -> tuple["Array", "Array"]:
    """Return where each study's integrand is highest, and how wide it is there: it is concave in its logarithm."""
    import numpy as np
    from scipy.special import expit

    def slope_at(z: "Array") -> "Array":
        slope: Array = tau * (events - totals * expit(mu + tau * z)) - z
        return slope

    # The slope falls by at least 1 for each 1 of z, so that it is 0 between 0 and its value there.
    mode = np.zeros_like(events)
    first = slope_at(mode)
    lower, upper = np.minimum(first, 0), np.maximum(first, 0)
    while True:
        slope = slope_at(mode)
        lower, upper = np.where(slope > 0, mode, lower), np.where(slope > 0, upper, mode)
        share = expit(mu + tau * mode)
        precision = 1 + tau * tau * totals * share * (1 - share)
        next_ = mode + slope / precision
        next_ = np.where((next_ > lower) & (next_ < upper), next_, (lower + upper) / 2)
        if np.abs(next_ - mode).max() < 1e-6 or (upper - lower).max() < 1e-6:
            return mode, 1 / np.sqrt(precision)
        mode = next_


@cache
def _quadrature() -> tuple["Array", "Array"]:
    """Return the nodes, and the logarithms of their weights: the trapezoidal rule after the substitution sinh.

    It is dense around the mode and reaches far beyond it, so that neither narrow nor lopsided integrands are missed.
    """
    import numpy as np

    steps, width = np.linspace(-4, 4, _NODES, retstep=True)
    return np.sinh(steps), np.log(np.cosh(steps) * width)
