"""Whose evidence a finding is: of people with systemic sclerosis, with other diseases, or of both together."""

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from test_standing import FINDING, terms

from api.pages.wording import OTHER_PEOPLE
from kg.build.dataset import Inputs
from kg.engine import Engine
from kg.prefixes import GRAPH, ID, ONTOLOGY
from kg.read.findings import APART

INPUTS = Inputs()
RULES = [
    (INPUTS.ontology / "rules" / f"{name}.rq").read_text(encoding="utf-8")
    for name in ("12-document-scope", "13-directness", "14-shared-people", "40-standing", "45-edges", "55-edge-people")
]
SCLEROSIS, CALCINOSIS = "disease/systemic-sclerosis", "disease/calcinosis"
HIERARCHY = [
    {"id": "subtype/limited", "subtypeOf": SCLEROSIS},
    {"id": SCLEROSIS, "subtypeOf": "disease/wider"},
    {"id": "disease/cutis", "subtypeOf": CALCINOSIS},
]


def derive(*records: dict[str, object]) -> ox.Store:
    """Return a store of records with what the rules derive from them."""
    store = ox.Store()
    model = ox.parse(path=INPUTS.ontology / "calcikg.ttl")
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in model)
    for record in (*HIERARCHY, *records):
        store.extend(INPUTS.context.to_quads(record, GRAPH + "source/x"))
    for rule in RULES:
        triples = store.query(rule, use_default_graph_as_union=True)
        store.extend([ox.Quad(*triple) for triple in triples])  # type: ignore[misc]
    return store


def people(name: str, **keys: object) -> dict[str, object]:
    return {"id": f"population/{name}", "type": "Population", **keys}


@pytest.mark.parametrize(
    ("keys", "directness"),
    [
        ({"disease": [SCLEROSIS]}, {"direct"}),
        ({"disease": ["subtype/limited", "disease/cutis"]}, {"direct"}),
        ({"disease": [SCLEROSIS, "disease/other"]}, {"direct"}),
        ({"disease": ["disease/cutis"], "includesDisease": [SCLEROSIS, "disease/other"]}, {"mixed"}),
        ({"includesDisease": ["subtype/limited"]}, {"mixed"}),
        ({"disease": ["disease/wider"]}, {"mixed"}),
        ({"disease": ["disease/other"]}, {"indirect"}),
        ({"disease": ["disease/other", "disease/cutis"]}, {"indirect"}),
        ({"disease": ["disease/cutis"]}, set()),
        ({}, set()),
        ({"partOf": ["population/whole"]}, {"mixed"}),
        ({"disease": ["disease/cutis"], "partOf": ["population/whole"]}, {"mixed"}),
        ({"disease": ["disease/other"], "partOf": ["population/whole"]}, {"indirect"}),
        ({"disease": [SCLEROSIS], "partOf": ["population/whole"]}, {"direct"}),
    ],
)
def test_the_diseases_of_the_people_tell_how_direct_a_finding_is(keys: dict[str, object], directness: set[str]) -> None:
    whole = people("whole", disease=["disease/cutis"], includesDisease=[SCLEROSIS, "disease/other"])
    store = derive(FINDING | {"population": "population/these"}, people("these", **keys), whole)
    assert terms(store, "finding/x-01", "directness") == directness


@pytest.mark.parametrize(
    ("scope", "directness"),
    [
        ([SCLEROSIS], {"direct"}),
        ([SCLEROSIS, "subtype/limited", CALCINOSIS], {"direct"}),
        ([SCLEROSIS, "disease/other"], {"mixed"}),
        (["disease/wider"], {"mixed"}),
        (["disease/other"], {"indirect"}),
        ([CALCINOSIS], set()),
    ],
)
def test_without_a_population_the_scope_of_the_document_tells(scope: list[str], directness: set[str]) -> None:
    store = derive(FINDING, {"id": "source/x", "type": "Source", "scope": scope})
    assert terms(store, "finding/x-01", "directness") == directness


def test_evidence_in_other_people_makes_edges_of_its_own_and_is_never_summed() -> None:
    groups = {"one": [SCLEROSIS], "two": [SCLEROSIS], "other": ["disease/other"]}
    findings = [
        FINDING | {"id": f"finding/x-0{number}", "population": f"population/{name}"}
        for number, name in enumerate(groups, start=1)
    ]
    store = derive(*findings, *(people(name, disease=disease, sampleSize="10") for name, disease in groups.items()))
    edge = "treatment/a#hasOutcome/outcome/b"
    assert terms(store, edge, "peopleCount") == {"20"}
    assert terms(store, edge, "edgeDirectness") == set()
    assert terms(store, f"{edge}/indirect", "peopleCount") == {"10"}
    assert terms(store, f"{edge}/indirect", "edgeDirectness") == {"indirect"}
    assert terms(store, "treatment/a", "hasOutcome") == {"outcome/b"}


def test_what_is_stated_of_other_diseases_alone_is_no_plain_relation() -> None:
    store = derive(FINDING | {"population": "population/other"}, people("other", disease=["disease/other"]))
    assert terms(store, "treatment/a#hasOutcome/outcome/b/indirect", "edgeStanding") <= {"stated"}
    assert terms(store, "treatment/a", "hasOutcome") == set()


def test_two_populations_share_people_when_one_says_so() -> None:
    overlap = {
        "id": "population/one#overlap-1",
        "type": "Overlap",
        "with": "population/two",
        "reason": ["sameRegistry"],
    }
    store = derive(people("one", overlap=[overlap]), people("two"))
    assert terms(store, "population/one", "sharesPeopleWith") == {"population/two"}
    assert terms(store, "population/two", "sharesPeopleWith") == {"population/one"}


def test_other_diseases_stand_apart_in_comparisons_and_on_the_map(
    whole_client: FlaskClient, whole_engine: Engine
) -> None:
    query = f"PREFIX ckg: <{ONTOLOGY}> SELECT * {{ ?id a ckg:Finding OPTIONAL {{ ?id ckg:directness ?directness }} }}"
    directness = {
        row["id"].removeprefix(ID): row.get("directness", "").removeprefix(ONTOLOGY) or None
        for row in whole_engine.select(query)
    }
    seen = 0
    for by in ("outcome", "complication"):
        for cell in whole_client.get(f"/api/v1/evidence-map?by={by}").json["cells"]:
            assert {directness[one] for one in cell["findings"]} <= {None, "direct"}
            assert {directness[one] for one in cell["elsewhere"]} <= set(APART)
            assert sum(cell.get("directions", {}).values()) == len(cell["findings"])
            seen += len(cell["elsewhere"])
    assert seen > 100
    query = "treatment=treatment/abatacept&treatment=treatment/sodium-thiosulfate"
    cells = [cell for row in whole_client.get(f"/api/v1/compare?{query}").json["rows"] for cell in row["cells"]]
    assert any(cell["elsewhere"] for cell in cells)
    for cell in cells:
        assert {one.get("directness") for one in cell["findings"]} <= {None, "direct"}
        assert sum(cell.get("directions", {}).values()) == len(cell["findings"])


def test_the_page_of_an_entity_shows_other_diseases_after_systemic_sclerosis(whole_client: FlaskClient) -> None:
    page = whole_client.get("/page/outcome/symptom-relief").text
    headings = [page.index(f"<h3>In {OTHER_PEOPLE[name]}</h3>") for name in APART]
    assert page.index("Findings in systemic sclerosis come first") < page.index("<tbody>") < headings[0] < headings[1]
