"""Sets the figures that answer one question side by side, so that no people stand there twice; nothing is pooled."""

from collections.abc import Iterable, Iterator

from kg.build.jsonld import Node
from kg.build.synthesis.nodes import question_of
from kg.build.synthesis.people import People
from kg.build.synthesis.selection import Candidate, Omission, Question, Selection
from kg.build.synthesis.words import Labels, question_in_words
from kg.build.synthesis.writing import refs, refusal_iri


def cohort_selection(
    folder: str, question: Question, selections: Iterable[Selection], people: People, labels: Labels
) -> Iterator[Node]:
    """Yield which figures of a question to set side by side, where it has two or more."""
    figures = [finding for finding in question.findings if finding.figure]
    if len(figures) < 2:
        return
    chosen = choose(figures, [finding for selection in selections for finding in selection.inputs], people)
    node = f"{refusal_iri(folder, question, ())}/side-by-side"
    yield {
        "id": node,
        "type": "CohortSelection",
        "label": f"{question_in_words(question, labels)}: side by side",
        **question_of(node + "/", question, _omissions(question, chosen, people)),
        "input": refs(finding.iri for finding in chosen),
        "figureKind": folder,
    }


def choose(figures: Iterable[Candidate], pooled: Iterable[Candidate], people: People) -> list[Candidate]:
    """Return the findings that stand for a cohort: first those that are pooled, then the others in their order.

    One source may tell of the same people by two methods, or adjusted and not: these are two figures of one cohort.
    """
    chosen = list(pooled)
    for finding in figures:
        same = [one for one in chosen if people.reasons(one.iri, finding.iri)]
        if finding not in chosen and all(one.source == finding.source and one.marks != finding.marks for one in same):
            chosen.append(finding)
    return chosen


def _omissions(question: Question, chosen: Iterable[Candidate], people: People) -> Iterator[Omission]:
    inputs = list(chosen)
    for finding in question.findings:
        if finding in inputs:
            continue
        same = [other.iri for other in inputs if people.reasons(finding.iri, other.iri)]
        reasons = frozenset().union(finding.missing, *(people.reasons(finding.iri, other) for other in same))
        yield Omission(finding, reasons, frozenset(same))
