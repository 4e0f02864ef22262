"""Loads files into a named graph: a process of its own converts them, and the result is stored in the data folder."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph as ox

from kg.errors import LoadError
from kg.files import naming
from kg.load.formats import format_of
from kg.load.graphs import CONVERTING, LoadedFile, LoadedGraph, LoadedGraphs, name_of
from kg.load.source import Limits, RefusedFileError
from kg.lock import locked
from kg.prefixes import BASE, GRAPH
from kg.snapshot import sha256
from kg.text import printable

_EXTERNAL = f"{GRAPH}external/"
_NAME = re.compile("[a-z0-9][a-z0-9-]{0,79}")
#: How a process that got no more memory ends (Rust's standard library, `handle_alloc_error`).
_NO_MEMORY = "memory allocation of"


def default_graph(path: Path, taken: Sequence[str] = ()) -> str:
    """Return the graph of a file when none is given: ``external/NAME``, after the name of the file.

    A name that is ``taken`` by a slice of the ontology gets the ending ``-full``.

    >>> default_graph(Path("imports/DO_rare_slim.obo.gz"))
    'https://w3id.org/calcikg/graph/external/do-rare-slim'
    >>> default_graph(Path("eco.obo"), ["eco"])
    'https://w3id.org/calcikg/graph/external/eco-full'
    """
    name = re.sub("[.](gz|[a-z]+)$", "", re.sub("[.]gz$", "", path.name.lower()))
    slug = re.sub("[^a-z0-9]+", "-", name).strip("-")[:70].strip("-") or "graph"
    return f"{_EXTERNAL}{slug}-full" if slug in taken else _EXTERNAL + slug


def load(
    data: Path,
    paths: Sequence[Path],
    graph: str,
    *,
    licence: str | None = None,
    version: str | None = None,
    taken: Sequence[str] = (),
    limits: Limits | None = None,
    progress: Callable[[int, int], object] = lambda size, triples: None,
) -> LoadedGraph:
    """Load files into a named graph of the next snapshot, in place of what was loaded into it before.

    Args:
        data: The folder of the snapshots.
        paths: Files of the formats in [kg.load.formats][], each gzipped or not.
        graph: IRI of the graph, ``https://w3id.org/calcikg/graph/external/NAME`` or any outside of ours; relative IRIs
            in the files are resolved against it.
        licence: The licence of the files; what they state themselves when left out.
        version: Their version; what they state themselves when left out.
        taken: Labels of graphs ``external/NAME`` that the project fills itself.
        limits: Limits of the conversion.
        progress: Called with the bytes and the triples that were read so far.

    Raises LoadError when a file is refused, BuildBusyError when a build is at work; then nothing has changed.
    """
    _check_graph(graph, taken)
    graphs = LoadedGraphs(data)
    with locked(data), naming(graphs.folder):
        graphs.folder.mkdir(exist_ok=True)
        graphs.clear()  # we hold the lock, so no other load is running
        scratch = Path(tempfile.mkdtemp(prefix=CONVERTING, dir=graphs.folder))
        try:
            files = tuple(LoadedFile(printable(path.name), _format(path), sha256(path)) for path in paths)
            out = scratch / "graph.nq.gz"
            result = _convert(paths, graph, out, limits or Limits(), progress)
            name = f"{name_of(graph)}-{sha256(out)[:12]}.nq.gz"
            given = [text and printable(text) for text in (licence, version)]
            stated = given[0] or result["licence"], given[1] or result["version"]
            loaded = LoadedGraph(graph, files, result["done"], *stated, file=name)
            graphs.put(loaded, out)
        finally:
            shutil.rmtree(scratch)
    return loaded


def _check_graph(graph: str, taken: Sequence[str]) -> None:
    name = graph.removeprefix(_EXTERNAL)
    if f"{graph}/".startswith(BASE) and (name == graph or not _NAME.fullmatch(name)):
        raise LoadError(f"{graph} is a graph of this dataset; give {_EXTERNAL}NAME, or an IRI of your own")
    if name in taken:
        raise LoadError(f"{graph} is a slice that the project ships; choose another name, such as {name}-full")
    try:
        ox.NamedNode(graph)
        valid = bool(urlsplit(graph).scheme)
    except ValueError:
        valid = False
    if not valid:
        raise LoadError(f"{graph!r} is not an IRI")


def _format(path: Path) -> str:
    if not path.is_file():
        raise LoadError(printable(f"{path} is not a file"))
    try:
        return format_of(path).name
    except RefusedFileError as error:
        raise LoadError(printable(f"{path.name} {error}")) from None


def _convert(
    paths: Sequence[Path], graph: str, out: Path, limits: Limits, progress: Callable[[int, int], object]
) -> dict[str, Any]:
    """Convert files in a process of its own; return the last line of its answer."""
    job = {"files": [str(path) for path in paths], "graph": graph, "out": str(out), "limits": asdict(limits)}
    command = [sys.executable, "-P", "-m", "kg.load.convert"]  # -P: modules in the working folder are none of ours
    last: dict[str, Any] = {}
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(job))
            process.stdin.close()
            for line in process.stdout:
                last = json.loads(line)
                if "read" in last:
                    progress(last["read"], last["triples"])
        if "done" in last:
            return last
        said.seek(0)
        problem = last.get("problem") or _end(process.returncode, said.read().decode(errors="replace"), limits)
    name = Path(last["file"]).name if last.get("file") else ", ".join(path.name for path in paths)
    raise LoadError(printable(f"{name} {problem}"))


def _end(code: int, said: str, limits: Limits) -> str:
    """Return why a process ended that gave no reason itself."""
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        return limits.too_slow
    return limits.too_large if _NO_MEMORY in said else "crashes its parser"
