"""What can be found: entities and external terms, each with all its names."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from kg.engine import FORMATS, Engine, Query
from kg.prefixes import ID, ONTOLOGY, contract
from kg.queries import read_query

#: What a name is to what it names. The last three are SKOS mapping relations: the name is that of a mapped term.
Role = Literal["label", "synonym", "id", "exactMatch", "closeMatch", "broadMatch"]
ROLES: tuple[Role, ...] = get_args(Role)
#: The type of everything that an external vocabulary defines.
TERM = "Term"


@dataclass(frozen=True)
class Name:
    """A name, what it is to what it names, and the IRI of the mapped term that has it, if it is one's."""

    text: str
    role: Role
    term: str | None = None


@dataclass(frozen=True)
class Entry:
    """One thing that can be found.

    ``type`` is the name of its class, ``types`` are those of all its classes, ``uses`` is the number of findings
    about it. The first of its names is its label.
    """

    iri: str
    type: str
    types: tuple[str, ...]
    uses: int
    names: tuple[Name, ...]

    @property
    def label(self) -> str:
        """The name to show."""
        return self.names[0].text

    @property
    def external(self) -> bool:
        """Whether an external vocabulary defines it."""
        return not self.iri.startswith(ID)


def read_entries(engine: Engine) -> list[Entry]:
    """Read everything in a dataset that can be found, in the order of the IRIs."""
    described = {row["iri"]: row for row in _rows(engine, "search-entities")}
    names: defaultdict[str, set[Name]] = defaultdict(set)
    for row in _rows(engine, "search-names"):
        iri, term, role = row["iri"], row["term"] or None, _role(row["role"])
        names[iri] |= {Name(row["name"], role, term), Name(_id(iri), "id")}
        if term:
            names[iri].add(Name(_id(term), role, term))
    return [_entry(iri, named, described.get(iri, {})) for iri, named in sorted(names.items())]


def _entry(iri: str, names: set[Name], described: dict[str, str]) -> Entry:
    own = described.get("types", "").replace(ONTOLOGY, "").split()
    return Entry(
        iri,
        described.get("type", TERM).removeprefix(ONTOLOGY),
        tuple(sorted(own)) or (TERM,),
        int(described.get("uses", 0)),
        tuple(sorted(names, key=lambda name: (ROLES.index(name.role), len(name.text), name.text, name.term or ""))),
    )


def _id(iri: str) -> str:
    return iri.removeprefix(ID) if iri.startswith(ID) else contract(iri)


def _role(text: str) -> Role:
    return next(role for role in ROLES if role == text)


def _rows(engine: Engine, query: str) -> Iterator[dict[str, str]]:
    answer = engine.answer(Query(read_query(query)), (FORMATS["csv"],))
    return csv.DictReader(io.StringIO(answer.read().decode("utf-8"), newline=""))
