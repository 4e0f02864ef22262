"""Counts the studies and the people behind findings, nobody twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.build.synthesis.selection import read_rows
from kg.prefixes import ONTOLOGY

#: The lowest level of evidence: opinion.
_OPINION = 5
#: Findings without a result, by their standing or verdict, and how each is told.
WITHOUT_RESULT = {
    f"{ONTOLOGY}intended": "an aim",
    f"{ONTOLOGY}hypothetical": "a hypothesis",
    f"{ONTOLOGY}notProven": "a benefit not shown so far",
    f"{ONTOLOGY}withoutResult": "a result that is not given",
    f"{ONTOLOGY}useOnly": "use without a result",
}


@dataclass(frozen=True)
class Said:
    """What a finding says, as IRIs and numbers.

    ``people`` are those it counted, else those of its population; None where neither is told. ``studies`` are those it
    relays, or else its document; works that are one study have one name.
    """

    iri: str
    source: str
    level: str
    rank: int
    standing: str
    verdict: str | None
    direction: str | None
    population: str | None
    people: int | None
    figure: bool
    gathers: bool
    relayed: bool
    studies: frozenset[str]

    @property
    def is_opinion(self) -> bool:
        """At the lowest level, and no study behind it."""
        return self.rank == _OPINION and not self.relayed

    @property
    def is_result(self) -> bool:
        """Neither an opinion, nor without a result."""
        return not self.is_opinion and not self.without_result

    @property
    def without_result(self) -> str | None:
        """What a finding without a result is: an aim, a hypothesis and the like; None for all others."""
        return WITHOUT_RESULT.get(self.standing) or WITHOUT_RESULT.get(self.verdict or "")


class Count(NamedTuple):
    """How many people; None where no finding tells. ``at_least``: there may be more, whom nobody can tell apart."""

    people: int | None
    at_least: bool


@dataclass(frozen=True)
class People:
    """Which findings may rest on the same people.

    ``wholes`` has each population with what it is part of and itself, ``sharing`` those that may hold the same people
    by the word of a curator, ``documents`` the documents that describe it; ``cited`` the studies that a review cites.
    """

    wholes: Mapping[str, frozenset[str]]
    sharing: Mapping[str, frozenset[str]]
    documents: Mapping[str, frozenset[str]]
    cited: Mapping[str, frozenset[str]]

    def count(self, findings: Iterable[Said]) -> Count:
        """Count the people of findings: the larger number first, and no finding that may share people with these."""
        counted: list[Said] = []
        at_least = False
        for finding in sorted(findings, key=lambda one: (-(one.people or 0), one.iri)):
            same = [one for one in counted if self.may_share(finding, one)]
            if finding.people and not same:
                counted.append(finding)
            elif not any(self._within(finding, one) for one in same):
                at_least = True
        return Count(sum(one.people or 0 for one in counted) or None, at_least)

    def may_share(self, one: Said, other: Said) -> bool:
        """Tell whether two findings may rest on the same people, by their populations, or by their studies."""
        if one.source != other.source and (one.studies & other.studies or self._reviewed(one, other)):
            return True
        if one.population is None or other.population is None:
            return one.source == other.source and bool(one.studies & other.studies)
        mine, theirs = self.wholes[one.population], self.wholes[other.population]
        if mine & theirs or any(self.sharing[whole] & theirs for whole in mine):
            return True
        described = self.documents[one.population] & self.documents[other.population]
        return bool(described) and bool(one.studies & other.studies)

    def _within(self, one: Said, other: Said) -> bool:
        """Tell whether the people of a finding are among those of another."""
        if one.population is None or other.population is None:
            return one.studies == other.studies
        return other.population in self.wholes[one.population]

    def _reviewed(self, one: Said, other: Said) -> bool:
        """Tell whether a review cites the study of the other, or two reviews cite one."""
        mine = self.cited.get(one.source, frozenset()) if one.gathers else frozenset()
        theirs = self.cited.get(other.source, frozenset()) if other.gathers else frozenset()
        return bool(mine & (other.studies | theirs) or theirs & one.studies)


def read_said(store: ox.Store, folder: Path) -> tuple[dict[str, Said], People]:
    """Run the queries of a folder on findings, their studies and their people."""
    names = _one_name(read_rows(store, folder / "same-works.rq"))
    studies = _by(read_rows(store, folder / "studies.rq"), "finding", "study", names)
    populations = read_rows(store, folder / "populations.rq")
    people = People(
        wholes=_by(populations, "population", "whole"),
        sharing=_by(populations, "whole", "sharing"),
        documents=_by(populations, "population", "document"),
        cited=_by(read_rows(store, folder / "cited.rq"), "source", "work", names),
    )
    said = {}
    for row in read_rows(store, folder / "findings.rq"):
        said[row["finding"]] = Said(
            iri=row["finding"],
            source=row["source"],
            level=row["level"],
            rank=int(row["rank"]),
            standing=row["standing"],
            verdict=row["verdict"],
            direction=row["direction"],
            population=row["population"],
            people=int(row["people"]) if row["people"] else None,
            figure=row["figure"] == "true",
            gathers=row["gathers"] == "true",
            relayed=row["relayed"] == "true",
            studies=studies[row["finding"]],
        )
    return said, people


def _by(
    rows: Iterable[Mapping[str, str]], key: str, value: str, names: Mapping[str, str] | None = None
) -> dict[str, frozenset[str]]:
    """Return the values of each key, by their names where they have one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row[key]] |= {(names or {}).get(row[value], row[value])} if row[value] else set()
    return {key: frozenset(values) for key, values in found.items()}


def _one_name(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return one name for works that are one study: the first of them by its IRI."""
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        group = groups.get(pair["one"], {pair["one"]}) | groups.get(pair["other"], {pair["other"]})
        groups |= dict.fromkeys(group, group)
    return {work: min(group) for work, group in groups.items()}
