"""The FHIR R5 bundle: valid, with every reference resolved, every figure as printed and no denial lost."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from extracts import ask, counted
from fhir.resources.bundle import Bundle
from flask.testing import FlaskClient

from kg.engine import Engine
from kg.prefixes import ID, ONTOLOGY

ROLES = "http://terminology.hl7.org/CodeSystem/variable-role"
#: The codes of the value sets of R5 (https://hl7.org/fhir/R5/valueset-statistic-type.html and its like).
CODES = {
    ROLES: {"population", "subpopulation", "exposure", "referenceExposure", "measuredVariable", "confounder"},
    "http://terminology.hl7.org/CodeSystem/statistic-type": {
        "absolute-MedianDiff", "C25463", "0000301", "predictedRisk", "descriptive", "C93150", "C16726", "rate-ratio",
        "C25564", "C53319", "0000457", "C28007", "C25570", "C16932", "C65172", "C17010", "C44256", "0000565", "C93152",
        "0000424", "C65171", "0000100",
    },
    "http://terminology.hl7.org/CodeSystem/attribute-estimate-type": {
        "0000419", "C53324", "0000455", "0000420", "C53245", "C44185", "C38013", "C53322", "0000037", "0000421",
        "C48918",
    },
}  # fmt: skip

Json = dict[str, Any]


@pytest.fixture(scope="module")
def bundle(client: FlaskClient) -> Json:
    read: Json = json.loads(client.get("/export/fhir").data)
    return read


@pytest.fixture(scope="module")
def evidence(bundle: Json) -> dict[str, Json]:
    """The evidence by the slug of its finding."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    return {one["url"].rpartition("/")[2]: one for one in resources if one["resourceType"] == "Evidence"}


def extensions(resource: Json, name: str) -> list[Json]:
    """Return the extensions of a name, modifiers too."""
    both = resource.get("extension", []) + resource.get("modifierExtension", [])
    return [one for one in both if one["url"] == ONTOLOGY + name]


def term(resource: Json, name: str) -> str:
    """Return the term of our ontology that an extension holds; empty when there is none."""
    found = extensions(resource, name)
    return str(found[0]["valueCodeableConcept"]["coding"][-1]["code"]) if found else ""


def walk(value: object) -> Iterator[Json]:
    """Yield every object in a tree of JSON."""
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from walk(one)
    elif isinstance(value, list):
        for one in value:
            yield from walk(one)


def test_the_whole_bundle_is_valid_fhir(bundle: Json, engine: Engine) -> None:
    read = Bundle.model_validate(bundle)
    kinds = Counter(entry.resource.__resource_type__ for entry in read.entry)
    assert kinds["Evidence"] == ask(engine, "SELECT (COUNT(*) AS ?n) { ?finding a ckg:Finding }")[0]["n"]
    assert set(kinds) == {"Evidence", "EvidenceVariable", "Citation"}


def test_every_reference_resolves_to_an_entry_of_its_type(bundle: Json) -> None:
    there = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert len(there) == len(bundle["entry"])
    references = [one for one in walk(bundle) if "reference" in one]
    assert [one for one in references if there.get(one["reference"]) != one["type"]] == []
    named = {one["reference"] for one in references}
    assert {url for url, kind in there.items() if kind != "Evidence"} == named


def test_directions_and_denials_survive(evidence: dict[str, Json], engine: Engine) -> None:
    found = Counter((term(one, "direction"), bool(extensions(one, "negated"))) for one in evidence.values())
    assert found == counted(engine, with_object=False)


def test_what_denies_or_withdraws_a_claim_is_a_modifier(evidence: dict[str, Json], engine: Engine) -> None:
    """Programs without the extension must not process the resource (https://hl7.org/fhir/R5/extensibility.html)."""
    rows = ask(
        engine,
        """SELECT DISTINCT ?finding {
          ?finding ckg:standing ?standing .
          FILTER(?standing NOT IN (ckg:stated, ckg:conditional, ckg:minority, ckg:singlePatient, ckg:hedged))
        }""",
    )
    assert {slug for slug, one in evidence.items() if "modifierExtension" in one} == {
        row["finding"].rpartition("/")[2] for row in rows
    }
    assert all("denied: " in one["assertion"] for one in evidence.values() if extensions(one, "negated"))


def figures(statistic: Json) -> Json:
    """Return the figures of a statistic by the keys of a finding."""
    quantity, sizes = statistic.get("quantity", {}), statistic.get("sampleSize", {})
    found = {
        "value": None if "comparator" in quantity else quantity.get("value"),
        "numerator": statistic.get("numberAffected"),
        "denominator": sizes.get("knownDataCount"),
        "sampleSize": sizes.get("numberOfParticipants"),
    }
    if comparator := quantity.get("comparator"):
        found["lower" if comparator[0] == ">" else "upper"] = quantity["value"]
    for estimate in statistic.get("attributeEstimate", ()):
        ends = estimate.get("range", {})
        found |= {key: ends[end]["value"] for key, end in (("lower", "low"), ("upper", "high")) if end in ends}
        if "±" in estimate["type"]["text"]:
            found["spread"] = estimate["quantity"]["value"]
    return {key: value for key, value in found.items() if value is not None}


def test_every_figure_is_as_printed(evidence: dict[str, Json], engine: Engine) -> None:
    names = ("value", "lower", "upper", "spread", "numerator", "denominator", "sampleSize")
    properties = ", ".join(f"ckg:{name}" for name in names)
    rows = ask(
        engine,
        f"""SELECT ?finding ?property ?value {{
          ?finding a ckg:Finding ; ?property ?value . FILTER(?property IN ({properties}))
        }}""",
    )
    stated: dict[str, Json] = {}
    for row in rows:
        slug, name = row["finding"].rpartition("/")[2], row["property"].removeprefix(ONTOLOGY)
        stated.setdefault(slug, {})[name] = row["value"]
    told = {slug: figures(one["statistic"][0]) for slug, one in evidence.items() if "statistic" in one}
    assert {slug: found for slug, found in told.items() if found} == stated
    assert len(stated) > 40


def test_a_median_before_and_after(evidence: dict[str, Json]) -> None:
    finding = evidence["debulking-2021-20"]
    after, before = finding["statistic"]
    assert (figures(after), figures(before)) == (
        {"value": 0, "lower": 0, "upper": 8},
        {"value": 5, "lower": 0, "upper": 10},
    )
    assert before["description"] == "before treatment"
    assert after["attributeEstimate"][0]["type"]["coding"][0]["code"] == "C38013"  # range
    parts = [
        (one["variableRole"]["coding"][0]["code"], one.get("observed", {}).get("display"))
        for one in finding["variableDefinition"]
    ]
    assert parts == [
        ("population", "39 scleroderma patients with elective calcinosis debulking of 41 upper extremities"),
        ("exposure", "calcinosis debulking"),
        ("measuredVariable", "pain"),
    ]
    assert finding["certainty"][0]["rating"]["text"] == "OCEBM level 4"


def test_a_single_bound_is_a_comparator(evidence: dict[str, Json], engine: Engine) -> None:
    (row,) = ask(engine, "SELECT ?f { ?f ckg:qualifier ckg:greaterThan ; ckg:lower ?lower FILTER(?lower = 80) }")
    statistic = evidence[row["f"].rpartition("/")[2]]["statistic"][0]
    assert statistic["quantity"]["comparator"] == ">" and statistic["quantity"]["value"] == 80
    assert "attributeEstimate" not in statistic


def test_codes_are_those_of_the_value_sets(bundle: Json) -> None:
    codings = [
        (one["system"], one["code"]) for one in walk(bundle) if {"system", "code"} <= one.keys() and "value" not in one
    ]
    for system, allowed in CODES.items():
        used = {code for found, code in codings if found == system}
        assert used and used <= allowed
    own = {code for system, code in codings if system == ID.rstrip("/")}
    assert "treatment/colchicine" in own
    assert ("http://purl.obolibrary.org/obo/hp.owl", "HP:0025520") in codings


def test_relations_of_findings_have_roles(engine: Engine) -> None:
    rows = ask(
        engine,
        """SELECT DISTINCT ?predicate {
          ?finding a ckg:Finding ; ckg:predicate ?predicate .
          FILTER NOT EXISTS { ?predicate ckg:subjectRole ?subject ; ckg:objectRole ?object }
        }""",
    )
    assert rows == []


def test_citations_have_identifiers(bundle: Json) -> None:
    works = {
        entry["fullUrl"]: entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Citation"
    }
    cited = works[f"{ID}source/debulking-2021"]["citedArtifact"]
    assert cited["identifier"] == [{"system": "https://doi.org", "value": "10.1016/j.jhsa.2021.01.025"}]
    assert cited["publicationForm"][0]["publishedIn"] == {"title": "J Hand Surg Am"}


@pytest.mark.parametrize(
    ("query", "findings"),
    [("type=DrugTreatment", True), ("direction=denied", True), ("kind=prevalence&direction=denied", False)],
)
def test_a_part_is_valid_too(client: FlaskClient, query: str, findings: bool) -> None:
    part = json.loads(client.get(f"/export/fhir?{query}").data)
    read = Bundle.model_validate(part)
    assert bool(read.entry) == findings == ("entry" in part)
    there = {entry["fullUrl"] for entry in part.get("entry", ())}
    assert {one["reference"] for one in walk(part) if "reference" in one} <= there
