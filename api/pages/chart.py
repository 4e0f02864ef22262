"""A picture of a page: its title, what it counts, how it is drawn, and its tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup

from api.pages.pictures.cohorts import NARROW, WIDE
from kg.read.synthesis import study_name

#: Text, or text with the address that it leads to.
Cell = str | tuple[str, str]


@dataclass(frozen=True)
class Table:
    """Rows of cells below the headings of their columns."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Chart:
    """A picture that says what it counts; ``name`` is that of its file, ``about`` the entity that it is on."""

    title: str
    caption: str
    draw: Callable[[int], Markup]
    tables: Sequence[Table]
    name: str = ""
    about: str = ""

    @property
    def wide(self) -> Markup:
        """The picture for a wide page."""
        return self.draw(WIDE)

    @property
    def narrow(self) -> Markup:
        """The picture for a telephone."""
        return self.draw(NARROW)


def link_to(finding: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name of a finding's source with its year, and the address of the finding."""
    source = finding["source"]
    return study_name({"source": source, "year": source.get("year", "")}), page_of(finding["id"])


def page_of(id_: str) -> str:
    """Return the address of the page of an entity."""
    kind, _, slug = id_.partition("/")
    return url_for("entity_pages.page", kind=kind, slug=slug)
