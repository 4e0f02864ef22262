"""Scales: where on a picture a number stands."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A linear scale: ``lower`` is drawn at ``left``, ``upper`` at ``right``; ``ticks`` are named numbers."""

    lower: float
    upper: float
    left: float
    right: float
    ticks: tuple[float, ...]

    def x(self, value: float) -> float:
        """Return where a number stands; what lies beyond an end stands at that end.

        >>> scale(0, 100, 10, 210).x(50), scale(0, 100, 10, 210).x(-30)
        (110.0, 10)
        """
        share = (value - self.lower) / (self.upper - self.lower)
        return self.left + min(max(share, 0), 1) * (self.right - self.left)


def scale(lower: float, upper: float, left: float, right: float) -> Scale:
    """Return a scale whose ends and ticks are round numbers that hold both given ones.

    >>> scale(0, 8, 0, 100).ticks, scale(13, 60, 0, 100).ticks, scale(2, 15.5, 0, 1).ticks, scale(3, 3, 0, 1).ticks
    ((0, 5, 10), (0, 20, 40, 60), (0, 10, 20), (0, 1, 2, 3))
    """
    low, high = min(lower, 0), max(upper, 0)
    if low == high:
        high = 1
    step = _round_up((high - low) / 3)
    low = math.floor(low / step) * step
    places = max(0, -math.floor(math.log10(step)))
    ticks = [round(low, places)]
    while ticks[-1] < high:
        ticks.append(round(ticks[-1] + step, places))
    return Scale(ticks[0], ticks[-1], left, right, tuple(int(one) if one == int(one) else one for one in ticks))


def percent(left: float, right: float) -> Scale:
    """Return the scale that all shares have: from nothing to all."""
    return Scale(0, 100, left, right, (0, 50, 100))


def common(values: Iterable[float], left: float, right: float) -> Scale:
    """Return one scale for several numbers."""
    found = list(values)
    return scale(min(found, default=0), max(found, default=1), left, right)


def _round_up(number: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50 … that is not below a number."""
    power: float = 10 ** math.floor(math.log10(number))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= number * (1 - 1e-12))
