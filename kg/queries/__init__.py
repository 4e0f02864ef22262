"""Query files: one question, one ``.rq`` that runs as it stands, its expected answer beside it.

A file begins with its question as a comment, then a blank comment line, then ``# key: text`` lines:

    # How often does calcinosis occur in each subtype of systemic sclerosis?
    #
    # asker: rheumatologist
    # kind: comparison
    # read in: bernstein-poster, Introduction
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / "questions"
_ROW = re.compile(r"VALUES \((?P<names>(?:\?\w+ ?)+)\) \{ \((?:UNDEF ?)+\) \}")


_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")


@dataclass(frozen=True)
class Question:
    """A competency question: words, who asks it, its SPARQL, and the answer expected from the documents."""

    slug: str
    words: str
    notes: dict[str, str]
    text: str
    columns: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]


def read_query(name: str, **parameters: str) -> str:
    """Return the text of a query file, with IRIs for the parameters of its row ``VALUES (?a) { (UNDEF) }``.

    Raises ValueError for text that is no IRI: nothing is pasted into SPARQL that could be anything else.
    """
    text = (HERE / f"{name}.rq").read_text(encoding="utf-8")
    if not parameters:
        return text
    for value in parameters.values():
        if not _IRI.fullmatch(value):
            raise ValueError(f"{value!r} is no IRI")

    def fill(row: "re.Match[str]") -> str:
        names = row["names"].split()
        values = (f"<{parameters[name[1:]]}>" if name[1:] in parameters else "UNDEF" for name in names)
        return f"VALUES ({' '.join(names)}) {{ ({' '.join(values)}) }}"

    return _ROW.sub(fill, text, count=1)


def read_questions(folder: Path = FOLDER) -> list[Question]:
    """Read every question of a folder, in the order of the file names."""
    return [_read(path) for path in sorted(folder.glob("*.rq"))]


def _read(path: Path) -> Question:
    text = path.read_text(encoding="utf-8")
    comments = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#")]
    blank = comments.index("")
    notes = dict(line.split(": ", 1) for line in comments[blank + 1 :] if ": " in line)
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    return Question(path.stem, " ".join(comments[:blank]), notes, text, tuple(columns), tuple(map(tuple, rows)))
