"""The loaded graphs of a data folder, each as two files in DATA/loaded, and their description in the metadata.

NAME.json describes the graph and names NAME-DIGEST.nq.gz, its sorted N-Quads. The first is written last and removed
first, so that a graph is there whole or not at all.
"""

import gzip
import json
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import LoadError
from kg.files import sync, whole_file
from kg.prefixes import GRAPH, expand

FOLDER = "loaded"
#: The folder in which a load works has a name that begins so.
CONVERTING = ".converting-"

_DIGEST = "[0-9a-f]" * 12
_METADATA = ox.NamedNode(GRAPH + "metadata")


@dataclass(frozen=True)
class LoadedFile:
    """A file that was loaded: its name, its format, and the SHA-256 of its bytes."""

    name: str
    format: str
    sha256: str


@dataclass(frozen=True)
class LoadedGraph:
    """A loaded graph; ``file`` holds its triples, ``licence`` and ``version`` are as given, else as the files state."""

    graph: str
    files: tuple[LoadedFile, ...]
    triples: int
    licence: str | None
    version: str | None
    file: str

    @property
    def name(self) -> str:
        """Its name on the command line: that of the graph below ``external/``, or one made from its IRI."""
        return name_of(self.graph)


def name_of(graph: str) -> str:
    """Return the name of a loaded graph, unique and fit for a file name.

    >>> name_of("https://w3id.org/calcikg/graph/external/maxo-base")
    'maxo-base'
    >>> name_of("https://example.org/My graph")
    'my-graph-8e6e35b7'
    """
    prefix = f"{GRAPH}external/"
    if graph.startswith(prefix):
        return graph.removeprefix(prefix)
    last = graph.rstrip("/#").replace("#", "/").rpartition("/")[2]
    slug = re.sub("[^a-z0-9]+", "-", last.lower()).strip("-")[:40]
    return f"{slug or 'graph'}-{sha256(graph.encode()).hexdigest()[:8]}"


class LoadedGraphs:
    """The loaded graphs of a data folder. To change them, hold the lock of the folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    def __iter__(self) -> Iterator[LoadedGraph]:
        """Yield the loaded graphs in the order of their names. Raises LoadError for one that is damaged."""
        yield from map(_read, self._descriptions())

    def paths(self) -> list[Path]:
        """Return every file of every loaded graph. Raises LoadError when one is missing."""
        paths = [self.folder / name for loaded in self for name in (f"{loaded.name}.json", loaded.file)]
        for path in paths:
            if not path.is_file():
                raise LoadError(_lost(path))
        return paths

    def lines(self, loaded: LoadedGraph) -> Iterator[str]:
        """Yield the lines of N-Quads of a graph, in order."""
        with self._open(loaded) as file:
            for line in file:
                yield line.decode("utf-8")

    def quads(self, loaded: LoadedGraph) -> Iterator[ox.Quad]:
        """Yield the quads of a graph."""
        with self._open(loaded) as file:
            yield from ox.parse(file, format=ox.RdfFormat.N_QUADS)

    @contextmanager
    def _open(self, loaded: LoadedGraph) -> Iterator[IO[bytes]]:
        path = self.folder / loaded.file
        try:
            with gzip.open(path) as file:
                yield cast(IO[bytes], file)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, SyntaxError):
            raise LoadError(_lost(path)) from None

    def put(self, loaded: LoadedGraph, triples: Path) -> None:
        """Store a graph in place of the one of the same name; ``triples`` is a file to move."""
        before = [path for path in self._triples(loaded.name) if path.name != loaded.file]
        sync(triples)
        triples.replace(self.folder / loaded.file)
        with whole_file(self.folder / f"{loaded.name}.json") as file:
            file.write((json.dumps(asdict(loaded), indent=2, ensure_ascii=False) + "\n").encode())
        for path in before:
            path.unlink()

    def clear(self) -> None:
        """Remove what a load that was killed left: its folder, and triples that no description names."""
        for left in self.folder.glob(f"{CONVERTING}*"):
            shutil.rmtree(left)
        named = set()
        for path in self._descriptions():
            try:
                named.add(_read(path).file)
            except LoadError:
                named |= {triples.name for triples in self._triples(path.stem)}
        for path in self._triples("*"):
            if path.name not in named:
                path.unlink()

    def remove(self, name: str) -> None:
        """Remove a graph by its name or its IRI. Raises LoadError when there is none."""
        graph = next((loaded for loaded in self if name in (loaded.name, loaded.graph)), None)
        if graph is None:
            raise LoadError(f"no loaded graph is called {name!r}; `kg load --list` lists them")
        (self.folder / f"{graph.name}.json").unlink()
        for path in self._triples(graph.name):
            path.unlink()

    def _descriptions(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.json"), key=lambda path: path.stem)

    def _triples(self, name: str) -> list[Path]:
        return list(self.folder.glob(f"{name}-{_DIGEST}.nq.gz"))


def _read(path: Path) -> LoadedGraph:
    """Read the description of a loaded graph. Raises LoadError when it is damaged."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(LoadedFile(**file) for file in about.pop("files"))
        return LoadedGraph(**about, files=files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise LoadError(f"{path} is damaged; remove it and load its file again") from None


def _lost(path: Path) -> str:
    return f"{path} is missing or damaged; load its file again"


def describe_loaded(graphs: LoadedGraphs) -> list[ox.Quad]:
    """Describe the loaded graphs for the graph ``metadata``: licence, version, and the files that they come from."""
    return [quad for loaded in graphs for quad in _describe(loaded)]


def _describe(loaded: LoadedGraph) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(loaded.graph)
    if loaded.licence:
        yield _quad(graph, "dcterms:license", _iri_or_text(loaded.licence))
    if loaded.version:
        yield _quad(graph, "owl:versionInfo", ox.Literal(loaded.version))
    for file in loaded.files:
        source = ox.NamedNode(f"{loaded.graph}#file/{file.sha256}")
        yield _quad(graph, "prov:wasDerivedFrom", source)
        yield _quad(source, "rdf:type", ox.NamedNode(expand("prov:Entity")))
        yield _quad(source, "rdfs:label", ox.Literal(file.name))
        yield _quad(source, "dcterms:format", ox.Literal(file.format))
        yield _quad(source, "dcterms:identifier", ox.Literal(f"sha256:{file.sha256}"))


def _quad(subject: ox.NamedNode, curie: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(expand(curie)), value, _METADATA)


def _iri_or_text(text: str) -> ox.NamedNode | ox.Literal:
    if text.startswith(("http://", "https://")) and " " not in text:
        try:
            return ox.NamedNode(text)
        except ValueError:
            pass
    return ox.Literal(text)
