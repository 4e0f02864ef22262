"""A finding as an Evidence resource."""

from dataclasses import dataclass
from typing import Any

from kg.export.fhir.codes import ROLES, Codes, reference
from kg.export.fhir.statistics import to_statistics
from kg.prefixes import ONTOLOGY, expand
from kg.read.labels import Json

# Members of a finding that FHIR has no element for: texts, and terms of the ontology.
_TEXTS = {
    "timepoint": "timepoint",
    "dose": "dose",
    "route": "route",
    "condition": "condition",
    "event_date": "eventDate",
}
_TERMS = ("predicate", "instrument", "laterality")
_LOCATOR = {"section": "valueString", "words": "valueUnsignedInt", "sha256": "valueString"}


@dataclass(frozen=True)
class Resource:
    """A resource, and the IRIs of the entities and of the works that it refers to."""

    body: Json
    variables: tuple[str, ...]
    works: tuple[str, ...]


def to_evidence(codes: Codes, finding: dict[str, Any]) -> Resource:
    """Return a finding as evidence: its variables, its figures, how it was found, and where it stands."""
    variables = [*_variables(codes, finding)]
    sites, source, studies = finding.get("site", []), finding["source"], finding.get("relays", [])
    body: Json = {
        "resourceType": "Evidence",
        "url": finding["iri"],
        "title": _title(codes, finding),
        "description": finding["statement"],
        "assertion": _assertion(codes, finding),
        "note": [{"text": finding["note"]}] if "note" in finding else [],
        "relatedArtifact": [
            {"type": "derived-from", "resourceReference": reference(source, "Citation")},
            *({"type": "cites", "resourceReference": reference(study, "Citation")} for study in studies),
        ],
        "studyDesign": [codes.concept(finding["study_design"])],
        "variableDefinition": [variable for variable, _ in variables],
        "statistic": to_statistics(codes, finding),
        "certainty": [_certainty(codes, finding["evidence_level"])],
        "extension": _extensions(codes, finding),
        "modifierExtension": _modifiers(codes, finding),
    }
    named = [str(entity["iri"]) for _, entity in variables if entity] + [site["iri"] for site in sites]
    return Resource(
        {key: value for key, value in body.items() if value != []},
        tuple(named),
        (source["iri"], *(study["iri"] for study in studies)),
    )


def _title(codes: Codes, finding: dict[str, Any]) -> str:
    parts = [finding["subject"]["label"], codes.labels.terms[ONTOLOGY + finding["predicate"]]]
    return " – ".join([*parts, finding["object"]["label"]] if "object" in finding else parts)


def _assertion(codes: Codes, finding: dict[str, Any]) -> str:
    denied = "denied: " if finding.get("negated") else ""
    marks = [codes.labels.terms[ONTOLOGY + finding[key]] for key in ("direction", "certainty") if key in finding]
    return f"{denied}{_title(codes, finding)}" + (f" ({', '.join(marks)})" if marks else "")


def _variables(codes: Codes, finding: dict[str, Any]) -> list[tuple[Json, Json | None]]:
    """Return the definitions of the variables, each with the entity that it names."""
    found: list[tuple[Json, Json | None]] = []
    if "population" in finding and finding["population"] != finding["subject"]:
        found.append(_variable(codes, "population", "population", finding["population"]))
    for end in ("subject", "object"):
        if end in finding:
            role = codes.code(f"{end}Role", finding["predicate"]) or "measuredVariable"
            found.append(_variable(codes, role, end, finding[end]))
    if "comparator" in finding:
        role_ = _role(codes, "referenceExposure", "comparator")
        found.append(({"description": finding["comparator"], "variableRole": role_}, None))
    return found


def _variable(codes: Codes, role: object, part: str, entity: Json) -> tuple[Json, Json]:
    definition: Json = {"variableRole": _role(codes, role, part), "observed": reference(entity, "EvidenceVariable")}
    return definition, entity


def _role(codes: Codes, role: object, part: str) -> Json:
    return codes.concept(part, ROLES, role)


def _certainty(codes: Codes, level: Json) -> Json:
    """Return the level of the study; it is no judgement on a body of evidence, which certainty often is elsewhere."""
    return {"type": codes.concept("evidenceLevel"), "rating": codes.concept(level["id"])}


def _extensions(codes: Codes, finding: dict[str, Any]) -> list[Json]:
    kind = codes.labels.entities[finding["iri"]]["type"]
    locator: Json = {"url": f"{ONTOLOGY}locator", "extension": _parts(finding["locator"])}
    claimed = [key for key in ("direction", "certainty") if key in finding and not codes.withdraws(finding[key])]
    terms = [codes.extension(key, finding[key]) for key in (*_TERMS, *claimed) if key in finding]
    texts: list[Json] = [
        {"url": ONTOLOGY + name, "valueString": finding[key]} for key, name in _TEXTS.items() if key in finding
    ]
    links: list[Json] = [
        {"url": f"{ONTOLOGY}site", "valueReference": reference(site, "EvidenceVariable")}
        for site in finding.get("site", ())
    ]
    links += [{"url": f"{ONTOLOGY}followsEvent", "valueUri": one["iri"]} for one in finding.get("follows_event", ())]
    return [{"url": expand("rdf:type"), "valueCodeableConcept": codes.concept(kind)}, *terms, *texts, *links, locator]


def _parts(locator: Json) -> list[Json]:
    return [{"url": key, form: locator[key]} for key, form in _LOCATOR.items()]


def _modifiers(codes: Codes, finding: dict[str, Any]) -> list[Json]:
    """Return what denies the claim or takes it back: negation, and null or doubtful results."""
    found: list[Json] = [{"url": f"{ONTOLOGY}negated", "valueBoolean": True}] if finding.get("negated") else []
    terms = ((key, finding[key]) for key in ("direction", "certainty") if key in finding)
    return [*found, *(codes.extension(key, term) for key, term in terms if codes.withdraws(term))]
