"""The file that holds the dataset: its size and its digest."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.build.describe.statements import FILE, digest, statement


def describe_file(dump: Path) -> Iterator[ox.Quad]:
    """Yield the size of the file in bytes, and its SHA-256.

    DCAT 3 wants xsd:nonNegativeInteger; the engine keeps every kind of integer as xsd:integer.
    """
    with dump.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    yield statement(FILE, "dcat:byteSize", ox.Literal(dump.stat().st_size))
    yield from digest(FILE, sha256)
