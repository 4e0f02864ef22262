"""Which findings may rest on the same people, and why: the one place that decides it, for pooling and for counting.

Two findings of one document are never pooled. Of counting they are kept apart by their studies and populations: a
review relays many studies, and these are of different people.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.build.synthesis.rows import Row, read_rows
from kg.prefixes import ONTOLOGY

_SAME_SOURCE, _SAME_POPULATION, _SAME_STUDY, _REVIEWED_STUDY = (
    ONTOLOGY + reason for reason in ("sameSource", "samePopulation", "sameStudy", "reviewedStudy")
)
_NOTHING = frozenset[str]()


@dataclass(frozen=True)
class Origin:
    """Where the people of a finding are from, as IRIs; works that are one study have one name.

    ``studies`` are those it relays, or else its document; ``works`` these and its document; ``cited`` the works that
    its document cites, if it gathers studies.
    """

    source: str
    population: str | None
    studies: frozenset[str]
    works: frozenset[str]
    cited: frozenset[str]


@dataclass(frozen=True)
class Group:
    """A population: what it is part of and itself, what may hold the same people as one of these, and its documents.

    That two may hold the same people is the word of a curator.
    """

    wholes: frozenset[str]
    sharing: frozenset[str]
    documents: frozenset[str]


@dataclass(frozen=True)
class People:
    """The people behind findings: where those of each are from, and the populations by their IRIs."""

    origins: Mapping[str, Origin]
    groups: Mapping[str, Group]

    def reasons(self, one: str, other: str) -> frozenset[str]:
        """Return why two findings may rest on the same people, as IRIs; two of one document have no other reason."""
        mine, theirs = self.origins[one], self.origins[other]
        if mine.source == theirs.source:
            return frozenset({_SAME_SOURCE})
        reasons = set()
        if self._are_linked(mine, theirs) or self._are_described_together(mine, theirs):
            reasons.add(_SAME_POPULATION)
        if mine.works & theirs.works:
            reasons.add(_SAME_STUDY)
        if mine.cited & (theirs.works | theirs.cited) or theirs.cited & mine.works:
            reasons.add(_REVIEWED_STUDY)
        return frozenset(reasons)

    def may_share(self, one: str, other: str) -> bool:
        """Tell whether two findings may count the same people; those of one document may not, if they relay others."""
        mine, theirs = self.origins[one], self.origins[other]
        if mine.source == theirs.source:
            return bool(mine.studies & theirs.studies) or self._are_linked(mine, theirs)
        return bool(self.reasons(one, other))

    def is_within(self, one: str, other: str) -> bool:
        """Tell whether the people of a finding are among those of another."""
        mine, theirs = self.origins[one], self.origins[other]
        if mine.population is None or theirs.population is None:
            return mine.studies == theirs.studies
        return theirs.population in self.groups[mine.population].wholes

    def once(
        self, numbers: Mapping[str, int], second_hand: Collection[str] = (), parts: Mapping[str, int] | None = None
    ) -> dict[str, int]:
        """Return the numbers of people that can be added: the larger first, and none that may share people with these.

        ``second_hand`` are findings that come after all others, whatever their number. Of two of like numbers the one
        comes first that tells of the larger of ``parts`` of its people.
        """
        told = parts or {}
        counted: dict[str, int] = {}
        for one in sorted(numbers, key=lambda iri: (iri in second_hand, -numbers[iri], -told.get(iri, -1), iri)):
            if numbers[one] and not any(self.may_share(one, other) for other in counted):
                counted[one] = numbers[one]
        return counted

    def _are_linked(self, mine: Origin, theirs: Origin) -> bool:
        """Tell whether populations are one, parts of one, or may hold the same people by the word of a curator."""
        if mine.population is None or theirs.population is None:
            return False
        one, other = self.groups[mine.population], self.groups[theirs.population]
        return bool(one.wholes & other.wholes or one.sharing & other.wholes or other.sharing & one.wholes)

    def _are_described_together(self, mine: Origin, theirs: Origin) -> bool:
        if mine.population is None or theirs.population is None:
            return False
        return bool(self.groups[mine.population].documents & self.groups[theirs.population].documents)


def read_people(store: ox.Store, folder: Path) -> People:
    """Run the queries of a folder on findings, their studies and their populations."""
    names = _one_name(read_rows(store, folder / "same-works.rq"))
    studies = _by(read_rows(store, folder / "studies.rq"), "finding", "study", names)
    cited = _by(read_rows(store, folder / "cited.rq"), "source", "work", names)
    populations = read_rows(store, folder / "populations.rq")
    wholes, sharing, documents = (_by(populations, "population", value) for value in ("whole", "sharing", "document"))
    return People(
        origins={
            row["finding"]: Origin(
                source=row["source"],
                population=row["population"],
                studies=studies[row["finding"]],
                works=studies[row["finding"]] | {names.get(str(row["source"]), str(row["source"]))},
                cited=cited.get(row["source"], _NOTHING) if row["gathers"] == "true" else _NOTHING,
            )
            for row in read_rows(store, folder / "findings.rq")
        },
        groups={iri: Group(wholes[iri], sharing[iri], documents[iri]) for iri in wholes},
    )


def _by(rows: Iterable[Row], key: str, value: str, names: Mapping[str, str] | None = None) -> dict[str, frozenset[str]]:
    """Return the values of each key, by their names where they have one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        known = row[value]
        found[row[key]] |= {(names or {}).get(known, known)} if known else set()
    return {key: frozenset(values) for key, values in found.items()}


def _one_name(pairs: Iterable[Row]) -> dict[str, str]:
    """Return one name for works that are one study: the first of them by its IRI."""
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        group = groups.get(pair["one"], {pair["one"]}) | groups.get(pair["other"], {pair["other"]})
        groups |= dict.fromkeys(group, group)
    return {work: min(group) for work, group in groups.items()}
