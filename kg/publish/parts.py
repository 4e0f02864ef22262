"""A snapshot cut into its graphs, and each graph into parts that are sent one by one.

Files and parts are the same each time: so what an engine holds of a graph tells which part comes next.
"""

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.engine.remote.releases import graph_iri, name_blank_nodes, release_iri
from kg.engine.remote.results import spell
from kg.snapshot import Snapshot

#: Triples of a part.
PART = 20_000
_KEPT = 2**20  # bytes of a graph that are held until they are written


@dataclass
class Graph:
    """One graph: its name on the engine, the file of its triples, how many there are, and their digest."""

    iri: str
    file: Path
    triples: int = 0
    digest: int = 0
    _held: list[str] = field(default_factory=list)
    _bytes: int = 0

    def add(self, triple: str) -> None:
        """Write a triple."""
        self.triples += 1
        self._held.append(triple)
        self._bytes += len(triple)
        if self._bytes > _KEPT:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        with self.file.open("a", encoding="utf-8") as file:
            file.writelines(f"{triple}\n" for triple in self._held)
        self.digest = (self.digest + digest(parse("\n".join(self._held).encode()))) % _MODULUS
        self._held.clear()
        self._bytes = 0

    def parts(self, first: int) -> Iterator[bytes]:
        """Yield the parts as N-Triples, from one of them on."""
        with self.file.open("rb") as file:
            lines = islice(file, first * PART, None)
            while part := b"".join(islice(lines, PART)):
                yield part


_MODULUS = 2**256


def parse(n_triples: bytes) -> Iterator[ox.Triple]:
    """Read N-Triples."""
    return (quad.triple for quad in ox.parse(n_triples, format=ox.RdfFormat.N_TRIPLES))


def digest(triples: Iterable[ox.Triple]) -> int:
    """Return a digest of triples in any order: the sum of their SHA-256, with each literal spelt in one way."""
    total = 0
    for triple in triples:
        line = f"{triple.subject} {triple.predicate} {spell(triple.object)}"
        total += int.from_bytes(hashlib.sha256(line.encode()).digest())
    return total % _MODULUS


def cut(snapshot: Snapshot, folder: Path) -> tuple[list[str], list[Graph]]:
    """Write the graphs of a snapshot into a folder; return their names in the snapshot, and the graphs.

    The last is the default graph: every triple of the others once.
    """
    graphs, whole = dict[str, Graph](), Graph(release_iri(snapshot.version), folder / "default")
    before = ""
    for line in _lines(snapshot.quads):
        triple, _, name = line.removesuffix(" .\n").rpartition(" ")
        triple = name_blank_nodes(f"{triple} .")
        graph = graphs.get(name)
        if graph is None:
            iri = graph_iri(snapshot.version, name[1:-1])
            graph = graphs[name] = Graph(iri, folder / str(len(graphs)))
        graph.add(triple)
        if triple != before:
            whole.add(triple)
        before = triple
    found = [*graphs.values(), whole]
    for graph in found:
        graph.flush()
    return [name[1:-1] for name in graphs], found


def _lines(files: Iterable[Path]) -> Iterator[str]:
    """Yield the lines of sorted files in order; what differs in its graph only comes one after the other."""
    with ExitStack() as stack:
        yield from heapq.merge(*(stack.enter_context(file.open(encoding="utf-8", newline="\n")) for file in files))
