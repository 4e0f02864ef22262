"""A pooled result as FHIR R5 Evidence: a meta-analysis of summary data, derived from the Evidence of its findings.

It has no certainty: that is for people to judge.
"""

from kg.export.fhir_parts import ESTIMATES, STATISTICS, Codes, quantity, reference, variable_definitions
from kg.prefixes import ID
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels

_SYNTHESIS = {
    "system": "http://terminology.hl7.org/CodeSystem/synthesis-type",
    "code": "std-MA",
    "display": "summary data meta-analysis",
}
#: The statistic that a measure of pooled results is, where it goes by another name.
_STATISTICS = {"share": "proportion"}
#: Confidence levels are percentages here, and shares in FHIR.
_PERCENT = 100
_PREDICTION = "prediction interval of a further study"


def evidence_of(labels: Labels, result: Json) -> Json:
    """Return a pooled result, as `kg.read.synthesis.read_pooled` gives it, as a resource."""
    codes = Codes(labels)
    findings = read_findings(labels, [ID + study["id"] for study in result["studies"]])
    designs = {finding["study_design"] for finding in findings}
    body: Json = {
        "resourceType": "Evidence",
        "url": result["iri"],
        "title": result["label"],
        "status": "active",
        "description": result["sentence"],
        "note": [{"text": text} for text in _notes(result)],
        "relatedArtifact": [
            {"type": "derived-from", "resourceReference": reference(_evidence_on(finding), "Evidence")}
            for finding in findings
        ],
        "synthesisType": {"coding": [_SYNTHESIS], "text": _SYNTHESIS["display"]},
        "variableDefinition": [*variable_definitions(codes, result)],
        "statistic": [_statistic(codes, result)],
    }
    return body | ({"studyDesign": [codes.concept(*designs)]} if len(designs) == 1 else {})


def _evidence_on(finding: Json) -> Json:
    return {"iri": finding["iri"], "label": finding["source"]["label"]}


def _notes(result: Json) -> list[str]:
    notes = [f"Method: {result['formula']}. Computed with {', '.join(result['computed_with'])}."]
    if result["in_common"]:
        notes.append(f"The findings have in common: {', '.join(result['in_common'])}.")
    if omitted := len(result["omitted"]):
        notes.append(f"Findings that answer the same question and were left out, each with its reason: {omitted}.")
    return notes


def _statistic(codes: Codes, result: Json) -> Json:
    unit = result.get("unit")
    measure: str = result["measure"]
    term = _STATISTICS.get(measure, measure)
    sizes = {"numberOfStudies": len(result["studies"]), "numberOfParticipants": result.get("people")}
    estimates = [_interval(result, "lower", "upper") | {"type": _attribute(codes, "ci95")}]
    if "prediction_lower" in result:
        estimates.append(_interval(result, "prediction_lower", "prediction_upper") | {"type": {"text": _PREDICTION}})
    estimates.append({"type": _attribute(codes, "iSquared"), "quantity": quantity(result["i_squared"], "%")})
    if "q" in result:
        estimates.append({"type": _attribute(codes, "cochranQ"), "quantity": quantity(result["q"])})
    return {
        "statisticType": codes.concept(term, STATISTICS, codes.code("statisticCode", term)),
        "quantity": quantity(result["estimate"], unit),
        "sampleSize": {key: value for key, value in sizes.items() if value is not None},
        "attributeEstimate": estimates,
        "modelCharacteristic": [
            {"code": codes.concept(result["method"])},
            {"code": _attribute(codes, "tauSquared"), "value": quantity(result["tau_squared"])},
        ],
    }


def _interval(result: Json, lower: str, upper: str) -> Json:
    unit = result.get("unit")
    ends = {"low": quantity(result[lower], unit), "high": quantity(result[upper], unit)}
    return {"level": result["level"] / _PERCENT, "range": ends}


def _attribute(codes: Codes, term: str) -> Json:
    return codes.concept(term, ESTIMATES, codes.code("estimateCode", term))
