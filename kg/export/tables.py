"""The findings as a table, one row each, with the columns of the schema: CSV, a workbook, Parquet."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, TYPE_CHECKING

from kg.export.delimited import SEPARATOR, write_rows
from kg.export.extract import Extract, batches
from kg.export.pooled import RESULT, read_selected, result_row

if TYPE_CHECKING:
    import pyarrow as pa
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_CHUNK = 2**18  # bytes
_ROW_GROUP = 2000  # findings of a Parquet file that are in memory at once
_WIDE, _NARROW = 60, 16  # widths of spreadsheet columns, in letters


def write_csv(extract: Extract) -> Iterator[bytes]:
    """Yield the names of the columns, and a row for each finding."""
    columns = extract.labels.schema.columns
    yield from write_rows([[column.name for column in columns]])
    yield from write_rows([column.read(finding) for column in columns] for finding in extract.read_findings())


def write_xlsx(extract: Extract) -> Iterator[bytes]:
    """Yield a workbook with sheets of findings, of what was pooled of them, and of what the columns mean.

    Text stays text, whatever it begins with: nothing becomes a formula or a link.
    """
    with tempfile.TemporaryFile() as file:
        _write_workbook(extract, file)
        yield from read_chunks(file)


def write_parquet(extract: Extract) -> Iterator[bytes]:
    """Yield a Parquet file (https://parquet.apache.org): each column has one type, lists stay lists."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns, schema = extract.labels.schema.columns, _parquet_schema(extract)
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, schema) as writer:
            for batch in batches(extract.read_findings(), _ROW_GROUP):
                rows = [{column.name: column.read(finding) for column in columns} for finding in batch]
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
        yield from read_chunks(file)


def _parquet_schema(extract: Extract) -> "pa.Schema":
    import pyarrow as pa

    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    fields = [
        pa.field(
            column.name,
            pa.list_(types[column.form]) if column.many else types[column.form],
            metadata={"description": column.definition},
        )
        for column in extract.labels.schema.columns
    ]
    return pa.schema(fields, metadata=extract.about)


def _write_workbook(extract: Extract, file: IO[bytes]) -> None:
    from xlsxwriter import Workbook

    about, columns = extract.about, extract.labels.schema.columns
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
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
        for number, column in enumerate(columns):
            sheet.set_column(number, number, _WIDE if column.name == "statement" else _NARROW)
            sheet.write_string(0, number, column.name, bold)
        row = 0
        for row, finding in enumerate(extract.read_findings(), start=1):
            for number, column in enumerate(columns):
                value = column.read(finding)
                if value not in (None, []):
                    sheet.write(row, number, SEPARATOR.join(map(str, value)) if column.many else value)
        sheet.autofilter(0, 0, row, len(columns) - 1)
        _write_pooled(extract, book.add_worksheet("Pooled"), bold)
        sheet = book.add_worksheet("About")
        sheet.set_column(0, 0, 2 * _NARROW)
        sheet.set_column(1, 1, 2 * _WIDE)
        meanings = [(column.name, column.definition) for column in columns]
        pooled = [("", ""), ("column of Pooled", "meaning"), *RESULT.items()]
        for row, (name, text) in enumerate([*about.items(), ("", ""), ("column", "meaning"), *meanings, *pooled]):
            sheet.write_string(row, 0, name, bold)
            sheet.write_string(row, 1, text, wrapped)


def _write_pooled(extract: Extract, sheet: "Worksheet", bold: "Format") -> None:
    """Write the results that were pooled of the findings, a row each."""
    sheet.freeze_panes(1, 1)
    for number, column in enumerate(RESULT):
        sheet.set_column(number, number, _WIDE if column in ("label", "sentence") else _NARROW)
        sheet.write_string(0, number, column, bold)
    for row, result in enumerate(read_selected(extract), start=1):
        for number, value in enumerate(result_row(result)):
            if value not in (None, ""):
                sheet.write(row, number, value)


def read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file from its beginning, in chunks."""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
