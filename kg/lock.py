"""The lock of a data folder: only one process at a time changes it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import BuildBusyError, DataFolderError


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Lock a data folder for the block; the system releases the lock when the process ends, however it ends.

    Raises DataFolderError when the folder cannot be written to, BuildBusyError when another process has the lock.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock_file = (data / ".lock").open("w")
    except OSError as error:
        problem = f"cannot write to {data.absolute()} ({error.strerror}); name another folder by KG_DATA"
        raise DataFolderError(problem) from None
    with lock_file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildBusyError(f"another build is running in {data}; wait for it to finish") from None
        yield
