"""``kg query``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Data, data_folder
from kg.engine import FORMATS, GRAPHS
from kg.text import printable


def query(
    file: Annotated[Path | None, typer.Argument(help="SPARQL file; standard input when left out.")] = None,
    output: Annotated[
        str,
        typer.Option("--format", help="table, " + ", ".join(FORMATS) + "; graphs in a table format become ttl."),
    ] = "table",
    data: Data = None,
) -> None:
    """Run SPARQL on the snapshot."""
    from kg.engine import Query
    from kg.settings import Settings
    from kg.snapshot import Snapshot

    if output != "table" and output not in FORMATS:
        raise typer.BadParameter(f"{output!r} is none of table, {', '.join(FORMATS)}", param_hint="--format")
    if file is not None and not file.is_file():
        raise typer.BadParameter(printable(f"{file} is not a file"), param_hint="FILE")
    text = file.read_text(encoding="utf-8") if file else sys.stdin.read()
    wanted = FORMATS["json" if output == "table" else output]
    fallback = () if wanted.kind == "graph" else GRAPHS[:1]
    settings = Settings.read()
    engine = Snapshot.open(data_folder(data)).engine(settings.service_client(), rewrite=settings.rewrite, at_once=True)
    answer = engine.answer(Query(text), (wanted, *fallback))
    if output == "table" and answer.format.kind == "results":
        _print_table(json.loads(answer.read()))
        return
    for chunk in answer.chunks:
        sys.stdout.buffer.write(chunk)


def _print_table(result: dict[str, object]) -> None:
    from rich.console import Console
    from rich.table import Table

    from kg.prefixes import contract

    if "boolean" in result:
        print("yes" if result["boolean"] else "no")
        return
    head, body = result["head"], result["results"]
    assert isinstance(head, dict) and isinstance(body, dict)
    table = Table(*head["vars"])
    for row in body["bindings"]:
        table.add_row(*(_cell(contract(row[name]["value"])) if name in row else "" for name in head["vars"]))
    # In a pipe there is no width to fit into.
    console = Console() if sys.stdout.isatty() else Console(width=10_000)
    console.print(table, markup=False)


def _cell(text: str) -> str:
    """Return a text whose lines cannot control the terminal."""
    return "\n".join(map(printable, text.split("\n")))
