"""``python -m benchmarks.coverage``: how often intervals of pooled proportions cover; prints a Markdown table.

Studies are made up of which the truth is known: sizes are log-uniform, logits of the true proportions normal. Means are
those of a study in the middle. Each row but the last of a number of studies gathers all means, the last all spreads.
"""

import math
import multiprocessing
import os
from collections import defaultdict
from itertools import product
from statistics import NormalDist
from typing import NamedTuple

from kg.statistics import binomial
from kg.statistics.intervals import Count, Interval
from kg.statistics.normal import around, proportion
from kg.statistics.proportions import pool, pool_logits

STUDIES, MEANS, SPREADS = (2, 3, 4, 5, 6, 8), (0.08, 0.2, 0.4), (0.0, 0.4, 0.8)
SMALLEST, LARGEST = 8, 80
FITS, PROCESSES, LEVEL = 1000, 2, 0.95
INTERVALS = (
    "exact likelihood",
    "two steps",
    "plain normal",
    "plain t",
    "sandwich alone",
)


class Cell(NamedTuple):
    """What is true of the studies that are made up."""

    studies: int
    mean: float
    spread: float


def main() -> None:
    """Simulate every cell, and print."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as many processes as are wanted, no more
    cells = [Cell(*one) for one in product(STUDIES, MEANS, SPREADS)]
    found = defaultdict[tuple[int, str], list[tuple[bool, ...]]](list)
    refused = 0
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as processes:
        for cell, (covered, without) in zip(cells, processes.imap(simulate, cells), strict=True):
            found[cell.studies, f"{cell.spread:g}"] += covered
            found[cell.studies, "all"] += covered
            refused += without
    print(f"| studies | tau | {' | '.join(INTERVALS)} |\n| --- | --- |{' --- |' * len(INTERVALS)}")
    for studies, spread in product(STUDIES, [*(f"{spread:g}" for spread in SPREADS), "all"]):
        columns = zip(*found[studies, spread], strict=True)
        shares = (f"{100 * sum(column) / len(column):.1f}" for column in columns)
        print(f"| {studies} | {spread} | {' | '.join(shares)} |")
    print(f"\n{FITS} fits a cell; {refused} draws had no study with both events and non-events, and were drawn again")


def simulate(cell: Cell) -> tuple[list[tuple[bool, ...]], int]:
    """Say of each fit which intervals cover, and how many draws could not be fitted."""
    import numpy as np

    chance = np.random.default_rng([cell.studies, round(100 * cell.mean), round(10 * cell.spread)])
    mu = math.log(cell.mean / (1 - cell.mean))
    found: list[tuple[bool, ...]] = []
    refused = 0
    while len(found) < FITS:
        sizes = np.rint(np.exp(chance.uniform(math.log(SMALLEST), math.log(LARGEST), cell.studies))).astype(int)
        # One more is drawn than is used, so that the draws are those of the table in docs/synthesis.md.
        logits = (mu + cell.spread * chance.standard_normal(cell.studies + 1))[:-1]
        events = chance.binomial(sizes, [proportion(logit) for logit in logits])
        counts = list(zip(events.tolist(), sizes.tolist(), strict=True))
        if any(0 < numerator < denominator for numerator, denominator in counts):
            found.append(covering(counts, mu))
        else:
            refused += 1
    return found, refused


def covering(counts: list[Count], mu: float) -> tuple[bool, ...]:
    """Say which of the intervals cover the mean, in the order of INTERVALS."""
    exact, steps, fitted = pool(counts, LEVEL), pool_logits(counts, LEVEL), binomial.fit(counts)
    freedom = len(counts) - 1
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(fitted.variance)
    logits = (
        Interval(fitted.mu - half, fitted.mu + half),
        around(fitted.mu, fitted.variance, freedom, LEVEL),
        around(fitted.mu, fitted.robust, freedom, LEVEL),
    )
    return (
        *(within(interval, proportion(mu)) for interval in (exact.interval, steps.interval)),
        *(within(interval, mu) for interval in logits),
    )


def within(interval: Interval, value: float) -> bool:
    """Say whether an interval holds a value."""
    return interval.lower <= value <= interval.upper


if __name__ == "__main__":
    main()
