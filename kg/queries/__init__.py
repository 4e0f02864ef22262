"""Query files: one question, one ``.rq`` that runs as it stands, its expected answer beside it.

A file begins with its question as a comment, then a blank comment line, then ``# key: text`` lines:

    # How often does calcinosis occur in each subtype of systemic sclerosis?
    #
    # asker: rheumatologist
    # kind: comparison
    # read in: bernstein-poster, Introduction

``in short`` names the rows of the summary of findings that answer it in a sentence, by the ends of their IRIs;
``answer`` is a template of a sentence about the rows of the answer, as ``api/pages/answers.py`` has it. Every question
has the one or the other, which is for its page and not in the text of its query.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.prefixes import GRAPH

HERE = Path(__file__).parent
QUESTIONS = HERE / "questions"
#: A parameter where its value goes, and a line that stands only when a parameter has a value.
_PARAMETER = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")
_CONDITION = re.compile(r"  # with (\w+)$")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")

#: The entities that a question is about: a row of values with nothing but their ids.
_ID = re.compile(r"<([a-z-]+/[a-z0-9-]+)>")
_CHOICE = re.compile(r"VALUES \?(\w+) \{((?: <[a-z-]+/[a-z0-9-]+>)+) \}")

#: The lines that answer in a sentence.
_SENTENCES = ("# in short: ", "# answer: ")

#: An IRI, an integer, or several IRIs.
Parameter = str | int | Sequence[str]


@dataclass(frozen=True)
class Question:
    """A competency question: its words, notes such as who asks it, its SPARQL, and the expected answer."""

    slug: str
    words: str
    notes: dict[str, str]
    text: str
    columns: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]

    @property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """The ids of the entities that the question is about, by variable; others can take their place."""
        return {match[1]: tuple(_ID.findall(match[2])) for match in _CHOICE.finditer(self.text)}

    @property
    def in_short(self) -> list[str]:
        """The IRIs of the rows of the summary of findings that answer it in a sentence, the most to the point first."""
        return [f"{GRAPH}synthesis#{row}" for row in self.notes.get("in short", "").split()]

    def with_parameters(self, **chosen: Sequence[str]) -> str:
        """Return the SPARQL with other ids of entities for some parameters. Raises ValueError for an invalid id."""
        for id_ in (id_ for ids in chosen.values() for id_ in ids):
            if not _ID.fullmatch(f"<{id_}>"):
                raise ValueError(f"{id_!r} is not the id of an entity")

        def fill(match: re.Match[str]) -> str:
            ids = chosen.get(match[1])
            return match[0] if ids is None else f"VALUES ?{match[1]} {{ {' '.join(f'<{id_}>' for id_ in ids)} }}"

        return _CHOICE.sub(fill, self.text)


def read_query(name: str, **parameters: Parameter) -> str:
    """Return the text of a query file with values for its parameters.

    A parameter stands as ``VALUES ?name { UNDEF }``; a line that ends in ``# with name`` is left out when the parameter
    has no value. Raises ValueError for an invalid IRI, so that a value cannot change the query.
    """
    terms = {key: _terms(value) for key, value in parameters.items()}
    conditions = ((line, _CONDITION.search(line)) for line in _lines(name))
    text = "\n".join(_CONDITION.sub("", line) for line, needs in conditions if needs is None or needs[1] in terms)
    return _PARAMETER.sub(lambda match: f"VALUES ?{match[1]} {{ {terms.get(match[1], 'UNDEF')} }}", text)


@cache
def _lines(name: str) -> tuple[str, ...]:
    return tuple((HERE / f"{name}.rq").read_text(encoding="utf-8").splitlines())


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI without characters that would end it in a query."""
    return _IRI.fullmatch(text) is not None


def _terms(value: Parameter) -> str:
    if isinstance(value, int):
        return str(value)
    iris = [value] if isinstance(value, str) else value
    for iri in iris:
        if not is_iri(iri):
            raise ValueError(f"{iri!r} is not an IRI")
    return " ".join(f"<{iri}>" for iri in iris)


def read_questions(folder: Path = QUESTIONS) -> list[Question]:
    """Read every question of a folder, in the order of the file names."""
    return [_read(path) for path in sorted(folder.glob("*.rq"))]


def _read(path: Path) -> Question:
    text = path.read_text(encoding="utf-8")
    comments = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#")]
    blank = comments.index("")
    notes = dict(line.split(": ", 1) for line in comments[blank + 1 :] if ": " in line)
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    query = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_SENTENCES))
    return Question(path.stem, " ".join(comments[:blank]), notes, query, tuple(columns), tuple(map(tuple, rows)))
