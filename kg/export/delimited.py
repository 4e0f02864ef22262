"""Delimited text: rows as CSV (RFC 4180) or TSV that no spreadsheet mistakes for formulas."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping

#: Between the values of a list in one cell.
SEPARATOR = "; "
# A spreadsheet takes a text that begins with one of these for a formula, which may run programs
# (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\n")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_LINE_ENDS = {",": "\r\n", "\t": "\n"}


class _Line:
    """A file whose ``write`` returns the text, so that a csv.writer returns the line that it has made."""

    def write(self, text: str) -> str:
        return text


def write_rows(rows: Iterable[Iterable[object]], delimiter: str = ",") -> Iterator[bytes]:
    r"""Yield each row as a line of CSV, or of TSV with a tab as delimiter.

    >>> list(write_rows([["id", "value"], ["a,b", -1.5]]))
    [b'id,value\r\n', b'"a,b",-1.5\r\n']
    """
    writer = csv.writer(_Line(), delimiter=delimiter, lineterminator=_LINE_ENDS[delimiter])
    for row in rows:
        yield writer.writerow([_cell(value) for value in row]).encode()


def _cell(value: object) -> object:
    """Return the content of a cell; a text that could be a formula gets an apostrophe before it.

    >>> _cell("=1+1"), _cell(-1.5), _cell("-1.5"), _cell(["a", "b"]), _cell({"improved": 2}), _cell(False)
    ("'=1+1", -1.5, '-1.5', 'a; b', 'improved: 2', 'false')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return value
        case Mapping():
            text = SEPARATOR.join(f"{key}: {part}" for key, part in value.items())
        case list() | tuple():
            text = SEPARATOR.join(map(str, value))
        case _:
            text = str(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # csv.writer quotes a CR only where it ends lines
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
