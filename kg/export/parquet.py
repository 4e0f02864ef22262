"""The findings as Parquet (https://parquet.apache.org): one row a finding, each column of one type, lists as lists."""

import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from kg.export.columns import columns, read_meanings
from kg.export.extract import Extract

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK = 2**18  # bytes
_GROUP = 2000  # findings in a row group: so many are held at once


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the file. It is written group by group into a file that has no name, and read from there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(extract)
    findings = extract.read_findings()
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, schema) as writer:
            while group := list(islice(findings, _GROUP)):
                rows = [{column.name: column.read(finding) for column in columns()} for finding in group]
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _schema(extract: Extract) -> "pa.Schema":
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "whole": pa.int64(),
        "decimal": pa.float64(),
        "truth": pa.bool_(),
        "list": pa.list_(pa.string()),
    }
    meanings = read_meanings(extract.labels)
    fields = [
        pa.field(column.name, types[column.kind], metadata={"description": meanings[column.name]})
        for column in columns()
    ]
    return pa.schema(fields, metadata=extract.about)
