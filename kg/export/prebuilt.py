"""Exports written into a snapshot, whole, so that they have a size and a digest, and nobody waits for them."""

import json
import os
from collections.abc import Iterator
from functools import cached_property, lru_cache, partial
from pathlib import Path

from kg.export.extract import Extract
from kg.export.table import EXPORTS
from kg.files import sync, whole_folder
from kg.memory import without_gc
from kg.parallel import beside
from kg.read.filters import Filters
from kg.read.labels import Json, Labels
from kg.snapshot import EXPORTED, MANIFEST, Snapshot, sha256

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


def write_exports(snapshot: Snapshot) -> None:
    """Write every export into the folder of a snapshot, in two processes; all of them appear there at once.

    Nothing happens when they are there. Until then each is made when it is asked for, so the snapshot can be served.
    """
    if snapshot.counts["triples"] > MAX_TRIPLES or snapshot.exported:
        return
    with whole_folder(snapshot.path / EXPORTED) as folder, without_gc():
        _write(folder, snapshot)
        digests = {f"{EXPORTED}/{path.name}": sha256(path) for path in sorted(folder.iterdir())}
        (folder / MANIFEST).write_text(json.dumps(digests, indent=2) + "\n", encoding="utf-8")
        for path in (*folder.iterdir(), folder):
            sync(path)


def _write(folder: Path, snapshot: Snapshot) -> None:
    extract = _ReadOnce(Labels(snapshot.engine()), Filters(), snapshot=snapshot)
    extract.read_findings()  # both processes need them
    names = list(EXPORTS)
    next_one, numbers = os.pipe()  # of what is left, each process takes the next
    os.write(numbers, bytes(range(len(names))))
    os.close(numbers)

    def write() -> None:
        while number := os.read(next_one, 1):
            name = names[number[0]]
            with (folder / f"{name}.{EXPORTS[name].extension}").open("wb") as file:
                file.writelines(EXPORTS[name].write(extract))

    try:
        with beside(write):
            write()
    finally:
        os.close(next_one)


def listed(snapshot: Snapshot, name: str) -> tuple[Path, str] | None:
    """Return the file of an export without filters, and the SHA-256 that it should have; None until it is there."""
    file = f"{EXPORTED}/{name}.{EXPORTS[name].extension}"
    digest = snapshot.exported.get(file)
    return (snapshot.path / file, digest) if digest else None


def prebuilt(snapshot: Snapshot, name: str) -> Path | None:
    """Return the file of an export without filters; None when it is not there, or is damaged: then it is made anew."""
    found = listed(snapshot, name)
    try:
        return found[0] if found and _is_whole(*found, found[0].stat().st_mtime_ns) else None
    except FileNotFoundError:
        return None


@lru_cache(100)
def _is_whole(path: Path, digest: str, changed: int) -> bool:
    return sha256(path) == digest


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
