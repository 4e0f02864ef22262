"""Reads the questions that findings answer with a proportion, and decides which of the findings are pooled."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.prefixes import ONTOLOGY
from kg.statistics.intervals import Count

_SINGLE, _ONE_SOURCE, _NO_COUNTS = (ONTOLOGY + name for name in ("singleFinding", "oneSource", "noCounts"))

#: A property in which findings may differ (an IRI or text), and the IRI of the reason to give where they do.
Mark = tuple[str, str]
#: Pairs of findings that may rest on the same people (each pair in both orders), and the IRIs of the reasons.
Overlaps = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True)
class Candidate:
    """A finding that answers a question with a proportion; ``counts`` is None when the source gives none.

    ``from_share`` tells that the numerator is not printed, but the number of people that the printed share stands for.
    """

    iri: str
    source: str
    level: str | None
    counts: Count | None
    from_share: bool
    marks: frozenset[Mark]


@dataclass(frozen=True)
class Question:
    """A question: IRIs of subject, predicate, object and direction, the four in words, and the findings."""

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
                row["share"] is not None,
                frozenset(marks.get(row["finding"], ())),
            )
            for row in rows
        )
        questions.append(Question(**asked, findings=tuple(findings)))
    return questions, overlaps


def _rows(store: ox.Store, path: Path) -> list[dict[str, Any]]:
    """Return the rows of a query as text, with None for what is unbound."""
    rows = store.query(path.read_text(encoding="utf-8"))
    assert isinstance(rows, ox.QuerySolutions), f"{path.name} is not a SELECT query"
    names = [variable.value for variable in rows.variables]
    return [{name: getattr(row[name], "value", None) for name in names} for row in rows]


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


def select(question: Question, overlaps: Overlaps) -> list[Selection]:
    """Return what can be pooled, one selection for each set of like findings, or else a single refusal.

    Of findings that overlap, the one that comes first in the question is taken.
    """
    pools = [pool for pool in _group(question.findings, overlaps) if len(pool) > 1]
    if pools:
        return [Selection(pool, _omissions(question.findings, pool, overlaps)) for pool in pools]
    omissions = _omissions(question.findings, (), overlaps)
    reasons = frozenset[str]().union(*(omission.reasons for omission in omissions))
    if len(question.findings) == 1:
        reasons |= {_SINGLE}
    elif len({finding.source for finding in question.findings}) == 1:
        reasons |= {_ONE_SOURCE}
    return [Selection((), omissions, reasons)]


def _group(findings: tuple[Candidate, ...], overlaps: Overlaps) -> list[tuple[Candidate, ...]]:
    """Group the findings that have counts by their marks, without those that overlap."""
    alike: dict[frozenset[Mark], tuple[Candidate, ...]] = {}
    for finding in findings:
        chosen = alike.setdefault(finding.marks, ())
        if finding.counts and not any((finding.iri, other.iri) in overlaps for other in chosen):
            alike[finding.marks] = (*chosen, finding)
    return list(alike.values())


def _omissions(
    findings: tuple[Candidate, ...], inputs: tuple[Candidate, ...], overlaps: Overlaps
) -> tuple[Omission, ...]:
    """Say of each finding that is not pooled what separates it from the inputs, or from all others if none is."""
    omissions = []
    for finding in findings:
        if finding in inputs:
            continue
        reasons = set() if finding.counts else {_NO_COUNTS}
        others = [other for other in inputs or findings if other != finding]
        overlapping = {other.iri for other in others if (finding.iri, other.iri) in overlaps}
        for other in others:
            reasons |= {reason for _, reason in finding.marks ^ other.marks}
            reasons |= overlaps.get((finding.iri, other.iri), frozenset())
        if reasons:
            omissions.append(Omission(finding, frozenset(reasons), frozenset(overlapping)))
    return tuple(omissions)
