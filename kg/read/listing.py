"""Lists of IRIs that a query selects, counted and cut by the engine: a part of a long list is quick."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from kg.engine import Engine
from kg.queries import is_iri

_SELECT = re.compile(r"^SELECT DISTINCT \?(\w+)$", re.MULTILINE)
_WHERE, _ORDER = "\nWHERE {\n", "\nORDER BY "


@dataclass(frozen=True)
class Listing:
    """What a query selects, in order.

    ``text`` selects one variable, DISTINCT, of IRIs, and orders by it, each clause on lines of its own, as the files of
    queries have it.
    """

    engine: Engine
    text: str

    @cached_property
    def total(self) -> int:
        """The number of IRIs in the whole list."""
        counting = _SELECT.sub(r"SELECT (COUNT(DISTINCT ?\1) AS ?total)", self.text, count=1)
        return int(self.engine.select(counting.rpartition(_ORDER)[0])[0]["total"])

    def all(self) -> list[str]:
        """Return every IRI."""
        return self._select(self.text)

    def part(self, limit: int, after: str | None = None, start: int = 0) -> list[str]:
        """Return so many IRIs at most: the first ones, those that come after one, or those from a place on."""
        text = self.text if after is None else self._with(f'FILTER(STR(?{self._variable}) > "{_checked(after)}")')
        return self._select(f"{text}\nLIMIT {limit} OFFSET {start}")

    def within(self, text: str) -> "Listing":
        """Return the part of the list that another query selects, too, by the same variable."""
        return Listing(self.engine, self._with(_as_part(text)))

    def restrict(self, text: str) -> str:
        """Return a query by the same variable so that it asks only about the list."""
        return text.replace(_WHERE, f"{_WHERE}  {_as_part(self.text)}\n", 1)

    def among(self, iris: Iterable[str]) -> list[str]:
        """Return those of some IRIs that the list has."""
        named = " ".join(f"<{_checked(iri)}>" for iri in iris)
        return self._select(self._with(f"VALUES ?{self._variable} {{ {named} }}")) if named else []

    @property
    def _variable(self) -> str:
        selected = _SELECT.search(self.text)
        assert selected, "a list is a query that selects one variable"
        return selected[1]

    def _with(self, condition: str) -> str:
        return self.text.replace(_WHERE, f"{_WHERE}  {condition}\n", 1)

    def _select(self, text: str) -> list[str]:
        return [row[self._variable] for row in self.engine.select(text)]


def _as_part(text: str) -> str:
    """Return a query of a file as a part of another, without its order."""
    return f"{{\n{text[text.index('SELECT ') :].rpartition(_ORDER)[0]}\n  }}"


def _checked(iri: str) -> str:
    """Return an IRI, which cannot end what it is written in; raises ValueError when it is none."""
    if not is_iri(iri):
        raise ValueError(f"{iri!r} is not an IRI")
    return iri
