"""``kg serve``."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Data, data_folder, progress
from kg.settings import Settings


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
    workers: Annotated[int | None, typer.Option(help="Queries that run at once (KG_WORKERS).")] = None,
    data: Data = None,
    dataset: Annotated[
        list[Path] | None,
        typer.Option("--dataset", help="Serve RDF files exactly as they are, instead.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Serve a snapshot over HTTP; build it first when it is missing or out of date."""
    from api.supervisor import Supervisor

    settings = replace(Settings.read(), data=data_folder(data))
    if workers:
        settings = replace(settings, workers=workers)
    if not dataset:
        from kg.build.snapshot import build, is_current

        if not is_current(settings.data):
            with progress("building the dataset"):
                build(settings.data)
    print(f"serving on http://{host}:{port}", file=sys.stderr)
    raise typer.Exit(Supervisor(settings, host, port, tuple(dataset or ())).run())
