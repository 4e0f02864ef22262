"""Reads JSON files: JSON-LD or OBO Graphs, told by their keys, after a look at how deeply they are nested."""

import json
import re
from collections.abc import Iterator

import pyoxigraph as ox

from kg.load.limits import DEPTH, RefusedFileError
from kg.load.obographs import read_obo_graphs
from kg.load.rdf import read_json_ld
from kg.load.xml import Readable

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_JSON_LD = {"@context", "@graph", "@id", "@type"}


def read_json(source: Readable) -> Iterator[ox.Quad]:
    """Read a JSON file of one of the formats that say what they mean."""
    data = source.read()
    _check_depth(data)
    try:
        document = json.loads(data)
    except ValueError as error:
        raise RefusedFileError(f"is not JSON: {error}") from None
    if isinstance(document, dict) and "graphs" in document:
        return read_obo_graphs(document)
    if isinstance(document, list) or _JSON_LD & document.keys():
        return read_json_ld(data)
    raise RefusedFileError("is JSON, but neither JSON-LD nor OBO Graphs")


def read_json_ld_file(source: Readable) -> Iterator[ox.Quad]:
    """Read a file that says that it is JSON-LD."""
    data = source.read()
    _check_depth(data)
    return read_json_ld(data)


def _check_depth(data: bytes) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", data)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEPTH:
            raise RefusedFileError(f"nests brackets deeper than {DEPTH} levels")
