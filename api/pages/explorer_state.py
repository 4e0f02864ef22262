"""What the explorer shows: filters of an export, and the addresses that lead from one picture to the next."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from kg.export import Filters
from kg.prefixes import ID
from kg.read.filters import FILTERS, find_entity
from kg.read.labels import Labels

Pair = tuple[str, str]

#: What is shown at first: what studies and cases found; opinion (level 5) is left out.
START = (("max_level", "4"),)
#: What is shown when every filter is taken away: all that findings say, opinion too.
EVERYTHING = (("max_level", "5"),)
_ENTITIES = {one.name for one in FILTERS if one.entity}


@dataclass(frozen=True)
class State:
    """The filters of a picture as sorted pairs: one picture has one address, whoever wrote it."""

    pairs: tuple[Pair, ...]

    @classmethod
    def read(cls, given: Iterable[Pair], labels: Labels) -> "State":
        """Read the parameters of a request; raises FilterError for what is no filter.

        Fields of a form that were left empty are no filters, nor are steps without a place to start from. Whatever
        names an entity becomes its id.
        """
        pairs = [(name, text.strip()) for name, text in given if text.strip()]
        around = any(name == "center" for name, _ in pairs)
        kept = [pair for pair in pairs if pair[0] != "depth" or (around and pair[1] != "1")]
        filters = Filters.read((name, _id(text, labels) if name in _ENTITIES else text) for name, text in kept)
        return cls(filters.pairs)

    @property
    def filters(self) -> Filters:
        """The filters."""
        return Filters(self.pairs)

    def values(self, name: str) -> list[str]:
        """Return what is given for a filter."""
        return [text for key, text in self.pairs if key == name]

    def adding(self, name: str, text: str) -> "State":
        """Return the state with a value more for a filter.

        >>> State((("center", "site/hand"),)).adding("without", "site/finger").pairs
        (('center', 'site/hand'), ('without', 'site/finger'))
        """
        return State(tuple(sorted({*self.pairs, (name, text)})))

    def dropping(self, name: str, text: str) -> "State":
        """Return the state without a value of a filter; without a center there are no steps from it.

        Without any filter it is not the start, but everything.

        >>> State((("predicate", "treats"),)).dropping("predicate", "treats").pairs
        (('max_level', '5'),)
        >>> State((("center", "site/hand"), ("depth", "2"), ("max_level", "4"))).dropping("center", "site/hand").pairs
        (('max_level', '4'),)
        """
        left = [pair for pair in self.pairs if pair != (name, text)]
        around = any(key == "center" for key, _ in left)
        return State(tuple(pair for pair in left if pair[0] != "depth" or around) or EVERYTHING)

    def address(self, endpoint: str = "explorer.page", **more: str) -> str:
        """Return the address of this state: of its picture, or of something else that takes the same filters."""
        query: dict[str, list[str] | str] = {}
        for name, _ in self.pairs:
            query[name] = self.values(name)
        return url_for(endpoint, **more, **query)  # type: ignore[arg-type]


def _id(text: str, labels: Labels) -> str:
    return find_entity(labels, text).removeprefix(ID)
