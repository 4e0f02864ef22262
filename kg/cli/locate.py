"""``kg locate``."""

from pathlib import Path
from typing import Annotated

import typer


def locate(
    file: Annotated[Path, typer.Argument(help="Text file of the source.", exists=True, dir_okay=False)],
    passage: Annotated[str, typer.Argument(help='"first words ... last words" of the passage.')],
    section: Annotated[str, typer.Option(help="The section, as the source names it.")] = "",
) -> None:
    """Print the locator of a passage, ready to paste into a record."""
    import json

    from kg.curate.locate import Document
    from kg.curate.locate import locate as locate_passage

    locator = locate_passage(Document(file.name, file.read_text(encoding="utf-8")), passage, section)
    name = json.dumps(locator.section, ensure_ascii=False)
    print(f'locator = {{section = {name}, words = {locator.words}, sha256 = "{locator.sha256}"}}')
