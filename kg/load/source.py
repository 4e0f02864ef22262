"""The bytes of a file from elsewhere: unpacked, and refused when they ask for more than a file may have."""

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Protocol, cast

#: Levels of elements in XML and of brackets in JSON; parsers need quadratic time or memory for deeper ones.
DEPTH = 128
#: Levels of triple terms within triple terms; the engine's parser breaks at some ten thousand.
TERM_DEPTH = 8
#: Bytes that may come of any file, however small: what is out of proportion shows in larger ones.
ALLOWANCE = 16 * 2**20
#: Times that a gzip file may grow when unpacked; ontologies grow up to 32 times, zeros 1,000 times.
UNPACKING = 200

MIB = 2**20
_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class RefusedFileError(ValueError):
    """A file that cannot be loaded; the message continues a sentence that begins with its name: "is not Turtle"."""


@dataclass(frozen=True)
class Limits:
    """Limits of the files of one graph; the last four are settings.

    ``unpacked`` is the size of a file after decompression in bytes, ``json`` the same for JSON, which is read at once;
    ``literal`` is the length of a literal or an IRI in characters; ``memory`` is in bytes. The files may take
    ``seconds`` of wall time and ``pace`` seconds more for each MiB, and become ``expansion`` times as many bytes of
    N-Quads, beside the `ALLOWANCE`.
    """

    unpacked: int = 2 * 2**30
    json: int = 512 * 2**20
    triples: int = 10_000_000
    literal: int = 2**20
    seconds: float = 60
    memory: int = 2 * 2**30
    pace: float = 3
    expansion: float = 20

    def time(self, size: int) -> float:
        """Return how many seconds files of so many bytes may take."""
        return self.seconds + self.pace * size / MIB

    def written(self, size: int) -> float:
        """Return how many bytes of N-Quads files of so many bytes may become."""
        return ALLOWANCE + self.expansion * size

    @property
    def too_slow(self) -> str:
        """What is said of a file that takes longer."""
        allowed = f"{self.seconds:g} seconds and {self.pace:g} for each MiB"
        return f"needs more time than {allowed}; KG_LOAD_TIMEOUT allows more"

    @property
    def too_large(self) -> str:
        """What is said of a file that needs more memory."""
        return f"needs more than {self.memory / MIB:,.0f} MiB of memory; KG_LOAD_MEMORY allows more"

    @property
    def too_expansive(self) -> str:
        """What is said of a file that becomes too many bytes."""
        return f"grows more than {self.expansion:g} times when its triples are written; KG_LOAD_EXPANSION allows more"


class Readable(Protocol):
    """A file, or a guard in front of one."""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size`` of them; all that are left when it is negative."""
        ...


class Source:
    """A file that is read once from its beginning, decompressed when its name ends in ``.gz``, without a BOM.

    `read` raises RefusedFileError for a damaged gzip file, and beyond ``limit`` bytes; ``advance`` is told how many
    bytes each call has read.
    """

    def __init__(self, path: Path, limit: int, advance: Callable[[int], object] = lambda _: None) -> None:
        packed = path.suffix.lower() == ".gz"
        self._file = cast(IO[bytes], partial(gzip.open, path)() if packed else path.open("rb"))
        self._limit = min(limit, ALLOWANCE + UNPACKING * path.stat().st_size) if packed else limit
        self._left, self._advance = self._limit, advance

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size`` of them; all that are left when it is negative."""
        wanted = self._left + 1 if size < 0 else min(size, self._left + 1)
        at_start = self._left == self._limit
        try:
            data = self._file.read(wanted)
        except EOFError:
            raise RefusedFileError("is a gzip file that is cut off") from None
        except (gzip.BadGzipFile, zlib.error):
            raise RefusedFileError("is not a gzip file, or is damaged") from None
        self._left -= len(data)
        if self._left < 0:
            raise RefusedFileError(f"has more than {self._limit:,} bytes when unpacked")
        self._advance(len(data))
        return data.removeprefix(_BOM) if at_start else data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_guarded_json(source: Readable) -> bytes:
    """Return a JSON file whole. Raises RefusedFileError when its brackets are nested too deeply."""
    data = source.read()
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", data)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEPTH:
            raise RefusedFileError(f"nests brackets deeper than {DEPTH} levels")
    return data
