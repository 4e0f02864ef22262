"""``python -m benchmarks.prediction``: how often prediction intervals hold a further study, in two tables.

Studies of proportions are made up as in `benchmarks.coverage`. Those of odds ratios have two groups each, whose sizes
are log-uniform, and logits of the risk without the factor that are normal. The logarithms of true odds ratios are
normal. Since the truth is known, so is the chance with which an interval holds a further study: its mean is what is
printed, beside the median width, which of ratios is that of logarithms.
"""

import math
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product
from statistics import NormalDist, fmean, median
from typing import TYPE_CHECKING

from benchmarks.coverage import LARGEST, LEVEL, MEANS, SMALLEST
from kg.statistics import binomial, normal
from kg.statistics.intervals import Count, Interval
from kg.statistics.prediction import prediction_interval

if TYPE_CHECKING:
    import numpy as np

STUDIES, SPREADS = (3, 4, 5, 6, 8), (0.0, 0.4, 0.8, 1.2)
RATIOS, GROUPS = (1.0, 2.0), (15, 150)
RISK, RISK_SPREAD = 0.2, 0.4
FITS = 100

#: The intervals, on the scale of the model, and the widths, of one draw.
Draw = dict[str, tuple[Interval, float]]


def main() -> None:
    """Simulate and print."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    simulate("Proportions", MEANS, proportions)
    simulate("Odds ratios", RATIOS, ratios)


def simulate(title: str, means: tuple[float, ...], draw: Callable[..., Draw | None]) -> None:
    """Print the table of one kind of figures."""
    import numpy as np

    found = defaultdict[tuple[int, float], list[dict[str, tuple[float, float]]]](list)
    lowest = dict[str, float]()
    for studies, mean, spread in product(STUDIES, means, SPREADS):
        chance = np.random.default_rng([studies, round(100 * mean), round(10 * spread)])
        mu = math.log(mean / (1 - mean)) if draw is proportions else math.log(mean)
        rows = []
        while len(rows) < FITS:
            if drawn := draw(chance, studies, mu, spread):
                rows.append({name: (held(one, mu, spread), width) for name, (one, width) in drawn.items()})
        found[studies, spread] += rows
        for name in rows[0]:
            lowest[name] = min(lowest.get(name, 1), fmean(row[name][0] for row in rows))
        print(".", end="", file=sys.stderr, flush=True)
    names = list(found[STUDIES[0], 0.0][0])
    print(f"\n{title}\n\n| studies | tau | {' | '.join(names)} |\n| --- | --- |{' --- |' * len(names)}")
    for studies in STUDIES:
        cells = [[column(found[studies, spread], name) for name in names] for spread in SPREADS]
        for spread, cell in zip(SPREADS, cells, strict=True):
            print(f"| {studies} | {spread:g} | {' | '.join(f'{one:.1f} ({width:.2f})' for one, width in cell)} |")
        averages = (fmean(one for one, _ in cell) for cell in zip(*cells, strict=True))
        print(f"| {studies} | all | {' | '.join(f'{average:.1f}' for average in averages)} |")
    print("\nlowest of a cell:", ", ".join(f"{name} {100 * share:.1f}" for name, share in lowest.items()), flush=True)


def column(rows: list[dict[str, tuple[float, float]]], name: str) -> tuple[float, float]:
    """Return the mean chance, in per cent, and the median width."""
    return 100 * fmean(row[name][0] for row in rows), median(row[name][1] for row in rows)


def proportions(chance: "np.random.Generator", studies: int, mu: float, spread: float) -> Draw | None:
    """Return the intervals of one draw; None where there is no mean."""
    import numpy as np

    sizes = np.rint(np.exp(chance.uniform(math.log(SMALLEST), math.log(LARGEST), studies))).astype(int)
    logits = mu + spread * chance.standard_normal(studies)
    events = chance.binomial(sizes, [normal.proportion(logit) for logit in logits])
    counts: list[Count] = list(zip(events.tolist(), sizes.tolist(), strict=True))
    if not any(0 < numerator < denominator for numerator, denominator in counts):
        return None
    fitted = binomial.fit(counts)
    mean = normal.around(fitted.mu, fitted.robust, studies - 1, LEVEL)
    half = max(mean.upper - fitted.mu, NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(fitted.variance))
    variance = fitted.tau**2 + max(fitted.robust, fitted.variance)
    intervals = {
        "prediction": prediction_interval(binomial.parts(counts), Interval(fitted.mu - half, fitted.mu + half), LEVEL),
        "tau as estimated": normal.around(fitted.mu, variance, studies - 2, LEVEL),
    }
    return {name: (one, width_of_shares(one)) for name, one in intervals.items()}


def ratios(chance: "np.random.Generator", studies: int, mu: float, spread: float) -> Draw | None:
    """Return the intervals of one draw; None where a study has no ratio."""
    import numpy as np

    sizes = np.rint(np.exp(chance.uniform(math.log(GROUPS[0]), math.log(GROUPS[1]), (2, studies)))).astype(int)
    risks = logit(RISK) + RISK_SPREAD * chance.standard_normal(studies)
    exposed = risks + mu + spread * chance.standard_normal(studies)
    events = [
        chance.binomial(size, [normal.proportion(one) for one in logits]).tolist()
        for size, logits in zip(sizes, (exposed, risks), strict=True)
    ]
    try:
        effects = list(effects_of(events, sizes.tolist()))
    except ValueError:
        return None
    mean = normal.pool(effects, LEVEL)
    assert mean.prediction
    assert mean.plain_prediction
    intervals = {"prediction": mean.prediction, "tau as estimated": mean.plain_prediction}
    return {name: (one, one.upper - one.lower) for name, one in intervals.items()}


def effects_of(events: list[list[int]], sizes: list[list[int]]) -> Iterator[normal.Effect]:
    """Yield the logarithms of odds ratios of two groups a study."""
    for a, n, b, m in zip(events[0], sizes[0], events[1], sizes[1], strict=True):
        yield normal.log_odds_ratio((a, n), (b, m))


def held(interval: Interval, mu: float, spread: float) -> float:
    """Return the chance with which an interval holds the true effect of a further study."""
    if spread == 0:
        return float(interval.lower <= mu <= interval.upper)
    truth = NormalDist(mu, spread)
    return truth.cdf(interval.upper) - truth.cdf(interval.lower)


def logit(share: float) -> float:
    """Return the logit of a proportion."""
    return math.log(share / (1 - share))


def width_of_shares(interval: Interval) -> float:
    """Return how wide an interval of logits is in percentage points."""
    return 100 * (normal.proportion(interval.upper) - normal.proportion(interval.lower))


if __name__ == "__main__":
    main()
