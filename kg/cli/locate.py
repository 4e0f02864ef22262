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
    from kg.curate.locate import locate as find

    found = find(Document(file.name, file.read_text(encoding="utf-8")), passage, section)
    named = json.dumps(found.section, ensure_ascii=False)
    print(f'locator = {{section = {named}, words = {found.words}, sha256 = "{found.sha256}"}}')
