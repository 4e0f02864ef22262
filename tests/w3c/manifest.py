"""Reads the W3C manifests: which tests there are, with their data, queries and expected results."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")


@dataclass(frozen=True)
class Case:
    """One test of a manifest."""

    id: str
    kind: str
    query: Path
    data: tuple[Path, ...]
    named: tuple[Path, ...]
    result: Path | None
    #: Whether duplicate solutions may be left out (REDUCED).
    lax: bool


def read_cases(folder: Path) -> list[Case]:
    """Return the tests of every manifest that a folder includes, and of its own."""
    return [case for path in sorted(folder.rglob("manifest.ttl")) for case in _read(path, folder)]


def path_of(node: Node) -> Path:
    """Return the file that a ``file:`` IRI names."""
    return Path(str(node).removeprefix("file://"))


def _read(path: Path, root: Path) -> Iterator[Case]:
    graph = Graph().parse(path, publicID=path.as_uri())
    for entries in graph.objects(None, MF.entries):
        for entry in Collection(graph, entries):
            if (case := _case(graph, entry, path.parent.relative_to(root))) is not None:
                yield case


def _case(graph: Graph, entry: Node, folder: Path) -> Case | None:
    kind = str(graph.value(entry, RDF.type)).rpartition("#")[2]
    action = graph.value(entry, MF.action)
    if action is None:
        return None
    query = action if isinstance(action, URIRef) else graph.value(action, QT.query)
    if query is None:
        return None
    result = graph.value(entry, MF.result)
    name = str(entry).rpartition("#")[2] if "#" in str(entry) else Path(str(entry)).name
    return Case(
        f"{folder.as_posix()}/{name}",
        kind,
        path_of(query),
        tuple(path_of(node) for node in graph.objects(action, QT.data)),
        tuple(path_of(node) for node in graph.objects(action, QT.graphData)),
        path_of(result) if isinstance(result, URIRef) else None,
        graph.value(entry, MF.resultCardinality) == MF.LaxCardinality,
    )
