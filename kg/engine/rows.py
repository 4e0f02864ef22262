"""Rows of a SELECT as plain Python values."""

import json
from decimal import Decimal
from typing import Any

from kg.prefixes import PREFIXES

Value = str | int | float | bool
#: A solution by the names of its variables; those that are unbound are absent.
Row = dict[str, Any]

_XSD = PREFIXES["xsd"]


def read_rows(answer: bytes) -> list[Row]:
    """Read SPARQL JSON results: numbers and truth values as such, everything else, ill-typed numbers too, as text.

    >>> read_rows(b'{"head": {}, "results": {"bindings": [{"n": {"type": "literal", "value": "44.6",'
    ...     b' "datatype": "http://www.w3.org/2001/XMLSchema#decimal"}}]}}')
    [{'n': 44.6}]
    """
    bindings = json.loads(answer)["results"]["bindings"]
    return [{name: _value(term) for name, term in binding.items()} for binding in bindings]


def _value(term: dict[str, str]) -> Value:
    text = term["value"]
    try:
        return _typed(text, term.get("datatype", ""))
    except (ValueError, ArithmeticError):  # such as "two"^^xsd:integer, which RDF allows
        return text


def _typed(text: str, datatype: str) -> Value:
    match datatype.removeprefix(_XSD):
        case "integer":
            return int(text)
        case "decimal":
            number = Decimal(text)
            return int(number) if number == number.to_integral_value() else float(number)
        case "double":
            return float(text)
        case "boolean":
            return text == "true"
        case _:
            return text
