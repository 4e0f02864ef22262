"""Recognises the numbers in a text, in digits or in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = dict(zip(_SMALL, range(20), strict=True)) | dict(zip(_TENS, range(20, 100, 10), strict=True))
_NUMBER = re.compile(
    r"(?P<minus>(?<![^\s(\[=:;<>≤≥/])[-−–] ?)?"
    r"(?P<digits>(?<!\d)0,\d+|\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
    rf"|\b(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<unit>{'|'.join(_SMALL[1:10])}))?\b"
    rf"|\b(?P<small>{'|'.join(_SMALL)})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Figure:
    """A number in a text: its value without a sign, and where it starts and ends.

    ``negative`` tells whether a minus stands before it, and not between it and another number.
    """

    value: Decimal
    start: int
    stop: int
    in_words: bool
    negative: bool = False


def find_figures(text: str) -> Iterator[Figure]:
    """Yield the numbers in a text, in order.

    >>> [str(figure.value) for figure in find_figures("Thirty-nine of 1,290 (44.6%) within 5–10 years")]
    ['39', '1290', '44.6', '5', '10']
    >>> [str(figure.value) for figure in find_figures("p<.001, p = 0,04")]
    ['0.001', '0.04']
    """
    for match in _NUMBER.finditer(text):
        if digits := match["digits"]:
            value = Decimal(digits.replace(",", "." if digits.startswith("0,") else ""))
        else:
            value = Decimal(sum(_WORDS[word.lower()] for word in match.group("tens", "unit", "small") if word))
        yield Figure(value, *match.span(), in_words=not digits, negative=bool(match["minus"]))


def values(text: str) -> set[Decimal]:
    """Return the numbers in a text, those with a minus both with and without it.

    >>> sorted(map(str, values("fell by 5-10, slope −0.004 (-0.006 to - 0.001)")))
    ['-0.001', '-0.004', '-0.006', '0.001', '0.004', '0.006', '10', '5']
    """
    figures = list(find_figures(text))
    return {figure.value for figure in figures} | {-figure.value for figure in figures if figure.negative}
