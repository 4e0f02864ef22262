"""The query tests of the SPARQL 1.0 and 1.1 suites, each with its own data, through the HTTP endpoint."""

import csv
import io
import os
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from api import create_app
from api.admission import Places
from api.serving import Served
from kg.engine import EmbeddedEngine
from kg.settings import Settings
from w3c.deviations import DEVIATIONS
from w3c.manifest import Case, read_cases
from w3c.results import Solution, canonical, canonical_graph, read_expected, read_table

SUITES = os.environ.get("KG_W3C", "")
EVALUATION, POSITIVE, NEGATIVE = "QueryEvaluationTest", "PositiveSyntaxTest", "NegativeSyntaxTest"
#: Folders whose tests are of another protocol, or need what a query endpoint without entailment does not do.
LEFT_OUT = ("entailment/", "service/", "syntax-fed/", "protocol/", "graph-store-protocol/", "http-rdf-update/")


def cases(kind: str) -> list[object]:
    """Return the tests of a kind, the known deviations as strict expected failures."""
    if not SUITES:
        reason = "KG_W3C is not set: the W3C test suites are not run"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    found = []
    for case in read_cases(Path(SUITES).resolve() / "sparql"):
        if not case.kind.startswith(kind) or case.id.removeprefix("sparql11/").startswith(LEFT_OUT):
            continue
        marks = [pytest.mark.xfail(strict=True, reason=DEVIATIONS[case.id])] if case.id in DEVIATIONS else []
        found.append(pytest.param(case, id=case.id, marks=marks))
    return found


class Loaded:
    """A service whose data each test puts in place."""

    def __init__(self) -> None:
        self._places, self._loads = Places(2, 1), 0
        self.client = create_app(Settings.read({}), self).test_client()
        self.load([])

    def load(self, quads: list[ox.Quad]) -> FlaskClient:
        self._loads += 1
        self._served = Served(f"test-{self._loads}", EmbeddedEngine(quads, union=False), None, self._places)
        return self.client

    def current(self) -> Served:
        return self._served


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return Loaded()


def load(path: Path, graph: bool) -> list[ox.Quad]:
    name = ox.NamedNode(path.as_uri()) if graph else ox.DefaultGraph()
    base = path.as_uri()
    return [
        ox.Quad(quad.subject, quad.predicate, quad.object, name)
        for quad in ox.parse(path=path, base_iri=base, rename_blank_nodes=True)
    ]


def ask(client: FlaskClient, case: Case, accept: str) -> bytes:
    text = f"BASE <{case.query.as_uri()}>\n{case.query.read_text(encoding='utf-8')}"
    response = client.post("/sparql", data={"query": text}, headers={"Accept": accept})
    assert response.status_code == 200, response.text
    return response.data


@pytest.mark.parametrize("case", cases(EVALUATION))
def test_evaluation(case: Case, loaded: Loaded) -> None:
    quads = [quad for path in case.data for quad in load(path, graph=False)]
    # A dataset that the query itself names (FROM) is looked for among the named graphs.
    around = () if case.data or case.named else sorted(case.query.parent.glob("data-*.ttl"))
    quads += [quad for path in (*case.named, *around) for quad in load(path, graph=True)]
    client = loaded.load(quads)
    assert case.result is not None
    if case.result.suffix == ".csv":
        assert columns(ask(client, case, "text/csv")) == columns(case.result.read_bytes())
        return
    if case.result.suffix == ".tsv":
        tsv = ox.QueryResultsFormat.TSV
        got_rows = read_table(ask(client, case, "text/tab-separated-values"), tsv)
        wanted = read_table(case.result.read_bytes(), tsv)
        assert isinstance(got_rows, list)
        assert isinstance(wanted, list)
        assert canonical(got_rows) == canonical(wanted)
        return
    expected = read_expected(case.result)
    if isinstance(expected, bool):
        assert read_table(ask(client, case, "application/sparql-results+json"), ox.QueryResultsFormat.JSON) is expected
    elif isinstance(expected, list):
        got_rows = read_table(ask(client, case, "application/sparql-results+json"), ox.QueryResultsFormat.JSON)
        assert isinstance(got_rows, list)
        if case.lax:
            got_rows, expected = distinct(got_rows), distinct(expected)
        assert len(got_rows) == len(expected)
        assert canonical(got_rows) == canonical(expected)
    else:
        got_graph = canonical_graph(ask(client, case, "application/n-triples"))
        assert got_graph == canonical_graph(expected.serialize(format="nt", encoding="utf-8"))


def columns(text: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV result, whatever the order of its columns and rows (no test here sorts)."""
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    return sorted(({**row} for row in rows), key=lambda row: sorted(row.items()))


def distinct(solutions: list[Solution]) -> list[Solution]:
    found: list[Solution] = []
    for solution in solutions:
        if solution not in found:
            found.append(solution)
    return found


@pytest.mark.parametrize("case", cases(POSITIVE))
def test_positive_syntax(case: Case, loaded: Loaded) -> None:
    ask(loaded.load([]), case, "*/*")


@pytest.mark.parametrize("case", cases(NEGATIVE))
def test_negative_syntax(case: Case, loaded: Loaded) -> None:
    text = case.query.read_bytes()
    headers = {"Content-Type": "application/sparql-query"}
    response = loaded.load([]).post("/sparql", data=text, headers=headers)
    assert response.status_code == 400, response.text
    assert response.json["type"].endswith("/query-syntax")
