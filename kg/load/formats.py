"""The formats of files that can be loaded: one row a file extension."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from kg.load.json import read_json, read_json_ld_file
from kg.load.limits import RefusedFileError
from kg.load.obo import read_obo
from kg.load.rdf import read_rdf
from kg.load.xml import Readable


@dataclass(frozen=True)
class Format:
    """A format by its name, and what reads it; ``whole`` says that it is read at once, not piece by piece."""

    name: str
    read: Callable[[Readable], Iterator[ox.Quad]]
    whole: bool = False


def _rdf(format_: ox.RdfFormat) -> Format:
    return Format(format_.name, partial(read_rdf, format_=format_))


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
    ".jsonld": Format("JSON-LD", read_json_ld_file, whole=True),
    ".json": Format("JSON", read_json, whole=True),
    ".obo": Format("OBO", read_obo, whole=True),
}


def format_of(path: Path) -> Format:
    """Return the format that a file's name tells. Raises RefusedFileError for an extension that tells none.

    >>> format_of(Path("biolink_model.owl.ttl.gz")).name
    'Turtle'
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    found = FORMATS.get(suffixes[-1]) if suffixes else None
    if found is None:
        raise RefusedFileError(f"does not end in one of {', '.join(FORMATS)}, with or without .gz")
    return found
