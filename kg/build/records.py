"""Reads the curated records: TOML files whose keys are terms of the JSON-LD context.

A source file is one node, the source, with its populations, studies and findings inside; an entity file is a
list of entities. A key that the context does not know is an error, because JSON-LD would drop it silently.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kg.build.jsonld import Context, Node
from kg.errors import RecordsError, Violation

_TABLE = re.compile(r"^\[\[\s*(\w+)\s*\]\]")
_KEY = re.compile(r"^(\w+)\s*=")
_TOML_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")
#: The class of a table inside a record, by its key, when it names none itself; of any other key it is a quantity.
_CLASSES = {
    "locator": "Locator",
    "derived": "Derivation",
    "sides": "Side",
    "overlap": "Overlap",
    "populations": "Population",
    "studies": "Study",
}
#: What an id or a term may look like, and how to write it.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._/#:-]*")
_NAMES = {"@id": 'Write an id, such as "site/hand"', "@vocab": "Write the name of a term of ontology/calcikg.ttl"}
_NUMERIC = {"xsd:decimal": (int, Decimal), "xsd:integer": (int,)}


@dataclass(frozen=True)
class Position:
    """Where a record stands: its file, its first line and the line of each of its keys."""

    file: str
    line: int
    keys: Mapping[str, int]

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the record when it has no such key."""
        return self.keys.get(key, self.line)


@dataclass(frozen=True)
class RecordFile:
    """One file of records, as a JSON-LD node, and the ids and positions of the records inside, in file order."""

    name: str
    node: Node
    positions: tuple[tuple[str, Position], ...]

    def records(self) -> Iterator[Node]:
        """Yield every record: the source with its populations, studies and findings, or the entities."""
        if "id" in self.node:
            yield self.node
        for key in ("entities", "populations", "studies", "findings"):
            yield from self.node.get(key, ())


def record_paths(seeds: Path) -> list[Path]:
    """Return the paths of all record files below a folder, in order."""
    return sorted(seeds.rglob("*.toml"))


def read_records(seeds: Path, context: Context, paths: Iterable[Path] | None = None) -> list[RecordFile]:
    """Read the record files of a folder, all or those given.

    Raises RecordsError with every violation: text that is not TOML, an unknown key, a record without id, a number
    where text is wanted or the other way round.
    """
    files, violations = [], []
    for path in record_paths(seeds) if paths is None else paths:
        reader = _Reader(file_name(path, seeds), path, context)
        if file := reader.read():
            files.append(file)
        violations += reader.violations
    if violations:
        raise RecordsError(violations)
    return files


def file_name(path: Path, seeds: Path) -> str:
    """Name a file in messages: by its path from the folder that holds the records, else as it was given."""
    folder = seeds.resolve().parent
    return path.resolve().relative_to(folder).as_posix() if path.resolve().is_relative_to(folder) else str(path)


@dataclass(frozen=True)
class _Record:
    """A table of a file that is a record of its own."""

    table: Node
    id: str
    position: Position


def _locate_records(file: str, text: str, document: Node) -> list[_Record]:
    """Pair every record of a file with its lines. `tomllib` gives none, so the tables are counted."""
    lines: list[tuple[str, int, dict[str, int]]] = [("", 1, {})]
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            lines.append((header[1], number, {}))
        elif key := _KEY.match(line):
            lines[-1][2].setdefault(key[1], number)
    top = document if "type" in document or "id" in document else {}
    tables = {name: iter(rows) for name, rows in document.items() if _is_tables(rows)}
    records = []
    for name, start, keys in lines:
        table = next(tables.get(name, iter(())), {}) if name else top
        records.append(_Record(table, str(table.get("id", "")), Position(file, start, keys)))
    return records


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


class _Reader:
    """Turns the tables of one file into JSON-LD nodes and collects what is wrong with them."""

    def __init__(self, file: str, path: Path, context: Context) -> None:
        self._file, self._path, self._types = file, path, context.types
        self._records: dict[int, _Record] = {}
        self.violations: list[Violation] = []

    def read(self) -> RecordFile | None:
        """Return the file, None when it is too broken to read."""
        try:
            text = self._path.read_text(encoding="utf-8")
            document = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            line = _TOML_LINE.search(str(error))
            self._fail(int(line[1]) if line else 0, "not TOML: " + _TOML_LINE.sub("", str(error)), "Fix the line")
            return None
        except UnicodeDecodeError:
            self._fail(0, "not UTF-8", "Save the file as UTF-8")
            return None
        if "id" not in document and "findings" in document:
            self._fail(1, "findings without their source", 'Begin the file with the source: id = "source/..."')
            return None
        records = _locate_records(self._file, text, document)
        self._records = {id(record.table): record for record in records}
        node = self._table(document, None)
        return RecordFile(self._file, node, tuple((record.id, record.position) for record in records if record.id))

    def _table(self, table: Node, owner: _Record | None) -> Node:
        record = self._records.get(id(table), owner)
        if record is not None and record is not owner and not record.id:
            self._violation(record, "id", "the record has no id", 'Give it one, such as id = "site/hand"')
        return {key: self._value(key, value, record) for key, value in table.items() if self._is_known(key, record)}

    def _is_known(self, key: str, record: _Record | None) -> bool:
        if key in self._types:
            return True
        near = difflib.get_close_matches(key, self._types, n=1)
        repair = f"Did you mean {near[0]!r}" if near else "Use a key of docs/records.md"
        self._violation(record, key, f"unknown key {key!r}", repair)
        return False

    def _value(self, key: str, value: Any, record: _Record | None) -> Any:
        if isinstance(value, list):
            return [self._item(key, index, item, record) for index, item in enumerate(value)]
        return self._item(key, None, value, record)

    def _item(self, key: str, index: int | None, value: Any, record: _Record | None) -> Any:
        """Return one value as JSON-LD; a nested table gets an IRI below that of its record."""
        if not isinstance(value, dict):
            return self._scalar(key, value, record)
        node = self._table(value, record)
        if key in _CLASSES or "id" not in node:
            node.setdefault("type", _CLASSES.get(key, "Quantity"))
        if "id" not in node and record is not None:
            node["id"] = f"{record.id}#{key}" + ("" if index is None else f"-{index + 1}")
        return node

    def _scalar(self, key: str, value: Any, record: _Record | None) -> Any:
        wanted = "@id" if key == "id" else "@vocab" if key == "type" else self._types[key]
        if wanted in _NUMERIC:
            if isinstance(value, bool) or not isinstance(value, _NUMERIC[wanted]):
                kind = "a whole number" if wanted == "xsd:integer" else "a number"
                self._wrong_value(record, key, value, f"Write {kind}, without quotes")
            return str(value)
        if wanted == "xsd:boolean":
            if not isinstance(value, bool):
                self._wrong_value(record, key, value, "Write true or false, without quotes")
            return value
        if not isinstance(value, str):
            self._wrong_value(record, key, value, "Write text, in quotes")
        elif wanted in _NAMES and not _NAME.fullmatch(value):  # JSON-LD would drop what is not an IRI
            self._wrong_value(record, key, value, _NAMES[wanted])
        return str(value)

    def _wrong_value(self, record: _Record | None, key: str, value: Any, repair: str) -> None:
        shown = repr(value) if isinstance(value, str) else str(value)
        self._violation(record, key, f"{key} is {shown}", repair)

    def _violation(self, record: _Record | None, key: str, problem: str, repair: str) -> None:
        line = record.position.line_of(key) if record else 0
        self.violations.append(Violation(self._file, line, record.id if record else "", problem, repair))

    def _fail(self, line: int, problem: str, repair: str) -> None:
        self.violations.append(Violation(self._file, line, self._path.stem, problem, repair))
