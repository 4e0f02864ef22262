"""The entities and terms of a snapshot by their identifiers: labels, ranks, sizes; read once, used in every answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kg.engine import Engine, Row
from kg.prefixes import EXTERNAL, ID, ONTOLOGY, PREFIXES
from kg.queries import Parameter, is_iri, read_query
from kg.read.schema import Schema, read_schema

Json = dict[str, Any]

_NAMESPACES = {prefix.lower(): namespace for prefix, namespace in (PREFIXES | EXTERNAL).items()}

_FINDING = f"{ID}finding/"


def local(iri: str) -> str:
    """Return the name of a term of the ontology, and any other IRI as it is."""
    return iri.removeprefix(ONTOLOGY)


def drop_empty(json: Json) -> Json:
    """Leave out keys without a value."""
    return {key: value for key, value in json.items() if value not in (None, {}, [])}


@dataclass(frozen=True)
class Labels:
    """The entities and terms of one snapshot."""

    engine: Engine

    def select(self, query: str, **parameters: Parameter) -> list[Row]:
        """Return the rows of a query file, such as ``read/edges``, with values for its parameters."""
        return self.engine.select(read_query(query, **parameters))

    @cached_property
    def schema(self) -> Schema:
        """The keys of a finding."""
        return read_schema(self.engine)

    @cached_property
    def choices(self) -> Mapping[str, Sequence[str]]:
        """The IRIs that a filter on types, relations, reasons or named graphs may name, by the name of the filter."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in self.select("read/choices"):
            found[row["filter"]].append(row["choice"])
        return found

    @cached_property
    def terms(self) -> Mapping[str, str]:
        """The label of every term of the ontology, by IRI."""
        return {row["term"]: row["label"] for row in self._vocabulary}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The rank of every evidence level, by IRI, 1 the best, and of every standing, 1 the firmest."""
        return {row["term"]: row["rank"] for row in self._vocabulary if "rank" in row}

    @cached_property
    def levels(self) -> Mapping[int, Json]:
        """Every evidence level by its rank, the best first."""
        return {row["rank"]: self.level(row["level"]) for row in self.select("read/levels")}

    @cached_property
    def entities(self) -> Mapping[str, Json]:
        """Every entity but findings by IRI, as a reference: its id, IRI, type and label."""
        return {
            row["entity"]: _reference(row["entity"], row["type"], row.get("label"))
            for row in self.select("read/references")
        }

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The number of people in each population for which it is given, by IRI."""
        return {row["population"]: row["size"] for row in self.select("read/populations")}

    @cached_property
    def works(self) -> Mapping[str, Json]:
        """Year, DOI, PubMed id and address of every source and study that has them, by IRI."""
        return {
            row["work"]: {key: value for key, value in row.items() if key != "work"}
            for row in self.select("read/works")
        }

    @cached_property
    def matches(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """The entities mapped to each external term, by the IRI of the term and the name of the SKOS relation."""
        found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in self.select("read/matches"):
            found[row["term"]][row["predicate"].removeprefix(PREFIXES["skos"])].append(row["entity"])
        return found

    def with_engine(self, engine: Engine) -> "Labels":
        """Return the same labels; whatever has not been read yet is read from another engine."""
        labels = Labels(engine)
        labels.__dict__.update({key: value for key, value in self.__dict__.items() if key != "engine"})
        return labels

    def iri(self, name: str) -> str:
        """Write out an id, a CURIE (``MONDO:0005100``; the prefix in any case) or an IRI; it may name nothing."""
        prefix, colon, rest = name.partition(":")
        if not colon:
            return ID + name
        return name if rest.startswith("//") else _NAMESPACES.get(prefix.lower(), f"{prefix}:") + rest

    def find(self, name: str) -> str | None:
        """Return the IRI of the entity that an id, an IRI or an external identifier names; None when there is none.

        An external identifier names the entity that matches it exactly, or else the only one that matches it closely.
        A broader or a narrower term is another concept, and names none.
        """
        iri = self.iri(name)
        if self.get(iri):
            return iri
        matched = self.matches.get(iri, {})
        found = matched.get("exactMatch") or matched.get("closeMatch") or ()
        return found[0] if len(found) == 1 else None

    def descendants(self, name: str) -> Sequence[str]:
        """Return the entities that a filter by a name selects, without their own descendants; none for an unknown name.

        For one of our ids or IRIs it is the entity itself; for an external identifier every entity mapped to the term
        or to one of its descendants.
        """
        iri = self.iri(name)
        return [iri] if self.get(iri) else self._descendants.get(iri, ())

    def reference(self, iri: str) -> Json:
        """Return a reference to an entity; of several findings ``references`` is quicker."""
        return self.references([iri])[iri]

    def get(self, iri: str) -> Json | None:
        """Return a reference to an entity, and None for anything else."""
        return self.references([iri]).get(iri)

    def label(self, iri: str) -> str | None:
        """Return the label of an entity, which of a finding is its id, or of a term; None for anything else."""
        if iri in self.entities:
            return str(self.entities[iri]["label"])
        return iri.removeprefix(ID) if iri.startswith(_FINDING) else self.terms.get(iri)

    def references(self, iris: Iterable[str]) -> dict[str, Json]:
        """Return references to entities by IRI; whatever is none is left out.

        Findings are many and have no label of their own, so that theirs are asked for, and all others are known.
        """
        wanted = list(dict.fromkeys(iris))
        found = {iri: dict(self.entities[iri]) for iri in wanted if iri in self.entities}
        findings = [iri for iri in wanted if iri.startswith(_FINDING) and is_iri(iri)]
        if findings:
            for row in self.select("read/finding-kinds", finding=findings):
                found[row["finding"]] = _reference(row["finding"], row["type"])
        return found

    def term(self, iri: str) -> Json:
        """Return a reference to a term of a vocabulary of the ontology."""
        return {"id": local(iri), "iri": iri, "label": self.terms[iri]}

    def level(self, iri: str) -> Json:
        """Return an evidence level."""
        return self.term(iri) | {"rank": self.ranks[iri]}

    @cached_property
    def _descendants(self) -> Mapping[str, Sequence[str]]:
        """The entities at or below each external term, by its IRI."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in self.select("read/descendants"):
            found[row["term"]].append(row["entity"])
        return found

    @cached_property
    def _vocabulary(self) -> list[Row]:
        return self.select("read/vocabulary")


def _reference(iri: str, type_: str, label: str | None = None) -> Json:
    id_ = iri.removeprefix(ID)
    return {"id": id_, "iri": iri, "type": local(type_), "label": id_ if label is None else label}
