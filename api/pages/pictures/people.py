"""People behind results, by what the results say: bars as long as the groups, dark as far as people had the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.pictures.letters import width_of, wrap
from api.pages.pictures.svg import Scale, element, picture, scale

#: What is drawn, in this order: the verdict, and its heading.
VERDICTS = {
    "favourable": "Favourable",
    "nullResult": "No change or difference",
    "unfavourable": "Unfavourable",
}
_SIZE, _NOTE, _STEP, _BAR = 13, 11.5, 24, 13
_GAP = 16


@dataclass(frozen=True)
class Tally:
    """How many people are in the groups with a result of one verdict, and how many of them had it.

    It was counted ``among`` some of these people, of whom the ``affected`` had it; of the others only the result of
    their group is told. ``unsized`` findings do not tell of how many people they are.
    """

    people: int
    findings: int
    unsized: int
    affected: int
    among: int

    @property
    def words(self) -> str:
        """The tally as text.

        >>> Tally(87, 9, 0, 42, 87).words, Tally(39, 4, 0, 0, 0).words, Tally(30, 5, 1, 3, 21).words
        ('42 of 87', '39 in groups', '3 of 21 + 9 in groups + 1 finding')
        >>> Tally(0, 3, 3, 0, 0).words
        '3 findings'
        """
        rest = self.people - self.among
        parts = [
            f"{self.affected} of {self.among}" * bool(self.among),
            f"{rest} in groups" * bool(rest),
            f"{self.unsized} finding{'s' if self.unsized != 1 else ''}" * bool(self.unsized),
        ]
        return " + ".join(filter(None, parts))


@dataclass(frozen=True)
class Bars:
    """A line: a treatment or an outcome, its page, and its tallies by verdict."""

    label: str
    href: str
    tallies: Mapping[str, Tally]


def people(lines: Sequence[Bars], title: str, description: str, width: int) -> Markup:
    """Draw a line for each treatment or outcome: a bar for each verdict, all on one scale from 0."""
    most = max((tally.people for line in lines for tally in line.tallies.values()), default=1)
    if width < 600:
        return _stacked(lines, title, description, most, width)
    left = min(max(width_of(line.label, _SIZE) for line in lines) + _GAP, 0.36 * width)
    panel = (width - left) / len(VERDICTS)
    longest = max(width_of(tally.words, _NOTE) for line in lines for tally in line.tallies.values())
    bars = panel - _GAP - longest
    on = {name: scale([most], left + place * panel, left + place * panel + bars) for place, name in enumerate(VERDICTS)}
    parts = [
        element("text", heading, x=on[name].left, y=14, class_=f"head {name}") for name, heading in VERDICTS.items()
    ]
    y = 24.0
    for line in lines:
        words = wrap(line.label, _SIZE, left - _GAP)
        middle = y + _STEP / 2 + 8.5 * (len(words) - 1)
        label = [
            element("text", text, x=0, y=middle + 4.5 + 17 * (place - (len(words) - 1) / 2), class_="label")
            for place, text in enumerate(words)
        ]
        drawn = [_bar(name, tally, on[name], middle) for name, tally in line.tallies.items()]
        parts.append(element("g", element("a", *label, href=line.href), *drawn, class_="row"))
        y += _STEP + 17 * (len(words) - 1)
    behind = [part for each in on.values() for part in _grid(each, 22, y)]
    return picture(width, y + 38, title, description, [*behind, *parts, _unit(width, y)], "people broad", "group")


def _stacked(lines: Sequence[Bars], title: str, description: str, most: int, width: int) -> Markup:
    """Draw the bars of a line one below the other, for narrow screens."""
    longest = max(width_of(f"{tally.words} {name}", _NOTE) for line in lines for name, tally in _named(line))
    on, y, parts = scale([most], 0, width - longest - _GAP), 0.0, list[Markup]()
    for line in lines:
        label = []
        for text in wrap(line.label, _SIZE, width):
            y += 17
            label.append(element("text", text, x=0, y=y, class_="label"))
        y += 5
        drawn = []
        for name, tally in line.tallies.items():
            drawn.append(_bar(name, tally, on, y + 8, VERDICTS[name].lower()))
            y += 18
        y += 5
        parts.append(element("g", element("a", *label, href=line.href), *drawn, class_="row"))
    return picture(
        width, y + 38, title, description, [*_grid(on, 0, y), *parts, _unit(width, y)], "people narrow", "group"
    )


def _named(line: Bars) -> list[tuple[str, Tally]]:
    return [(VERDICTS[name].lower(), tally) for name, tally in line.tallies.items()]


def _bar(name: str, tally: Tally, on: Scale, y: float, words: str = "") -> Markup:
    x, top = on.x(tally.people), y - _BAR / 2
    text = " ".join(each for each in (tally.words, words) if each)
    bars = [
        element("rect", x=on.left, y=top, width=end - on.left, height=_BAR, class_=f"{class_} {name}")
        for end, class_ in ((x, "group"), (on.x(tally.affected), "part"))
    ]
    return element("g", *bars, element("text", text, x=x + 5, y=y + 4, class_="note"))


def _grid(on: Scale, top: float, bottom: float) -> list[Markup]:
    """Draw the lines of a scale, with numbers below where they have room."""
    free, parts = 0.0, list[Markup]()
    for tick in on.ticks:
        x = on.x(tick)
        parts.append(element("line", x1=x, x2=x, y1=top, y2=bottom + 4, class_="grid"))
        if tick == on.ticks[0] or x > free:
            parts.append(
                element("text", str(tick), x=x, y=bottom + 17, text_anchor="middle" if tick else "start", class_="tick")
            )
            free = x + 24
    return [element("g", *parts, aria_hidden="true")]


def _unit(width: float, y: float) -> Markup:
    return element(
        "text",
        "people: dark, with the result; light, others studied",
        x=0,
        y=y + 34,
        class_="tick",
    )
