"""Reads the curated records: TOML files whose keys are terms of the JSON-LD context.

A source file is one node, the source, with its populations, studies and findings inside; an entity file is a
list of entities. A key that the context does not know is an error, because JSON-LD would drop it silently.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kg.build.jsonld import Context, Node
from kg.errors import RecordsError, Violation

_TABLE = re.compile(r"^\[\[\s*(\w+)\s*\]\]")
_KEY = re.compile(r"^(\w+)\s*=")
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)")
#: The class of a table inside a record, by its key, when it names none itself.
_CLASSES = {
    "locator": "Locator",
    "derived": "Derivation",
    "sides": "Side",
    "populations": "Population",
    "studies": "Study",
}
_NUMERIC = {"xsd:decimal": (int, Decimal), "xsd:integer": (int,)}


@dataclass(frozen=True)
class Place:
    """Where a record stands: its file, its first line and the line of each of its keys."""

    file: str
    line: int
    keys: Mapping[str, int]

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the record when it has no such key."""
        return self.keys.get(key, self.line)


@dataclass(frozen=True)
class RecordFile:
    """One file of records, as a JSON-LD node, and the places of the records inside, in file order."""

    path: Path
    node: Node
    places: tuple[tuple[str, Place], ...]


def read_records(folder: Path, context: Context) -> list[RecordFile]:
    """Read every record file below a folder, in the order of their names.

    Raises RecordsError with every violation found: text that is not TOML, an unknown key, a record without
    id, a number where text is wanted or the other way round.
    """
    files, violations = [], []
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder.parent).as_posix()
        text = path.read_text(encoding="utf-8")
        try:
            document = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            place = _TOML_PLACE.search(str(error))
            line = int(place[1]) if place else 0
            problem = "not TOML: " + _TOML_PLACE.sub("", str(error))
            violations.append(Violation(name, line, path.stem, problem, "Mend the line"))
            continue
        places = _places(name, text, document)
        if "id" not in document and "findings" in document:
            repair = 'Begin the file with the source: id = "source/..."'
            violations.append(Violation(name, 1, path.stem, "findings without their source", repair))
            continue
        reader = _Reader(context, name)
        node = reader.node(document, places)
        violations += reader.violations
        files.append(RecordFile(path, node, tuple((place.id, place.place) for place in places if place.id)))
    if violations:
        raise RecordsError(violations)
    return files


@dataclass(frozen=True)
class _Record:
    """A table of a file that is a record of its own."""

    table: Node
    id: str
    place: Place


def _places(file: str, text: str, document: Node) -> list[_Record]:
    """Pair every record of a file with its lines. `tomllib` gives none, so the tables are counted."""
    lines: list[tuple[str, int, dict[str, int]]] = [("", 1, {})]
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            lines.append((header[1], number, {}))
        elif key := _KEY.match(line):
            lines[-1][2].setdefault(key[1], number)
    tables = [("", document)] if "type" in document or "id" in document else [("", {})]
    counted = {name: iter(rows) for name, rows in document.items() if _is_tables(rows)}
    found = []
    for name, start, keys in lines:
        table = tables[0][1] if not name else next(counted.get(name, iter(())), {})
        found.append(_Record(table, str(table.get("id", "")), Place(file, start, keys)))
    return found


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


class _Reader:
    """Turns the tables of one file into JSON-LD nodes and notes what is wrong with them."""

    def __init__(self, context: Context, file: str) -> None:
        self._types = context.types
        self._file = file
        self.violations: list[Violation] = []

    def node(self, document: Node, records: list[_Record]) -> Node:
        self._records = {id(record.table): record for record in records}
        return self._table(document, None)

    def _table(self, table: Node, owner: _Record | None) -> Node:
        record = self._records.get(id(table), owner)
        if record is not None and record is not owner and not record.id:
            self._violation(record, "id", "the record has no id", 'Give it one, such as id = "site/hand"')
        return {key: self._value(key, value, record) for key, value in table.items() if self._known(key, record)}

    def _known(self, key: str, record: _Record | None) -> bool:
        if key in self._types:
            return True
        near = difflib.get_close_matches(key, self._types, n=1)
        repair = f"Did you mean {near[0]!r}?" if near else "Take a key of ontology/context.jsonld"
        self._violation(record, key, f"unknown key {key!r}", repair.rstrip("?"))
        return False

    def _value(self, key: str, value: Any, record: _Record | None) -> Any:
        if isinstance(value, list):
            return [self._named(key, index, item, record) for index, item in enumerate(value)]
        return self._named(key, None, value, record)

    def _named(self, key: str, index: int | None, value: Any, record: _Record | None) -> Any:
        """Return the value as JSON-LD wants it; a nested table gets an IRI below that of its record."""
        if isinstance(value, dict):
            node = self._table(value, record)
            if key in _CLASSES:
                node.setdefault("type", _CLASSES[key])
            if "id" not in node and record is not None:
                node["id"] = f"{record.id}#{key}" + ("" if index is None else f"-{index + 1}")
            return node
        return self._scalar(key, value, record)

    def _scalar(self, key: str, value: Any, record: _Record | None) -> Any:
        wanted = self._types[key]
        if wanted in _NUMERIC:
            if isinstance(value, bool) or not isinstance(value, _NUMERIC[wanted]):
                kind = "a whole number" if wanted == "xsd:integer" else "a number"
                self._violation(record, key, f"{key} is {value!r}", f"Write {kind}, without quotes")
            return str(value)
        if wanted == "xsd:boolean":
            if not isinstance(value, bool):
                self._violation(record, key, f"{key} is {value!r}", "Write true or false, without quotes")
            return value
        if not isinstance(value, str):
            self._violation(record, key, f"{key} is {value!r}", "Write text, in quotes")
        return str(value)

    def _violation(self, record: _Record | None, key: str, problem: str, repair: str) -> None:
        line = record.place.line_of(key) if record else 0
        self.violations.append(Violation(self._file, line, record.id if record else "", problem, repair))


def nodes(file: RecordFile) -> Iterator[Node]:
    """Yield every record of a file: the source with its populations, studies and findings, or the entities."""
    if "id" in file.node:
        yield file.node
    for key in ("entities", "populations", "studies", "findings"):
        yield from file.node.get(key, ())
