"""Verifications: which finding was compared with which text, on which day (``seeds/verified.tsv``).

The texts of the sources never enter the project, nor do notes on them, so no build can verify. People who have them run
``kg verify`` and record the result. A row applies to the finding as it was then, which is known by its digest.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from kg.build.figures import find_figures
from kg.build.jsonld import Node
from kg.build.records import RecordFile
from kg.errors import RecordsError, Violation
from kg.files import whole_file

#: Keys whose value is a figure and nothing else.
FIGURES = frozenset("value lower upper spread numerator denominator sampleSize limbs pValue pValueBelow year".split())
DATES = frozenset("eventDate published epub studyPeriodStart studyPeriodEnd".split())
#: Keys whose numbers are names, or are about the record and not from the source.
NAMES = frozenset(
    "id type subject object population site underTreatment cointervention circumstance comparator instrument relays "
    "restates followsEvent country comorbidity disease includesDisease overlap scope partOf unit locator note findings "
    "populations studies reports readAt primaryOutcome secondaryOutcome derived".split()
)
TABLE = "verified.tsv"
#: The kinds of text that a finding is compared with, by their names in the ontology; the first says more.
SOURCE_TEXT, READING_NOTE = "sourceText", "readingNote"

_COMPARED = FIGURES | DATES | {"locator", "derived"}
#: Keys that change the meaning of a figure, though no text is searched for them.
_MEANING = frozenset("unit measure statistic interval qualifier direction negated analysisUnit adjusted".split())
_COLUMNS = ("finding", "against", "compared", "record", "text", "day")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPAIR = "Verify it again with kg verify --record, or delete the row"


@dataclass(frozen=True, order=True)
class Verification:
    """Each figure of a finding was found in a text on a day: in its passage, or in a note on its source.

    ``against`` is the kind of text, ``compared`` are the keys that were looked up, ``record`` is the digest of the
    finding at that time (see `digest`), ``text`` the SHA-256 of the text file, ``day`` an ISO 8601 date.
    """

    finding: str
    against: str
    compared: tuple[str, ...]
    record: str
    text: str
    day: str

    def applies_to(self, record: Node) -> bool:
        """Tell whether the record is unchanged since it was verified."""
        return self.record == digest(record) and self.compared == compared(record)


class Text(NamedTuple):
    """A text that a finding was compared with: its kind, and the SHA-256 of its file."""

    kind: str
    sha256: str


def compared(record: Node) -> tuple[str, ...]:
    """Return the keys of a record that are compared with its source: a locator with digest, and each key with a figure.

    >>> compared({"id": "finding/series-02", "locator": {}, "value": "10", "unit": "%", "statement": "In 10%.",
    ...     "reported": "rare"})
    ('statement', 'value')
    """
    keys = {key for key, value in record.items() if key in _COMPARED or _has_figure(key, value)}
    return tuple(sorted(keys if has_passage(record) else keys - {"locator"}))


def has_passage(record: Node) -> bool:
    """Tell whether the locators of a record give the digest of a passage, and not the section alone."""
    locators = record.get("locator", [])
    return any("sha256" in locator for locator in (locators if isinstance(locators, list) else [locators]))


def digest(record: Node) -> str:
    """Return the SHA-256 of the keys of a record that are compared, and of those that give their figures a meaning."""
    keys = {*compared(record), *(_MEANING & record.keys())}
    values = {key: _plain(record[key]) for key in keys}
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def read_verified(seeds: Path) -> list[tuple[int, Verification]]:
    """Read the table, each row with its line; a missing table has no rows. Raises RecordsError."""
    path = seeds / TABLE
    if not path.is_file():
        return []
    rows: list[tuple[int, Verification]] = []
    violations: list[Violation] = []
    known: set[str] = set()
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        for line, cells in enumerate(table, start=1):
            if wrong := _mistake(line, cells, known):
                violations.append(Violation(_name(seeds), line, cells[0] if cells else "", wrong, _REPAIR))
            elif line > 1:
                finding, against, keys, record, text, day = cells
                known.add(finding)
                rows.append((line, Verification(finding, against, tuple(keys.split()), record, text, day)))
    if violations:
        raise RecordsError(violations)
    return rows


def write_verified(seeds: Path, rows: Iterable[Verification]) -> None:
    """Write the table, in the order of the findings."""
    lines = [
        _COLUMNS,
        *((row.finding, row.against, " ".join(row.compared), row.record, row.text, row.day) for row in sorted(rows)),
    ]
    with whole_file(seeds / TABLE) as file:
        file.write("".join("\t".join(line) + "\n" for line in lines).encode())


def record_verified(
    seeds: Path, files: Iterable[RecordFile], confirmed: Mapping[str, Text], missing: Iterable[str], day: date
) -> list[Verification]:
    """Record findings as verified, and return every verification that now applies.

    ``confirmed`` has the text by the id of each finding that was confirmed. The texts of the findings in
    ``missing`` were not available: their earlier rows stay if they still apply. All other rows go.
    """
    records = findings(files)
    current, _ = split_current(seeds, records)
    unseen = set(missing)
    rows = [row for row in current if row.finding in unseen]
    rows += [
        Verification(
            finding, text.kind, compared(records[finding]), digest(records[finding]), text.sha256, day.isoformat()
        )
        for finding, text in confirmed.items()
    ]
    write_verified(seeds, rows)
    return sorted(rows)


def split_current(seeds: Path, records: Mapping[str, Node]) -> tuple[list[Verification], list[Violation]]:
    """Return the verifications that still apply to the findings, and a violation for each one that does not."""
    current, outdated = [], []
    for line, row in read_verified(seeds):
        if row.finding not in records:
            problem = "was verified, but there is no such finding"
        elif not row.applies_to(records[row.finding]):
            problem = f"changed after it was verified on {row.day}"
        else:
            current.append(row)
            continue
        outdated.append(Violation(_name(seeds), line, row.finding, problem, _REPAIR))
    return current, outdated


def findings(files: Iterable[RecordFile]) -> dict[str, Node]:
    """Return the findings of record files by their ids."""
    return {node["id"]: node for file in files for node in file.records() if node["id"].startswith("finding/")}


def stated(text: str) -> Iterator[Any]:
    """Yield the figures in a text of a record, without "one", which is mostly a pronoun."""
    return (figure for figure in find_figures(text) if not (figure.in_words and figure.value == 1))


def _has_figure(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return bool(FIGURES & value.keys())
    texts = value if isinstance(value, list) else [value]
    return key not in NAMES and any(isinstance(text, str) and any(stated(text)) for text in texts)


def _plain(value: Any) -> Any:
    """Remove what reading adds to a table inside a record: its id and its class."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in ("id", "type")}
    return value


def _mistake(line: int, cells: Sequence[str], known: set[str]) -> str:
    if line == 1:
        return "" if tuple(cells) == _COLUMNS else f"the columns are not {', '.join(_COLUMNS)}"
    if len(cells) != len(_COLUMNS):
        return f"the row has {len(cells)} columns, not {len(_COLUMNS)}"
    finding, against, _, record, text, day = cells
    if finding in known:
        return "the finding has a row already"
    if against not in (SOURCE_TEXT, READING_NOTE):
        return f"{against!r} is neither {SOURCE_TEXT} nor {READING_NOTE}"
    for value in (record, text):
        if not _SHA256.fullmatch(value):
            return f"{value!r} is not a SHA-256"
    try:
        is_day = date.fromisoformat(day).isoformat() == day  # which reads other forms of ISO 8601 too
    except ValueError:
        is_day = False
    return "" if is_day else f"{day!r} is not a date"


def _name(seeds: Path) -> str:
    return f"{seeds.name}/{TABLE}"
