"""The Python client against a real server: types of tables, every page of a list, and what goes wrong."""

import copy
import socket
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import networkx as nx
import pandas as pd
import pytest
import requests
from calcikg_client import Client, Record, ServiceProblem, to_table
from hypothesis import given
from hypothesis import strategies as st

from kg.snapshot import Snapshot

DECIMALS = ("value", "lower", "upper", "spread", "baseline_value", "baseline_lower", "baseline_upper", "p_value")
WHOLE = ("numerator", "denominator", "sample_size", "population_size", "source_year", "evidence_level")
STS = "treatment/topical-sodium-thiosulfate"


@pytest.fixture(scope="module")
def service(server: str) -> Client:
    return Client(server)


def test_lists_longer_than_a_page_are_whole(service: Client, snapshot: Snapshot) -> None:
    findings = service.findings()
    assert len(findings) == snapshot.counts["findings"] > 500
    assert findings.index.is_unique and findings.index.is_monotonic_increasing


@pytest.mark.parametrize("filters", [{}, {"max_level": 1}], ids=["every finding", "no finding"])
def test_the_columns_of_findings_have_the_same_types_always(service: Client, filters: dict[str, int]) -> None:
    types = service.findings(**filters).dtypes
    assert {str(types[name]) for name in DECIMALS} == {"float64"}
    assert {str(types[name]) for name in WHOLE} == {"Int64"}
    assert str(types["negated"]) == "bool"


def test_a_row_has_figures_place_and_citation(service: Client) -> None:
    finding = service.finding("finding/debulking-2021-30")
    row = service.findings(source="source/debulking-2021").loc[finding.id]
    assert (row["numerator"], row["denominator"], row["unit"], row["value"]) == (13, 39, "{patient}", 13.0)
    assert (row["site"], row["site_id"]) == ("hand; upper limb", "site/hand; site/upper-limb")
    assert row["subject_id"] == finding.subject.id and row["subject"] == finding.subject.label
    assert row["citation"].endswith("(J Hand Surg Am 2021). https://doi.org/10.1016/j.jhsa.2021.01.025")
    assert pd.isna(row["lower"]) and pd.isna(row["relays"])


def test_a_figure_before_treatment_stands_beside_the_one_after(service: Client) -> None:
    changed = service.findings().dropna(subset="baseline_value")
    for id_, row in changed.iterrows():
        baseline = service.finding(str(id_)).baseline
        assert baseline is not None and baseline.value == row["baseline_value"]
    assert len(changed)


def test_filters_take_several_values(service: Client) -> None:
    kinds = service.findings(kind=["adverse-effect", "complication"])["kind"]
    assert set(kinds) == {"adverse-effect", "complication", "case-event"}, "a case event may be a complication as well"
    both = service.entities(["DrugTreatment", "TopicalTreatment"])
    assert len(both) == len(service.entities("DrugTreatment").index.union(service.entities("TopicalTreatment").index))


def test_sources_are_cited_whole(service: Client) -> None:
    sources = service.sources()
    assert sources["findings"].sum() == len(service.findings())
    assert sources.loc["source/debulking-2021", "citation"] == (
        "Surgical Debulking for Symptomatic Management of Calcinosis Cutis of the Hand and Upper Extremity in Systemic"
        " Sclerosis. J Hand Surg Am 2021;46(10):928.e1-928.e9. https://doi.org/10.1016/j.jhsa.2021.01.025"
    )
    assert service.source("source/debulking-2021").doi == sources.loc["source/debulking-2021", "doi"]


def test_a_disagreement_has_a_row_for_each_finding_of_each_side(service: Client) -> None:
    table = service.disagreements(kind="disagreement")
    assert set(table["type"]) == {"Disagreement"}
    one = service.disagreement("disagreement/infection-after-surgery")
    rows = table[table["disagreement"] == one.id]
    assert [(row.side, row.finding) for row in rows.itertuples()] == [
        (side.label, finding.id) for side in one.sides for finding in side.findings
    ]
    assert table["value"].dtype == "float64" and table["numerator"].dtype == "Int64"


def test_a_neighbourhood_is_two_tables_that_networkx_takes(service: Client) -> None:
    nodes, edges = service.graph(STS, depth=2)
    assert nodes.loc[STS, "distance"] == 0 and set(nodes["distance"]) == {0, 1, 2}
    supported = edges[edges["findings"].notna()]
    assert len(supported) and supported["best_level"].between(1, 5).all()
    graph = nx.from_pandas_edgelist(
        edges, "from_id", "to_id", edge_attr=True, edge_key="predicate", create_using=nx.MultiDiGraph
    )
    assert len(graph.edges) == len(edges) and set(graph) <= set(nodes.index)
    some = service.graph(STS, depth=2, types="Outcome")
    assert set(some.nodes.drop(STS)["type"]) == {"Outcome"} and 0 < len(some.edges) < len(edges)


def test_paths_come_with_the_shortest_first(service: Client) -> None:
    paths = service.paths(STS, "outcome/pain", limit=5)
    assert [path.length for path in paths] == sorted(path.length for path in paths)
    assert len(paths) == 5 and paths[0].nodes[0].id == STS


def test_a_question_is_answered_as_a_table(service: Client) -> None:
    slug = "question/infection-after-calcinosis-surgery"
    assert slug in service.questions().index
    whole, part = service.answer(slug), service.answer(slug, surgery="treatment/calcinosis-debulking")
    assert str(whole["numerator"].dtype) == "Int64"
    assert 0 < len(part) < len(whole) == len(service.question(slug).rows)


def test_treatments_are_compared(service: Client) -> None:
    names = ("treatment/calcinosis-debulking", "treatment/extracorporeal-shockwave-therapy")
    assert tuple(one.id for one in service.compare(*names).treatments) == names
    assert service.stats().counts["findings"] == len(service.findings())


def test_sparql_gives_numbers_by_their_datatypes(service: Client) -> None:
    table = service.sparql(
        """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        SELECT * { VALUES (?whole ?number ?text ?truth ?wrong) {
          (1 2.5 "01" true "two"^^xsd:integer) (UNDEF 3 "NA" UNDEF 4) (9007199254740993 1e0 UNDEF false UNDEF) } }"""
    )
    assert [str(table[name].dtype) for name in ("whole", "number", "truth")] == ["Int64", "float64", "boolean"]
    assert table["whole"].dropna().tolist() == [1, 9007199254740993]
    assert table["text"].dropna().tolist() == ["01", "NA"]
    assert table["wrong"].dropna().tolist() == ["two", 4]
    assert service.sparql("SELECT ?a ?b { VALUES (?a ?b) { } }").columns.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="SELECT"):
        service.sparql("ASK {}")


@given(st.lists(st.lists(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), min_size=2,
                         max_size=2)))  # fmt: skip
def test_a_table_keeps_every_value(rows: list[list[bool | int | float | str | None]]) -> None:
    table = to_table(["a", "b"], rows)
    assert table.shape == (len(rows), 2)
    for name, values in zip("ab", zip(*rows, strict=True), strict=False):
        for cell, value in zip(table[name], values, strict=True):
            assert pd.isna(cell) if value is None else cell == value


def test_what_the_service_refuses_is_a_problem(service: Client) -> None:
    with pytest.raises(ServiceProblem, match="there is no entity 'site/hund'; did you mean") as missing:
        service.findings(site="site/hund")
    assert (missing.value.status, missing.value.type.rpartition("/")[2]) == (400, "bad-request")
    with pytest.raises(ServiceProblem, match="nosuch"):
        service.findings(nosuch="1")
    with pytest.raises(ServiceProblem) as syntax:
        service.sparql("SELECT")
    assert syntax.value.status == 400
    with pytest.raises(ServiceProblem) as graph:
        service.sparql("CONSTRUCT WHERE { ?s ?p ?o }")
    assert graph.value.status == 406


def test_another_services_error_is_a_problem_too(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)) as other:
        thread = Thread(target=other.serve_forever, args=(0.01,))
        thread.start()
        with pytest.raises(ServiceProblem, match="not the answer of a calcikg service") as problem:
            Client(f"http://127.0.0.1:{other.server_port}").stats()
        other.shutdown()
        thread.join()
    assert problem.value.status == 404


def test_a_key_that_only_the_service_knows_is_a_column() -> None:
    client = Client()
    vars(client)["_schemas"] = {
        "Finding": {
            "properties": {
                "id": {"type": "string"},
                "grade": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "dose_per_day": {"anyOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]},
                "reader": {"$ref": "#/components/schemas/Person"},
                "devices": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
            }
        },
        "Person": {"properties": {"id": {"type": "string"}, "label": {"type": "string"}, "age": {"type": "integer"}}},
    }
    probe = {"id": "device/probe", "label": "probe"}
    scanner = {"id": "device/scanner", "label": "scanner"}
    reader = {"id": "b", "label": "B", "age": 50}
    items = [{"id": "a", "grade": 3, "reader": reader}, {"id": "c", "devices": [probe, scanner]}]
    table = client._table("Finding", items)
    assert table.dtypes.astype(str).to_dict() == {
        "id": "object", "grade": "Int64", "dose_per_day": "float64", "reader": "object", "reader_id": "object",
        "reader_age": "Int64", "devices": "object", "devices_id": "object",
    }  # fmt: skip
    assert table.loc[0, ["grade", "reader", "reader_age"]].tolist() == [3, "B", 50]
    assert table.loc[1, ["devices", "devices_id"]].tolist() == ["probe; scanner", "device/probe; device/scanner"]


def test_a_record_is_what_was_sent() -> None:
    record = Record({"from": Record({"id": "a"}), "findings": 3})
    assert (record["from"].id, record.findings, record.p_value) == ("a", 3, None)
    assert copy.deepcopy(record) == record and vars(record)["findings"] == 3
    with pytest.raises(AttributeError, match="read-only"):
        record.findings = 4


def test_a_server_that_is_not_there_is_requests_error() -> None:
    with socket.socket() as probe:  # bound, and nobody listens
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(requests.ConnectionError):
            Client(f"http://127.0.0.1:{probe.getsockname()[1]}").stats()


def test_exact_intervals_stand_beside_their_counts(service: Client) -> None:
    findings = service.findings()
    counted = findings["numerator"].notna() & findings["denominator"].notna()
    assert (findings["exact_interval_lower"].notna() == counted).all() and counted.any()
    row = findings.loc["finding/debulking-2021-30"]
    assert (round(row["exact_interval_lower"], 1), round(row["exact_interval_upper"], 1)) == (19.1, 50.2)


def test_entities_are_found_by_name(service: Client) -> None:
    assert service.search("debulkin", "Treatment").index[0] == "treatment/calcinosis-debulking"
    assert len(service.search("calcinosis", limit=3)) == 3
    assert service.search("no such name whatever").empty
    assert "treatment/calcinosis-debulking" in service.entities("Treatment", q="debulkin").index


def test_the_evidence_map_has_its_gaps(service: Client) -> None:
    cells = service.evidence_map("complication")
    assert len(cells) == cells["treatment_id"].nunique() * cells["aspect_id"].nunique()
    assert cells.loc[cells["findings"] == 0, "best_level"].isna().all() and (cells["findings"] > 0).any()
    gaps = service.gaps("complication")
    assert set(gaps["reason"]) == {"unstudied", "notBrokenDown", "opinionOnly"} and gaps["expected"].dtype == "float64"
    unstudied = gaps[gaps["reason"] == "unstudied"]
    assert (unstudied["findings"] == 0).all()
    assert set(zip(unstudied["treatment_id"], unstudied["aspect_id"], strict=True)) <= set(
        zip(cells["treatment_id"], cells["aspect_id"], strict=True)
    )
