"""The REST API: shapes, filters, pages, formats, and that its JSON says nothing that the graph does not."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyld.jsonld
import pyoxigraph as ox
import pytest
from conftest import EXAMPLES, app_of
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from api.rest.models import (
    Comparison,
    Disagreement,
    Entity,
    EvidenceMap,
    Gap,
    Graph,
    Hit,
    Paths,
    Question,
    Source,
    Stats,
)
from kg.engine import FORMATS, Engine, Query
from kg.prefixes import ID, ONTOLOGY

API = "/api/v1"


def every(client: FlaskClient, path: str, **parameters: object) -> list[dict[str, object]]:
    """Return the items of all pages of a list."""
    given = "&".join(f"{name}={value}" for name, value in {"limit": 500, **parameters}.items())
    answer = client.get(f"{API}/{path}{'&' if '?' in path else '?'}{given}")
    assert answer.status_code == 200, answer.text
    items = list(answer.json["items"])
    while "next" in answer.json:
        answer = client.get(answer.json["next"])
        items += answer.json["items"]
    assert len(items) == answer.json["total"]
    return items


def ask(engine: Engine, text: str) -> set[str]:
    query = Query(f"BASE <{ID}> PREFIX ckg: <{ONTOLOGY}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> {text}")
    rows = json.loads(engine.answer(query, (FORMATS["json"],)).read())["results"]["bindings"]
    return {row["x"]["value"].removeprefix(ID) for row in rows}


def test_every_finding_fits_the_schema_of_the_description(client: FlaskClient) -> None:
    schema = client.get(f"{API}/openapi.json").json["components"]["schemas"]["Finding"]
    validator = Draft202012Validator(schema)
    for item in every(client, "findings"):
        assert [error.message for error in validator.iter_errors(item)] == []


def test_every_entity_and_source_has_its_shape(client: FlaskClient) -> None:
    for item in every(client, "entities"):
        Entity.model_validate(client.get(f"{API}/entities/{item['id']}").json)
    for item in every(client, "sources"):
        Source.model_validate(item)
        for study in item.get("cites", ()):
            Source.model_validate(client.get(f"{API}/{study['id'].replace('study/', 'sources/')}").json)


def test_every_question_is_answered_as_its_sparql_is(client: FlaskClient, engine: Engine) -> None:
    for item in every(client, "questions"):
        found = Question.model_validate(client.get(f"{API}/{item['id'].replace('question/', 'questions/')}").json)
        answer = engine.answer(Query(found.sparql), (FORMATS["csv"],)).read().decode()
        columns, *rows = csv.reader(io.StringIO(answer))
        assert (found.columns, len(found.rows)) == (columns, len(rows))


def test_a_question_is_asked_of_something_else(client: FlaskClient) -> None:
    path = f"{API}/questions/infection-after-calcinosis-surgery"
    whole, part = client.get(path).json, client.get(f"{path}?surgery=treatment/calcinosis-debulking").json
    assert len(part["rows"]) == 2 < len(whole["rows"])
    assert client.get(f"{path}?surgery=treatment/nothing").status_code == 400
    assert "its parameters: surgery, asked" in client.get(f"{path}?other=treatment/colchicine").json["detail"]


FILTERS = {
    "certainty=possible&study_design=expertOpinion": "?x ckg:certainty ckg:possible ;"
    " ckg:studyDesign ckg:expertOpinion",
    "kind=adverse-effect": "?x a ckg:AdverseEffectFinding",
    "kind=outcome&kind=case-event": "{ ?x a ckg:OutcomeFinding } UNION { ?x a ckg:CaseEvent }",
    "site=site/hand": "?x ckg:site|ckg:object ?s . ?s ckg:partOf* <site/hand> . FILTER EXISTS { ?x a ckg:SiteFinding }"
    " } UNION { ?x ckg:site/ckg:partOf* <site/hand>",
    "subject=treatment/medical-treatment": "?x ckg:subject/ckg:subtypeOf* <treatment/medical-treatment>",
    "object=outcome/pain": "?x ckg:object/ckg:subtypeOf* <outcome/pain>",
    "source=source/zanatta-2020": "?x ckg:source <source/zanatta-2020>",
    "population=population/debulking-2021-patients": "?x ckg:population <population/debulking-2021-patients>",
    "measure=prevalence": "?x ckg:measure ckg:prevalence",
    "direction=noDifference&direction=worsened": "VALUES ?d { ckg:noDifference ckg:worsened }"
    " ?x ckg:direction ?d . FILTER NOT EXISTS { ?x ckg:negated true }",
    "max_level=4": "?x ckg:evidenceLevel/ckg:rank ?rank FILTER(?rank <= 4)",
    "kind=outcome&max_level=4&direction=improved": "?x a ckg:OutcomeFinding ; ckg:direction ckg:improved ;"
    " ckg:evidenceLevel/ckg:rank ?rank FILTER(?rank <= 4)",
}


@pytest.mark.parametrize("filters", FILTERS)
def test_filters_find_what_sparql_finds(filters: str, client: FlaskClient, engine: Engine) -> None:
    answer = client.get(f"{API}/findings?limit=500&{filters}").json
    expected = ask(engine, f"SELECT DISTINCT ?x {{ {{ ?x a ckg:Finding . {FILTERS[filters]} }} }}")
    assert expected
    assert {item["id"] for item in answer["items"]} == expected


@given(st.sets(st.sampled_from(["direction=none", "direction=denied", *FILTERS]), min_size=2, max_size=3))
@settings(max_examples=15)
def test_filters_together_find_what_fits_each(client: FlaskClient, chosen: set[str]) -> None:
    pairs = [pair for filters in chosen for pair in filters.split("&")]
    by_name = [[pair for pair in pairs if pair.startswith(name)] for name in {pair.partition("=")[0] for pair in pairs}]
    fitting = ({str(item["id"]) for item in every(client, f"findings?{'&'.join(one)}")} for one in by_name)
    assert {item["id"] for item in every(client, f"findings?{'&'.join(pairs)}")} == set.intersection(*fitting)


def test_about_takes_in_what_lies_below(client: FlaskClient) -> None:
    found = {item["id"] for item in every(client, "findings", about="treatment/sodium-thiosulfate")}
    below = {item["id"] for item in every(client, "findings", about="treatment/topical-sodium-thiosulfate")}
    assert below and below < found


@given(limit=st.integers(7, 500))
@settings(max_examples=10, deadline=None)
def test_pages_give_every_item_once(client: FlaskClient, limit: int) -> None:
    everything = [item["id"] for item in every(client, "entities")]
    assert [item["id"] for item in every(client, "entities", limit=limit)] == everything == sorted(set(everything))


def test_pages_are_linked(client: FlaskClient) -> None:
    answer = client.get(f"{API}/findings?limit=2&source=source/zanatta-2020")
    assert f'<{answer.json["next"]}>; rel="next"' in answer.headers.getlist("Link")
    for cursor in ("zzz", "!", "é", "ZmluZGluZy9ub25l"):
        assert client.get(f"{API}/findings?cursor={cursor}").status_code == 400


def test_what_is_wrong_is_said(client: FlaskClient) -> None:
    for path, status, words in (
        ("findings?site=site/hund", 400, "there is no entity 'site/hund'; did you mean site/hand"),
        ("findings?nosuch=1", 400, "nosuch"),
        ("findings?max_level=9", 400, "max_level"),
        ("findings?kind=strange", 400, "kind"),
        ("findings?measure=strange", 400, "there is no measure 'strange'; there are age, "),
        ("findings?limit=0", 400, "limit"),
        ("findings/none", 404, "finding/none"),
        ("entities/site/none", 404, "site/none"),
        ("entities?type=Nothing", 400, "Nothing"),
        ("compare?treatment=treatment/colchicine", 400, "treatment"),
        ("findings?format=ttl", 400, "format"),
    ):
        answer = client.get(f"{API}/{path}")
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert words in answer.json["detail"]


def test_lists_are_tables_too(client: FlaskClient) -> None:
    path = f"{API}/findings?limit=500&source=source/debulking-2021"
    items = client.get(path).json["items"]
    for accept, delimiter in (("text/csv", ","), ("text/tab-separated-values", "\t")):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.content_type == f"{accept}; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.text), delimiter=delimiter))
        assert [row["id"] for row in rows] == [item["id"] for item in items]
        by_id = {row["id"]: row for row in rows}
        row = by_id["finding/debulking-2021-30"]
        assert (row["numerator"], row["denominator"], row["subject.label"]) == ("13", "39", "calcinosis debulking")
        assert row["site"] == "site/hand; site/upper-limb"
        assert row["evidence_level.rank"] == "4"
    header = client.get(f"{API}/findings?limit=1&format=csv").text.splitlines()[0]
    assert answer.text.splitlines()[0].split("\t") == header.split(",")


def test_a_format_that_does_not_exist_is_not_acceptable(client: FlaskClient) -> None:
    answer = client.get(f"{API}/findings", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.content_type) == (406, "application/problem+json")
    assert "text/csv" in answer.json["detail"]


def test_answers_have_a_tag(client: FlaskClient) -> None:
    first = client.get(f"{API}/findings?limit=1")
    again = client.get(f"{API}/findings?limit=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{API}/findings?limit=1", headers={"Accept": "text/csv"})
    assert other.headers["ETag"] != first.headers["ETag"]
    assert other.headers["Vary"] == "Accept"


def test_every_finding_says_as_linked_data_what_the_graph_says(client: FlaskClient, engine: Engine) -> None:
    context = client.get(f"{API}/context.jsonld").json
    graph = {
        (triple.subject, triple.predicate, _term(triple.object))
        for triple in ox.parse(
            engine.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }"), (FORMATS["nt"],)).read(), format=ox.RdfFormat.N_TRIPLES
        )
    }
    told = list(_triples({**context, "items": every(client, "findings")}))
    assert len(told) > 9_000
    # A finding has no label but is called by its id; locators are blank nodes here.
    named = [
        triple for triple in told if isinstance(triple[0], ox.NamedNode) and not isinstance(triple[2], ox.BlankNode)
    ]
    strange = [triple for triple in named if triple not in graph]
    assert {triple[1].value.rpartition("#")[2] for triple in strange} == {"label"}
    assert all(triple[0].value.startswith(f"{ID}finding/") for triple in strange)


def test_json_ld_names_its_context(client: FlaskClient) -> None:
    answer = client.get(f"{API}/findings/debulking-2021-30", headers={"Accept": "application/ld+json"})
    assert answer.content_type == "application/ld+json"
    assert answer.json["@context"].endswith("/api/v1/context.jsonld")
    plain = client.get(f"{API}/findings/debulking-2021-30")
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in plain.headers["Link"]


def _triples(document: dict[str, object]) -> Iterator[tuple[object, object, object]]:
    quads = pyld.jsonld.to_rdf(document, {"format": "application/n-quads"})
    for quad in ox.parse(quads.encode(), format=ox.RdfFormat.N_QUADS):
        yield quad.subject, quad.predicate, _term(quad.object)


def _term(term: object) -> object:
    """Return a number by its value: JSON has one kind of number, the graph several."""
    if isinstance(term, ox.Literal) and term.datatype.value.rpartition("#")[2] in ("decimal", "integer", "double"):
        return float(term.value)
    return term


def test_compare_keeps_unlike_measures_apart(client: FlaskClient) -> None:
    names = (
        "treatment/calcinosis-debulking",
        "treatment/calcinosis-excision",
        "treatment/extracorporeal-shockwave-therapy",
    )
    answer = client.get(f"{API}/compare", query_string={"treatment": names})
    comparison = Comparison.model_validate(answer.json)
    assert {row.relation for row in comparison.rows} >= {"hasOutcome", "hasComplication"}
    for row in comparison.rows:
        assert [cell.treatment.id for cell in row.cells] == list(names)
        assert any(cell.findings for cell in row.cells)
        if not all(cell.findings for cell in row.cells):
            assert "cannot be compared" in row.sentence
    numbness = next(row for row in comparison.rows if row.outcome.id == "outcome/numbness")
    assert numbness.cells[0].directions == {"improved": 1, "noDifference": 2, "unchanged": 1, "worsened": 1}
    only = client.get(f"{API}/compare", query_string={"treatment": names, "outcome": "outcome/pain"}).json
    assert {row["outcome"]["id"] for row in only["rows"]} <= {row.outcome.id for row in comparison.rows}


def test_a_finding_with_counts_has_its_exact_interval(client: FlaskClient) -> None:
    finding = client.get(f"{API}/findings/debulking-2021-30").json
    # binom.test(13, 39) of R
    assert finding["exact_interval"] == {"estimate": 33.3333, "lower": 19.0881, "upper": 50.2172, "level": 95}
    counted = [item for item in every(client, "findings") if "exact_interval" in item]
    assert counted and all("numerator" in item and "denominator" in item for item in counted)


def test_disagreements_have_sides_and_reasons(client: FlaskClient) -> None:
    found = every(client, "disagreements")
    for item in found:
        disagreement = Disagreement.model_validate(item)
        assert len(disagreement.sides) >= 2 and disagreement.reasons
        assert (disagreement.type == "Disagreement") == (disagreement.status is not None)
    real = {item["id"] for item in every(client, "disagreements", kind="disagreement")}
    apparent = {item["id"] for item in every(client, "disagreements", kind="apparent")}
    assert real and apparent and real | apparent == {item["id"] for item in found} and not real & apparent
    about = every(client, "disagreements", about="complication/postoperative-infection")
    assert "disagreement/infection-after-surgery" in {item["id"] for item in about}
    entity = client.get(f"{API}/entities/complication/postoperative-infection").json
    assert [item["id"] for item in entity["disagreements"]] == [item["id"] for item in about]
    one = client.get(f"{API}/disagreements/infection-after-surgery").json
    for finding in (finding for side in one["sides"] for finding in side["findings"]):
        whole = client.get(f"{API}/{finding['id'].replace('finding/', 'findings/')}").json
        assert one["id"] in {item["id"] for item in whole["disagreements"]}


def is_plan(finding: Mapping[str, Any]) -> bool:
    """Tell whether a finding is an aim or a hypothesis, or its result is not reported."""
    doubts = ("hypothesis", "uncertain", "intention")
    return finding.get("certainty") in doubts or finding.get("direction") == "notReported"


@pytest.mark.parametrize("by", ["outcome", "complication", "site", "subtype"])
def test_the_evidence_map_has_every_cell(by: str, client: FlaskClient) -> None:
    found = EvidenceMap.model_validate(client.get(f"{API}/evidence-map?by={by}").json)
    cells = {(cell.treatment, cell.aspect): cell for cell in found.cells}
    assert len(cells) == len(found.cells) == len(found.treatments) * len(found.aspects) == found.filled + found.empty
    assert found.filled and found.empty
    for (treatment, aspect), cell in list(cells.items())[:: len(cells) // 15]:
        both = every(client, "findings", subject=treatment, about=aspect)
        assert set(cell.findings) == {item["id"] for item in both}
        results = [item for item in both if not is_plan(item)]
        assert cell.best_level == min((item["evidence_level"]["rank"] for item in results), default=None)
        assert sum(cell.directions.values()) == len(both)


def test_gaps_are_cells_without_findings_or_with_opinion_only(client: FlaskClient) -> None:
    gaps = [Gap.model_validate(item) for item in every(client, "gaps")]
    missing = ("unstudied", "opinionOnly", "notBrokenDown")
    ranks = [(missing.index(gap.reason), -gap.people, -gap.expected) for gap in gaps]
    assert ranks == sorted(ranks)
    cells = {}
    for by in ("outcome", "complication", "site", "subtype"):
        cells |= {
            (cell["treatment"], cell["aspect"]): cell
            for cell in client.get(f"{API}/evidence-map?by={by}").json["cells"]
        }
    for gap in gaps:
        cell = cells[gap.treatment.id, gap.aspect.id]
        assert len(cell["findings"]) == gap.findings
        assert cell.get("best_level", 5) == 5
        assert gap.like_treatments > 0
        assert (gap.people_basis is None) <= (gap.people == 0)
    assert {gap.reason for gap in gaps} == {"unstudied", "notBrokenDown", "opinionOnly"}
    first = gaps[0].treatment.id
    some = every(client, "gaps", treatment=first)
    assert {item["iri"] for item in some} == {gap.iri for gap in gaps if gap.treatment.id == first}
    assert len(every(client, "gaps", treatment=first, by="site")) < len(some)


def test_search_pages_and_filters(client: FlaskClient) -> None:
    whole = client.get(f"{API}/search?q=calcinosis&limit=500").json
    assert whole["total"] == len(whole["items"]) > 20
    few = every(client, "search", q="calcinosis", limit=7)
    assert few == whole["items"]
    for item in whole["items"]:
        Hit.model_validate(item)
    treatments = client.get(f"{API}/search?q=calcinosis&type=Treatment&limit=500").json
    assert treatments["total"] == whole["facets"]["Treatment"]
    assert client.get(f"{API}/search?q=topical sts").json["items"][0]["id"] == "treatment/topical-sodium-thiosulfate"
    named = client.get(f"{API}/entities?q=colchcine").json
    assert named["items"][0]["id"] == "treatment/colchicine"
    assert client.get(f"{API}/search").status_code == 400


def test_the_neighbourhood_grows_with_its_depth(client: FlaskClient) -> None:
    sizes = []
    for depth in range(4):
        around = Graph.model_validate(client.get(f"{API}/graph?center=treatment/colchicine&depth={depth}").json)
        ids = {node.id for node in around.nodes}
        assert all(edge.from_.id in ids and edge.to.id in ids for edge in around.edges)
        assert all(edge.findings or edge.predicate in ("subtypeOf", "partOf") for edge in around.edges)
        sizes.append(len(ids))
    assert sizes[0] == 1 and sizes == sorted(sizes) and sizes[1] > 1
    some = Graph.model_validate(client.get(f"{API}/graph?center=treatment/colchicine&depth=2&types=Disease").json)
    assert {node.type for node in some.nodes} == {"DrugTreatment", "Disease"}


def test_paths_are_explained_and_the_shortest_come_first(client: FlaskClient) -> None:
    answer = client.get(f"{API}/paths?from=treatment/topical-sodium-thiosulfate&to=outcome/pain&max_length=4&limit=20")
    paths = Paths.model_validate(answer.json).paths
    lengths = [path.length for path in paths]
    assert lengths == sorted(lengths) and lengths[0] >= 1 and lengths[-1] <= 4
    for path in paths:
        assert len({node.id for node in path.nodes}) == path.length + 1
        for (one, other), step in zip(pairwise(path.nodes), path.steps, strict=True):
            assert step and all({edge.from_.id, edge.to.id} == {one.id, other.id} for edge in step)
    assert client.get(f"{API}/paths?from=source/zanatta-2020&to=outcome/pain").json["paths"] == []


def test_stats_count_what_is_there(client: FlaskClient, engine: Engine) -> None:
    stats = Stats.model_validate(client.get(f"{API}/stats").json)
    assert (
        sum(stats.kinds.values())
        == sum(stats.levels.values())
        == stats.counts["findings"]
        == len(ask(engine, "SELECT ?x { ?x a ckg:Finding }"))
    )
    assert sum(community.size for community in stats.network.communities) == stats.network.entities
    assert client.get(f"{API}/stats").data == client.get(f"{API}/stats").data


def test_the_description_holds(data_folder: Path, subtests: pytest.Subtests) -> None:
    import schemathesis  # which no other test waits for: it takes half a second
    from schemathesis.pytest.lazy import get_all_tests
    from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

    def holds(case: schemathesis.Case) -> None:
        # Which values name something depends on the dataset, so a description cannot say it.
        case.call_and_validate(excluded_checks=[negative_data_rejection, positive_data_acceptance])

    # What schema.parametrize() does when tests are collected, which each process of a run would wait for.
    described = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", app_of(data_folder))
    for found in get_all_tests(
        schema=described, test_func=holds, settings=settings(max_examples=EXAMPLES or 5), given_kwargs=None
    ):
        operation, ask = found.ok()
        with subtests.test(operation.label):
            ask()
