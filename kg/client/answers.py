"""Answers of SPARQL as data frames: each column has the narrowest type that holds its values."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from kg.engine import Value, read_rows

_MAX_INT64 = 2**63 - 1


def read_answer(results: bytes) -> pd.DataFrame:
    """Return SPARQL JSON results as a table; raises ValueError for those of an ASK.

    >>> read_answer(b'{"head": {}, "boolean": true}')
    Traceback (most recent call last):
        ...
    ValueError: only a SELECT has a table as its answer
    """
    names = json.loads(results)["head"].get("vars")
    if names is None:
        raise ValueError("only a SELECT has a table as its answer")
    return to_table(names, [[row.get(name) for name in names] for row in read_rows(results)])


def to_table(names: Sequence[str], rows: Sequence[Sequence[Value | None]]) -> pd.DataFrame:
    """Return rows as a table; whole numbers stay whole beside missing ones.

    >>> to_table(["n", "label"], [[3, "a"], [None, "b"]]).dtypes["n"]
    Int64Dtype()
    """
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pd.DataFrame({name: _column(values) for name, values in zip(names, columns, strict=True)})


def _column(values: Sequence[Value | None]) -> "pd.Series[Any]":
    column: pd.Series[Any] = pd.Series(list(values), dtype="object")
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return column.astype("boolean")
    if kinds == {int} and all(abs(int(value)) <= _MAX_INT64 for value in values if value is not None):
        return column.astype("Int64")
    if kinds and kinds <= {int, float}:
        return column.astype("float64")
    return column.infer_objects()
