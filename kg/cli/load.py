"""``kg load``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import Data, data_folder, inputs, progress
from kg.settings import Settings
from kg.text import printable

if TYPE_CHECKING:
    from kg.load.graphs import LoadedGraph


def load(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="RDF, OBO or OBO Graphs files, gzipped or not.", metavar="FILE...", show_default=False),
    ] = None,
    graph: Annotated[
        str | None, typer.Option("--graph", help="IRI of one graph for all files; without it each file has its own.")
    ] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="Licence, if the files do not state it.")] = None,
    version: Annotated[str | None, typer.Option("--version", help="Version, if the files do not state it.")] = None,
    shown: Annotated[bool, typer.Option("--list", help="List what is loaded.")] = False,
    remove: Annotated[str | None, typer.Option("--remove", help="Remove a loaded graph, by its name or IRI.")] = None,
    data: Data = None,
) -> None:
    """Add external ontologies or datasets as named graphs of the next snapshot."""
    from kg.load.graphs import LoadedGraphs
    from kg.load.loading import load as load_files
    from kg.load.source import Limits
    from kg.lock import locked

    if sum((bool(files), shown, bool(remove))) != 1:
        raise typer.BadParameter("give files to load, or --list, or --remove NAME")
    folder = data_folder(data)
    if remove:
        with locked(folder):
            LoadedGraphs(folder).remove(remove)
    for loaded in LoadedGraphs(folder) if shown else ():
        _print(loaded)
    given, settings = files or [], Settings.read()
    limits = Limits(memory=settings.load_memory, pace=settings.load_timeout, expansion=settings.load_expansion)
    taken = inputs(None).slices
    graphs = {graph: given} if graph else _by_graph(given, taken)
    for number, (iri, paths) in enumerate(graphs.items(), start=1):
        with _counting(f"{number} of {len(graphs)}: {', '.join(path.name for path in paths)}") as count:
            loaded = load_files(
                folder, paths, iri, licence=licence, version=version, taken=taken, limits=limits, progress=count
            )
        _print(loaded)
    if given:
        print("the next `kg build` or `kg serve` will include it")


def _by_graph(files: list[Path], taken: tuple[str, ...]) -> dict[str, list[Path]]:
    from kg.load.loading import default_graph

    graphs: dict[str, list[Path]] = {}
    for path in files:
        graphs.setdefault(default_graph(path, taken), []).append(path)
    return graphs


@contextmanager
def _counting(text: str) -> "Iterator[Callable[[int, int], object]]":
    with progress(text) as show:
        yield lambda size, triples: show(f"{text}: {size / 2**20:,.0f} MiB, {triples:,} triples")


def _print(loaded: "LoadedGraph") -> None:
    files = ", ".join(file.name for file in loaded.files)
    stated = f"licence {loaded.licence or 'not stated'}, version {loaded.version or 'not stated'}"
    triples = f"{loaded.triples:,} triple" + "s" * (loaded.triples != 1)
    print(printable(f"{loaded.name}: {triples} from {files} in <{loaded.graph}>; {stated}"))
