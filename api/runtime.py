"""Where the processes of a service meet, and what they need so that no full disk and no cleaner stops them."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kg.files import lock, locked, point

#: The environment variable in which the supervisor gives the web processes the folder of [Runtime][].
RUNTIME = "KG_RUNTIME"
#: In this variable it names the folder where they write their counts.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
#: Slots beside those of KG_WORKERS, for queries that take no longer than KG_SHORT_TIMEOUT.
RESERVED = 2

_PREFIX = "kg-"
_SOCKET = ".sock"
#: What the link to a snapshot's folder says when plain files are served.
_PLAIN = "plain"


@dataclass
class Runtime:
    """The folder where the processes of a service meet: the supervisor writes it, the web processes read it.

        FOLDER/NAME.sock     the socket of the workers over the snapshot NAME
        FOLDER/NAME.data     a link to the folder of that snapshot, or to nothing when plain files are served
        FOLDER/NAME.ended    a byte for each worker over that snapshot that has ended and was replaced
        FOLDER/metrics       the counts of the web processes
        FOLDER/current       a link to NAME.sock of the snapshot that is served now

    It is read at each request, so that every request is answered from one snapshot, and a new one is served without a
    restart.
    """

    folder: Path
    #: A descriptor by which the supervisor locks the folder.
    _lock: int | None = field(default=None, init=False)

    @classmethod
    @contextmanager
    def make(cls) -> "Iterator[Runtime]":
        """Make a folder for the block. Those of services that were killed go.

        A service locks its folder: so it is known to be alive, and systemd-tmpfiles leaves the folder alone.
        """
        for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/metrics"):
            with suppress(OSError), locked(left.parent):  # else its service is alive, or somebody else's
                shutil.rmtree(left.parent)
        with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
            runtime = cls(Path(folder))
            runtime._hold()
            try:
                runtime.metrics().mkdir()
                yield runtime
            finally:
                runtime._release()

    def restore(self) -> None:
        """Make the folder again, for its owner alone and locked, and that of the counts, when either is gone."""
        try:
            self.folder.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            self._release()  # what it locked is gone
            self._hold()
        self.metrics().mkdir(exist_ok=True)

    def _hold(self) -> None:
        self._lock = lock(self.folder)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def socket(self, name: str) -> Path:
        """Return the address of the workers over a snapshot."""
        return self.folder / f"{name}{_SOCKET}"

    def data(self, name: str) -> Path | None:
        """Return the folder of a snapshot; None when plain files are served. Raises OSError when it is not known."""
        folder = self._data(name).readlink()
        return None if folder == Path(_PLAIN) else folder

    def restarts(self) -> int:
        """Return how many workers have ended and were replaced."""
        sizes = 0
        for path in self.folder.glob("*.ended"):
            with suppress(FileNotFoundError):  # a cleaner may just have removed it
                sizes += path.stat().st_size
        return sizes

    def metrics(self) -> Path:
        """Return the folder in which the web processes put their counts together."""
        return self.folder / "metrics"

    def publish(self, name: str, path: Path | None) -> None:
        """Serve another snapshot from now on; its workers have to be there."""
        self.restore()
        point(self._data(name), path or Path(_PLAIN))
        point(self._current, Path(self.socket(name).name))

    def is_whole(self, name: str) -> bool:
        """Tell whether the links that lead to a snapshot are there, and the folder of the counts."""
        return all(map(os.path.lexists, (self._current, self._data(name), self.metrics())))

    def retire(self, name: str) -> None:
        """Forget the folder of a snapshot."""
        with suppress(OSError):
            self._data(name).unlink()

    def current(self) -> str:
        """Return the name of the snapshot that is served now. Raises OSError when it is not known."""
        # Each request asks this, and a path's own function takes four times as long.
        return os.readlink(self._current).removesuffix(_SOCKET)  # noqa: PTH115

    @property
    def _current(self) -> Path:
        return self.folder / "current"

    def _data(self, name: str) -> Path:
        return self.folder / f"{name}.data"


def allocate(path: Path, size: int) -> int:
    """Return a descriptor of a file of so many bytes for processes to map, all of them allocated.

    When a disk is full, a write into a mapped page without a place on it ends the process (SIGBUS). Where there is no
    room, the file is in memory, and nobody else sees it. Raises OSError on systems without such files. Its name is not
    to be used again: a cleaner may have removed it by then.
    """
    try:
        with path.open("a+b") as file:  # at its end; what is there stays
            file.write(bytes(max(0, size - file.tell())))
            file.flush()
            return os.dup(file.fileno())
    except OSError as error:
        if not hasattr(os, "memfd_create"):
            raise
        report(f"{path}: {error.strerror}; each web process counts for itself")
        with suppress(OSError):
            path.unlink()  # what could not be allocated
        memory = os.memfd_create(path.name)
        os.truncate(memory, size)
        return memory


def report(text: str) -> None:
    """Write a line to the log; when nobody can take it, such as a full disk, the service goes on without it."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)
