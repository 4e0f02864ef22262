"""The answer to a question in a sentence, made of its rows by the template that its query file has as ``answer``.

A template is plain text with fields in braces. A part of it between bars (``|``) is left out where one of its fields
finds no value; a count stands also where there are none. The fields:

``{rows}``, ``{rows:finding/findings}``
    The number of rows, with a noun in the singular or the plural.
``{column}``
    The different values of a column, the first few by name.
``{column:count}``, ``{column:count source/sources}``
    How many different values a column has.
``{column:per other}``, ``{column:per rows}``
    The values with the most different values in another column, or in the most rows, and how many: pain (7), fever (4).
``{column:by other}``, ``{column:by other %}``
    The values with the greatest numbers in another column, and these with their unit: elbow (25 %), knee (19 %).
``{column:with other}``
    The values, each with its values in another column: wound (improved, healed).
``{column:least}``, ``{column:most}``, ``{column:range}``
    The least and the greatest number or date, or one to the other.
``{column:lowest other}``, ``{column:highest other}``
    The values where another column has its least or greatest number.
``{column:sum}``
    The sum of the numbers in all rows.

Conditions behind the name keep the rows where another column has a value in words, or one of several, or not, or a
number above or below another: ``{treatment[verdict=favourable/resolved]}``, ``{rows[value!=][level below 4]}``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from api.pages import wording
from kg.read.questions import questions

#: Values of a column that are named.
_NAMED = 5
_FIELD = re.compile(r"\{(\w+)((?:\[[^\]]*\])*)(?::([^}]*))?\}")
_CONDITION = re.compile(r"\[(\w+)(!?=| above | below )([^\]]*)\]")

#: A row by column: a value in words, and the same as it is shown, which may be a link.
Row = Mapping[str, tuple[str, str]]


class _NothingError(Exception):
    """A field finds no value."""


def answer_in_a_sentence(question: Mapping[str, Any]) -> Markup:
    """Return the answer to a question in a sentence, its entities as links; empty where it has none."""
    template = questions()[question["id"].partition("/")[2]].notes.get("answer")
    if not template or not question["rows"]:
        return Markup()
    named = [dict(zip(question["columns"], row, strict=True)) for row in question["rows"]]
    cells = [{column: wording.cell(value, column) for column, value in row.items()} for row in named]
    rows = [{column: (cell["words"], str(_linked(cell))) for column, cell in row.items()} for row in cells]
    return Markup(in_a_sentence(str(escape(template)), rows))


def _linked(cell: Mapping[str, Any]) -> Markup:
    """Return a cell of an answer as HTML."""
    if "slug" not in cell:
        return escape(cell["words"])
    address = url_for("entity_pages.page", kind=cell["kind"], slug=cell["slug"])
    return Markup('<a href="{}">{}</a>').format(address, cell["words"])


def in_a_sentence(template: str, rows: Sequence[Row]) -> str:
    """Fill a template from rows; raises ValueError or KeyError for a field that no template may have.

    >>> shares = [("A", "25", "%"), ("B", "5", "%"), ("A", "9", "%"), ("C", "", "")]
    >>> rows = [dict(zip(("drug", "value", "unit"), zip(row, row))) for row in shares]
    >>> in_a_sentence("{rows[unit=%]:result/results} on {drug[unit=%]}: {value:range} %.", rows)
    '3 results on A and B: 5 to 25 %.'
    >>> in_a_sentence("{drug:count drug/drugs}, {drug[value above 9]:count} over 9: {drug:by value %}.", rows)
    '3 drugs, 1 over 9: A (25 %) and B (5 %).'
    >>> in_a_sentence("{drug:per value}; {drug:highest value} {value:most}, {drug:lowest value} {value:least}.", rows)
    'A (2) and B (1); A 25, B 5.'
    >>> in_a_sentence("{drug[drug=A/B]:with value}, {drug:per rows}, {value:sum} in all.", rows)
    'A (25, 9) and B (5), A (2), B (1) and C (1), 39 in all.'
    >>> in_a_sentence("{rows[unit=mm]:length/lengths}|, {value[unit=mm]:range} mm|.", rows)
    'No lengths.'
    """
    parts = []
    for part in template.split("|"):
        try:
            parts.append(_FIELD.sub(lambda match: _fill(match, rows), part))
        except _NothingError:
            continue
    text = "".join(parts).strip()
    return text[:1].upper() + text[1:]


def _fill(match: re.Match[str], rows: Sequence[Row]) -> str:
    name, conditions, shown = match[1], match[2], match[3] or ""
    if _CONDITION.sub("", conditions):
        raise ValueError(f"a field of an answer cannot have the condition {conditions!r}")
    for column, operator, value in _CONDITION.findall(conditions):
        rows = [row for row in rows if _fits(row[column][0], operator.strip(), value)]
    return _number(len(rows), shown) if name == "rows" else _show(rows, name, shown)


def _fits(words: str, operator: str, value: str) -> bool:
    if operator in ("above", "below"):
        return bool(words) and (Decimal(words) - Decimal(value)) * (1 if operator == "above" else -1) > 0
    return (words in value.split("/")) == (operator == "=")


def _show(rows: Sequence[Row], column: str, how: str) -> str:
    """Return the different values of a column in one of the ways that a field may ask for."""
    way, _, rest = how.partition(" ")
    other, _, unit = rest.partition(" ")
    if way in ("lowest", "highest"):
        rows = [row for row in rows if row[other][0]]
        rows = [row for row in rows if row[other][0] == _end(rows, other, way == "highest")]
    rows = [row for row in rows if row[column][0]]
    if way == "count":
        return _number(len({row[column][0] for row in rows}), rest)
    if way in ("by", "per", "with") and other != "rows":
        rows = [row for row in rows if row[other][0]]
    if not rows:
        raise _NothingError
    match way:
        case "" | "lowest" | "highest":
            return _join(_different(rows, column))
        case "by":
            greatest = sorted(rows, key=lambda row: -Decimal(row[other][0]))
            numbers = {row[column][1]: row[other][0] for row in reversed(greatest)}
            return _join([f"{value} ({f'{numbers[value]} {unit}'.rstrip()})" for value in _different(greatest, column)])
        case "per":
            counts = {
                value: len(group) if other == "rows" else len(_different(group, other))
                for value, group in _groups(rows, column).items()
            }
            return _join([f"{value} ({counts[value]})" for value in sorted(counts, key=lambda value: -counts[value])])
        case "with":
            groups = _groups(rows, column).items()
            return _join([f"{value} ({', '.join(_different(group, other))})" for value, group in groups])
        case "least" | "most":
            return _end(rows, column, way == "most")
        case "range":
            least, most = (_end(rows, column, last) for last in (False, True))
            return least if least == most else f"{least} to {most}"
        case "sum":
            return str(sum(Decimal(row[column][0]) for row in rows))
    raise ValueError(f"a field of an answer cannot be shown as {how!r}")


def _different(rows: Iterable[Row], column: str) -> list[str]:
    """Return the different values of a column, as they are shown."""
    return list(dict(row[column] for row in rows if row[column][0]).values())


def _groups(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """Return the rows by their value in a column, as it is shown."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column][1], []).append(row)
    return groups


def _end(rows: Iterable[Row], column: str, last: bool) -> str:
    """Return the least or the greatest number of a column, or the first or last date."""
    values = [row[column][0] for row in rows]
    try:
        ordered = sorted(values, key=Decimal)
    except InvalidOperation:
        ordered = sorted(values)
    return ordered[-1 if last else 0]


def _number(number: int, noun: str) -> str:
    """Return a number with a noun, given in the singular and the plural."""
    singular, _, plural = noun.partition("/")
    if not number:
        return f"no {plural}" if noun else "none"
    return f"{number} {singular if number == 1 else plural}".rstrip()


def _join(values: Sequence[str]) -> str:
    """Return values as people list them, the first few by name."""
    if len(values) > _NAMED + 1:
        values = [*values[:_NAMED], f"{len(values) - _NAMED} more"]
    return wording.join(values)
