"""The dataset, or a part of it, in the syntaxes of RDF; written in pieces, so that little is held at once."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice, repeat
from typing import TypeVar

import pyoxigraph as ox

from kg.export.extract import Extract
from kg.export.lines import read_chunks, read_lines
from kg.export.text import is_xml
from kg.prefixes import EXTERNAL, PREFIXES

_BATCH = 4000  # quads that are written at once
_NAMESPACES = dict(sorted((PREFIXES | EXTERNAL).items()))
_HEADER = re.compile(rb"(@prefix [^\n]*\n)+")
_T = TypeVar("_T")
_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*$")


def write_nquads(extract: Extract) -> Iterator[bytes]:
    """Yield the quads just as they are kept."""
    return read_chunks(extract)


def write_ntriples(extract: Extract) -> Iterator[bytes]:
    """Yield each triple once, whichever graphs hold it."""
    for batch in _batches(_triples(extract)):
        yield _serialised(batch, ox.RdfFormat.N_TRIPLES)


def write_turtle(extract: Extract) -> Iterator[bytes]:
    """Yield the same as Turtle."""
    yield _prefixes()
    for batch in _batches(_triples(extract)):
        yield _HEADER.sub(b"", _serialised(batch, ox.RdfFormat.TURTLE), count=1)


def write_trig(extract: Extract) -> Iterator[bytes]:
    """Yield the quads as TriG."""
    yield _prefixes()
    for batch in _batches(_quads(extract)):
        ordered = sorted(batch, key=lambda quad: str(quad.graph_name))
        yield _HEADER.sub(b"", _serialised(ordered, ox.RdfFormat.TRIG), count=1)


def write_json_ld(extract: Extract) -> Iterator[bytes]:
    """Yield the quads as expanded JSON-LD, one array of node objects and of graphs."""
    between = chain((b"",), repeat(b",\n"))
    yield b"["
    for batch in _batches(_quads(extract)):
        ordered = sorted(batch, key=lambda quad: str(quad.graph_name))
        yield next(between) + _serialised(ordered, ox.RdfFormat.JSON_LD)[1:-1]
    yield b"]\n"


def write_rdf_xml(extract: Extract) -> Iterator[bytes]:
    """Yield each triple that RDF/XML can hold: its predicate ends in a name, and its text has no control characters."""
    names = "".join(f'\n  xmlns:{prefix}="{namespace}"' for prefix, namespace in _NAMESPACES.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'.encode()
    fitting = (triple for triple in _triples(extract) if _fits_xml(triple))
    for batch in _batches(fitting):
        yield _xml(batch).split(b"\n", 2)[2].removesuffix(b"</rdf:RDF>")
    yield b"</rdf:RDF>\n"


def _prefixes() -> bytes:
    """Write the prefixes in order: the serialiser writes them as chance has it."""
    return "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in _NAMESPACES.items()).encode()


def _quads(extract: Extract) -> Iterator[ox.Quad]:
    for lines in _batches(read_lines(extract)):
        yield from ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS)


def _triples(extract: Extract) -> Iterator[ox.Triple]:
    """Yield each triple once: the lines are sorted, so that those of other graphs follow it."""
    for triple, _ in groupby(quad.triple for quad in _quads(extract)):
        yield triple


def _fits_xml(triple: ox.Triple) -> bool:
    text = triple.object.value if isinstance(triple.object, ox.Literal) else ""
    return _XML_NAME.search(triple.predicate.value) is not None and is_xml(text)


def _xml(batch: list[ox.Triple]) -> bytes:
    """Write a document in which carriage returns are references: a reader of XML takes bare ones for line feeds."""
    return _serialised(batch, ox.RdfFormat.RDF_XML).replace(b"\r", b"&#13;")


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _serialised(batch: "list[ox.Quad] | list[ox.Triple]", format_: ox.RdfFormat) -> bytes:
    text = ox.serialize(batch, format=format_, prefixes=_NAMESPACES)
    assert text is not None
    return text
