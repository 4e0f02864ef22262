"""Reads the questions that findings answer with a figure of one kind, and decides which of them are pooled."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from kg.build.synthesis.people import People
from kg.build.synthesis.rows import Row, read_rows
from kg.prefixes import ONTOLOGY
from kg.statistics.intervals import Count
from kg.statistics.normal import Effect

_SINGLE, _ONE_SOURCE = (ONTOLOGY + name for name in ("singleFinding", "oneSource"))

#: A property in which findings may differ (an IRI or text), and the IRI of the reason to give where they do.
Mark = tuple[str, str]
#: A group of findings: the IRIs of the property that an analysis of it has, and of the value, such as a level.
Group = tuple[str, str]


@dataclass(frozen=True)
class Candidate:
    """A finding that answers a question, with the figure to pool: a count, or an effect with its variance.

    ``figure`` is None when something stands in the way, and ``missing`` says what, as IRIs of reasons. ``basis`` names
    the method, or tells that a count is not printed; ``row`` is what the query says of the finding. ``groups`` are
    those within which it is pooled again.
    """

    iri: str
    source: str
    figure: Count | Effect | None
    basis: str
    people: int | None
    marks: frozenset[Mark]
    groups: frozenset[Group]
    row: Row
    missing: frozenset[str] = frozenset()


class Figures(Protocol):
    """A kind of figures: the folder of its queries, and how a row of them is read."""

    folder: str

    def read(self, row: Row) -> tuple[Count | Effect | None, str]:
        """Return the figure and its basis; without a figure, the name of the reason."""


@dataclass(frozen=True)
class Question:
    """A question: IRIs of subject, predicate, object and direction, and the findings that answer it."""

    subject: str
    predicate: str
    object: str
    direction: str | None
    findings: tuple[Candidate, ...]


def read_questions(store: ox.Store, queries: Path, figures: Figures) -> list[Question]:
    """Run ``findings.rq`` and ``marks.rq`` of the folder of a kind of figures, and ``subgroups.rq``."""
    marks, groups = defaultdict[str, set[Mark]](set), defaultdict[str, set[Group]](set)
    for row in read_rows(store, queries / figures.folder / "marks.rq"):
        marks[row["finding"]].add((row["mark"], row["reason"]))
    for row in read_rows(store, queries / "subgroups.rq"):
        groups[row["finding"]].add((row["property"], row["group"]))
    questions = []
    keys = ("subject", "predicate", "object", "direction")
    found = read_rows(store, queries / figures.folder / "findings.rq")
    for asked, rows in groupby(found, lambda row: {key: row.get(key) for key in keys}):
        findings = tuple(_candidate(row, figures, marks[row["finding"]], groups[row["finding"]]) for row in rows)
        questions.append(Question(**asked, findings=findings))
    return questions


def _candidate(row: Row, figures: Figures, marks: Iterable[Mark], groups: Iterable[Group]) -> Candidate:
    figure, basis = figures.read(row)
    return Candidate(
        iri=row["finding"],
        source=row["source"],
        figure=figure,
        basis=basis,
        people=int(row["people"]) if row["people"] else None,
        marks=frozenset(marks),
        groups=frozenset(groups),
        row=row,
        missing=frozenset() if figure else frozenset({ONTOLOGY + basis}),
    )


@dataclass(frozen=True)
class Omission:
    """A finding that is left out, the reasons, and the findings whose people it may share."""

    finding: Candidate
    reasons: frozenset[str]
    overlapping: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Selection:
    """Findings to pool; when there are none, ``reasons`` say why, besides those for each finding left out."""

    inputs: tuple[Candidate, ...]
    omissions: tuple[Omission, ...]
    reasons: frozenset[str] = frozenset()


def select(question: Question, people: People) -> list[Selection]:
    """Return what can be pooled, one selection for each set of like findings, or else a single refusal.

    Of findings that overlap, the one that comes first in the question is taken.
    """
    pools = [pool for pool in _group(question.findings, people) if len(pool) > 1]
    if pools:
        return [Selection(pool, _omissions(question.findings, pool, people)) for pool in pools]
    omissions = _omissions(question.findings, (), people)
    reasons = frozenset[str]().union(*(omission.reasons for omission in omissions))
    if len(question.findings) == 1:
        reasons |= {_SINGLE}
    elif len({finding.source for finding in question.findings}) == 1:
        reasons |= {_ONE_SOURCE}
    return [Selection((), omissions, reasons)]


def _group(findings: tuple[Candidate, ...], people: People) -> list[tuple[Candidate, ...]]:
    """Group the findings that have figures by their marks, without those that overlap."""
    alike: dict[frozenset[Mark], tuple[Candidate, ...]] = {}
    for finding in findings:
        chosen = alike.setdefault(finding.marks, ())
        if finding.figure and not any(people.reasons(finding.iri, other.iri) for other in chosen):
            alike[finding.marks] = (*chosen, finding)
    return list(alike.values())


def _omissions(findings: tuple[Candidate, ...], inputs: tuple[Candidate, ...], people: People) -> tuple[Omission, ...]:
    """Say of each finding that is not pooled what separates it from the inputs, or from all others if none is."""
    omissions = []
    for finding in findings:
        if finding in inputs:
            continue
        reasons = set(finding.missing)
        others = [other for other in inputs or findings if other != finding]
        overlapping = {other.iri for other in others if people.reasons(finding.iri, other.iri)}
        for other in others:
            reasons |= {reason for _, reason in finding.marks ^ other.marks}
            reasons |= people.reasons(finding.iri, other.iri)
        if reasons:
            omissions.append(Omission(finding, frozenset(reasons), frozenset(overlapping)))
    return tuple(omissions)
