"""``kg serve``."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Data, data_folder, progress, read_engine
from kg.settings import Settings


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
    workers: Annotated[int | None, typer.Option(help="Queries that run at once (KG_WORKERS).")] = None,
    data: Data = None,
    engine: Annotated[
        str | None,
        typer.Option(help="Address of a SPARQL endpoint that `kg publish` has filled, to answer (KG_ENGINE)."),
    ] = None,
    dataset: Annotated[
        list[Path] | None,
        typer.Option("--dataset", help="Serve RDF files exactly as they are, instead.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Serve a snapshot over HTTP; build it first when it is missing or out of date.

    When it cannot be built, the last whole snapshot is served. With --engine, `kg publish` has to have put the snapshot
    there; user and password come from KG_ENGINE_USER and KG_ENGINE_PASSWORD.
    """
    from api.supervisor import Supervisor

    settings = replace(Settings.read(), data=data_folder(data))
    if workers:
        settings = replace(settings, workers=workers)
    if engine:
        settings = replace(settings, engine=read_engine(engine))
    if dataset and settings.engine:
        raise typer.BadParameter("files are served by the embedded engine: leave out --engine", param_hint="--dataset")
    if dataset:
        dataset = _stored(settings, dataset)
    else:
        _build(settings)
    raise typer.Exit(Supervisor(settings, host, port, tuple(dataset or ())).run())


def _stored(settings: Settings, files: list[Path]) -> list[Path]:
    """Return files that memory can hold as they are; else the folder of their store on disk."""
    from kg.plain import is_large, stored

    if not is_large(files, settings.in_memory):
        return files
    with progress("loading the dataset into a store on disk"):
        return [stored(settings.data, files)]


def _build(settings: Settings) -> None:
    """Build a snapshot when it is missing or out of date; where that fails, a whole one must be there to be served."""
    from kg.build.current import is_current
    from kg.errors import KgError, SnapshotError
    from kg.snapshot import Snapshot

    data = settings.data
    try:
        if not is_current(data):
            from kg.build.snapshot import build  # which takes longer to import than all else

            with progress("building the dataset"):
                build(data, in_memory=settings.in_memory)
    except (KgError, OSError) as error:
        try:
            last = Snapshot.last_whole(data)
        except (SnapshotError, OSError):
            raise error from None
        reason, *more = str(error).splitlines()
        further = f" and {len(more)} more problems" if more else ""
        print(f"no new snapshot ({reason}{further}): {last.version} is served, the last whole one", file=sys.stderr)
