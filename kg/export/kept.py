"""Exports made with the snapshot, whole: so that they have a size and a digest, and nobody waits for them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kg.export import EXPORTS
from kg.export.extract import extract_of
from kg.snapshot import EXPORTED, Snapshot

#: Triples up to which a dataset is written in every format when it is built: beyond, whole ontologies were loaded,
#: and a file in each RDF syntax would take more room than anyone has use for.
MOST = 500_000


def keep_exports(snapshot: Snapshot) -> None:
    """Write every export of a snapshot that is being built into its folder."""
    if snapshot.counts["triples"] > MOST:
        return
    extract = extract_of(snapshot)
    (snapshot.path / EXPORTED).mkdir()
    for row in EXPORTS.values():
        with (snapshot.path / EXPORTED / f"{row.name}.{row.extension}").open("wb") as file:
            file.writelines(row.write(extract))


def kept_export(snapshot: Snapshot, name: str) -> Path | None:
    """Return the file that holds an export without filters; None when it was not made with the snapshot."""
    path = f"{EXPORTED}/{name}.{EXPORTS[name].extension}"
    return snapshot.path / path if path in snapshot.manifest["files"] else None


def read_chunks(file: Path) -> Iterator[bytes]:
    """Yield what a file holds, a part at a time."""
    with file.open("rb") as source:
        yield from iter(partial(source.read, 2**20), b"")


def digest(snapshot: Snapshot, file: Path) -> str:
    """Return the SHA-256 of such a file, as the manifest of its snapshot states it."""
    return str(snapshot.manifest["files"][file.relative_to(snapshot.path).as_posix()])
