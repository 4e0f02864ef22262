"""The answer to a question in a sentence, made of its rows by the template that its query file has as ``answer``.

A template is plain text with fields in braces:

``{rows}``, ``{rows:finding/findings}``
    The number of rows, with a noun in the singular or the plural.
``{column}``
    The different values of a column, the first few by name.
``{column:count}``, ``{column:count source/sources}``
    How many different values a column has.
``{column:by other}``
    The values with the greatest numbers in another column, and these numbers: pain (7), swelling (4).
``{column:first}``, ``{column:least}``, ``{column:most}``
    The value of the first row; the least and the greatest number.

``[other=value]`` behind the name keeps the rows with this value in words, ``[other!=value]`` those with another:
``{treatment[verdict=favourable]}``, ``{rows[value!=]}``.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

#: Values of a column that are named.
_NAMED = 5
_FIELD = re.compile(r"\{(\w+)(?:\[(\w+)(!?=)([^\]]*)\])?(?::([^}]*))?\}")

#: A row by column: a value in words, and the same as it is shown, which may be a link.
Row = Mapping[str, tuple[str, str]]


def in_a_sentence(template: str, rows: Sequence[Row]) -> str:
    """Fill a template from rows; raises ValueError or KeyError for a field that no template may have.

    >>> shares = [("A", "25"), ("B", "5"), ("A", "9")]
    >>> rows = [{"drug": (name, name), "value": (share, share)} for name, share in shares]
    >>> in_a_sentence("{rows:result/results} on {drug}: {value:least} to {value:most} %.", rows)
    '3 results on A and B: 5 to 25 %.'
    >>> in_a_sentence("{drug:count drug/drugs}, {rows[drug!=A]:time/times} B, with {value[drug=A]} of A.", rows)
    '2 drugs, 1 time B, with 25 and 9 of A.'
    >>> in_a_sentence("{drug:by value}", rows)
    'A (25) and B (5)'
    """

    def fill(match: re.Match[str]) -> str:
        name, column, operator, value, shown = match.groups()
        fitting = [row for row in rows if column is None or (row[column][0] == value) == (operator == "=")]
        return _number(len(fitting), shown or "") if name == "rows" else _show(fitting, name, shown or "")

    return _FIELD.sub(fill, template)


def _show(rows: Sequence[Row], column: str, how: str) -> str:
    """Return the different values of a column in one of the ways that a field may ask for."""
    cells = {row[column][0]: row[column][1] for row in rows if row[column][0]}
    way, _, what = how.partition(" ")
    match way:
        case "":
            return _join(list(cells.values()))
        case "count":
            return _number(len(cells), what)
        case "by":
            numbers: dict[str, Decimal] = {}
            for row in rows:
                numbers[row[column][1]] = max(numbers.get(row[column][1], Decimal(0)), Decimal(row[what][0]))
            return _join([f"{one} ({numbers[one]})" for one in sorted(numbers, key=lambda one: -numbers[one])])
        case "first":
            return next(iter(cells.values()), "none")
        case "least":
            return min(cells, key=Decimal)
        case "most":
            return max(cells, key=Decimal)
    raise ValueError(f"a field of an answer cannot be shown as {how!r}")


def _number(number: int, noun: str) -> str:
    """Return a number with a noun, given in the singular and the plural."""
    singular, _, plural = noun.partition("/")
    return f"{number} {singular if number == 1 else plural}".rstrip()


def _join(values: Sequence[str]) -> str:
    """Return values as people list them, the first few by name."""
    if len(values) > _NAMED + 1:
        values = [*values[:_NAMED], f"{len(values) - _NAMED} more"]
    return " and ".join(filter(None, (", ".join(values[:-1]), values[-1]))) if values else "none"
