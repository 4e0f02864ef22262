"""The bytes of a file from elsewhere: unpacked, and refused when they ask for more than a file may have."""

import gzip
import re
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Protocol, cast
from xml.parsers import expat

#: Levels of elements in XML and of brackets in JSON; parsers need quadratic time or memory for deeper ones.
DEPTH = 128
#: Levels of triple terms within triple terms; the engine's parser breaks at some ten thousand.
TERM_DEPTH = 8
#: Characters of an entity that a DOCTYPE declares: enough for a namespace, too few to blow up a file.
ENTITY = 256

_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class RefusedFileError(ValueError):
    """A file that cannot be loaded; the message continues a sentence that begins with its name: "is not Turtle"."""


@dataclass(frozen=True)
class Limits:
    """Limits of the files of one graph.

    ``unpacked`` is the size of a file after decompression in bytes, ``json`` the same for JSON, which is read at once;
    ``literal`` is the length of a literal or an IRI in characters; ``memory`` is in bytes, ``seconds`` is wall time.
    """

    unpacked: int = 2 * 2**30
    json: int = 512 * 2**20
    triples: int = 10_000_000
    literal: int = 2**20
    memory: int = 8 * 2**30
    seconds: float = 600


class Readable(Protocol):
    """A file, or a guard in front of one."""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size`` of them; all that are left when it is negative."""
        ...


class Source:
    """A file that is read once from its beginning, decompressed when its name ends in ``.gz``, without a BOM.

    `read` raises RefusedFileError for a damaged gzip file, and beyond ``limit`` bytes.
    """

    def __init__(self, path: Path, limit: int) -> None:
        opened = partial(gzip.open, path) if path.suffix.lower() == ".gz" else partial(path.open, "rb")
        self._file = cast(IO[bytes], opened())
        self._left, self._limit = limit, limit

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size`` of them; all that are left when it is negative."""
        wanted = self._left + 1 if size < 0 else min(size, self._left + 1)
        at_start = self._left == self._limit
        try:
            data = self._file.read(wanted)
        except EOFError:
            raise RefusedFileError("is a gzip file that is cut off") from None
        except (gzip.BadGzipFile, zlib.error):
            raise RefusedFileError("is no gzip file, or a damaged one") from None
        self._left -= len(data)
        if self._left < 0:
            raise RefusedFileError(f"has more than {self._limit:,} bytes when unpacked")
        return data.removeprefix(_BOM) if at_start else data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class GuardedXml:
    """An XML file of which a parser without any powers sees each piece first.

    The parser of RDF/XML expands entities without a limit and stalls on deep nesting. `read` raises RefusedFileError
    for what is not well-formed or nested too deeply, for entities that are external, long or made of others, and for
    an external DTD. A DOCTYPE whose entities stand for namespaces, as older tools write it, passes.
    """

    def __init__(self, source: Readable) -> None:
        self._source, self._depth = source, 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._source.read(size)
        try:
            self._parser.Parse(data, not data)
        except expat.ExpatError as error:
            raise RefusedFileError(f"is not well-formed XML: {error}") from None
        return data

    def _start(self, *_: object) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise RefusedFileError(f"nests elements deeper than {DEPTH} levels")

    def _end(self, *_: object) -> None:
        self._depth -= 1

    def _doctype(self, _name: str, system: str | None, public: str | None, _internal: bool) -> None:
        if system or public:
            raise RefusedFileError("names an external DTD")

    def _entity(self, name: str, parameter: bool, value: str | None, *_external: object) -> None:
        if parameter or value is None:
            raise RefusedFileError(f"declares {name!r}, an external or a parameter entity")
        if len(value) > ENTITY or "&" in value or "<" in value:
            raise RefusedFileError(f"declares the entity {name!r}, which is more than the name of a namespace")


def read_guarded_json(source: Readable) -> bytes:
    """Return a JSON file whole. Raises RefusedFileError when its brackets are nested too deeply."""
    data = source.read()
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", data)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEPTH:
            raise RefusedFileError(f"nests brackets deeper than {DEPTH} levels")
    return data
