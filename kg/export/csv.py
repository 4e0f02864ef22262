"""The findings as CSV (RFC 4180): one row a finding."""

import csv
import io
from collections.abc import Iterator

from kg.export.columns import Cell, columns
from kg.export.extract import Extract

#: Between the members of a list in one cell.
SEPARATOR = "; "
# With these a spreadsheet takes a text for a formula, which may call programs (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the names of the columns, and a row for each finding."""
    yield _row([column.name for column in columns()])
    for finding in extract.read_findings():
        yield _row([_cell(column.read(finding)) for column in columns()])


def _cell(value: Cell) -> str | int | float:
    """Write a value; a text that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> _cell("=1+1"), _cell(-1.5), _cell(["a", "b"]), _cell(False), _cell(None)
    ("'=1+1", -1.5, 'a; b', 'false', '')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return value
    text = SEPARATOR.join(value) if isinstance(value, list) else value
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(cells: list[str] | list[str | int | float]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
