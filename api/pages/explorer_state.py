"""The filters of the explorer: as addresses that lead from one picture to the next, in words, and as a form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import url_for

from api.http.serving import labels, served
from api.pages import wording
from kg.prefixes import ID
from kg.read.filters import FILTERS, SINGLE_PATIENTS, Filters, all_filters, find_entity, options
from kg.read.labels import Labels

Pair = tuple[str, str]

#: The most sources to choose from in a form; of more, one is named by its id.
SOURCES = 500
#: The filters of the first picture: results of studies and cases, without opinion (level 5).
START = (("max_level", "4"),)
#: The filters of a picture from which every filter was removed: all findings, with opinion.
EVERYTHING = (("max_level", "5"),)
_USUAL = (SINGLE_PATIENTS, "no")
_ENTITIES = {one.name for one in FILTERS if one.entity}


@dataclass(frozen=True)
class State:
    """The filters of a picture as sorted pairs, so that each picture has one address."""

    pairs: tuple[Pair, ...]

    @classmethod
    def read(cls, given: Iterable[Pair], labels: Labels) -> "State":
        """Read the parameters of a request; raises FilterError for an unknown filter.

        Empty fields of the form are dropped, and so is the number of steps where there is no entity to start from.
        Names of entities become ids.
        """
        pairs = [(name, text.strip()) for name, text in given if text.strip()]
        around = any(name == "center" for name, _ in pairs)
        pairs = [pair for pair in pairs if pair[0] != "depth" or (around and pair[1] != "1")]
        pairs = [pair for pair in pairs if pair != _USUAL]
        filters = Filters.read(
            ((name, find_entity(labels, text).removeprefix(ID) if name in _ENTITIES else text) for name, text in pairs),
            all_filters(labels),
        )
        return cls(filters.pairs)

    @property
    def filters(self) -> Filters:
        """The filters; populations of one person are left out, unless they are asked for."""
        return Filters(self.pairs if self.values(SINGLE_PATIENTS) else tuple(sorted((*self.pairs, _USUAL))))

    def values(self, name: str) -> list[str]:
        """Return the values of a filter."""
        return [text for key, text in self.pairs if key == name]

    def adding(self, name: str, text: str) -> "State":
        """Return the state with one more value of a filter.

        >>> State((("center", "site/hand"),)).adding("without", "site/finger").pairs
        (('center', 'site/hand'), ('without', 'site/finger'))
        """
        return State(tuple(sorted({*self.pairs, (name, text)})))

    def dropping(self, name: str, text: str) -> "State":
        """Return the state without a value of a filter; without a center the number of steps goes, too.

        Without any filter all findings are shown, not the first picture.

        >>> State((("predicate", "treats"),)).dropping("predicate", "treats").pairs
        (('max_level', '5'),)
        >>> State((("center", "site/hand"), ("depth", "2"), ("max_level", "4"))).dropping("center", "site/hand").pairs
        (('max_level', '4'),)
        """
        left = [pair for pair in self.pairs if pair != (name, text)]
        around = any(key == "center" for key, _ in left)
        return State(tuple(pair for pair in left if pair[0] != "depth" or around) or EVERYTHING)

    def address(self, endpoint: str = "explorer.page", **more: str) -> str:
        """Return the address of the picture, or of another endpoint that takes the same filters."""
        filters = Filters(self.pairs) if endpoint.startswith("explorer.") else self.filters
        query = {name: filters.values(name) for name, _ in filters.pairs}
        return url_for(endpoint, **more, **query)  # type: ignore[arg-type]

    def chips(self) -> list[dict[str, str]]:
        """Return each filter in words, with the address of the picture without it."""
        return [
            {"name": name, "text": text, "words": words, "address": self.dropping(name, text).address()}
            for name, text in self.pairs
            if (words := _words(name, text))
        ]

    def choices(self) -> list[dict[str, Any]]:
        """Return the options of each filter in words, and which of them are chosen."""
        return [
            {
                "name": name,
                "words": words,
                "options": [
                    {"value": value, "words": label, "checked": value in self.values(name)} for value, label in options
                ],
                "chosen": len(self.values(name)),
            }
            for name, words, options in _options(served().version)
        ]


def _words(name: str, text: str) -> str:
    match name:
        case "center":
            return f"around {_label(text)}"
        case "without":
            return f"without {_label(text)}"
        case "depth":
            return f"up to {text} steps away" if text != "0" else "starting points only"
        case "max_level":
            return "" if text == "5" else f"evidence {wording.filter_value(name, text)}"
        case "figure":
            return "with a figure"
        case "single_patients":
            return "with single-patient populations"
        case "graph":
            return f"graph {text}"
        case _:
            return wording.filter_value(name, text)


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _options(version: str) -> Sequence[tuple[str, str, Sequence[Pair]]]:
    assert version == served().version
    present = {one["type"] for one in labels().entities.values()}
    names = {name: list(options(labels(), name)) for name in ("predicate", "type", "kind", "direction", "source")}
    sources = names["source"] if len(names["source"]) <= SOURCES else []

    def by_words(options: Iterable[Pair]) -> list[Pair]:
        return sorted(options, key=lambda option: option[1].lower())

    return (
        ("predicate", "Relations", by_words((name, wording.plain(name)) for name in names["predicate"])),
        ("type", "Types of entity", by_words((name, wording.plain(name)) for name in names["type"] if name in present)),
        ("kind", "Kinds of finding", by_words((name, wording.kind(name)) for name in names["kind"])),
        ("direction", "Directions", [(name, wording.filter_value("direction", name)) for name in names["direction"]]),
        ("source", "Sources", by_words((slug, _label(f"source/{slug}")) for slug in sources)),
    )


def _label(id_: str) -> str:
    return str(labels().entities.get(ID + id_, {"label": id_})["label"])
