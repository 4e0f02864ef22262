"""The findings as CSV: one row a finding."""

from collections.abc import Iterator

from kg.export.columns import columns
from kg.export.delimited import write_rows
from kg.export.extract import Extract


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the names of the columns, and a row for each finding."""
    yield from write_rows([[column.name for column in columns()]])
    yield from write_rows([column.read(finding) for column in columns()] for finding in extract.read_findings())
