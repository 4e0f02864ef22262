"""Counts the people with systemic sclerosis whom an outcome, complication, site or subtype is known to concern."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Node
from kg.build.synthesis.people import People
from kg.build.synthesis.rows import read_rows
from kg.build.synthesis.selection import Question
from kg.build.synthesis.words import Labels
from kg.build.synthesis.writing import refs
from kg.prefixes import GRAPH, ID, ONTOLOGY


def aspect_nodes(
    store: ox.Store, queries: Path, questions: Iterable[Question], people: People, labels: Labels
) -> Iterator[Node]:
    """Yield how many people each aspect of the evidence map concerns; ``questions`` are those on proportions."""
    events = {
        finding.iri: int(finding.figure[0])
        for question in questions
        for finding in question.findings
        if isinstance(finding.figure, tuple)
    }
    for aspect, rows in groupby(read_rows(store, queries / "tally/aspects.rq"), lambda row: str(row["aspect"])):
        found = list(rows)
        had = {row["finding"]: events[row["finding"]] for row in found if row["had"] and events.get(row["finding"])}
        studied = {row["finding"]: int(row["people"]) for row in found if row["people"]}
        second_hand = {row["finding"] for row in found if row["relayed"] == "true"}
        counted = people.once(had, second_hand)
        inputs = counted or people.once(studied, second_hand)
        yield {
            "id": f"{GRAPH}synthesis#people/{aspect.removeprefix(ID)}",
            "type": "AspectTally",
            "label": f"{labels[aspect]}: people",
            "questionObject": {"id": aspect},
            "input": refs(inputs),
            "peopleCount": sum(inputs.values()),
            "peopleBasis": {"id": f"{ONTOLOGY}{'countedPeople' if counted else 'studiedPeople'}"},
        }
