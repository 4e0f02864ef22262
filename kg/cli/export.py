"""``kg export``."""

import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Annotated

import typer

from kg.cli.options import Data, data_folder, progress, read_filters, with_filters
from kg.export import EXPORTS
from kg.files import whole_file

_FORMATS = "\n\n".join(f"{row.name}: {row.meaning}" for row in EXPORTS.values())
#: All pages of the service, written into a folder.
_SITE = "site"


@with_filters
def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help=f"{_FORMATS}\n\n{_SITE}: all pages, data and exports as a folder of files that need no server",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="File to write, for site a folder; - is standard output.")] = Path(
        "-"
    ),
    base: Annotated[str | None, typer.Option(help="For site: address of the running service, to link to.")] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Findings by any other key, as KEY=VALUE, such as certainty=possible."),
    ] = None,
    data: Data = None,
    **filters: str | int | list[str] | None,
) -> None:
    """Write an export of the snapshot. Several values of one filter are alternatives."""
    from kg.export.prebuilt import read_export
    from kg.read.filters import Filter, all_filters
    from kg.read.labels import Labels
    from kg.snapshot import Snapshot

    if base is not None and name != _SITE:
        raise typer.BadParameter("only a site links to the running service", param_hint="--base")
    if name not in (*EXPORTS, _SITE):
        raise typer.BadParameter(f"{name!r} is none of {', '.join([*EXPORTS, _SITE])}", param_hint="FORMAT")
    if out != Path("-") and not out.parent.is_dir():
        raise typer.BadParameter(f"{out.parent} is not a folder", param_hint="--out")
    if out.is_dir() and out != Path("-") and name != _SITE:
        raise typer.BadParameter(f"{out} is a folder", param_hint="--out")

    def allowed() -> "Sequence[Filter]":
        return all_filters(Labels(Snapshot.open(data_folder(data)).engine()))

    wanted = read_filters(filters, key or (), allowed)
    if name == _SITE:
        if wanted or out == Path("-"):
            raise typer.BadParameter("a site is the whole snapshot in a folder: give --out FOLDER, and no filters")
        _write_site(out, data_folder(data), base)
        return
    snapshot = Snapshot.open(data_folder(data))
    chunks = read_export(snapshot, name, wanted)
    if out == Path("-"):
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        return
    with progress(f"writing {out}") as show, _open(out) as file:
        written = 0
        for chunk in chunks:
            written += file.write(chunk)
            show(f"writing {out}: {written:,} bytes")


def _write_site(folder: Path, data: Path, base: str | None) -> None:
    from api.site import write_site

    if base is not None and not re.fullmatch(r"https?://[^\s?#]+", base):
        raise typer.BadParameter(f"{base} is no address, such as https://kg.example.org/", param_hint="--base")
    with progress("reading the snapshot") as show:
        files = write_site(folder, data, f"{base.rstrip('/')}/" if base else None, show)
    if sys.stderr.isatty():
        print(f"{files:,} files in {folder}", file=sys.stderr)


def _open(path: Path) -> AbstractContextManager[IO[bytes]]:
    """Open a file that appears under its name when it is complete; devices and pipes are written to directly."""
    return path.open("wb") if path.exists() and not path.is_file() else whole_file(path)
