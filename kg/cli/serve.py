"""``kg serve``."""

import os
import sys
from typing import Annotated

import typer

from kg.cli.options import Data, data_folder, progress
from kg.settings import Settings


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
    workers: Annotated[int | None, typer.Option(help="Threads that answer requests (KG_WORKERS).")] = None,
    data: Data = None,
) -> None:
    """Serve a snapshot over HTTP; build it first when it is missing or out of date."""
    from kg.build import build, is_current

    folder = data_folder(data)
    if not is_current(folder):
        with progress("building the dataset"):
            build(folder)
    os.environ["KG_DATA"] = str(folder)
    threads = workers or Settings.read().workers
    options = f"--bind {host}:{port} --threads {threads} --worker-class gthread --no-control-socket".split()
    # The application is named, not imported: the library does not know the API.
    command = [sys.executable, "-m", "gunicorn", *options, "--graceful-timeout", "10", "api.wsgi:app"]
    print(f"serving on http://{host}:{port}", file=sys.stderr)
    sys.stderr.flush()
    os.execv(sys.executable, command)
