"""The parts of FHIR resources: codes, quantities, references and extensions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kg.prefixes import EXTERNAL, OBO, ONTOLOGY, contract
from kg.read.labels import Json, Labels, local
from kg.read.schema import Key

#: The value of an extension, by the form of a key.
_VALUES = {"text": "valueString", "number": "valueDecimal", "integer": "valueInteger", "boolean": "valueBoolean"}
_UCUM = "http://unitsofmeasure.org"
_ROLES = "http://terminology.hl7.org/CodeSystem/variable-role"
#: The code systems of statistics, and of what is told about one, such as its confidence interval.
STATISTICS = "http://terminology.hl7.org/CodeSystem/statistic-type"
ESTIMATES = "http://terminology.hl7.org/CodeSystem/attribute-estimate-type"


@dataclass(frozen=True)
class Codes:
    """What the terms of the ontology are called, for people and in FHIR."""

    labels: Labels

    @cached_property
    def by_property(self) -> Mapping[str, Mapping[str, Any]]:
        """The codes by property of the ontology, then by term; both by their names."""
        codes: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for row in self.labels.select("export/fhir-codes"):
            codes[local(row["property"])][local(row["term"])] = row["code"]
        return codes

    def label(self, term: str) -> str:
        """Return the label of a term."""
        return self.labels.terms[ONTOLOGY + term]

    def code(self, property_: str, term: str | None) -> Any:
        """Return the code that a property of the ontology gives a term; None when there is none."""
        return self.by_property[property_].get(term or "")

    def withdraws(self, key: Key, finding: Json) -> bool:
        """Tell whether a key, such as the standing of a null result, withdraws what a finding claims."""
        return key.form == "term" and any(self.code("withdrawsClaim", term) for term in key.values(finding))

    def concept(self, term: str, system: str = "", code: object = None) -> Json:
        """Return a concept for a term of the ontology, with the code of another system before our own."""
        own = {"system": ONTOLOGY, "code": term, "display": self.label(term)}
        return {"coding": [*([{"system": system, "code": code}] if code else []), own], "text": self.label(term)}

    def extensions(self, key: Key, finding: Json) -> list[Json]:
        """Return the values of a key as extensions."""
        return [{"url": key.iri, **self._extension(key, value)} for value in key.values(finding)]

    def _extension(self, key: Key, value: Any) -> Json:
        if key.form == "term":
            return {"valueCodeableConcept": self.concept(value)}
        if key.form in _VALUES:
            return {_VALUES[key.form]: value}
        if "iri" not in value:
            parts = [part for part in key.parts if part.name in value]
            return {"extension": [{"url": part.name, _VALUES[part.form]: value[part.name]} for part in parts]}
        if value["id"].startswith("finding/"):  # which may be outside the extract
            return {"valueUri": value["iri"]}
        return {"valueReference": reference(value, "EvidenceVariable")}


def variable_definitions(codes: Codes, claim: Json) -> Iterator[Json]:
    """Yield what a finding or a pooled result is about: its subject and object, in the roles of its relation."""
    roles = {"population": "population"} if claim.get("population") != claim["subject"] else {}
    roles["comparator"] = "referenceExposure"
    for end in ("subject", "object"):
        roles[end] = codes.code(f"{end}Role", claim["predicate"]) or "measuredVariable"
    for key, role in roles.items():
        if key in claim:
            observed = reference(claim[key], "EvidenceVariable")
            yield {"variableRole": codes.concept(key, _ROLES, role), "observed": observed}


def quantity(value: object, unit: object = None, comparator: object = None) -> Json:
    """Return a quantity; the unit is a UCUM code.

    >>> quantity(15, "%", "<")
    {'value': 15, 'comparator': '<', 'unit': '%', 'system': 'http://unitsofmeasure.org', 'code': '%'}
    """
    body: Json = {"value": value}
    if comparator is not None:
        body["comparator"] = comparator
    return body if unit is None else body | {"unit": unit, "system": _UCUM, "code": unit}


def reference(entity: Json, type_: str) -> Json:
    """Return a reference to a resource of the bundle."""
    return {"reference": entity["iri"], "type": type_, "display": entity["label"]}


def external_coding(iri: str) -> Json:
    """Return a coding for a term of another vocabulary: that of OBO is named by its file, any other by its namespace.

    >>> external_coding("http://purl.obolibrary.org/obo/HP_0025520")
    {'system': 'http://purl.obolibrary.org/obo/hp.owl', 'code': 'HP:0025520'}
    >>> external_coding("http://id.nlm.nih.gov/mesh/D002114")
    {'system': 'http://id.nlm.nih.gov/mesh', 'code': 'D002114'}
    """
    curie = contract(iri)
    prefix, _, name = curie.partition(":")
    namespace = EXTERNAL.get(prefix, "")
    if namespace.startswith(OBO):
        return {"system": f"{OBO}{prefix.lower()}.owl", "code": curie}
    return {"system": namespace.rstrip("/"), "code": name} if namespace else {"code": iri}
