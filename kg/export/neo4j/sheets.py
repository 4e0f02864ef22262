"""CSV files whose headers say what each column is, as the importer wants them."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.export.text import to_line

#: A header, then rows of cells by the name before the colon; without a name, by what comes after it.
Rows = tuple[Sequence[str], Iterable[Mapping[str, object]]]


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its name, its header, and its rows, which are made when they are written."""

    name: str
    rows: Rows

    def lines(self) -> Iterator[str]:
        """Yield the file, a row at a time."""
        header, rows = self.rows
        yield to_csv(header)
        keys = [to_key(field) for field in header]
        for row in rows:
            yield to_csv([row.get(key) for key in keys])


def to_key(field: str) -> str:
    """Return the name of a field of a header.

    >>> to_key("value:double"), to_key("id:ID"), to_key(":LABEL"), to_key("label")
    ('value', 'id', ':LABEL', 'label')
    """
    name, _, kind = field.partition(":")
    return name or f":{kind}"


def to_csv(cells: Sequence[object]) -> str:
    r"""Write a row; what is absent is empty, which the importer takes for no value at all.

    A list is divided by semicolons, so that those within its members become commas; a line end would end the row.

    >>> to_csv(["a", None, True, 1.5, ["one; two", "three"], 'said "no",\ntwice'])
    'a,,true,1.5,"one, two;three","said ""no"", twice"\n'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(map(_cell, cells))
    return line.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ";".join(to_line(str(one)).replace(";", ",") for one in value)
    return to_line(str(value))
