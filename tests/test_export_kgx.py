"""The Biolink graph: read by KGX, valid against the Biolink model, and never stronger than the findings."""

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import biolink_model
import pytest
import yaml
from bmt import Toolkit
from conftest import ROOT
from extracts import ask, counted, unpack
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef
from rdflib.collection import Collection

from kg.build.dataset import Inputs
from kg.engine import Engine
from kg.export.kgx import to_row
from kg.prefixes import ID, ONTOLOGY, PREFIXES

CKG = Namespace(ONTOLOGY)
BIOLINK = PREFIXES["biolink"]
#: Relations that claim no effect and no benefit.
NEUTRAL = {"biolink:related_to", "biolink:treats_or_applied_or_studied_to_treat"}
#: How uv says that it has no network.
UNREACHABLE = (
    "dns error",
    "Network is unreachable",
    "Connection refused",
    "operation timed out",
    "network connectivity",
)

Table = list[dict[str, str]]


def table(text: str) -> Table:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def files(client: FlaskClient) -> dict[str, str]:
    return unpack(client.get("/export/kgx").data)


@pytest.fixture(scope="module")
def nodes(files: dict[str, str]) -> dict[str, dict[str, str]]:
    rows = table(files["nodes.tsv"])
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def edges(files: dict[str, str]) -> Table:
    return table(files["edges.tsv"])


@pytest.fixture(scope="module")
def model() -> Toolkit:
    """The Biolink model from PyPI; by default the toolkit would ask GitHub for it."""
    schema = Path(next(iter(biolink_model.__path__))) / "schema" / "biolink_model.yaml"
    return Toolkit(str(schema), {"predicate mappings": []})


def test_directions_and_denials_survive(edges: Table, engine: Engine) -> None:
    found = Counter((edge["direction"], edge["negated"] == "true") for edge in edges if edge["standing"] != "axiom")
    assert found == counted(engine, with_object=True)
    assert {edge["negated"] for edge in edges} == {"true", ""}


def test_every_end_is_a_node_and_every_identifier_leads_to_its_iri(
    files: dict[str, str], nodes: dict[str, dict[str, str]], edges: Table
) -> None:
    prefixes = yaml.safe_load(files["prefixes.yaml"])["prefix_map"]
    for node in nodes.values():
        prefix, _, name = node["id"].partition(":")
        assert prefixes[prefix] + name == node["iri"]
        assert node["name"] and "/" not in node["id"]
    for edge in edges:
        named = [edge["subject"], edge["object"], edge["population_context_qualifier"], edge["source"]]
        named += edge["anatomical_context_qualifier"].split("|") + edge["has_supporting_studies"].split("|")
        assert {name for name in named if name} <= set(nodes), edge["id"]
        assert edge["standing"] == "axiom" or edge["publications"]
    assert len({edge["id"] for edge in edges}) == len(edges)


def test_denied_null_hedged_and_doubtful_findings_claim_nothing(edges: Table, engine: Engine) -> None:
    """Selected from the graph without the rules."""
    rows = ask(
        engine,
        """SELECT DISTINCT ?finding {
          ?finding a ckg:Finding ; ckg:source ?source ; ckg:subject ?s ; ckg:predicate ?p ; ckg:object ?o .
          { ?finding ckg:negated true }
          UNION {
            ?finding ckg:direction ?d .
            FILTER(?d IN (ckg:noDifference, ckg:unchanged, ckg:unproven, ckg:notReported))
          }
          UNION { ?finding ckg:certainty ?c }
        }""",
    )
    weak = {"calcikg.finding:" + row["finding"].rpartition("/")[2] for row in rows}
    told = {edge["id"]: edge for edge in edges}
    assert len(weak) > 25
    for id_ in weak:
        assert told[id_]["negated"] == "true" or told[id_]["predicate"] in NEUTRAL, id_


def test_nothing_treats_on_weak_evidence(edges: Table, model: Toolkit) -> None:
    strong = {f"biolink:{name.replace(' ', '_')}" for name in model.get_descendants("treats")}
    assert {"biolink:treats", "biolink:ameliorates_condition", "biolink:preventative_for_condition"} <= strong
    for edge in edges:
        if edge["predicate"] in strong and edge["negated"] != "true":
            assert int(edge["evidence_rank"]) <= 2 and edge["direction"] in ("improved", "resolved", ""), edge["id"]
    assert Counter(edge["predicate"] for edge in edges)["biolink:applied_to_treat"] > 20


def fits(model: Toolkit, subject: str, predicate: str, object_: str) -> bool:
    """Tell whether the categories of two ends are within domain and range of a relation of Biolink."""
    relation = model.get_element(predicate.removeprefix("biolink:").replace("_", " "))
    assert relation is not None and model.is_predicate(predicate), predicate
    return all(
        limit is None or model.get_element(limit).name in model.get_ancestors(sentence(category))
        for limit, category in ((relation.domain, subject), (relation.range, object_))
    )


def sentence(category: str) -> str:
    """Return the name of a category as the model writes it: words in lower case."""
    name = category.removeprefix("biolink:")
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def test_categories_and_relations_are_those_of_biolink(
    nodes: dict[str, dict[str, str]], edges: Table, model: Toolkit
) -> None:
    for category in {category for node in nodes.values() for category in node["category"].split("|")}:
        assert model.is_category(sentence(category)) and not model.is_mixin(sentence(category)), category
    for category in {edge["category"] for edge in edges}:
        assert model.is_association(sentence(category)), category
    told = {
        (nodes[edge["subject"]]["category"], edge["predicate"], nodes[edge["object"]]["category"]) for edge in edges
    }
    assert len(told) > 40
    misfits = [
        (subjects, predicate, objects)
        for subjects, predicate, objects in told
        if not any(fits(model, one, predicate, other) for one in subjects.split("|") for other in objects.split("|"))
    ]
    assert misfits == []
    for slot in ("knowledge_level", "agent_type"):
        allowed = model.view.get_enum(model.get_element(slot.replace("_", " ")).range).permissible_values
        assert {edge[slot] for edge in edges} <= set(allowed)


# --- every finding that the ontology allows, not only the present ones


def top_classes(graph: Graph) -> list[URIRef]:
    return sorted({node for node in graph.subjects(CKG.biolinkCategory) if isinstance(node, URIRef)})


def limits(graph: Graph, relation: URIRef, side: URIRef, classes: list[URIRef]) -> list[URIRef]:
    """Return the classes that may stand on a side of a relation of the ontology."""
    allowed = list(graph.objects(relation, side))
    if not allowed or allowed == [CKG.Entity]:
        return classes
    union = graph.value(allowed[0], OWL.unionOf)
    found = list(Collection(graph, union)) if union else allowed
    return [class_ for class_ in classes if class_ in found]


def rules(graph: Graph) -> list[tuple[int, URIRef, dict[str, set[object]]]]:
    """Return the rules in their order: what each gives, and its conditions."""
    names = ("forPredicate", "forNegated", "forCertainty", "forDirection", "worstRank", "forSubject", "forObject")
    found = []
    for rule in graph.subjects(RDF.type, CKG.BiolinkRule):
        conditions = {name: set(graph.objects(rule, CKG[name])) for name in names}
        order, gives = graph.value(rule, CKG.precedence), graph.value(rule, CKG.givesPredicate)
        assert order is not None and isinstance(gives, URIRef)
        found.append((int(order), gives, conditions))
    return sorted(found, key=lambda rule: rule[0])


def claims(graph: Graph) -> Iterator[tuple[URIRef, URIRef, URIRef, bool, URIRef | None, URIRef | None, int]]:
    """Yield everything that a finding can claim, as far as the rules distinguish claims."""
    classes = top_classes(graph)
    relations = set(graph.objects(None, CKG.forPredicate)) | set(graph.subjects(CKG.makesEdge, None))
    for relation in sorted(relation for relation in relations if isinstance(relation, URIRef)):
        pairs = product(limits(graph, relation, RDFS.domain, classes), limits(graph, relation, RDFS.range, classes))
        pairs = ((one, other) for one, other in pairs if one == other or relation != CKG.subtypeOf)  # of one type
        marks = product(
            (False, True), (None, CKG.possible, CKG.uncertain), (None, CKG.improved, CKG.noDifference), (2, 5)
        )
        for (subject, object_), mark in product(pairs, list(marks)):
            yield relation, subject, object_, *mark


def test_any_finding_fits_the_model(model: Toolkit) -> None:
    graph = Graph()
    for path in Inputs().ontology.glob("*.ttl"):
        graph.parse(path)
    ordered, categories = (
        rules(graph),
        {class_: str(graph.value(class_, CKG.biolinkCategory)) for class_ in top_classes(graph)},
    )
    assert len({order for order, _, _ in ordered}) == len(ordered)
    seen = set()
    for relation, subject, object_, negated, certainty, direction, rank in claims(graph):
        claim = {
            "forPredicate": relation,
            "forCertainty": certainty,
            "forDirection": direction,
            "forSubject": subject,
            "forObject": object_,
        }
        given_ = next(
            gives
            for _, gives, wanted in ordered
            if all(not wanted[name] or value in wanted[name] for name, value in claim.items())
            and all(bool(value) == negated for value in map(str_to_bool, wanted["forNegated"]))
            and all(rank <= int(str(worst)) for worst in wanted["worstRank"])
        )
        seen.add((categories[subject], given_, categories[object_]))
    told = [tuple("biolink:" + part.removeprefix(BIOLINK) for part in triple) for triple in seen]
    assert len(told) > 100
    assert [triple for triple in told if not fits(model, *triple)] == []


def str_to_bool(value: object) -> bool:
    return str(value) == "true"


# --- KGX itself


def test_kgx_reads_it_without_errors(files: dict[str, str], engine: Engine, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    here = ROOT / "tests" / "kgx"
    command = [sys.executable, "-m", "uv", "run", "--no-project", "--python", sys.executable]
    command += ["--with-requirements", str(here / "requirements.txt")]
    run = subprocess.run(
        [*command, "python", str(here / "read.py"), str(tmp_path)], capture_output=True, text=True, cwd=tmp_path
    )
    if run.returncode and any(words in run.stderr for words in UNREACHABLE):
        pytest.skip("uv reaches no package registry: KGX was not run")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1]) == {}
    read = [json.loads(line) for line in (tmp_path / "read_edges.jsonl").read_text().splitlines()]
    stated = [edge for edge in read if edge["standing"] != "axiom"]
    assert Counter((edge.get("direction", ""), edge.get("negated", False)) for edge in stated) == counted(
        engine, with_object=True
    )
    assert len((tmp_path / "read_nodes.jsonl").read_text().splitlines()) == len(table(files["nodes.tsv"]))


# --- filters and text


@pytest.mark.parametrize(
    "query",
    [
        "type=DrugTreatment",
        "direction=denied",
        "center=treatment/colchicine",
        "kind=outcome&max_level=4",
        "kind=case-event",
    ],
)
def test_a_part_is_consistent(client: FlaskClient, edges: Table, query: str) -> None:
    part = unpack(client.get(f"/export/kgx?{query}").data)
    there, chosen = {row["id"] for row in table(part["nodes.tsv"])}, table(part["edges.tsv"])
    assert 0 < len(chosen) < len(edges)
    assert all({edge["subject"], edge["object"]} <= there for edge in chosen)
    whole = {edge["id"]: edge for edge in edges}
    assert all(whole[edge["id"]] == edge for edge in chosen)


@pytest.mark.parametrize("query", ["center=finding/debulking-2021-20", "graph=mappings", "max_level=1"])
def test_an_empty_selection_has_no_edges(client: FlaskClient, query: str) -> None:
    part = unpack(client.get(f"/export/kgx?{query}").data)
    assert table(part["nodes.tsv"]) == table(part["edges.tsv"]) == []


def test_denied_findings_alone(client: FlaskClient) -> None:
    chosen = table(unpack(client.get("/export/kgx?direction=denied").data)["edges.tsv"])
    assert {edge["negated"] for edge in chosen if edge["standing"] != "axiom"} == {"true"}


@given(
    st.dictionaries(st.sampled_from(["a", "b"]), st.text() | st.lists(st.text(min_size=1)) | st.booleans() | st.none())
)
def test_no_text_breaks_a_row(cells: dict[str, object]) -> None:
    row = to_row(("a", "b"), cells)
    assert row.endswith("\n") and len(row[:-1].splitlines()) <= 1
    read = row[:-1].split("\t")
    assert len(read) == 2
    for name, cell in zip(("a", "b"), read, strict=True):
        value = cells.get(name)
        assert cell.count("|") == (max(len(value) - 1, 0) if isinstance(value, list) else 0)


def test_our_identifiers_have_our_prefixes(nodes: dict[str, dict[str, str]]) -> None:
    assert nodes["calcikg.treatment:colchicine"]["iri"] == f"{ID}treatment/colchicine"
    assert "HP:0025520" in nodes["calcikg.disease:calcinosis-cutis"]["xref"].split("|")
