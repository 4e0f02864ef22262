"""The description of the dataset that is served, read once."""

from functools import lru_cache
from pathlib import Path

from api.http.serving import served
from kg.read.description import Description, read_description
from kg.snapshot import Snapshot


def described() -> Description | None:
    """Return what the dataset says of itself; None when plain files are served, which say nothing."""
    snapshot = served().snapshot
    return _read(snapshot.path) if snapshot else None


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _read(path: Path) -> Description:
    return read_description(Snapshot.read(path).description())
