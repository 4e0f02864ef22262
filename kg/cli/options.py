"""Options that several commands share."""

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.build.dataset import Inputs

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the snapshots (KG_DATA, ./build).")]
Seeds = Annotated[Path | None, typer.Option("--seeds", help="Folder of the records, instead of seeds/.")]


def data_folder(data: Path | None) -> Path:
    """Return the folder of the snapshots: the option, else the setting."""
    return data or Settings.read().data


def inputs(seeds: Path | None) -> "Inputs":
    """Return what a dataset is built from."""
    from kg.build.dataset import Inputs

    return Inputs(seeds=seeds) if seeds else Inputs()


@contextmanager
def progress(text: str) -> "Iterator[Callable[[str], object]]":
    """Show on a terminal that long work is going on; stay quiet in a pipe. What it yields shows another text."""
    if sys.stderr.isatty():
        with Console(stderr=True).status(text) as status:
            yield status.update
    else:
        yield lambda _: None
