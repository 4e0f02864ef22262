"""What findings say, for the summary of findings, and how many people stand behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.build.synthesis.people import People
from kg.build.synthesis.rows import read_rows
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

    ``level`` is that of its result, None for an aim or a hypothesis; ``rank`` is that of its design. ``people`` are
    those it counted, else those of its population; None where neither is told. ``relayed`` tells that it comes from a
    study of people that its document relays.
    """

    iri: str
    level: str | None
    rank: int
    standing: str
    verdict: str | None
    direction: str | None
    people: int | None
    figure: bool
    relayed: bool

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
        told = WITHOUT_RESULT.get(self.standing) or WITHOUT_RESULT.get(self.verdict or "")
        return told or (None if self.level else "a hypothesis")


class Count(NamedTuple):
    """How many people; None where no finding tells. ``at_least``: there may be more, whom nobody can tell apart."""

    people: int | None
    at_least: bool


def count(findings: Iterable[Said], people: People) -> Count:
    """Count the people of findings, nobody twice."""
    found = {one.iri: one.people or 0 for one in findings}
    counted = people.once(found)
    rest = found.keys() - counted.keys()
    told = all(any(people.may_share(one, each) and people.is_within(one, each) for each in counted) for one in rest)
    return Count(sum(counted.values()) or None, not told)


def read_said(store: ox.Store, folder: Path) -> dict[str, Said]:
    """Run the query of a folder on findings."""
    return {
        row["finding"]: Said(
            iri=row["finding"],
            level=row["level"],
            rank=int(row["rank"]),
            standing=row["standing"],
            verdict=row["verdict"],
            direction=row["direction"],
            people=int(row["people"]) if row["people"] else None,
            figure=row["figure"] == "true",
            relayed=row["relayed"] == "true",
        )
        for row in read_rows(store, folder / "findings.rq")
    }
