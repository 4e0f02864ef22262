"""Checks every record against the texts of its source, or against a reading note on it.

A record's passage is found by its digest; every figure of the record has to be in it, in digits or in words. A record
whose passage was not seen gives the section alone; then every figure has to be in the note that a reader made of the
source apart from the record.
"""

import calendar
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from kg.build.figures import find_figures, values
from kg.build.jsonld import Node
from kg.build.records import RecordFile
from kg.build.verified import DATES, FIGURES, NAMES, READING_NOTE, SOURCE_TEXT, Text, has_passage, stated
from kg.curate.locate import Document, Locator, Passage

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_ONE = re.compile(r"\ban? (?:hour|day|week|month|year)\b")  # "within a week" bears out 1 week


@dataclass(frozen=True)
class Problem:
    """A record that the documents do not confirm."""

    record: str
    problem: str


@dataclass(frozen=True)
class Uncovered:
    """A number of a document that no record accounts for."""

    document: str
    number: str
    context: str


@dataclass
class Report:
    """What a verification found.

    ``confirmed`` has the text in which a finding and all its figures were found, by the finding's id; ``missing`` are
    the findings whose texts were not there.
    """

    findings: int = 0
    records: int = 0
    passages: int = 0
    figures: int = 0
    derived: int = 0
    problems: list[Problem] = field(default_factory=list)
    uncovered: list[Uncovered] = field(default_factory=list)
    furniture: int = 0
    confirmed: dict[str, Text] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Derived:
    """A figure that is not printed: what it is of the printed ones, such as their sum."""

    name: str
    operands: tuple[Decimal, ...]
    result: Decimal


@dataclass(frozen=True)
class _Confirmed:
    """A record whose passages were found: which, and the numbers that it accounts for."""

    document: Document
    passages: Sequence[Passage]
    numbers: frozenset[Decimal]


def read_documents(folder: Path) -> list[Document]:
    """Read every text file of a folder without any conversion, so that its digest is that of the file."""
    return [Document(path.name, path.read_bytes().decode("utf-8")) for path in sorted(folder.glob("*.txt"))]


def verify(
    files: Iterable[RecordFile],
    documents: Sequence[Document],
    notes: Sequence[Document] = (),
    furniture: Path | None = None,
) -> Report:
    """Confirm each figure of every record in its passage, or else in the note on its source.

    A record that gives a passage is looked up in the documents; a finding or population whose source is in none of them
    is compared with the note. The name of a note is that of its source, as ``agarwal-2013.txt``; it may have a prefix,
    and ``_`` for ``-``. With ``furniture`` (a table of numbers that belong to the page layout and not to the content,
    each with its reason) the report also lists every number in the documents that no record accounts for.
    """
    report = Report()
    confirmed = []
    known = {_slug(note.name): note for note in notes}
    for records in (_located(file) for file in files):
        found = {record["id"]: _document(record, documents) for record in records if has_passage(record)}
        note = _note(records, known)
        for record in records:
            problems = len(report.problems)
            text = None
            if any(found.values()) and record["id"] in found:
                if confirmation := _confirm(record, found[record["id"]], report):
                    confirmed.append(confirmation)
                    text = Text(SOURCE_TEXT, confirmation.document.sha256)
            elif note and record["id"].startswith(("finding/", "population/")):
                _confirm_figures(record, note.text, "the note on its source", report)
                text = Text(READING_NOTE, note.sha256)
            _count(record, text, len(report.problems) > problems, report)
    if furniture is not None:
        report.uncovered = _uncovered(documents, confirmed, furniture, report)
    return report


def _located(file: RecordFile) -> list[Node]:
    return [record for record in file.records() if "locator" in record]


def _count(record: Node, text: Text | None, has_problem: bool, report: Report) -> None:
    compared = text is not None or has_problem
    report.records += compared
    if record["id"].startswith("finding/"):
        report.findings += compared
        if not compared:
            report.missing.append(record["id"])
        elif text and not has_problem:
            report.confirmed[record["id"]] = text


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.removesuffix(".txt").lower())


def _note(records: Sequence[Node], notes: Mapping[str, Document]) -> Document | None:
    slugs = [record["id"].partition("/")[2] for record in records if record["id"].startswith("source/")]
    for slug in slugs:
        if slug in notes:
            return notes[slug]
        for name, note in notes.items():
            if name.endswith(f"-{slug}"):
                return note
    return None


def _document(record: Node, documents: Sequence[Document]) -> Document | None:
    locators = [_locator(node) for node in _list(record["locator"])]
    return next((one for one in documents if all(map(one.find, locators))), None)


def _confirm(record: Node, document: Document | None, report: Report) -> _Confirmed | None:
    if document is None:
        report.problems.append(Problem(record["id"], "its passage is in none of the documents"))
        return None
    locators = [_locator(node) for node in _list(record["locator"])]
    report.passages += len(locators)
    passages = [passage for locator in locators for passage in document.find(locator)]
    text = " … ".join(document.read(passage) for passage in passages)
    return _Confirmed(document, passages, _confirm_figures(record, text, "its passage", report))


def _confirm_figures(record: Node, text: str, place: str, report: Report) -> frozenset[Decimal]:
    """Look up each figure of a record in a text, and return the figures."""
    numbers = values(text) | ({Decimal(1)} if _ONE.search(text) else set())
    if record.get("interval") == "ci95":  # its level is told by the kind, whether or not it is printed at each
        numbers |= {Decimal(95)}
    months = {_MONTHS[word] for word in re.findall(r"[a-z]+", text) if word in _MONTHS}
    derived = {node["figure"]: _derived(node) for node in _list(record.get("derived", []))}
    wanted = list(_figures(record, derived, numbers))
    for key, figure in wanted:
        report.figures += 1
        if figure not in numbers and not (key in DATES and figure in months):
            report.problems.append(Problem(record["id"], f"{key} has {figure}, which is not in {place}"))
    for key, one in derived.items():
        report.derived += 1
        if key not in record or one.result != Decimal(record[key]):
            how = f"{key} is not the {one.name} of {', '.join(map(str, one.operands))}"
            report.problems.append(Problem(record["id"], how))
    return frozenset(figure for _, figure in wanted)


def _figures(record: Node, derived: dict[str, _Derived], printed: set[Decimal]) -> Iterator[tuple[str, Decimal]]:
    """Yield every figure that the passage of a record must contain, with its key."""
    for key, value in record.items():
        if key in derived:
            yield from ((key, operand) for operand in derived[key].operands)
        elif key in FIGURES:
            if (key, value) != ("sampleSize", "1"):  # one patient is described, and not counted
                yield key, Decimal(value)
        elif isinstance(value, dict) and key not in NAMES:
            yield from ((key, Decimal(value[part])) for part in sorted(FIGURES & value.keys()) if value[part] != "1")
        elif key in DATES:
            whole = Decimal(value.replace("-", ""))  # some sources print 20210624
            parts = [whole] if whole in printed else map(Decimal, value.split("-"))
            yield from ((key, part) for part in parts)
        elif key not in NAMES:
            for text in _list(value):
                if isinstance(text, str):
                    yield from ((key, figure) for figure in sorted(_stated(text, derived)))


def _stated(text: str, derived: dict[str, _Derived]) -> set[Decimal]:
    """Return the numbers in a text of a record, without derived ones."""
    return {figure.value for figure in stated(text)} - {figure.result for figure in derived.values()}


def _uncovered(
    documents: Sequence[Document], confirmed: Sequence[_Confirmed], furniture: Path, report: Report
) -> list[Uncovered]:
    with furniture.open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file, delimiter="\t"))
    found = []
    for document in documents:
        passages = [
            (passage, here.numbers) for here in confirmed if here.document is document for passage in here.passages
        ]
        passages += [
            (passage, frozenset({Decimal(row["number"])}))
            for row in known
            for passage in document.find(Locator("", int(row["words"]), row["sha256"]))
        ]
        spans = [(document.spans[p.start][0], document.spans[p.stop - 1][1], numbers) for p, numbers in passages]
        for figure in find_figures(document.text):
            if not any(
                start <= figure.start and figure.stop <= stop and figure.value in numbers
                for start, stop, numbers in spans
            ):
                context = document.text[max(0, figure.start - 50) : figure.stop + 50]
                number = document.text[figure.start : figure.stop]
                found.append(Uncovered(document.name, number, " ".join(context.split())))
    report.furniture = len(known)
    return found


def _locator(node: Node) -> Locator:
    return Locator(node["section"], int(node["words"]), node["sha256"])


def _derived(node: Node) -> _Derived:
    first, *others = (Decimal(operand) for operand in node["operand"])
    if node["operation"] == "subtraction":
        return _Derived("difference", (first, *others), first - sum(others))
    return _Derived("sum", (first, *others), first + sum(others))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
