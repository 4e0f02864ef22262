"""Decides which findings of a question are pooled, and says why the others are not."""

from dataclasses import dataclass

from kg.build.synthesis.questions import Candidate, Mark, Overlaps, Question
from kg.prefixes import ONTOLOGY

_SINGLE, _ONE_SOURCE, _NO_COUNTS = (ONTOLOGY + name for name in ("singleFinding", "oneSource", "noCounts"))


@dataclass(frozen=True)
class Omission:
    """A finding that is left out, the reasons, and the findings whose people it may share."""

    finding: Candidate
    reasons: frozenset[str]
    overlapping: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Selection:
    """Findings to pool; when there are none, ``reasons`` say why, beside those for each finding that is left out."""

    inputs: tuple[Candidate, ...]
    omissions: tuple[Omission, ...]
    reasons: frozenset[str] = frozenset()


def select(question: Question, overlaps: Overlaps) -> list[Selection]:
    """Return what can be pooled, one selection for each set of like findings, or else a single refusal.

    Of findings that overlap, the one that comes first in the question is taken.
    """
    pools = [pool for pool in _like(question.findings, overlaps) if len(pool) > 1]
    if pools:
        return [Selection(pool, _omissions(question.findings, pool, overlaps)) for pool in pools]
    omissions = _omissions(question.findings, (), overlaps)
    reasons = frozenset[str]().union(*(omission.reasons for omission in omissions))
    if len(question.findings) == 1:
        reasons |= {_SINGLE}
    elif len({finding.source for finding in question.findings}) == 1:
        reasons |= {_ONE_SOURCE}
    return [Selection((), omissions, reasons)]


def _like(findings: tuple[Candidate, ...], overlaps: Overlaps) -> list[tuple[Candidate, ...]]:
    """Return the findings that have counts, those of the same marks together, without those that overlap."""
    alike: dict[frozenset[Mark], tuple[Candidate, ...]] = {}
    for finding in findings:
        chosen = alike.setdefault(finding.marks, ())
        if finding.counts and not any((finding.iri, other.iri) in overlaps for other in chosen):
            alike[finding.marks] = (*chosen, finding)
    return list(alike.values())


def _omissions(
    findings: tuple[Candidate, ...], inputs: tuple[Candidate, ...], overlaps: Overlaps
) -> tuple[Omission, ...]:
    """Say of each finding that is no input what separates it from the inputs or, without any, from all others."""
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
