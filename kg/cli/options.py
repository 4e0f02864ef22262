"""Options that several commands share."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.errors import SettingError
from kg.read.filters import FILTERS, Filter, Filters
from kg.settings import Settings
from kg.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.build.dataset import Inputs

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the snapshots (KG_DATA, ./build).")]
Seeds = Annotated[Path | None, typer.Option("--seeds", help="Folder of the records, instead of seeds/.")]


def data_folder(data: Path | None) -> Path:
    """Return the folder of the snapshots: the option, else the setting."""
    return data or Settings.read().data


def read_engine(address: str) -> str:
    """Return the address of a SPARQL endpoint; raises BadParameter for what is none."""
    try:
        return Settings.read({"KG_ENGINE": address}).engine
    except SettingError as error:
        raise typer.BadParameter(str(error).partition("; ")[2], param_hint="an engine's address") from None


def inputs(seeds: Path | None) -> "Inputs":
    """Return what a dataset is built from."""
    from kg.build.dataset import Inputs

    return Inputs(seeds=seeds) if seeds else Inputs()


@contextmanager
def progress(text: str) -> "Iterator[Callable[[str], object]]":
    """Show progress on a terminal, and nothing in a pipe; what it yields shows another text."""
    if sys.stderr.isatty():
        from rich.console import Console  # slow to import, and of no use in a pipe
        from rich.text import Text

        with Console(stderr=True).status(Text(printable(text))) as status:
            yield lambda now: status.update(Text(printable(now)))
    else:
        yield lambda _: None


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for every filter, in place of its ``**filters``."""
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    options = [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[int | None if one.limits else list[str] | None, typer.Option(help=one.meaning)],
        )
        for one in FILTERS
    ]
    # Typer reads both.
    vars(command)["__signature__"] = signature.replace(parameters=[*own, *options])
    command.__annotations__ = {one.name: one.annotation for one in (*own, *options)}
    return command


def read_filters(
    given: Mapping[str, str | int | list[str] | None], keys: Sequence[str], allowed: Callable[[], Sequence[Filter]]
) -> Filters:
    """Return the filters that the options of a command stand for; raises FilterError.

    ``keys`` are further ones as ``KEY=VALUE``; ``allowed`` returns all filters there are, when these are given.
    """
    lists = {name: value if isinstance(value, list) else [value] for name, value in given.items() if value is not None}
    pairs = [(name, str(value)) for name, values in lists.items() for value in values]
    further = [(name, value) for name, _, value in (one.partition("=") for one in keys)]
    return Filters.read([*pairs, *further], allowed() if further else FILTERS)
