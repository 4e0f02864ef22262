"""Identifiers of other vocabularies work wherever an id of ours does."""

from collections.abc import Iterable

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.build.dataset import Dataset
from kg.engine.embedded import EmbeddedEngine
from kg.prefixes import EXTERNAL, ID, expand
from kg.rdf import graph_of
from kg.read.labels import Labels

API = "/api/v1"
UPPER_LIMB = "UBERON:0002102"


def ids(client: FlaskClient, path: str, **query: object) -> list[str]:
    answer = client.get(f"{API}/{path}", query_string={"limit": 500, **query})
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


def detail(client: FlaskClient, path: str) -> str:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code in (400, 404)  # as a value, or in the path
    return str(answer.json["detail"])


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("disease/systemic-sclerosis", "disease/systemic-sclerosis"),
        ("ckgid:disease/systemic-sclerosis", "disease/systemic-sclerosis"),
        (f"{ID}disease/systemic-sclerosis", "disease/systemic-sclerosis"),
        ("MONDO:0005100", "disease/systemic-sclerosis"),
        ("mondo:0005100", "disease/systemic-sclerosis"),
        ("http://purl.obolibrary.org/obo/MONDO_0005100", "disease/systemic-sclerosis"),
        ("MESH:D012595", "disease/systemic-sclerosis"),
        ("http://id.nlm.nih.gov/mesh/D012595", "disease/systemic-sclerosis"),
        ("UBERON:0002398", "site/hand"),
        # Close only, and of one entity only.
        ("CHEBI:23359", "treatment/colchicine"),
        # Exact for one, close for another: the exact one.
        ("HP:0012531", "outcome/pain"),
    ],
)
def test_an_identifier_names_an_entity(name: str, entity: str, client: FlaskClient) -> None:
    assert ids(client, "entities", id=name) == [entity]


def test_one_entity_by_its_identifier_is_the_entity_by_its_id(client: FlaskClient) -> None:
    assert client.get(f"{API}/entities/UBERON:0002398").json == client.get(f"{API}/entities/site/hand").json


def test_a_broader_or_narrower_term_names_nothing_and_says_what_there_is(client: FlaskClient) -> None:
    assert "narrower than it: " in detail(client, "entities/MAXO:0000002")
    close = "close to it: complication/vascular-compromise, phenotype/decreased-circulation"
    assert close in detail(client, "entities/NCIT:C34738")
    assert "ids are like" in detail(client, "entities/MONDO:9999999")
    assert "ids are like" in detail(client, "findings?about=nobody:1")


@pytest.mark.parametrize(
    ("path", "name", "own", "external"),
    [
        ("findings", "site", "site/hand", "UBERON:0002398"),
        ("findings", "about", "disease/systemic-sclerosis", "MESH:D012595"),
        ("findings", "subject", "treatment/surgery", "MAXO:0000004"),
        ("disagreements", "about", "disease/systemic-sclerosis", "MONDO:0005100"),
    ],
)
def test_a_filter_takes_in_at_least_what_the_entity_of_the_same_meaning_does(
    path: str, name: str, own: str, external: str, client: FlaskClient
) -> None:
    assert len(ids(client, path, **{name: own})) > 0
    assert set(ids(client, path, **{name: own})) <= set(ids(client, path, **{name: external}))


def test_questions_compare_gaps_and_paths_know_external_identifiers(client: FlaskClient) -> None:
    for ours, theirs in (
        ("paths?from=site/hand&to=disease/systemic-sclerosis", "paths?from=UBERON:0002398&to=MONDO:0005100"),
        (
            "compare?treatment=treatment/surgery&treatment=treatment/colchicine",
            "compare?treatment=MAXO:0000004&treatment=CHEBI:23359",
        ),
    ):
        assert client.get(f"{API}/{ours}").json == client.get(f"{API}/{theirs}").json
    assert client.get(f"{API}/gaps?treatment=MAXO:0000004").json["total"] > 0


def test_all_findings_at_any_part_of_the_upper_limb(client: FlaskClient) -> None:
    assert ids(client, "findings", site=UPPER_LIMB) == ids(client, "findings", site="site/upper-limb")
    # A term without an entity of its own: what lies below it in its ontology.
    appendage = ids(client, "findings", site="UBERON:0000026")
    assert set(ids(client, "findings", site="site/upper-limb")) < set(appendage)
    assert set(ids(client, "findings", site="site/foot")) <= set(appendage)
    assert "below it: site/achilles" in detail(client, "entities/UBERON:0000026")


def test_treatments_that_are_kinds_of_an_external_term(client: FlaskClient) -> None:
    assert ids(client, "entities", type="Treatment", below="CHEBI:35341") == [
        "treatment/corticosteroid",
        "treatment/corticosteroid-injection",
        "treatment/oral-corticosteroid",
        "treatment/steroid-dose-adjustment",
        "treatment/steroid-threshold-dose",
        "treatment/topical-corticosteroid",
        "treatment/topical-solu-cortef",
    ]
    assert "treatment/colchicine" in ids(client, "entities", type="DrugTreatment", below="MAXO:0000169")


def test_an_entity_falls_under_what_the_hierarchies_say(dataset: Dataset, whole_client: FlaskClient) -> None:
    """Held against the hierarchies, walked here by other means."""
    matches = {"exactMatch", "closeMatch", "broadMatch"}
    ours: dict[str, set[str]] = {}
    above: dict[str, set[str]] = {}
    for quad in dataset.quads:
        if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.object, ox.NamedNode):
            continue
        relation = quad.predicate.value.replace("#", "/").rpartition("/")[2]
        if relation in ("subtypeOf", "partOf") or (graph_of(quad) == "mappings" and relation in matches):
            ours.setdefault(quad.subject.value, set()).add(quad.object.value)
        elif relation in ("subClassOf", "BFO_0000050") and graph_of(quad).startswith("external/"):
            above.setdefault(quad.subject.value, set()).add(quad.object.value)
    steps = {node: ours.get(node, set()) | above.get(node, set()) for node in ours.keys() | above.keys()}
    for name in (UPPER_LIMB, "CHEBI:35341", "MAXO:0000004", "MONDO:0005100", "HP:0000118", "UBERON:0000026"):
        expected = {node.removeprefix(ID) for node in ours if expand(name) in reach(node, steps)}
        found = {str(iri).removeprefix(ID) for iri in below(whole_client, name)}
        assert found == expected, name


def reach(start: str, steps: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        fresh = steps.get(todo.pop(), set()) - seen
        seen |= fresh
        todo += fresh
    return seen


def below(client: FlaskClient, name: str) -> Iterable[str]:
    return ids(client, "entities", below=name)


def test_search_finds_an_entity_by_the_iri_of_a_mapped_term(client: FlaskClient) -> None:
    for text in ("UBERON:0002398", expand("UBERON:0002398"), f"{ID}site/hand"):
        assert ids(client, "search", q=text)[0] == "site/hand"


@given(st.text(max_size=40))
def test_any_text_is_written_out_or_refused_as_no_name(text: str) -> None:
    iri = Labels(lambda _: []).iri(text)
    assert iri.startswith(ID) or ":" in text


@given(st.sampled_from(sorted(EXTERNAL)), st.from_regex(r"[A-Z0-9]{1,9}", fullmatch=True))
def test_the_prefix_may_be_in_any_case(prefix: str, name: str) -> None:
    labels = Labels(EmbeddedEngine([]))
    assert (
        labels.iri(f"{prefix.lower()}:{name}") == labels.iri(f"{prefix.upper()}:{name}") == expand(f"{prefix}:{name}")
    )
