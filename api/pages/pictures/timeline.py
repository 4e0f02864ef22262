"""Timelines: dated events on one axis, each as wide as its date is uncertain."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from api.pages.pictures.svg import element, picture

_WIDTH, _LEFT, _RIGHT, _Y = 760, 20, 740, 40
_LANES, _LANE = 3, 16
_LETTER = 7.2  # width of a letter of a label


@dataclass(frozen=True)
class Moment:
    """A date as printed (a year, a month or a day), the number of events on it, and the address of the first one."""

    date: str
    count: int
    href: str


def timeline(moments: Sequence[Moment], title: str) -> Markup:
    """Draw dates in order; a month or a year is a bar from its first to its last day, a day is a dot."""
    spans = [span(moment.date) for moment in moments]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (day - first).days / days

    content = [element("line", x1=_LEFT, x2=_RIGHT, y1=_Y, y2=_Y, class_="axis")]
    free, used = [0.0] * _LANES, 0
    for moment, (start, end) in zip(moments, spans, strict=True):
        left, right, words = x(start), x(end), printed(moment.date)
        middle, width = (left + right) / 2, _LETTER * len(words)
        place = min(max(middle, width / 2), _WIDTH - width / 2)
        lane = next((lane for lane in range(_LANES) if free[lane] <= place - width / 2), _LANES - 1)
        used = max(used, lane + 1)
        free[lane] = place + width / 2 + 8
        y = _Y + 24 + _LANE * lane
        if right - left > 8:
            mark = element("rect", x=left, y=_Y - 5, width=right - left, height=10, rx=3, class_="span")
        else:
            mark = element("circle", cx=middle, cy=_Y, r=6, class_="dot")
        stem = element("line", x1=middle, x2=middle, y1=_Y + 6, y2=y - 11, class_="stem")
        count = element("text", f"× {moment.count}", x=middle, y=_Y - 12, text_anchor="middle", class_="number")
        label = element("text", words, x=place, y=y, text_anchor="middle", class_="label")
        content.append(element("a", mark, stem, *([count] if moment.count > 1 else []), label, href=moment.href))
    description = "; ".join(f"{printed(moment.date)}: {moment.count}" for moment in moments)
    return picture(_WIDTH, _Y + 12 + _LANE * used, title, description, content, "timeline", "group")


def span(text: str) -> tuple[date, date]:
    """Return the first and the last day of a date as printed.

    >>> [str(day) for day in span("2018-02")], [str(day) for day in span("2018-05-10")]
    (['2018-02-01', '2018-02-28'], ['2018-05-10', '2018-05-10'])
    >>> [str(day) for day in span("2021")]
    ['2021-01-01', '2021-12-31']
    """
    year, month, day = _parts(text)
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    if not day:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def printed(text: str) -> str:
    """Return a date in words.

    >>> printed("2018-05-10"), printed("2018-02"), printed("2021")
    ('10 May 2018', 'February 2018', '2021')
    """
    year, month, day = _parts(text)
    words = (str(day) if day else "", calendar.month_name[month] if month else "", str(year))
    return " ".join(word for word in words if word)


def _parts(text: str) -> tuple[int, int, int]:
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    return year, month, day
