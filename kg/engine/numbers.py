"""Numbers as RDF terms: read from the arguments of a function, and written as its result."""

import re
from decimal import Decimal

import pyoxigraph as ox

from kg.prefixes import FUNCTION, expand
from kg.statistics import Count

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

#: Datatype of a numerator and a denominator in one value, such as "13/39".
COUNTS = ox.NamedNode(FUNCTION + "Counts")
_DOUBLE, _DECIMAL = ox.NamedNode(expand("xsd:double")), ox.NamedNode(expand("xsd:decimal"))
#: The datatypes that SPARQL computes with; the engine turns those below xsd:integer into it.
_NUMERIC = {ox.NamedNode(expand(f"xsd:{name}")) for name in ("integer", "decimal", "double", "float")}
#: A number of a size that can be written out: 1e999999999 cannot.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_PAIR = re.compile(r"(\d+)/(\d+)")


def read_number(term: Term) -> Decimal:
    """Return a finite number. Raises ValueError for any other term."""
    if not isinstance(term, ox.Literal) or term.datatype not in _NUMERIC or not _NUMBER.fullmatch(term.value):
        raise ValueError(f"{term} is no number")
    return Decimal(term.value)


def read_whole(term: Term) -> int:
    """Return a whole number. Raises ValueError for any other term."""
    number = read_number(term)
    if number != int(number):
        raise ValueError(f"{number} is no whole number")
    return int(number)


def read_counts(term: Term) -> Count:
    """Return the two numbers of a value that `write_counts` made. Raises ValueError for any other term."""
    found = _PAIR.fullmatch(term.value) if isinstance(term, ox.Literal) and term.datatype == COUNTS else None
    if found is None:
        raise ValueError(f"{term} is no value of ckgf:counts")
    return int(found[1]), int(found[2])


def write_counts(numerator: int, denominator: int) -> ox.Literal:
    """Make one value of a numerator and a denominator. Raises ValueError when they are no proportion."""
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError(f"{numerator} of {denominator} is no proportion")
    return ox.Literal(f"{numerator}/{denominator}", datatype=COUNTS)


def write_decimal(number: Decimal) -> ox.Literal:
    """Return a number as xsd:decimal."""
    return ox.Literal(f"{number.normalize():f}", datatype=_DECIMAL)


def write_double(number: float) -> ox.Literal:
    """Return a finite number as xsd:double."""
    return ox.Literal(str(number), datatype=_DOUBLE)
