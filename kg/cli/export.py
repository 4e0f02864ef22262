"""``kg export``."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from kg.cli.options import Data, data_folder, progress
from kg.export import EXPORTS

_FORMATS = "\n\n".join(f"{row.name}: {row.meaning}" for row in EXPORTS.values())
#: Written by the service itself, into a folder.
_SITE = "site"
_ENTITY = "id, IRI or external identifier of an entity"


def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help=f"{_FORMATS}\n\n{_SITE}: all pages, data and exports as a folder of files that needs no server",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="File to write, for site a folder; - is standard output.")] = Path(
        "-"
    ),
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Entities of this class or a subclass, such as DrugTreatment.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Findings of this kind, such as adverse-effect.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Findings of this source.")] = None,
    center: Annotated[list[str] | None, typer.Option(help=f"What lies around it: {_ENTITY}.")] = None,
    depth: Annotated[int | None, typer.Option(help="Steps away from a center at most; 1 when not given.")] = None,
    graph: Annotated[list[str] | None, typer.Option(help="What this named graph holds, such as entities.")] = None,
    predicate: Annotated[list[str] | None, typer.Option(help="Relations of this name, such as treats.")] = None,
    max_level: Annotated[int | None, typer.Option(help="Findings of this evidence level or a better one.")] = None,
    direction: Annotated[
        list[str] | None, typer.Option(help="Findings of this direction; denied: those denied; none: those without.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help=f"What is left out: {_ENTITY}.")] = None,
    base: Annotated[str | None, typer.Option(help="Of a site: address of the running service, to link to.")] = None,
    data: Data = None,
) -> None:
    """Write one of the exports of the snapshot. Filters may be given more than once: any of the values fits."""
    from kg.export import Filters
    from kg.export.prebuilt import read_export
    from kg.snapshot import Snapshot

    if base is not None and name != _SITE:
        raise typer.BadParameter("only a site links to the running service", param_hint="--base")
    if name not in (*EXPORTS, _SITE):
        raise typer.BadParameter(f"{name!r} is none of {', '.join([*EXPORTS, _SITE])}", param_hint="FORMAT")
    if out != Path("-") and not out.parent.is_dir():
        raise typer.BadParameter(f"{out.parent} is not a folder", param_hint="--out")
    if out.is_dir() and out != Path("-") and name != _SITE:
        raise typer.BadParameter(f"{out} is a folder", param_hint="--out")
    filters = Filters(
        type=tuple(type_ or ()),
        kind=tuple(kind or ()),
        source=tuple(source or ()),
        center=tuple(center or ()),
        depth=depth,
        graph=tuple(graph or ()),
        predicate=tuple(predicate or ()),
        max_level=max_level,
        direction=tuple(direction or ()),
        without=tuple(without or ()),
    )
    if name == _SITE:
        if filters or out == Path("-"):
            raise typer.BadParameter("a site is the whole snapshot in a folder: give --out FOLDER, and no filters")
        raise typer.Exit(_write_site(out, data_folder(data), base))
    snapshot = Snapshot.open(data_folder(data))
    chunks = read_export(snapshot, name, filters)
    if out == Path("-"):
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        return
    with progress(f"writing {out}") as show, _whole(out) as file:
        written = 0
        for chunk in chunks:
            written += file.write(chunk)
            show(f"writing {out}: {written:,} bytes")


def _write_site(folder: Path, data: Path, base: str | None) -> int:
    """Have the application written as a folder; it is named, not imported: the library does not know the API."""
    live = ["--base", base] if base else []
    return subprocess.run(
        [sys.executable, "-P", "-m", "api.site", str(folder), "--data", str(data), *live], check=False
    ).returncode


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes the name only when it is whole; a device or a pipe is written to as it is."""
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        with path.open("wb") as file:
            yield file
        return
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
