"""How numbers, references and names of what was computed are written as JSON-LD.

Proportions, ratios, differences, their bounds and I² are written with four decimals, effects and standard errors with
nine, everything else with six: finer than any study can tell, and coarse enough to be the same on every machine.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from kg.build.jsonld import Node
from kg.build.synthesis.selection import Candidate, Question
from kg.prefixes import GRAPH, ID

LEVEL = 0.95


def refs(iris: Iterable[str]) -> list[Node]:
    """Return references to IRIs."""
    return [{"id": iri} for iri in iris]


def percent(share: float) -> Node:
    """Return a share as a percentage."""
    return decimal(share * 100, 4)


def decimal(number: float, places: int) -> Node:
    """Return a number, rounded."""
    return {"@type": "xsd:decimal", "@value": f"{Decimal(f'{number:.{places}f}').normalize():f}"}


def name(iri: str) -> str:
    """Return the last part of an IRI."""
    return iri.rsplit("/", 1)[1]


def pooled_iri(question: Question, inputs: Iterable[Candidate]) -> str:
    """Return the IRI of what is pooled: its question, and what the findings have in common."""
    parts = [question.subject, question.predicate, question.object, question.direction]
    words = [re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name(part)) for part in parts if part]
    return f"{ID}pooled/{slug('-'.join([*words, *_marks(next(iter(inputs)))]))}"


def refusal_iri(folder: str, question: Question, inputs: Iterable[Candidate]) -> str:
    """Return the IRI of a refusal: its question, the kind of figures, and what the findings have in common."""
    parts = [question.subject.removeprefix(ID), name(question.predicate), question.object.removeprefix(ID)]
    parts += [name(question.direction)] if question.direction else []
    parts += [slug("-".join(_marks(finding))) for finding in list(inputs)[:1]] or [folder]
    return GRAPH + "synthesis#" + "/".join(parts)


def _marks(finding: Candidate) -> list[str]:
    """Return what pooled findings have in common: their measure or statistic, then their other marks."""
    first = ("Measure", "Statistic")
    marks = sorted(finding.marks, key=lambda mark: (not mark[1].endswith(first), mark[1], mark[0]))
    return [name(mark) if mark.startswith("https://") else mark for mark, _ in marks]


def slug(text: str) -> str:
    """Return a text as a part of an IRI.

    >>> slug("riskRatio"), slug("{patient}")
    ('risk-ratio', 'patient')
    """
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", text).lower()).strip("-")
