"""``kg export``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Data, data_folder, progress


def export(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help="nq, nanopub or sssom.")],
    out: Annotated[Path, typer.Option("--out", help="File to write; - is standard output.")] = Path("-"),
    data: Data = None,
) -> None:
    """Write one of the exports of the snapshot."""
    from kg.engine import FORMATS, Query
    from kg.export import EXPORTS
    from kg.snapshot import Snapshot

    if name not in EXPORTS:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(EXPORTS)}", param_hint="FORMAT")
    snapshot = Snapshot.open(data_folder(data))

    def construct(text: str) -> bytes:
        return snapshot.engine().answer(Query(text), (FORMATS["nt"],)).read()

    chunks = EXPORTS[name].write(snapshot, construct)
    if out == Path("-"):
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        return
    if not out.parent.is_dir():
        raise typer.BadParameter(f"{out.parent} is not a folder", param_hint="--out")
    with progress(f"writing {out}"), out.open("wb") as file:
        file.writelines(chunks)
