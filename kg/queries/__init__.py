"""Query files: one question, one ``.rq`` that runs as it stands, its expected answer beside it.

A file begins with its question as a comment, then a blank comment line, then ``# key: text`` lines:

    # How often does calcinosis occur in each subtype of systemic sclerosis?
    #
    # asker: rheumatologist
    # kind: comparison
    # read in: bernstein-poster, Introduction
"""

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Question:
    """A competency question: words, who asks it, its SPARQL, and the answer expected from the documents."""

    slug: str
    words: str
    notes: dict[str, str]
    text: str
    columns: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]


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
