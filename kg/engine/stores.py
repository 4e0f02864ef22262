"""Fills the stores of the embedded engine: in memory, or on disk for a dataset that is too large for that.

A store on disk is a folder of RocksDB. It is filled once and then only read, by as many processes as like to: opening
it takes some hundredths of a second, whatever its size. As RocksDB has threads, which no fork takes along, each process
opens it for itself.
"""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import pyoxigraph as ox

from kg.files import sync

_ANY = ox.NamedNode("urn:any")


def in_memory(quads: Iterable[ox.Quad], *, union: bool) -> ox.Store:
    """Return a store of quads; with ``union`` its default graph has every triple of every named graph, once."""
    store = ox.Store()
    store.bulk_extend(doubled(quads) if union else quads)
    return store


def doubled(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield each quad in its graph, and in the default graph."""
    for quad in quads:
        yield quad
        yield ox.Quad(quad.subject, quad.predicate, quad.object)


@lru_cache(10_000)
def as_held(literal: ox.Literal) -> ox.Literal:
    """Return a literal as a store gives it back: two spellings of one number are one.

    >>> integer = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    >>> as_held(ox.Literal("007", datatype=integer)).value
    '7'
    """
    store = ox.Store()
    store.add(ox.Quad(_ANY, _ANY, literal))
    held: ox.Literal = next(iter(store)).object
    return held


def read(paths: Sequence[Path]) -> Iterator[ox.Quad]:
    """Yield the quads of RDF files of any format (see `write`)."""
    several = len(paths) > 1  # blank nodes of two files differ, whatever their labels
    for path in paths:
        with path.open("rb") as file:
            _skip_mark(file)
            yield from ox.parse(file, _format(path), base_iri=_base(path), rename_blank_nodes=several)


def write(folder: Path, paths: Sequence[Path], *, union: bool) -> None:
    """Write the quads of RDF files into a store on disk, which may have others.

    A format is recognised by its extension; relative IRIs are resolved against the file's own IRI. With ``union``, for
    which the files have to be sorted N-Quads, the default graph has every triple of every named graph once. Raises
    SyntaxError, ValueError or OSError for a file that cannot be read.
    """
    store = ox.Store(folder)
    for path in paths:
        if union:
            with TemporaryDirectory(dir=folder) as scratch:  # if we are killed, it is removed with the store
                doubled = Path(scratch, path.name)
                _double(path, doubled)
                store.bulk_load(path=doubled, format=ox.RdfFormat.N_QUADS)
            continue
        with path.open("rb") as file:
            if _skip_mark(file):
                store.bulk_load(file, _format(path), base_iri=_base(path))
            else:  # from Python's own files it reads more slowly
                store.bulk_load(path=path, format=_format(path), base_iri=_base(path))
    store.flush()


def finish(folder: Path) -> None:
    """Put a store in order once nothing more is written, and wait until it is on the disk.

    The loader leaves a sorted file for each million quads, and every look-up has to ask all of them; merged, a join is
    up to twelve times faster.
    """
    store = ox.Store(folder)
    store.optimize()
    store.flush()
    del store
    for path in folder.iterdir():
        sync(path)


def _double(quads: Path, doubled: Path) -> None:
    """Write sorted N-Quads, each in a named graph, and their triples: two quads of one triple are neighbours.

    It becomes one file, as in each file that is loaded blank nodes have names of their own.
    """
    with quads.open("rb") as lines, doubled.open("wb") as file:
        for triple, same in groupby(lines, key=_triple):
            file.writelines((*same, triple))


def _triple(quad: bytes) -> bytes:
    return quad[: quad.rindex(b" <")] + b" .\n"


def _skip_mark(file: IO[bytes]) -> bool:
    """Skip a byte order mark; return whether there is one."""
    if file.read(len(BOM_UTF8)) == BOM_UTF8:
        return True
    file.seek(0)
    return False


def _format(path: Path) -> ox.RdfFormat | None:
    extension = path.suffix[1:].lower()
    return ox.RdfFormat.RDF_XML if extension == "owl" else ox.RdfFormat.from_extension(extension)


def _base(path: Path) -> str:
    return path.resolve().as_uri()
