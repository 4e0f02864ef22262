"""Elements of SVG as text that is safe in a page, and the scales that place numbers on a picture."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

#: What no XML 1.0 document may contain.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *content: Markup | str, **attributes: object) -> Markup:
    """Return an element; ``_`` in the name of an attribute stands for ``-``, and a trailing ``_`` for nothing.

    >>> element("text", "a < b", x=1.50, class_="label", text_anchor="end", y=None)
    Markup('<text x="1.5" class="label" text-anchor="end">a &lt; b</text>')
    >>> element("circle", r=2)
    Markup('<circle r="2"/>')
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(each if isinstance(each, Markup) else _text(each) for each in content)
    return Markup(f"<{tag}{given}>{inside}</{tag}>" if inside else f"<{tag}{given}/>")


def picture(
    width: float, height: float, title: str, description: str, content: Iterable[Markup], class_: str, role: str = "img"
) -> Markup:
    """Return a picture, measured in CSS pixels, with a title and a description for screen readers.

    Screen readers do not enter an ``img``: a picture that contains links has the role ``group``.
    """
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *content,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"picture {class_}",
        role=role,
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
    )


def number(value: float) -> str:
    """Write a coordinate to a hundredth of a pixel, without trailing zeros.

    >>> number(12.0), number(3.14159), number(-0.001)
    ('12', '3.14', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def points(corners: Iterable[tuple[float, float]]) -> str:
    """Write the corners of a polygon.

    >>> points([(0, 1.5), (2, 3)])
    '0,1.5 2,3'
    """
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def shorten(text: str, longest: int) -> str:
    """Cut a label that is too long.

    >>> shorten("topical sodium thiosulfate", 15), shorten("pain", 15)
    ('topical sodium…', 'pain')
    """
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _text(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number(value)
    return str(escape(_FORBIDDEN.sub("", str(value))))


@dataclass(frozen=True)
class Scale:
    """A linear scale: ``lower`` is drawn at ``left``, ``upper`` at ``right``; ``ticks`` are the labelled numbers."""

    lower: float
    upper: float
    left: float
    right: float
    ticks: tuple[float, ...]

    def x(self, value: float) -> float:
        """Return the position of a number; numbers beyond an end are drawn at that end.

        >>> scale([0, 100], 10, 210).x(50), scale([0, 100], 10, 210).x(-30)
        (110.0, 10)
        """
        share = (value - self.lower) / (self.upper - self.lower)
        return self.left + min(max(share, 0), 1) * (self.right - self.left)


@dataclass(frozen=True)
class LogScale(Scale):
    """A logarithmic scale."""

    def x(self, value: float) -> float:
        """Return the position of a number above 0; numbers beyond an end are drawn at that end.

        >>> ratios([0.1, 10], 0, 100).x(1), ratios([0.1, 10], 0, 100).x(1000)
        (50.0, 100)
        """
        share = math.log(max(value, self.lower) / self.lower) / math.log(self.upper / self.lower)
        return self.left + min(share, 1) * (self.right - self.left)


def ratios(values: Iterable[float], left: float, right: float) -> LogScale:
    """Return a logarithmic scale that contains 1 and all values from a thousandth to a thousand.

    >>> ratios([0.43, 32.2], 0, 100).ticks, ratios([1.02, 6.78], 0, 100).ticks
    ((0.1, 1, 10, 100), (1, 10))
    """
    given = [1.0, *(min(max(value, 0.001), 1000) for value in values)]
    low, high = math.floor(math.log10(min(given))), math.ceil(math.log10(max(given)))
    ticks = tuple(
        10**power if power >= 0 else round(10.0**power, -power) for power in range(low, max(high, low + 1) + 1)
    )
    return LogScale(ticks[0], ticks[-1], left, right, ticks)


def scale(values: Iterable[float], left: float, right: float) -> Scale:
    """Return a scale from 0 that contains all values, with round numbers as its ends and ticks.

    >>> scale([0, 8], 0, 100).ticks, scale([13, 60], 0, 100).ticks, scale([2, 15.5], 0, 1).ticks, scale([3], 0, 1).ticks
    ((0, 5, 10), (0, 20, 40, 60), (0, 10, 20), (0, 1, 2, 3))
    """
    given = [0.0, *values]
    low, high = min(given), max(given)
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
    """Return the scale of proportions, from 0 to 100 per cent."""
    return Scale(0, 100, left, right, (0, 50, 100))


def _round_up(number: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … that is not below a number."""
    power: float = 10 ** math.floor(math.log10(number))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= number * (1 - 1e-12))
