"""The parts that FHIR resources are made of: codings, quantities, references and extensions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kg.engine import Value
from kg.prefixes import EXTERNAL, OBO, ONTOLOGY, contract
from kg.read.labels import Json, Labels, local

#: Code systems of HL7.
ROLES = "http://terminology.hl7.org/CodeSystem/variable-role"
STATISTICS = "http://terminology.hl7.org/CodeSystem/statistic-type"
ESTIMATES = "http://terminology.hl7.org/CodeSystem/attribute-estimate-type"
_UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True)
class Codes:
    """What the ontology says of its terms, for people and for FHIR."""

    labels: Labels

    @cached_property
    def given(self) -> Mapping[str, Mapping[str, Value]]:
        """The codes by property of the ontology, then by term; both by their names."""
        found: defaultdict[str, dict[str, Value]] = defaultdict(dict)
        for row in self.labels.select("export/fhir-codes"):
            found[local(row["property"])][local(row["term"])] = row["code"]
        return found

    def code(self, property_: str, term: object) -> Value | None:
        """Return the code that a property of the ontology gives a term; None when there is none."""
        return self.given[property_].get(str(term))

    def withdraws(self, term: object) -> bool:
        """Tell whether a direction or a certainty takes back what is claimed."""
        return self.code("supportsEdge", term) is False

    def concept(self, term: object, system: str = "", code: object = None) -> Json:
        """Return a concept for a term of the ontology, with the code of another system before our own."""
        label = self.labels.terms[f"{ONTOLOGY}{term}"]
        own = {"system": ONTOLOGY, "code": term, "display": label}
        return {"coding": [*([{"system": system, "code": code}] if code else []), own], "text": label}

    def extension(self, property_: str, term: object) -> Json:
        """Return an extension whose value is a term of the ontology."""
        return {"url": ONTOLOGY + property_, "valueCodeableConcept": self.concept(term)}


def quantity(value: object, unit: object = None, comparator: object = None) -> Json:
    """Return a quantity; the unit is a UCUM code.

    >>> quantity(15, "%", "<")
    {'value': 15, 'comparator': '<', 'unit': '%', 'system': 'http://unitsofmeasure.org', 'code': '%'}
    """
    found: Json = {"value": value}
    if comparator is not None:
        found["comparator"] = comparator
    return found if unit is None else found | {"unit": unit, "system": _UCUM, "code": unit}


def reference(entity: Json, type_: str) -> Json:
    """Return a reference to a resource of the bundle."""
    return {"reference": entity["iri"], "type": type_, "display": entity["label"]}


def external_coding(iri: object) -> Json:
    """Return a coding for a term of another vocabulary: that of OBO is named by its file, any other by its namespace.

    >>> external_coding("http://purl.obolibrary.org/obo/HP_0025520")
    {'system': 'http://purl.obolibrary.org/obo/hp.owl', 'code': 'HP:0025520'}
    >>> external_coding("http://id.nlm.nih.gov/mesh/D002114")
    {'system': 'http://id.nlm.nih.gov/mesh', 'code': 'D002114'}
    """
    curie = contract(str(iri))
    prefix, _, name = curie.partition(":")
    namespace = EXTERNAL.get(prefix, "")
    if namespace.startswith(OBO):
        return {"system": f"{OBO}{prefix.lower()}.owl", "code": curie}
    return {"system": namespace.rstrip("/"), "code": name} if namespace else {"code": str(iri)}
