"""Statements of the graph ``metadata``: those that are written, and how the others are made."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg import __version__
from kg.errors import RecordsError, Violation
from kg.prefixes import BASE, GRAPH, expand

#: The three levels of the HCLS profile: the dataset, its version, the file that holds it.
DATASET = ox.NamedNode(BASE.rstrip("/"))
VERSION = ox.NamedNode(f"{BASE}version/{__version__}")
FILE = ox.NamedNode(f"{VERSION.value}#nquads")

_GRAPH = ox.NamedNode(GRAPH + "metadata")


def node(curie: str) -> ox.NamedNode:
    """Return the term that a CURIE names."""
    return ox.NamedNode(expand(curie))


def part(name: str) -> ox.NamedNode:
    """Return the IRI of something that only this version has."""
    return ox.NamedNode(f"{VERSION.value}#{name}")


def statement(subject: ox.NamedNode, curie: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    """Return a statement of the graph ``metadata``."""
    return ox.Quad(subject, node(curie), value, _GRAPH)


def digest(subject: ox.NamedNode, sha256: str) -> Iterator[ox.Quad]:
    """Yield the SHA-256 of a file, as SPDX and DCAT 3 write it."""
    checksum = ox.NamedNode(f"{subject.value}-sha256")
    yield statement(subject, "spdx.term:checksum", checksum)
    yield statement(checksum, "rdf:type", node("spdx.term:Checksum"))
    yield statement(checksum, "spdx.term:algorithm", node("spdx.term:checksumAlgorithm_sha256"))
    yield statement(checksum, "spdx.term:checksumValue", ox.Literal(sha256, datatype=node("xsd:hexBinary")))


def read_statements(folder: Path) -> Iterator[ox.Quad]:
    """Read what is written of the dataset (``*.ttl``). Raises RecordsError for what is not Turtle."""
    for path in sorted(folder.glob("*.ttl")):
        try:
            for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=VERSION.value):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, _GRAPH)
        except SyntaxError as error:
            raise RecordsError([Violation(path.name, error.lineno or 0, "", str(error), "Fix the Turtle")]) from None
