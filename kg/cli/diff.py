"""``kg diff``."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from kg.cli.options import Data, data_folder

_PAGE = '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'


class Output(StrEnum):
    """How a difference is written."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    PATCH = "patch"


def diff(
    old: Annotated[str, typer.Argument(help="Version of a snapshot, or its folder.")],
    new: Annotated[
        str, typer.Argument(help="Version of a snapshot, or its folder; current is the newest.")
    ] = "current",
    output: Annotated[Output, typer.Option("--format", help="A changelog, or an RDF patch.")] = Output.TEXT,
    data: Data = None,
) -> None:
    """Show what changed between two snapshots."""
    import json

    from kg.changes import read_changelog, read_patch, to_html, to_text
    from kg.snapshot import Snapshot

    before, after = (Snapshot.find(data_folder(data), name) for name in (old, new))
    if output == Output.PATCH:
        for line in read_patch(before, after):
            sys.stdout.buffer.write(line)
        return
    log = read_changelog(before, after)
    match output:
        case Output.TEXT:
            print("\n".join(to_text(log)))
        case Output.JSON:
            print(json.dumps(log.to_json(), ensure_ascii=False, indent=2))
        case Output.HTML:
            title = f"calcikg: {log.old} to {log.new}"
            print(f"{_PAGE.format(title=title)}<h1>{title}</h1>\n{to_html(log)}</body>\n</html>")
