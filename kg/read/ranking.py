"""Findings in the order of a page: those in systemic sclerosis first, then the best level, then those with a figure.

A part of the ranking is read without the others: findings are counted by people and level, and only those of the
counts that the part lies in are sorted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kg.prefixes import ONTOLOGY
from kg.queries import read_query
from kg.read.findings import APART
from kg.read.labels import Labels, local


@dataclass(frozen=True)
class Tally:
    """How many findings are about some people and of one level."""

    people: str
    level: str
    findings: int

    @property
    def is_apart(self) -> bool:
        """Whether they are on people with other diseases, or on a mixed group."""
        return local(self.people) in APART


@dataclass(frozen=True)
class Ranking:
    """All findings on an entity; ``by`` tells how they name it: ``about`` or ``population``."""

    labels: Labels
    by: str
    entity: str
    tallies: tuple[Tally, ...]

    @classmethod
    def of(cls, labels: Labels, by: str, entity: str) -> "Ranking":
        """Count the findings on an entity."""
        rows = labels.select("read/finding-tallies", **{by: entity})
        tallies = [Tally(row["people"], row["level"], row["findings"]) for row in rows]
        places = {ONTOLOGY + name: place for place, name in enumerate(APART, 1)}
        tallies.sort(key=lambda one: (places.get(one.people, 0), labels.ranks[one.level]))
        return cls(labels, by, entity, tuple(tallies))

    @property
    def total(self) -> int:
        """The number of findings."""
        return sum(one.findings for one in self.tallies)

    @property
    def apart(self) -> int:
        """The number of those on people with other diseases, or on a mixed group, which come last."""
        return sum(one.findings for one in self.tallies if one.is_apart)

    def part(self, start: int, number: int) -> list[str]:
        """Return the IRIs of so many findings at most, from a place on."""
        return [iri for tally, first, many in self._within(start, number) for iri in self._read(tally, first, many)]

    def _within(self, start: int, number: int) -> Iterator[tuple[Tally, int, int]]:
        """Yield the tallies that a part lies in, with the place of its first finding in each, and how many it has."""
        for tally in self.tallies:
            many = min(tally.findings - start, number)
            if many > 0:
                yield tally, start, many
                number -= many
            start = max(start - tally.findings, 0)

    def _read(self, tally: Tally, first: int, many: int) -> list[str]:
        given = {self.by: self.entity, "people": tally.people, "level": tally.level}
        text = read_query("read/findings-of-tally", **given)
        return [row["finding"] for row in self.labels.engine.select(f"{text}\nLIMIT {many} OFFSET {first}")]
