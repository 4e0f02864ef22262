"""The findings as a workbook for spreadsheets: a sheet with one row a finding, and one that says what it is."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from kg.export.columns import columns, read_meanings
from kg.export.delimited import SEPARATOR
from kg.export.extract import Extract

_CHUNK = 2**18  # bytes
_WIDE, _NARROW = 60, 16  # widths of columns, in letters


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the workbook. It is written row by row into a file that has no name, and read from there.

    Text stays text, whatever it begins with: nothing becomes a formula or a link.
    """
    with tempfile.TemporaryFile() as file:
        _write(extract, file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write(extract: Extract, file: IO[bytes]) -> None:
    from xlsxwriter import Workbook

    about = extract.about
    plain = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, plain) as book:
        book.set_properties(
            {
                "title": about["title"],
                "author": about["creator"],
                "comments": about["citation"],
                "created": datetime.fromisoformat(about["issued"]),
            }
        )
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Findings")
        sheet.freeze_panes(1, 1)
        for number, column in enumerate(columns()):
            sheet.set_column(number, number, _WIDE if column.name == "statement" else _NARROW)
            sheet.write_string(0, number, column.name, bold)
        row = 0
        for row, finding in enumerate(extract.read_findings(), start=1):
            for number, column in enumerate(columns()):
                match column.read(finding):
                    case None:
                        pass
                    case bool() as truth:
                        sheet.write_boolean(row, number, truth)
                    case int() | float() as figure:
                        sheet.write_number(row, number, figure)
                    case list() as members:
                        sheet.write_string(row, number, SEPARATOR.join(members))
                    case text:
                        sheet.write_string(row, number, text)
        sheet.autofilter(0, 0, row, len(columns()) - 1)
        sheet = book.add_worksheet("About")
        sheet.set_column(0, 0, 2 * _NARROW)
        sheet.set_column(1, 1, 2 * _WIDE)
        told = [*about.items(), ("", ""), ("column", "meaning"), *read_meanings(extract.labels).items()]
        for row, (name, text) in enumerate(told):
            sheet.write_string(row, 0, name, bold)
            sheet.write_string(row, 1, text, wrapped)
