"""Reads the W3C manifests: which tests there are, with their data, queries and expected results."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")


@dataclass(frozen=True)
class Entry:
    """One test as its manifest writes it. The id is its folder and its name."""

    id: str
    kind: str
    graph: Graph
    node: Node

    @property
    def folder(self) -> str:
        return self.id.rpartition("/")[0]


@dataclass(frozen=True)
class Case:
    """A test of a query."""

    id: str
    query: Path
    data: tuple[Path, ...]
    named: tuple[Path, ...]
    result: Path | None
    #: Whether duplicate solutions may be left out (REDUCED).
    lax: bool

    @property
    def text(self) -> str:
        """The query, its relative IRIs resolved against its file."""
        return f"BASE <{self.query.as_uri()}>\n{self.query.read_text(encoding='utf-8')}"

    @property
    def names_its_dataset(self) -> bool:
        """Whether the query says itself which graphs it is about (FROM)."""
        return re.search(r"\bFROM\b", self.text) is not None

    @property
    def selects_all(self) -> bool:
        """Whether the variables of the result have no order (SELECT *)."""
        return re.search(r"SELECT\s+(DISTINCT\s+|REDUCED\s+)?\*", self.text, re.IGNORECASE) is not None

    @property
    def around(self) -> tuple[Path, ...]:
        """The files that a query may name itself (FROM), when its manifest names none."""
        return () if self.data or self.named else tuple(sorted(self.query.parent.glob("data-*.ttl")))


@cache
def read_entries(folder: Path) -> tuple[Entry, ...]:
    """Return the tests of every manifest below a folder, the deprecated and the extended ones included."""
    return tuple(entry for path in sorted(folder.rglob("*manifest*.ttl")) for entry in _read(path, folder))


def read_case(entry: Entry) -> Case:
    """Return what a test of a query says."""
    graph, node = entry.graph, entry.node
    action = graph.value(node, MF.action)
    result = graph.value(node, MF.result)
    return Case(
        entry.id,
        path_of(action if isinstance(action, URIRef) else graph.value(action, QT.query)),
        tuple(path_of(found) for found in graph.objects(action, QT.data)),
        tuple(path_of(found) for found in graph.objects(action, QT.graphData)),
        path_of(result) if isinstance(result, URIRef) else None,
        graph.value(node, MF.resultCardinality) == MF.LaxCardinality,
    )


def path_of(node: Node) -> Path:
    """Return the file that a ``file:`` IRI names."""
    return Path(str(node).removeprefix("file://"))


def _read(path: Path, root: Path) -> Iterator[Entry]:
    graph = Graph().parse(path, publicID=path.as_uri())
    folder = path.parent.relative_to(root).as_posix()
    for entries in graph.objects(None, MF.entries):
        for node in Collection(graph, entries):
            name = str(node) if isinstance(node, URIRef) else str(graph.value(node, MF.name))
            kind = str(graph.value(node, RDF.type)).rpartition("#")[2]
            yield Entry(f"{folder}/{name.rpartition('#')[2].rpartition('/')[2]}", kind, graph, node)
