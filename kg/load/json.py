"""Reads JSON files: JSON-LD, OBO Graphs or columns, told by their keys, after a look at how deep their brackets go."""

import json
import re
from collections.abc import Iterator

import pyoxigraph as ox

from kg.load.limits import DEPTH, RefusedFileError
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
    keys = document.keys() if isinstance(document, dict) else set()
    # Their models take a while to import, which files of other formats need not wait for.
    if "graphs" in keys:
        from kg.load.obographs import read_obo_graphs

        return read_obo_graphs(document)
    if {"terms", "parents"} <= keys:
        from kg.load.columns import read_columns

        return read_columns(document)
    if isinstance(document, list) or _JSON_LD & keys:
        return read_json_ld(data)
    raise RefusedFileError("is JSON, but neither JSON-LD, nor OBO Graphs, nor an ontology in columns")


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
