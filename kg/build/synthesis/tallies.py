"""Counts the people behind the results of a treatment, by what the results say; nobody twice under one verdict."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Node
from kg.build.synthesis.selection import Overlaps, Row, read_overlaps, read_rows
from kg.build.synthesis.words import Labels
from kg.build.synthesis.writing import name, refs
from kg.prefixes import GRAPH, ID


def tally_nodes(store: ox.Store, queries: Path, labels: Labels) -> Iterator[Node]:
    """Yield how many people stand behind each verdict: for a treatment itself; for it and its kinds, by outcome."""
    rows, overlaps = read_rows(store, queries / "tally/findings.rq"), read_overlaps(store, queries / "tally")
    own, on = [row for row in rows if row["own"]], [row for row in rows if row["object"]]
    for by, kept in ((("treatment", "verdict"), own), (("treatment", "object", "verdict"), on)):
        groups: dict[tuple[str, ...], dict[str, Row]] = {}
        for row in kept:
            groups.setdefault(tuple(row[key] or "" for key in by), {})[row["finding"]] = row
        for about, found in sorted(groups.items()):
            yield _tally(dict(zip(by, about, strict=True)), found.values(), overlaps, labels)


def count_people(findings: Iterable[Row], overlaps: Overlaps) -> list[Row]:
    """Return the findings whose people are added up: own results, then relayed ones, the largest groups first.

    None may share people with another.
    """
    counted: list[Row] = []
    for row in sorted(findings, key=lambda row: (row["relayed"], -int(row["people"] or 0), row["finding"])):
        if row["people"] and not any((row["finding"], one["finding"]) in overlaps for one in counted):
            counted.append(row)
    return counted


def _tally(about: Mapping[str, str], findings: Iterable[Row], overlaps: Overlaps, labels: Labels) -> Node:
    found = list(findings)
    counted = count_people(found, overlaps)
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
        "considers": refs(row["finding"] for row in found),
        "input": refs(row["finding"] for row in counted),
        "unsizedCount": sum(not row["people"] for row in found),
        "peopleCount": sum(int(row["people"]) for row in counted),
    }
