"""The lock of a data folder: one process at a time changes what stands in it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import BuildBusyError


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder; the system frees it when the process ends, however it ends.

    Raises BuildBusyError when another process holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildBusyError(f"another build is at work in {data}; wait for it to end") from None
        yield
