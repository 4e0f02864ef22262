"""Exports written with the snapshot, whole, so that they have a size and a digest, and nobody waits for them."""

import os
from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path

from kg.engine import Engine
from kg.export.extract import Extract
from kg.export.table import EXPORTS
from kg.parallel import beside
from kg.read.filters import Filters
from kg.read.labels import Json, Labels
from kg.snapshot import EXPORTED, Snapshot

#: A larger dataset is not written in every format when it is built: whole ontologies were loaded, and a file in each
#: RDF syntax would take more room than it is worth.
MAX_TRIPLES = 500_000


class _ReadOnce(Extract):
    """An extract that keeps its findings in memory, so that they are not read anew for each of the formats."""

    @cached_property
    def _findings(self) -> list[Json]:
        return list(super().read_findings())

    def read_findings(self) -> Iterator[Json]:
        return iter(self._findings)


def write_exports(snapshot: Snapshot, engine: Engine) -> None:
    """Write every export of a snapshot that is being built into its folder, in two processes."""
    if snapshot.counts["triples"] > MAX_TRIPLES:
        return
    extract = _ReadOnce(Labels(engine), Filters(), snapshot=snapshot)
    extract.read_findings()  # both processes need them
    (snapshot.path / EXPORTED).mkdir()
    names = list(EXPORTS)
    next_one, numbers = os.pipe()  # of what is left, each process takes the next
    os.write(numbers, bytes(range(len(names))))
    os.close(numbers)

    def write() -> None:
        while number := os.read(next_one, 1):
            name = names[number[0]]
            with (snapshot.path / _file_name(name)).open("wb") as file:
                file.writelines(EXPORTS[name].write(extract))

    try:
        with beside(write):
            write()
    finally:
        os.close(next_one)


def prebuilt(snapshot: Snapshot, name: str) -> Path | None:
    """Return the file of an export without filters; None when it was not written with the snapshot."""
    return snapshot.path / _file_name(name) if _file_name(name) in snapshot.manifest["files"] else None


def prebuilt_sha256(snapshot: Snapshot, name: str) -> str:
    """Return the SHA-256 of the file of an export, from the manifest of the snapshot."""
    return str(snapshot.manifest["files"][_file_name(name)])


def read_export(snapshot: Snapshot, name: str, filters: Filters) -> Iterator[bytes]:
    """Return an export in chunks: the file written with the snapshot, or what the filters select.

    Raises FilterError when a filter names what does not exist.
    """
    if not filters and (file := prebuilt(snapshot, name)):
        return _read_chunks(file)
    extract = Extract.open(snapshot, filters)
    extract.check()
    return EXPORTS[name].write(extract)


def _read_chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        yield from iter(partial(source.read, 2**20), b"")


def _file_name(name: str) -> str:
    return f"{EXPORTED}/{name}.{EXPORTS[name].extension}"
