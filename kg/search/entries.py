"""What search finds: entities and external terms, each with all its names; findings and questions by their words."""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from typing import Literal, get_args

from kg.engine import Engine, Row
from kg.prefixes import ID, ONTOLOGY, contract
from kg.queries import read_query

#: What kind of name it is. The last three are SKOS mapping relations: the name belongs to a mapped term.
Role = Literal["label", "synonym", "id", "exactMatch", "closeMatch", "broadMatch"]
ROLES: tuple[Role, ...] = get_args(Role)
#: The type of everything that an external vocabulary defines.
TERM = "Term"
#: The types of what has no name but whole sentences: it is searched only when asked for.
SENTENCES = frozenset({"Finding", "Question"})


@dataclass(frozen=True)
class Name:
    """A name and its role; ``term`` is the IRI of the mapped term whose name it is, if any."""

    text: str
    role: Role
    term: str | None = None


@dataclass(frozen=True)
class Entry:
    """An entity, external term, finding or question.

    ``type`` is the name of its class, ``types`` those of all its classes, ``uses`` the number of findings about it. The
    first of its names is its label.
    """

    iri: str
    type: str
    types: tuple[str, ...]
    uses: int
    names: tuple[Name, ...]

    @property
    def label(self) -> str:
        """The name to display."""
        return self.names[0].text

    @property
    def external(self) -> bool:
        """Whether an external vocabulary defines it."""
        return not self.iri.startswith(ID)


def read_entries(engine: Engine) -> list[Entry]:
    """Read the entities, external terms, findings and questions of a dataset, in the order of their IRIs."""
    described = {row["iri"]: row for row in engine.select(read_query("search-entities"))}
    names: defaultdict[str, set[Name]] = defaultdict(set)
    for row in engine.select(read_query("search-names")):
        iri, role, term = row["iri"], row["role"], row.get("term")
        names[iri] |= {Name(row["name"], role, term), Name(_id(iri), "id")}
        if term:
            names[iri].add(Name(_id(term), role, term))
    return [_entry(iri, own, described.get(iri, {})) for iri, own in sorted(names.items())]


def _entry(iri: str, names: Set[Name], row: Row) -> Entry:
    types = row.get("types", "").replace(ONTOLOGY, "").split()
    return Entry(
        iri,
        row.get("type", TERM).removeprefix(ONTOLOGY),
        tuple(sorted(types)) or (TERM,),
        row.get("uses", 0),
        tuple(sorted(names, key=lambda name: (ROLES.index(name.role), len(name.text), name.text, name.term or ""))),
    )


def _id(iri: str) -> str:
    return iri.removeprefix(ID) if iri.startswith(ID) else contract(iri)
