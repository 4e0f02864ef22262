"""Counts the people with systemic sclerosis whom an outcome, complication, site or subtype is known to concern."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Node
from kg.build.synthesis.selection import Question, Row, read_rows
from kg.build.synthesis.words import Labels
from kg.build.synthesis.writing import refs
from kg.prefixes import GRAPH, ID, ONTOLOGY

#: Pairs of populations that may hold the same people.
Shared = frozenset[tuple[str, str]]


def aspect_nodes(store: ox.Store, queries: Path, questions: Iterable[Question], labels: Labels) -> Iterator[Node]:
    """Yield how many people each aspect of the evidence map concerns; ``questions`` are those on proportions."""
    events = {
        finding.iri: int(finding.figure[0])
        for question in questions
        for finding in question.findings
        if isinstance(finding.figure, tuple)
    }
    pairs = read_rows(store, queries / "tally/shared.rq")
    shared = frozenset((row["population"], row["other"]) for row in pairs)
    for aspect, rows in groupby(read_rows(store, queries / "tally/aspects.rq"), lambda row: str(row["aspect"])):
        found = list(rows)
        had = {row["finding"]: events[row["finding"]] for row in found if row["had"] and events.get(row["finding"])}
        counted = largest((row for row in found if row["finding"] in had), had, shared)
        people = {row["finding"]: int(row["people"]) for row in found if row["people"]}
        inputs = counted or largest((row for row in found if row["finding"] in people), people, shared)
        yield {
            "id": f"{GRAPH}synthesis#people/{aspect.removeprefix(ID)}",
            "type": "AspectTally",
            "label": f"{labels[aspect]}: people",
            "questionObject": {"id": aspect},
            "input": refs(inputs),
            "peopleCount": sum(inputs.values()),
            "peopleBasis": {"id": f"{ONTOLOGY}{'countedPeople' if counted else 'studiedPeople'}"},
        }


def largest(rows: Iterable[Row], numbers: Mapping[str, int], shared: Shared) -> dict[str, int]:
    """Return the number of each finding that adds people: own results, then relayed ones, the largest first.

    None may share people with another.
    """
    taken: dict[str, int] = {}
    groups: list[str] = []
    for row in sorted(rows, key=lambda row: (row["relayed"], -numbers[row["finding"]], row["finding"])):
        group = row["population"]
        if not any(group == other or (group, other) in shared for other in groups):
            groups.append(group)
            taken[row["finding"]] = numbers[row["finding"]]
    return taken
