"""A little memory that the web processes share: a file, mapped by each of them, and its lock."""

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Shared:
    """Bytes that all processes see which open the same file; zero at first."""

    def __init__(self, size: int, path: Path | None) -> None:
        """Share ``size`` bytes in a file, or without one among the threads of this process."""
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600) if path else -1
        if path:
            os.ftruncate(self._file, size)
        self.bytes = mmap.mmap(self._file, size)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other threads and processes out for a while; the end of a process ends its while."""
        with self._lock:
            if self._file < 0:
                yield
                return
            # Not lockf: its locks are of a whole process, so that threads which hold one file and wait for another
            # look like a deadlock to the kernel, which then refuses one of them.
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
