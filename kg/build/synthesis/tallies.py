"""Counts the people behind the results of a treatment, by what the results say; nobody twice under one verdict.

Who was studied is not who had the result: that is counted apart, where the findings tell.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Node
from kg.build.synthesis.figures import read_count
from kg.build.synthesis.people import People
from kg.build.synthesis.rows import Row, read_rows
from kg.build.synthesis.words import Labels
from kg.build.synthesis.writing import name, refs
from kg.prefixes import GRAPH, ID


def tally_nodes(store: ox.Store, queries: Path, people: People, labels: Labels) -> Iterator[Node]:
    """Yield how many people stand behind each verdict: for a treatment itself; for it and its kinds, by outcome."""
    rows = read_rows(store, queries / "tally/findings.rq")
    own, on = [row for row in rows if row["own"]], [row for row in rows if row["object"]]
    for by, kept in ((("treatment", "verdict"), own), (("treatment", "object", "verdict"), on)):
        groups: dict[tuple[str, ...], dict[str, Row]] = {}
        for row in kept:
            groups.setdefault(tuple(row[key] or "" for key in by), {})[row["finding"]] = row
        for about, found in sorted(groups.items()):
            yield _tally(dict(zip(by, about, strict=True)), found, people, labels)


def _tally(about: Mapping[str, str], found: Mapping[str, Row], people: People, labels: Labels) -> Node:
    numbers = {finding: int(row["people"] or 0) for finding, row in found.items()}
    had = {finding: number for finding, row in found.items() if (number := _had(row)) is not None}
    counted = people.once(numbers, {finding for finding, row in found.items() if row["relayed"] == "true"}, had)
    told = counted.keys() & had.keys()
    treatment, result = about["treatment"], about.get("object")
    place = "/".join(iri.removeprefix(ID) for iri in (treatment, result or "any") if iri)
    words = ", ".join(labels[iri] for iri in (treatment, result, about["verdict"]) if iri)
    return {
        "id": f"{GRAPH}synthesis#tally/{place}/{name(about['verdict'])}",
        "type": "OutcomeTally" if "object" in about else "TreatmentTally",
        "label": f"{words}: people",
        "questionSubject": {"id": treatment},
        "questionObject": refs([result] if result else ()),
        "tallyVerdict": {"id": about["verdict"]},
        "considers": refs(found),
        "input": refs(counted),
        "unsizedCount": sum(not row["people"] for row in found.values()),
        "peopleCount": sum(counted.values()),
        **(
            {"affectedCount": sum(had[one] for one in told), "affectedOf": sum(counted[one] for one in told)}
            if told
            else {}
        ),
    }


def _had(row: Row) -> int | None:
    """Return how many of its people had the result by a finding, which may be on a single person; None if untold."""
    count = read_count(row)
    if count and count[1] == int(row["people"] or 0):
        return count[0]
    return 1 if row["people"] == "1" else None
