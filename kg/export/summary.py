"""The summary of findings as a table: CSV and TSV, and a workbook. One row a question, the same columns in all."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from kg.export.delimited import SEPARATOR, write_rows
from kg.export.tables import read_chunks
from kg.read.labels import Json

#: The columns: name, meaning, how it is read, and its width in letters.
COLUMNS: tuple[tuple[str, str, Callable[[Json], object], int], ...] = (
    ("subject", "The treatment, disease, or factor studied", lambda row: row["subject"]["label"], 26),
    ("outcome", "What was studied", lambda row: row["object"]["label"], 28),
    ("relation", "How the two are related", lambda row: row["predicate"], 18),
    ("domain", "The kind of outcome", lambda row: row.get("domain"), 22),
    ("studies", "Studies that the results come from, each once", lambda row: row["studies"], 9),
    (
        "people",
        "People of the results, each counted once; empty where no result reports them",
        lambda row: row.get("people"),
        9,
    ),
    ("people at least", "Whether there may be more people", lambda row: row.get("at_least"), 9),
    ("for", "Results in favour of the treatment, or that report the event", lambda row: row["favourable"], 9),
    ("no difference", "Results without a change or difference", lambda row: row["no_difference"], 9),
    ("against", "Results against the treatment, or that report its absence", lambda row: row["unfavourable"], 9),
    ("undecided", "Results of unclear benefit", lambda row: row["undecided"], 9),
    ("effect", "Figures with their intervals of 95 %", lambda row: SEPARATOR.join(row["effect"]), 60),
    ("other figures", "Ids of results with another figure", lambda row: _ids(row, "other_figures"), 40),
    (
        "best level",
        "Best evidence level (OCEBM 2011): 1 is the best",
        lambda row: row.get("best_level", {}).get("rank"),
        9,
    ),
    ("worst level", "Lowest evidence level; 5 is opinion", lambda row: row.get("worst_level", {}).get("rank"), 9),
    ("certainty signals", "Signals beyond their threshold, by domain; no grade", lambda row: _signals(row), 60),
    ("ratings", "Grades that named curators recorded", lambda row: _ratings(row), 30),
    ("opinions", "Statements of opinion", lambda row: row["opinions"], 9),
    ("without result", "Aims, hypotheses, benefits not shown so far", lambda row: row["without_result"], 9),
    ("elsewhere", "Findings in other diseases or mixed groups, not counted", lambda row: row["elsewhere"], 9),
    ("in plain words", "The row in sentences", lambda row: row["sentence"], 90),
    ("findings", "Ids of the results", lambda row: _ids(row, "findings"), 40),
    ("iri", "The row in the graph", lambda row: row["iri"], 40),
)


def write_table(rows: Sequence[Json], delimiter: str = ",") -> str:
    """Return rows as CSV, or as TSV with a tab as delimiter."""
    names = [name for name, *_ in COLUMNS]
    return b"".join(write_rows([names, *(_values(row) for row in rows)], delimiter)).decode()


def write_workbook(rows: Sequence[Json], title: str, about: Mapping[str, str]) -> Iterator[bytes]:
    """Yield a workbook with a sheet of rows, and one that says what it is and what the columns mean."""
    with tempfile.TemporaryFile() as file:
        _write(rows, title, about, file)
        yield from read_chunks(file)


def marked(row: Json) -> Iterator[tuple[str, str]]:
    """Yield the domain and the words of each signal of certainty that is beyond its threshold."""
    for domain in row["certainty"]:
        yield from ((domain["label"], signal["words"]) for signal in domain["signals"] if signal["marked"])


def _ids(row: Json, key: str) -> str:
    return SEPARATOR.join(row[key])


def _signals(row: Json) -> str:
    return SEPARATOR.join(f"{domain}: {words}" for domain, words in marked(row))


def _ratings(row: Json) -> str:
    return SEPARATOR.join(f"{one['rating_label']} ({one['curator']}, {one['date']})" for one in row["ratings"])


def _values(row: Json) -> list[Any]:
    return [read(row) for _, _, read, _ in COLUMNS]


def _write(rows: Sequence[Json], title: str, about: Mapping[str, str], file: IO[bytes]) -> None:
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        book.set_properties(
            {
                "title": title,
                "author": about["creator"],
                "comments": about["citation"],
                "created": datetime.fromisoformat(about["issued"]),
            }
        )
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Summary of findings")
        sheet.freeze_panes(1, 2)
        for number, (name, _, _, width) in enumerate(COLUMNS):
            sheet.set_column(number, number, width)
            sheet.write_string(0, number, name, bold)
        for place, row in enumerate(rows, 1):
            for number, value in enumerate(_values(row)):
                if value not in (None, ""):
                    sheet.write(place, number, value, wrapped)
        sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
        sheet = book.add_worksheet("About")
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, 1, 120)
        meanings = [(name, meaning) for name, meaning, *_ in COLUMNS]
        for place, (name, text) in enumerate([("table", title), *about.items(), ("column", "meaning"), *meanings]):
            sheet.write_string(place, 0, name, bold)
            sheet.write_string(place, 1, text, wrapped)
