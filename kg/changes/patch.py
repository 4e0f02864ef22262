"""The difference of two snapshots as an RDF Patch (https://afs.github.io/rdf-patch/)."""

import uuid
from collections.abc import Iterator

from kg.changes.quads import read_changes
from kg.prefixes import BASE
from kg.snapshot import Snapshot


def read_patch(old: Snapshot, new: Snapshot) -> Iterator[bytes]:
    """Yield the lines of the patch that makes one snapshot of another.

    A version has an id of its own, made from its name, so that patches can be put in a row: one goes on from that whose
    ``id`` its ``prev`` names. Blank nodes are called as in the files of the snapshots.
    """
    yield f"H id <uuid:{_id(new)}> .\nH prev <uuid:{_id(old)}> .\nTX .\n".encode()
    for operation, quad in read_changes(old, new):
        yield f"{operation} {quad}".encode()
    yield b"TC .\n"


def _id(snapshot: Snapshot) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}version/{snapshot.version}")
