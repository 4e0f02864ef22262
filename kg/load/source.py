"""A file as bytes: decompressed when it is gzipped, and never more of it than it may hold."""

import gzip
import zlib
from functools import partial
from pathlib import Path
from typing import IO, cast

from kg.load.limits import RefusedFileError


class Source:
    """A file that is read once, from its beginning; what reads it needs `read` alone.

    Raises RefusedFileError from `read` for a damaged or cut off gzip file, and beyond ``most`` bytes.
    """

    def __init__(self, path: Path, most: int) -> None:
        opened = partial(gzip.open, path) if path.suffix.lower() == ".gz" else partial(path.open, "rb")
        self._file = cast(IO[bytes], opened())
        self._left, self._most = most, most

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size`` of them; all that are left when it is negative."""
        wanted = self._left + 1 if size < 0 else min(size, self._left + 1)
        try:
            data = self._file.read(wanted)
        except EOFError:
            raise RefusedFileError("is a gzip file that is cut off") from None
        except (gzip.BadGzipFile, zlib.error):
            raise RefusedFileError("is no gzip file, or a damaged one") from None
        self._left -= len(data)
        if self._left < 0:
            raise RefusedFileError(f"holds more than {self._most:,} bytes when unpacked")
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
