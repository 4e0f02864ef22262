"""What scripts of the twin need, as scripts: opened from disk a browser loads scripts, but no data.

Each assigns to ``calcikg``; the dataset and the engine are loaded when a query is asked, names when one is typed.
"""

import base64
import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kg.engine import Engine
from kg.prefixes import ID
from kg.search.entries import Entry, read_entries

#: What the workbench asks the service for, once.
ANSWERS = ("workbench/vocabulary", "workbench/questions")


def write(folder: Path, engine: Engine, quads: Iterable[Path], ask: Callable[[str], bytes | None]) -> None:
    """Write the scripts; ``ask`` returns what the application has at an address."""
    folder.mkdir()
    dataset = b"".join(path.read_bytes() for path in quads)
    _assign(folder / "dataset.js", "dataset", base64.b64encode(gzip.compress(dataset, 9, mtime=0)).decode())
    _assign(folder / "names.js", "names", [_name(entry) for entry in read_entries(engine) if not entry.external])
    answers = {address: json.loads(answer) for address in ANSWERS if (answer := ask(address))}
    _assign(folder / "answers.js", "answers", answers)


def _name(entry: Entry) -> list[Any]:
    """Return what search knows of an entity: id, type, number of findings, and its names, the label first."""
    names = dict.fromkeys(name.text for name in entry.names)
    return [entry.iri.removeprefix(ID), entry.type, entry.uses, *names]


def _assign(path: Path, name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"(self.calcikg??={{}}).{name}={text}\n", encoding="utf-8")
