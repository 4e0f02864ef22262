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
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?)"
    rf"|\b(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<unit>{'|'.join(_SMALL[1:10])}))?\b"
    rf"|\b(?P<small>{'|'.join(_SMALL)})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Figure:
    """A number in a text: its value, and where it starts and ends."""

    value: Decimal
    start: int
    stop: int
    in_words: bool


def find_figures(text: str) -> Iterator[Figure]:
    """Yield the numbers in a text, in order.

    >>> [str(figure.value) for figure in find_figures("Thirty-nine of 1,290 (44.6%) within 5–10 years")]
    ['39', '1290', '44.6', '5', '10']
    """
    for match in _NUMBER.finditer(text):
        if digits := match["digits"]:
            value = Decimal(digits.replace(",", ""))
        else:
            value = Decimal(sum(_WORDS[word.lower()] for word in match.group("tens", "unit", "small") if word))
        yield Figure(value, *match.span(), in_words=not digits)


def values(text: str) -> set[Decimal]:
    """Return the numbers in a text."""
    return {figure.value for figure in find_figures(text)}
