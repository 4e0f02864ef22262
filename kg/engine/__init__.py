"""Answers SPARQL over a snapshot, behind a seam of one method.

Everything above this package uses an [Engine][], which may be in this process ([kg.engine.embedded][]), in workers
that can be killed ([kg.engine.isolated][]), or on another machine.
"""

from kg.engine.base import (
    FORMATS,
    GRAPHS,
    RESULTS,
    Answer,
    Engine,
    Format,
    Query,
    Row,
    ServiceClient,
    Value,
    read_rows,
)

__all__ = [
    "FORMATS",
    "GRAPHS",
    "RESULTS",
    "Answer",
    "Engine",
    "Format",
    "Query",
    "Row",
    "ServiceClient",
    "Value",
    "read_rows",
]
