"""Turns what a check found in RDF back into a place in a file and words a curator knows."""

from collections.abc import Mapping, Sequence

from kg.build.jsonld import Context
from kg.build.records import Place
from kg.errors import Violation
from kg.prefixes import ID, PREFIXES


class Reporter:
    """Knows where every record was written and which key stands for which property."""

    def __init__(self, places: Mapping[str, Sequence[Place]], context: Context) -> None:
        self.places = places
        self._keys = {PREFIXES["rdf"] + "type": "type"}
        for key, term in context.document["@context"].items():
            if isinstance(term, dict):
                prefix, _, name = str(term.get("@id", term.get("@reverse"))).partition(":")
                self._keys.setdefault(PREFIXES[prefix] + name, key)

    def violation(self, record: str, property_: str, problem: str, repair: str) -> Violation:
        """Describe a violation at a record (an IRI; parts of a record count as the record) and a property."""
        whole, _, part = record.partition("#")
        key = part.split("-")[0] if part else self._keys.get(property_, "id")
        places = self.places.get(whole)
        if not places:
            return Violation("ontology", 0, whole.removeprefix(ID), problem, repair)
        return Violation(places[-1].file, places[-1].line_of(key), whole.removeprefix(ID), problem, repair)
