"""Rows and identifiers as readers of KGX take them."""

import re
from collections.abc import Mapping, Sequence

from kg.prefixes import ID, contract

Cells = Mapping[str, object]

_SPACES = re.compile(r"\s+")


def to_curie(iri: object) -> str:
    """Shorten an IRI; the type of one of our own goes into the prefix, because KGX allows no slash after it.

    >>> to_curie("https://w3id.org/calcikg/id/treatment/colchicine")
    'calcikg.treatment:colchicine'
    >>> to_curie("http://purl.obolibrary.org/obo/HP_0025520")
    'HP:0025520'
    """
    iri = str(iri)
    if iri.startswith(ID):
        return f"calcikg.{iri.removeprefix(ID).replace('/', ':', 1)}"
    return contract(iri)


def to_header(columns: Sequence[str]) -> str:
    """Write the header of a table."""
    return "\t".join(columns) + "\n"


def to_row(columns: Sequence[str], cells: Cells) -> str:
    r"""Write a row of a table; what is absent is empty.

    KGX reads no quotes, takes every bar for a division, and takes any text in ``negated`` for true, the word false too.

    >>> to_row(("id", "name", "negated"), {"id": ["a:1", "a:2"], "name": "one\t|two", "negated": False})
    'a:1|a:2\tone ¦two\t\n'
    """
    return "\t".join(_cell(cells.get(column)) for column in columns) + "\n"


def _cell(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, list):
        return "|".join(map(_text, value))
    return _text(value)


def _text(value: object) -> str:
    return _SPACES.sub(" ", str(value)).strip().replace("|", "¦")
