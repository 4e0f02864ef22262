"""Reads what the queries select: the questions that findings answer with a proportion, and what stands between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.statistics import Count

#: A quality in which findings may differ (an IRI or text), and the IRI of the reason to give where they do.
Mark = tuple[str, str]
#: Pairs of findings that may rest on the same people (each pair in both orders), and the IRIs of the reasons.
Overlaps = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True)
class Candidate:
    """A finding that answers a question with a proportion; ``counts`` is None when its source gives none."""

    iri: str
    source: str
    level: str | None
    counts: Count | None
    marks: frozenset[Mark]


@dataclass(frozen=True)
class Question:
    """A question: IRIs of subject, predicate, object and direction, the four in words, and what answers it."""

    subject: str
    predicate: str
    object: str
    direction: str | None
    words: str
    findings: tuple[Candidate, ...]


def read_questions(store: ox.Store, queries: Path) -> tuple[list[Question], Overlaps]:
    """Run ``findings.rq``, ``marks.rq`` and ``overlaps.rq`` of a folder."""
    marks: dict[str, set[Mark]] = {}
    for row in _rows(store, queries / "marks.rq"):
        marks.setdefault(row["finding"], set()).add((row["mark"], row["reason"]))
    overlaps: dict[tuple[str, str], frozenset[str]] = {}
    for row in _rows(store, queries / "overlaps.rq"):
        for pair in ((row["finding"], row["other"]), (row["other"], row["finding"])):
            overlaps[pair] = overlaps.get(pair, frozenset()) | {row["reason"]}
    questions = []
    keys = ("subject", "predicate", "object", "direction", "words")
    for asked, rows in groupby(_rows(store, queries / "findings.rq"), lambda row: {key: row[key] for key in keys}):
        findings = (
            Candidate(
                row["finding"],
                row["source"],
                row["level"],
                (int(row["numerator"]), int(row["denominator"])) if row["denominator"] else None,
                frozenset(marks.get(row["finding"], ())),
            )
            for row in rows
        )
        questions.append(Question(**asked, findings=tuple(findings)))
    return questions, overlaps


def _rows(store: ox.Store, path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query as text, with None for what is unbound."""
    found = store.query(path.read_text(encoding="utf-8"))
    assert isinstance(found, ox.QuerySolutions), f"{path.name} is no SELECT query"
    names = [variable.value for variable in found.variables]
    for row in found:
        yield {name: getattr(row[name], "value", None) for name in names}
