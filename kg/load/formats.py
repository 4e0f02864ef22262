"""The formats of files that can be loaded: one row for each file extension."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.load.obo import read_obo
from kg.load.source import Readable, RefusedFileError, read_guarded_json
from kg.load.xml import GuardedXml

_PLACE = re.compile(r"^Parser error (at|between) [^:]*: ")
_JSON_LD = {"@context", "@graph", "@id", "@type"}


@dataclass(frozen=True)
class Format:
    """A format by its name and its reader, which takes the base of relative IRIs; ``whole``: it reads all at once."""

    name: str
    read: Callable[[Readable, str], Iterator[ox.Quad]]
    whole: bool = False


def format_of(path: Path) -> Format:
    """Return the format of a file by its extension. Raises RefusedFileError for one that is unknown.

    >>> format_of(Path("biolink_model.owl.ttl.gz")).name
    'Turtle'
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    format_ = FORMATS.get(suffixes[-1]) if suffixes else None
    if format_ is None:
        raise RefusedFileError(f"does not end in one of {', '.join(FORMATS)}, with or without .gz")
    return format_


def _read_rdf(source: Readable, base: str, format_: ox.RdfFormat) -> Iterator[ox.Quad]:
    """Read quads. Raises RefusedFileError with the line of an error, and for an external JSON-LD context."""
    guarded = GuardedXml(source) if format_ == ox.RdfFormat.RDF_XML else source
    try:
        yield from ox.parse(cast(IO[bytes], guarded), format=format_, base_iri=base)
    except SyntaxError as error:
        if "LoadDocumentCallback" in str(error):
            raise RefusedFileError("refers to an external JSON-LD context; write it into the file") from None
        place = f", line {error.lineno}" if error.lineno else ""
        raise RefusedFileError(f"is not {format_.name}{place}: {_PLACE.sub('', error.msg)}") from None


def _read_json_ld(source: Readable, base: str) -> Iterator[ox.Quad]:
    return _read_rdf(BytesIO(read_guarded_json(source)), base, ox.RdfFormat.JSON_LD)


def _read_json(source: Readable, base: str) -> Iterator[ox.Quad]:
    """Read JSON-LD, OBO Graphs or an ontology in columns, told apart by their keys."""
    data = read_guarded_json(source)
    try:
        document = json.loads(data)
    except ValueError as error:
        raise RefusedFileError(f"is not JSON: {error}") from None
    keys = document.keys() if isinstance(document, dict) else set()
    # Their models take a while to import: files of other formats need not wait for them.
    if "graphs" in keys:
        from kg.load.obographs import read_obo_graphs

        return read_obo_graphs(document)
    if {"terms", "parents"} <= keys:
        from kg.load.obographs import read_columns

        return read_columns(document)
    if isinstance(document, list) or _JSON_LD & keys:
        return _read_rdf(BytesIO(data), base, ox.RdfFormat.JSON_LD)
    raise RefusedFileError("is JSON, but neither JSON-LD, nor OBO Graphs, nor an ontology in columns")


def _rdf(format_: ox.RdfFormat) -> Format:
    return Format(format_.name, partial(_read_rdf, format_=format_))


_RDF_XML = _rdf(ox.RdfFormat.RDF_XML)

#: Every format by the extension of its files, which may be followed by ``.gz``.
FORMATS: dict[str, Format] = {
    ".rdf": _RDF_XML,
    ".owl": _RDF_XML,
    ".xml": _RDF_XML,
    ".ttl": _rdf(ox.RdfFormat.TURTLE),
    ".nt": _rdf(ox.RdfFormat.N_TRIPLES),
    ".nq": _rdf(ox.RdfFormat.N_QUADS),
    ".trig": _rdf(ox.RdfFormat.TRIG),
    ".jsonld": Format("JSON-LD", _read_json_ld, whole=True),
    ".json": Format("JSON", _read_json, whole=True),
    ".obo": Format("OBO", lambda source, _: read_obo(source), whole=True),
}
