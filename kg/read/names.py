"""What the entities and the terms of a snapshot are called: read once, used in every answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kg.prefixes import ID, ONTOLOGY
from kg.queries import read_query
from kg.read.rows import Ask, Value

Json = dict[str, object]


def local(iri: Value) -> str:
    """Return the name of a term of the ontology, and any other IRI as it is."""
    return str(iri).removeprefix(ONTOLOGY)


def kind_of(class_name: str) -> str:
    """Return the kind that a class of findings is called by (contract, section 7).

    >>> kind_of("AdverseEffectFinding"), kind_of("CaseEvent")
    ('adverse-effect', 'case-event')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", class_name.removesuffix("Finding")).lower()


def class_of(kind: str) -> str:
    """Return the IRI of the class of the findings of a kind.

    >>> class_of("adverse-effect").rpartition("/")[2], class_of("case-event").rpartition("/")[2]
    ('AdverseEffectFinding', 'CaseEvent')
    """
    name = "".join(word.capitalize() for word in kind.split("-"))
    return ONTOLOGY + (name if name == "CaseEvent" else f"{name}Finding")


@dataclass(frozen=True)
class Names:
    """The entities and terms of one snapshot."""

    ask: Ask

    @cached_property
    def entities(self) -> Mapping[str, Json]:
        """Every entity by IRI, as a reference: its id, IRI, type and label."""
        return {
            str(row["entity"]): {
                "id": str(row["entity"]).removeprefix(ID),
                "iri": row["entity"],
                "type": local(row["type"]),
                "label": row.get("label", str(row["entity"]).removeprefix(ID)),
            }
            for row in self.ask(read_query("read/references"))
        }

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The label of every term of the ontology, by IRI."""
        return {str(row["term"]): str(row["label"]) for row in self._terms}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The rank of every evidence level, by IRI: 1 is the best."""
        return {str(row["term"]): int(row["rank"]) for row in self._terms if "rank" in row}

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The number of people in each population for which it is given, by IRI."""
        return {str(row["population"]): int(row["size"]) for row in self.ask(read_query("read/populations"))}

    @cached_property
    def works(self) -> Mapping[str, Json]:
        """Year, DOI, PMID and address of every source and study that has them, by IRI."""
        rows = self.ask(read_query("read/works"))
        return {str(row["work"]): {key: value for key, value in row.items() if key != "work"} for row in rows}

    def find(self, name: str) -> str | None:
        """Return the IRI of the entity that an id or an IRI names; None when there is none."""
        iri = name if name.startswith(ID) else ID + name
        return iri if iri in self.entities else None

    def reference(self, iri: Value) -> Json:
        """Return a reference to an entity."""
        return dict(self.entities[str(iri)])

    def level(self, iri: Value) -> Json:
        """Return an evidence level."""
        return {"id": local(iri), "iri": iri, "label": self.labels[str(iri)], "rank": self.ranks[str(iri)]}

    @cached_property
    def _terms(self) -> list[dict[str, Value]]:
        return self.ask(read_query("read/vocabulary"))
