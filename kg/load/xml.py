"""XML from elsewhere, read by a parser without any powers before the parser of RDF/XML sees it."""

import codecs
import re
from io import BytesIO, RawIOBase
from typing import TYPE_CHECKING
from xml.parsers import expat

from kg.load.source import DEPTH, Readable, RefusedFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Characters of an entity that a DOCTYPE declares: enough for a namespace, too few to blow up a file.
ENTITY = 256
#: Attributes of an element, declarations of namespaces included; parsers compare each with all others.
ATTRIBUTES = 1000

_BLOCK = 2**16
_NO_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
#: How a file in UTF-16 begins (XML 1.0, appendix F).
_UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
#: The codecs of the encodings that are read, by their names in XML (IANA).
_CODECS = {
    "utf-8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
}
_DECLARATION = r"""(<\?xml[^>]*?)\s+encoding\s*=\s*["']([A-Za-z][\w.-]*)["']"""
_DECLARED = re.compile(_DECLARATION)
_DECLARED_BYTES = re.compile(_DECLARATION.encode())


class GuardedXml(RawIOBase):
    """An XML file as UTF-8, of which a parser without any powers sees each piece first.

    The parser of RDF/XML reads UTF-8 only, expands entities without a limit, and stalls on deep nesting and on many
    attributes. Reading raises RefusedFileError for what is not well-formed, for an encoding that is not known, for too
    much of these, for entities that are external, long or made of others, and for an external DTD. A DOCTYPE whose
    entities stand for namespaces, as older tools write it, passes.
    """

    def __init__(self, source: Readable) -> None:
        self._source, self._depth = source, 0
        self._checked, self._ended = BytesIO(), False
        self._fed = self._unfinished = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._parser = expat.ParserCreate("utf-8")
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read the next bytes into a buffer; return how many they are."""
        view = memoryview(buffer)
        while not (data := self._checked.read(len(view))) and not self._ended:
            self._checked = BytesIO(self._check())
        view[: len(data)] = data
        return len(data)

    def _check(self) -> bytes:
        """Return the next piece. It doubles while a tag or a comment lasts, whose beginning is parsed each time."""
        data = self._source.read(max(_BLOCK, self._unfinished))
        self._ended = not data
        data = self._decode(data)
        self._fed += len(data)
        try:
            self._parser.Parse(data, self._ended)
        except expat.ExpatError as error:
            if error.code == _NO_MEMORY:
                raise MemoryError from None
            raise RefusedFileError(f"is not well-formed XML: {error}") from None
        self._unfinished = self._fed - self._parser.CurrentByteIndex
        return data

    def _decode(self, data: bytes) -> bytes:
        """Return a piece as UTF-8; the first of a file tells the encoding, and then no longer declares it."""
        if self._decoder:
            return self._decoder.decode(data, final=self._ended).encode()
        if self._fed or (codec := _codec(data)) == "utf-8":
            return data
        self._decoder = codecs.getincrementaldecoder(codec)()
        return _DECLARED.sub(r"\1", self._decoder.decode(data), count=1).encode()

    def _start(self, _name: str, attributes: list[str]) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise RefusedFileError(f"nests elements deeper than {DEPTH} levels")
        if len(attributes) > 2 * ATTRIBUTES:  # names and values
            raise RefusedFileError(f"contains an element with more than {ATTRIBUTES:,} attributes")

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


def _codec(start: bytes) -> str:
    """Return the codec of a file that begins like this. Raises RefusedFileError for an encoding that is not read.

    >>> _codec(b'<?xml version="1.0" encoding="ISO-8859-1"?>'), _codec(b"<rdf:RDF/>")
    ('latin-1', 'utf-8')
    """
    if codec := _UTF_16.get(start[:2]):
        return codec
    declared = _DECLARED_BYTES.match(start)
    name = declared[2].decode() if declared else "utf-8"
    if name.lower() not in _CODECS:
        raise RefusedFileError(f"is written in {name}; convert it to UTF-8")
    return _CODECS[name.lower()]
