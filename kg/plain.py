"""RDF files that are served exactly as they are, and the stores on disk of those that are too large for memory.

DATA/stores/NAME has the store of some files; NAME changes when one of them does. The two that were served last stay.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from kg.engine import stores
from kg.errors import SnapshotError
from kg.files import lock, whole_folder
from kg.lock import locked

_STORES = "stores"
#: How many stores stay.
_KEPT = 2


def is_large(files: Sequence[Path], in_memory: int) -> bool:
    """Tell whether files have more than so many bytes, which are held in memory."""
    return sum(file.stat().st_size for file in files) > in_memory


def stored(data: Path, files: Sequence[Path]) -> Path:
    """Return the folder of the store of some RDF files in a data folder; fill it when there is none.

    Raises SnapshotError for a file that cannot be read, BuildBusyError when another process changes the data folder.
    """
    with locked(data):
        folder = data / _STORES / _name(files)
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            _fill(folder, files)
        os.utime(folder)
        _prune(folder.parent)
    return folder


def _fill(folder: Path, files: Sequence[Path]) -> None:
    try:
        with whole_folder(folder) as part:
            stores.write(part, files, union=False)
            stores.finish(part)
    except (SyntaxError, ValueError) as error:
        raise SnapshotError(f"{', '.join(map(str, files))} cannot be loaded: {error}") from None


def _name(files: Sequence[Path]) -> str:
    """Return a name that other files have not, nor these when they have changed.

    Their bytes are not read: a change of them changes the time of the last change of the file's entry (``st_ctime``),
    which nobody can set.
    """
    states = [(file, file.stat()) for file in map(Path.resolve, files)]
    known = [(str(file), state.st_size, state.st_mtime_ns, state.st_ctime_ns) for file, state in states]
    return sha256(repr(known).encode()).hexdigest()[:12]


def _prune(folder: Path) -> None:
    """Remove the stores that were not served for longest, but none that a service serves: it has locked them."""
    found = sorted(folder.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[_KEPT:]:
        with suppress(BlockingIOError):
            os.close(lock(path))
            gone = path.with_name(f".gone-{path.name}")
            path.rename(gone)  # in one step: half a store is none
            shutil.rmtree(gone)
