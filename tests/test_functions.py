"""Statistics in queries: their results, their errors, their documentation and description."""

import json
import math
import re
import statistics
import subprocess
import sys
import urllib.parse
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, RDFS, SKOS, Graph, Namespace, URIRef
from test_docs import rows

from kg.engine import FORMATS, Engine, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.functions import AGGREGATES, FUNCTIONS
from kg.prefixes import FUNCTION, PREFIXES
from kg.statistics import normal
from kg.statistics.intervals import exact_interval, wilson_interval
from kg.statistics.proportions import pool, pool_logits

DOCUMENT = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
SD = Namespace(PREFIXES["sd"])
JSON = (FORMATS["json"],)
EMPTY = EmbeddedEngine([])
DRUG = [(3, 30), (8, 40), (10, 25)]
HAZARDS = [(2.37, 1.66, 3.39), (3.9, 2.7, 5.5), (1.2, 0.5, 2.9)]


def solutions(text: str, engine: Engine = EMPTY) -> list[dict[str, Any]]:
    """Return the solutions of a query, numbers with their datatypes."""
    prefixes = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("ckgf", "ckg", "xsd"))
    answer = json.loads(engine.answer(Query(prefixes + text), JSON).read())
    return [{name: value(term) for name, term in row.items()} for row in answer["results"]["bindings"]]


def value(term: dict[str, str]) -> Any:
    kind = term.get("datatype", "").rpartition("#")[2]
    return {"integer": int, "decimal": Decimal, "double": float}.get(kind, str)(term["value"])


def values(counts: list[tuple[int, int]]) -> str:
    return f"VALUES (?n ?N) {{ {' '.join(f'({n} {whole})' for n, whole in counts)} }}"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("wilsonLower(13, 39)", wilson_interval(13, 39).lower),
        ("wilsonUpper(13, 39)", wilson_interval(13, 39).upper),
        ("wilsonUpper(13, 39, 0.8)", wilson_interval(13, 39, 0.8).upper),
        ("exactLower(13, 39)", exact_interval(13, 39).lower),
        ("exactUpper(13, 39)", exact_interval(13, 39).upper),
        ("exactUpper(13.0, 39e0, 99e-2)", exact_interval(13, 39, 0.99).upper),
        ("exactLower(0, 4)", 0),
        ("counts(13, 39)", "13/39"),
        ("ratio(2.37, 166e-2, 3.39)", "2.37/1.66/3.39"),
        ("ratio(2, 1, 4)", "2.0/1.0/4.0"),
    ],
)
def test_a_function_of_one_row(call: str, expected: Any) -> None:
    assert solutions(f"SELECT (ckgf:{call} AS ?x) {{}}") == [{"x": expected}]


@pytest.mark.parametrize(
    "arguments",
    [
        "40, 39",
        "-1, 39",
        "0, 0",
        "1.5, 2",
        '"1", 2',
        '"x"^^xsd:integer, 2',
        '"1_000"^^xsd:integer, 2000',
        "ckg:Finding, 2",
        "?nobody, 2",
        "1",
        "",
        "1, 2, 3, 4",
        "1e999999999, 1e999999999",
        '"1e999999999"^^xsd:decimal, 2',
        '"INF"^^xsd:double, 2',
        '"NaN"^^xsd:double, 2',
    ],
)
def test_a_wrong_argument_leaves_the_variable_unbound(arguments: str) -> None:
    for name in (row.name for row in FUNCTIONS):
        assert (name, solutions(f"SELECT (ckgf:{name}({arguments}) AS ?x) (1 AS ?y) {{}}")) == (name, [{"y": 1}])


@pytest.mark.parametrize("level", ["0", "1", "95", "-0.5", '"0.95"', '"NaN"^^xsd:double'])
def test_a_wrong_level_leaves_the_variable_unbound(level: str) -> None:
    assert solutions(f"SELECT (ckgf:exactLower(1, 2, {level}) AS ?x) {{}}") == [{}]


@pytest.mark.parametrize(
    "arguments", ["2, 3, 4", "2, 0, 4", "2, 1.9, 4", "-2, -3, -1", "2, 1", "2, 1, 1e999", '"2", 1, 4']
)
def test_a_ratio_that_is_not_in_its_interval_leaves_the_variable_unbound(arguments: str) -> None:
    assert solutions(f"SELECT (ckgf:ratio({arguments}) AS ?x) (1 AS ?y) {{}}") == [{"y": 1}]


POOLED, LOGITS = pool(DRUG), pool_logits(DRUG)
RATIO = normal.pool([normal.log_ratio(*hazard) for hazard in HAZARDS])
assert POOLED.prediction
RESULTS = {
    "pooledProportion": POOLED.estimate,
    "pooledLower": POOLED.interval.lower,
    "pooledUpper": POOLED.interval.upper,
    "predictionLower": POOLED.prediction.lower,
    "predictionUpper": POOLED.prediction.upper,
    "tauSquared": POOLED.tau_squared,
    "iSquared": POOLED.i_squared,
    "logitProportion": LOGITS.estimate,
    "logitLower": LOGITS.interval.lower,
    "logitUpper": LOGITS.interval.upper,
    "logitISquared": LOGITS.i_squared,
    "pooledRatio": math.exp(RATIO.estimate),
    "pooledRatioLower": math.exp(RATIO.interval.lower),
    "pooledRatioUpper": math.exp(RATIO.interval.upper),
}


@pytest.mark.parametrize("name", [row.name for row in AGGREGATES if row.arguments == "counts"])
def test_an_aggregate_of_counts(name: str) -> None:
    found = solutions(f"SELECT (ckgf:{name}(ckgf:counts(?n, ?N)) AS ?x) {{ {values(DRUG)} }}")
    assert found == [{"x": pytest.approx(RESULTS[name])}]


@pytest.mark.parametrize("name", [row.name for row in AGGREGATES if row.arguments == "ratio"])
def test_an_aggregate_of_ratios(name: str) -> None:
    rows = " ".join(f"({ratio} {lower} {upper})" for ratio, lower, upper in HAZARDS)
    found = solutions(
        f"SELECT (ckgf:{name}(ckgf:ratio(?hr, ?lower, ?upper)) AS ?x) {{ VALUES (?hr ?lower ?upper) {{ {rows} }} }}"
    )
    assert found == [{"x": pytest.approx(RESULTS[name])}]


@pytest.mark.parametrize(
    "argument",
    [
        *("?n", "?nobody", "ckgf:counts(?N, ?n)", '"3/30"', '"x"^^ckgf:Counts', '"4/3"^^ckgf:Counts'),
        *('"1/2000000000"^^ckgf:Counts', '"2/1/4"', '"2/1"^^ckgf:Ratio', '"2/1/x"^^ckgf:Ratio', '"2/3/4"^^ckgf:Ratio'),
    ],
)
def test_a_group_with_a_wrong_value_leaves_the_variable_unbound(argument: str) -> None:
    for name in (row.name for row in AGGREGATES if row.arguments != "number"):
        query = f"SELECT (ckgf:{name}({argument}) AS ?x) (COUNT(*) AS ?y) {{ {values(DRUG)} }}"
        assert (name, solutions(query)) == (name, [{"y": 3}])


def test_a_function_name_may_have_escapes() -> None:
    assert solutions(r"SELECT (<https://w3id.org/calcikg/function/\u006dedian>(?x) AS ?m) { VALUES ?x { 1 2 4 } }") == [
        {"m": 2}
    ]


def test_one_study_is_not_pooled_and_two_have_no_prediction_interval() -> None:
    text = "SELECT (ckgf:{}(ckgf:counts(?n, ?N)) AS ?x) {{ {} }}"
    assert solutions(text.format("pooledProportion", values(DRUG[:1]))) == [{}]
    assert solutions(text.format("predictionLower", values(DRUG[:2]))) == [{}]
    assert solutions(text.format("pooledLower", values(DRUG[:2]))) == [{"x": pool(DRUG[:2]).interval.lower}]


@pytest.mark.parametrize("values", ["1 3", "0 3"])  # the second has no maximum
def test_no_more_than_a_thousand_studies_are_pooled(values: str) -> None:
    aggregates = "(ckgf:pooledProportion(ckgf:counts(?n, 3)) AS ?x) (ckgf:pooledRatio(ckgf:ratio(2, 1, 4)) AS ?r)"
    few, many = (
        solutions(f"SELECT {aggregates} {{ VALUES ?n {{ {values} }} VALUES ?i {{ {'0 ' * rows} }} }}")
        for rows in (500, 501)
    )
    assert many == [{}]
    assert few[0]["r"] == pytest.approx(2) and ("x" in few[0]) is (values == "1 3")


def test_each_group_is_pooled_separately() -> None:
    found = solutions(
        "SELECT ?g (ckgf:pooledProportion(ckgf:counts(?n, ?N)) AS ?x) "
        '{ VALUES (?g ?n ?N) { ("a" 1 9) ("b" 2 9) ("a" 3 9) ("b" 7 9) } } GROUP BY ?g ORDER BY ?g'
    )
    assert found == [{"g": "a", "x": pool([(1, 9), (3, 9)]).estimate}, {"g": "b", "x": pool([(2, 9), (7, 9)]).estimate}]


@given(st.lists(st.decimals(-1000, 1000, places=3), min_size=1, max_size=9))
def test_the_median_of_numbers(numbers: list[Decimal]) -> None:
    values = " ".join(f'"{number:f}"^^xsd:decimal' for number in numbers)
    assert solutions(f"SELECT (ckgf:median(?x) AS ?m) {{ VALUES ?x {{ {values} }} }}") == [
        {"m": statistics.median(numbers)}
    ]


@pytest.mark.parametrize("values", ["", '1 "2"', "1 ckg:Finding", "1e999999999", '"1e999999999"^^xsd:decimal'])
def test_the_median_of_anything_but_numbers_is_unbound(values: str) -> None:
    assert solutions(f"SELECT (ckgf:median(?x) AS ?m) {{ VALUES ?x {{ {values} }} }}") == [{}]


def test_a_query_with_service_may_aggregate() -> None:
    engine = EmbeddedEngine([], service=lambda *_: ("json", b'{"head": {"vars": []}, "results": {"bindings": [{}]}}'))
    text = "SELECT (ckgf:median(?x) AS ?m) { SERVICE <http://there.example/> {} VALUES ?x { 1 2 4 } }"
    assert solutions(text, engine) == [{"m": 2}]


@pytest.mark.parametrize("query", re.findall(r"```sparql\n(.*?)```", DOCUMENT, re.DOTALL))
def test_documented_queries_give_the_documented_answers(query: str, engine: Engine) -> None:
    found = json.loads(engine.answer(Query(query), JSON).read())
    names = found["head"]["vars"]
    shown = rows(DOCUMENT, f"| {' | '.join(names)} |")
    answer = [[short(row[name]) if name in row else "" for name in names] for row in found["results"]["bindings"]]
    assert answer == shown


def short(term: dict[str, str]) -> str:
    found = value(term)
    return f"{found:.2f}" if isinstance(found, float) else str(found).removeprefix(PREFIXES["ckgid"])


@pytest.mark.parametrize(("table", "header"), [(FUNCTIONS, "| function |"), (AGGREGATES, "| aggregate |")])
def test_every_function_is_documented(table: tuple[Any, ...], header: str) -> None:
    assert rows(DOCUMENT, header) == [[row.name, row.arguments, row.meaning, row.formula] for row in table]


def test_every_function_is_described_by_service_and_dataset(client: FlaskClient, engine: Engine) -> None:
    service = Graph().parse(data=client.get("/sparql?format=ttl").data, format="turtle")
    text = f'CONSTRUCT {{ ?f ?p ?o }} WHERE {{ ?f ?p ?o FILTER(STRSTARTS(STR(?f), "{FUNCTION}")) }}'
    described = Graph().parse(data=engine.answer(Query(text), (FORMATS["nt"],)).read(), format="nt")
    for table, relation, kind in (
        (FUNCTIONS, SD.extensionFunction, SD.Function),
        (AGGREGATES, SD.extensionAggregate, SD.Aggregate),
    ):
        iris = {URIRef(FUNCTION + row.name) for row in table}
        assert set(service.objects(None, relation)) == iris
        assert set(described.subjects(RDF.type, kind)) == iris
        for iri in iris:
            assert described.value(iri, RDFS.label) and described.value(iri, SKOS.definition)


def test_functions_on_the_command_line(data_folder: Path) -> None:
    query = f"PREFIX ckgf: <{FUNCTION}> SELECT (ckgf:exactLower(1, 2) > 0 AS ?x) {{}}"
    command = [sys.executable, "-m", "kg.cli", "query", "--format", "csv", "--data", str(data_folder)]
    done = subprocess.run(command, cwd=ROOT, input=query, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["x", "true"]


def test_functions_of_the_service(server: str) -> None:
    query = f"PREFIX ckgf: <{FUNCTION}> SELECT (ckgf:pooledProportion(ckgf:counts(?n, ?N)) AS ?x) {{ {values(DRUG)} }}"
    address = f"{server}/sparql?format=json&query={urllib.parse.quote(query)}"
    with urllib.request.urlopen(address, timeout=60) as response:
        (row,) = json.load(response)["results"]["bindings"]
    assert float(row["x"]["value"]) == pytest.approx(POOLED.estimate)
