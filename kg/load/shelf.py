"""The loaded graphs of a data folder, each two files in DATA/loaded.

NAME.json says what the graph is and names NAME-DIGEST.nq.gz, its sorted N-Quads. The first is written last and removed
first, so that a graph is there whole or not at all.
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import LoadError
from kg.prefixes import GRAPH

FOLDER = "loaded"


@dataclass(frozen=True)
class SourceFile:
    """A file as it was given: its name, format, and the SHA-256 of its bytes."""

    name: str
    format: str
    sha256: str


@dataclass(frozen=True)
class Loaded:
    """A loaded graph; ``file`` holds its triples, beside ``licence`` and ``version`` as stated or as given."""

    graph: str
    files: tuple[SourceFile, ...]
    triples: int
    licence: str | None
    version: str | None
    file: str

    @property
    def name(self) -> str:
        """The name to remove it by: that of its graph below ``external/``, or one made from its IRI."""
        return name_of(self.graph)


def name_of(graph: str) -> str:
    """Return the name of a loaded graph, which makes file names and is unique.

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


class Shelf:
    """What was loaded into a data folder; whoever changes it holds the lock of the folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    def __iter__(self) -> Iterator[Loaded]:
        """Yield the loaded graphs in the order of their names. Raises LoadError for one that is damaged."""
        for path in sorted(self.folder.glob("[!.]*.json"), key=lambda path: path.stem):
            try:
                about = json.loads(path.read_text(encoding="utf-8"))
                files = tuple(SourceFile(**file) for file in about.pop("files"))
                yield Loaded(**about, files=files)
            except (ValueError, TypeError, KeyError):
                raise LoadError(f"{path} is damaged; remove it and load its file again") from None

    def paths(self) -> list[Path]:
        """Return every file of every loaded graph."""
        return [self.folder / name for loaded in self for name in (f"{loaded.name}.json", loaded.file)]

    def lines(self, loaded: Loaded) -> Iterator[str]:
        """Yield the lines of N-Quads of a graph, in order."""
        with self._open(loaded) as file:
            for line in file:
                yield line.decode("utf-8")

    def quads(self, loaded: Loaded) -> Iterator[ox.Quad]:
        """Yield the quads of a graph."""
        with self._open(loaded) as file:
            yield from ox.parse(file, format=ox.RdfFormat.N_QUADS)

    @contextmanager
    def _open(self, loaded: Loaded) -> Iterator[IO[bytes]]:
        path = self.folder / loaded.file
        try:
            with gzip.open(path) as file:
                yield cast(IO[bytes], file)
        except (OSError, EOFError, zlib.error):
            raise LoadError(f"{path} is missing or damaged; load its file again") from None

    def put(self, loaded: Loaded, triples: Path) -> None:
        """Keep a graph, in the place of the one of the same name."""
        before = [path for path in self._triples(loaded.name) if path.name != loaded.file]
        triples.replace(self.folder / loaded.file)
        fresh = self.folder / ".new.json"
        text = json.dumps(asdict(loaded), indent=2, ensure_ascii=False) + "\n"
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.folder / f"{loaded.name}.json")
        for path in before:
            path.unlink()

    def remove(self, name: str) -> None:
        """Remove a graph by its name or its IRI. Raises LoadError when there is none."""
        found = next((loaded for loaded in self if name in (loaded.name, loaded.graph)), None)
        if found is None:
            raise LoadError(f"no loaded graph is called {name!r}; `kg load --list` shows those there are")
        (self.folder / f"{found.name}.json").unlink()
        for path in self._triples(found.name):
            path.unlink()

    def _triples(self, name: str) -> list[Path]:
        digest: Callable[[Path], bool] = lambda path: bool(re.fullmatch("[0-9a-f]{12}", path.name[len(name) + 1 : -6]))  # noqa: E731
        return [path for path in self.folder.glob(f"{name}-*.nq.gz") if digest(path)]
