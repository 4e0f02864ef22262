"""Reads the standard formats of RDF, through the engine's own parsers."""

from collections.abc import Iterator
from io import BytesIO
from typing import IO, cast

import pyoxigraph as ox

from kg.load.limits import RefusedFileError
from kg.load.xml import GuardedXml, Readable


def read_rdf(source: Readable, format_: ox.RdfFormat) -> Iterator[ox.Quad]:
    """Read quads as they stand; RefusedFileError tells where a file is not what its name says.

    A JSON-LD context that stands elsewhere is an error: nothing is fetched.
    """
    guarded = GuardedXml(source) if format_ == ox.RdfFormat.RDF_XML else source
    try:
        yield from ox.parse(cast(IO[bytes], guarded), format=format_)
    except SyntaxError as error:
        if "LoadDocumentCallback" in str(error):
            raise RefusedFileError(
                "refers to a JSON-LD context that stands elsewhere; write it into the file"
            ) from None
        place = f", line {error.lineno}" if error.lineno else ""
        raise RefusedFileError(f"is not {format_.name}{place}: {error.msg}") from None


def read_json_ld(data: bytes) -> Iterator[ox.Quad]:
    """Read JSON-LD that has been read whole."""
    return read_rdf(BytesIO(data), ox.RdfFormat.JSON_LD)
