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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / "questions"
#: A parameter where its value goes, and a line that stands only when a parameter has one.
_PLACE = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")
_CONDITION = re.compile(r"  # with (\w+)$")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")

#: The entities that a question is asked of, by id: a row of values that holds nothing else.
_ID = re.compile(r"<([a-z-]+/[a-z0-9-]+)>")
_CHOICE = re.compile(r"VALUES \?(\w+) \{((?: <[a-z-]+/[a-z0-9-]+>)+) \}")

#: An IRI, an integer, or several.
Parameter = str | int | Sequence[str]


@dataclass(frozen=True)
class Question:
    """A competency question: words, who asks it, its SPARQL, and the answer expected from the documents."""

    slug: str
    words: str
    notes: dict[str, str]
    text: str
    columns: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]

    @property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """The entities that the question is asked of, by variable; others may take their place."""
        return {found[1]: tuple(_ID.findall(found[2])) for found in _CHOICE.finditer(self.text)}

    def asked_of(self, **chosen: Sequence[str]) -> str:
        """Return the SPARQL with other entities, given by their ids, for some parameters.

        Raises ValueError for what is no id.
        """
        for one in (one for ids in chosen.values() for one in ids):
            if not _ID.fullmatch(f"<{one}>"):
                raise ValueError(f"{one!r} is no id of an entity")

        def fill(found: "re.Match[str]") -> str:
            ids = chosen.get(found[1])
            return found[0] if ids is None else f"VALUES ?{found[1]} {{ {' '.join(f'<{one}>' for one in ids)} }}"

        return _CHOICE.sub(fill, self.text)


def read_query(name: str, **parameters: Parameter) -> str:
    """Return the text of a query file with values for its parameters.

    A parameter stands as ``VALUES ?name { UNDEF }``; a line that ends in ``# with name`` is left out when the parameter
    has no value. Raises ValueError for text that is no IRI: nothing is pasted into SPARQL that could be anything else.
    """
    terms = {key: _terms(value) for key, value in parameters.items()}
    kept = (line for line in _text(name) if (found := _CONDITION.search(line)) is None or found[1] in terms)
    text = "\n".join(_CONDITION.sub("", line) for line in kept)
    return _PLACE.sub(lambda place: f"VALUES ?{place[1]} {{ {terms.get(place[1], 'UNDEF')} }}", text)


@cache
def _text(name: str) -> tuple[str, ...]:
    return tuple((HERE / f"{name}.rq").read_text(encoding="utf-8").splitlines())


def is_iri(text: str) -> bool:
    """Tell whether a text has nothing that would end an IRI in a query."""
    return _IRI.fullmatch(text) is not None


def _terms(value: Parameter) -> str:
    if isinstance(value, int):
        return str(value)
    iris = [value] if isinstance(value, str) else value
    for iri in iris:
        if not is_iri(iri):
            raise ValueError(f"{iri!r} is no IRI")
    return " ".join(f"<{iri}>" for iri in iris)


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
