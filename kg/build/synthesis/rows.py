"""Rows of the queries that say what the synthesis is made of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

#: A row of a query as text, with None for what is unbound.
Row = Mapping[str, Any]


def read_rows(store: ox.Store, path: Path) -> list[Row]:
    """Run a query file, and return its rows."""
    rows = store.query(path.read_text(encoding="utf-8"))
    assert isinstance(rows, ox.QuerySolutions), f"{path.name} is not a SELECT query"
    names = [variable.value for variable in rows.variables]
    return [{name: getattr(row[name], "value", None) for name in names} for row in rows]
