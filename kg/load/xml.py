"""A guard before the parser of RDF/XML, which expands entities without a limit and stalls on deep nesting.

Files written by older tools begin with a DOCTYPE whose entities stand for namespaces; these are harmless and pass.
"""

from typing import Protocol
from xml.parsers import expat

from kg.load.limits import DEPTH, ENTITY, RefusedFileError


class Readable(Protocol):
    """What can be read."""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        ...


class GuardedXml:
    """Hands on an XML file, each piece after a parser without any powers has seen it.

    Raises RefusedFileError from `read` for what is not well-formed or nested too deeply, for entities that are
    external, long or made of others, and for a DTD elsewhere.
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
            raise RefusedFileError("names a DTD that stands elsewhere")

    def _entity(self, name: str, parameter: bool, value: str | None, *_external: object) -> None:
        if parameter or value is None:
            raise RefusedFileError(f"declares {name!r}, a parameter entity or one that stands elsewhere")
        if len(value) > ENTITY or "&" in value or "<" in value:
            raise RefusedFileError(f"declares the entity {name!r}, which is more than the name of a namespace")
