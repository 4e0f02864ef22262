"""Each finding has one verdict and one text, wherever it stands: the graph, the REST API, the exports and the pages.

The pages of treatments are compared in `test_evidence_pages.py`, which reads them all.
"""

import csv
import io
import itertools
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from lxml import html

from kg.build.dataset import Inputs
from kg.engine import Engine
from kg.prefixes import ID, ONTOLOGY
from kg.read.evidence import VERDICTS

API = "/api/v1"
#: What the outputs have to agree on.
TEXT = ("statement", "reported", "direction", "certainty", "verdict")
Said = dict[str, str]
#: The rules that a verdict follows from.
RULES = [
    (Inputs().ontology / "rules" / f"{name}.rq").read_text("utf-8")
    for name in ("40-standing", "42-result-level", "90-verdicts")
]
MODEL = list(ox.parse(path=Inputs().ontology / "calcikg.ttl"))
DIRECTIONS = (
    "", "improved", "worsened", "resolved", "unchanged", "increased", "decreased", "noDifference", "notReported",
    "unproven",
)  # fmt: skip


def said(rows: Iterable[dict[str, Any]]) -> dict[str, Said]:
    """Return what findings say: their text, as far as they have it, and whether they deny it, by id."""
    return {
        row["id"]: {key: str(row[key]) for key in TEXT if row.get(key)}
        | ({"negated": "true"} if str(row.get("negated", "")).lower() in ("true", "1") else {})
        for row in rows
    }


@pytest.fixture(scope="module")
def graph(client: FlaskClient) -> dict[str, Said]:
    """What a SPARQL query tells of every finding."""
    optional = " ".join(f"OPTIONAL {{ ?f ckg:{key} ?{key} }}" for key in (*TEXT, "negated"))
    query = f"PREFIX ckg: <{ONTOLOGY}> SELECT * {{ ?f a ckg:Finding {optional} }}"
    bindings = client.get("/sparql", query_string={"query": query, "format": "json"}).json["results"]["bindings"]
    assert len(bindings) > 600
    rows = [{key: term["value"].removeprefix(ONTOLOGY) for key, term in row.items()} for row in bindings]
    return said(row | {"id": row["f"].removeprefix(ID)} for row in rows)


@pytest.fixture(scope="module")
def findings(client: FlaskClient) -> list[dict[str, Any]]:
    """Every finding, as the REST API gives it."""
    found, next_ = [], f"{API}/findings?limit=500"
    while next_:
        answer = client.get(next_).json
        found += answer["items"]
        next_ = answer.get("next")
    return found


def table(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode()), delimiter=delimiter))


def plain(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Take off the apostrophe that keeps a spreadsheet from reading a text as a formula."""
    return [{key: re.sub(r"^'(?=[=+@\t\r-])", "", value) for key, value in row.items()} for row in rows]


def test_rest_and_sparql_say_the_same(findings: list[dict[str, Any]], graph: dict[str, Said]) -> None:
    assert said(findings) == graph
    assert {one.get("verdict") for one in findings} == {None, *VERDICTS}


def test_tables_say_the_same(client: FlaskClient, graph: dict[str, Said]) -> None:
    assert said(plain(table(client.get("/export/csv").data))) == graph
    assert said(pq.read_table(io.BytesIO(client.get("/export/parquet").data)).to_pylist()) == graph


def test_a_table_of_the_rest_api_says_the_same(client: FlaskClient, graph: dict[str, Said]) -> None:
    for verdict in VERDICTS:
        rows = plain(table(client.get(f"{API}/findings?verdict={verdict}&limit=500&format=csv").data))
        assert said(rows) == {id_: one for id_, one in graph.items() if one.get("verdict") == verdict}


def test_kgx_and_neo4j_say_the_same(client: FlaskClient, graph: dict[str, Said]) -> None:
    def member(name: str, path: str) -> str:
        with zipfile.ZipFile(io.BytesIO(client.get(f"/export/{name}").data)) as archive:
            return archive.read(path).decode()

    lines = [line.split("\t") for line in member("kgx", "edges.tsv").splitlines()]
    edges = [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
    told = said(
        {**edge, "id": f"finding/{edge['id'].partition(':')[2]}", "statement": edge["description"]}
        for edge in edges
        if edge["id"].startswith("calcikg.finding:")
    )
    assert told.items() <= graph.items()
    assert len(told) > 500
    nodes = csv.DictReader(io.StringIO(member("neo4j", "nodes-findings.csv")))
    assert said({name.partition(":")[0]: value for name, value in node.items()} for node in nodes) == graph


def test_fhir_says_the_same(client: FlaskClient, graph: dict[str, Said]) -> None:
    resources = [entry["resource"] for entry in client.get("/export/fhir").json["entry"]]
    evidence = {one["url"].removeprefix(ID): one for one in resources if one["resourceType"] == "Evidence"}
    assert {id_: one["description"] for id_, one in evidence.items()} == {
        id_: one["statement"] for id_, one in graph.items()
    }
    verdicts = {
        id_: extension["valueCodeableConcept"]["coding"][0]["code"]
        for id_, one in evidence.items()
        for extension in one.get("extension", ())
        if extension["url"] == f"{ONTOLOGY}verdict"
    }
    assert verdicts == {id_: one["verdict"] for id_, one in graph.items() if "verdict" in one}


# Pages


def labels_of(engine: Engine) -> dict[str, str]:
    query = "SELECT ?term ?label { ?term <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
    return {row["term"].removeprefix(ONTOLOGY): row["label"] for row in engine.select(query)}


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def mark_of(one: Said) -> str:
    return one["verdict"] if one.get("verdict") in ("favourable", "unfavourable", "nullResult") else "open"


def direction_of(one: Said, labels: dict[str, str]) -> list[tuple[str, str]]:
    """The class of the mark of a finding's direction, and its words; none where it has no direction."""
    if "direction" not in one and "negated" not in one:
        return []
    text = f"{'not ' * ('negated' in one)}{labels[one['direction']]}" if "direction" in one else "denied"
    return [(f"direction direction-{mark_of(one)}", text)]


def marks(element: Any) -> list[tuple[str, str]]:
    return [(span.get("class"), words(span)) for span in element.xpath(".//span[starts-with(@class, 'direction ')]")]


def test_pages_of_findings_say_the_same(client: FlaskClient, engine: Engine, graph: dict[str, Said]) -> None:
    rare = [
        item for item in graph.items() if item[1].get("verdict") in ("nullResult", "unfavourable", "unprovenBenefit")
    ]
    labels, sample = labels_of(engine), [*list(graph.items())[:: len(graph) // 150], *rare]
    assert set(VERDICTS) <= {one.get("verdict") for _, one in sample}
    for id_, one in sample:
        document = html.fromstring(client.get(f"/page/{id_}").data)
        facts = {words(fact.find("dt")): words(fact.find("dd")) for fact in document.xpath("//dl[@class='facts']/div")}
        assert words(document.find(".//h1")) == " ".join(one["statement"].split()), id_
        for key, label in (("verdict", "Verdict"), ("direction", "Direction"), ("certainty", "Certainty")):
            assert facts.get(label) == (labels[one[key]] if key in one else None), id_
        assert facts.get("As printed") == (" ".join(f"“{one['reported']}”".split()) if "reported" in one else None), id_
        assert ("(denied)" in words(document.xpath("//p[@class='relation']")[0])) == ("negated" in one), id_


def test_lists_of_findings_say_the_same(client: FlaskClient, engine: Engine, graph: dict[str, Said]) -> None:
    labels, seen = labels_of(engine), set()
    for start in range(0, len(graph), 50):
        document = html.fromstring(client.get(f"/page/finding?start={start}").data)
        for row in document.xpath("//table//tr[td]"):
            id_ = row.xpath(".//a/@href")[0].removeprefix("/page/")
            assert words(row.xpath(".//a")[0]) == " ".join(graph[id_]["statement"].split())
            assert marks(row) == direction_of(graph[id_], labels), id_
            seen.add(id_)
    assert seen == graph.keys()


def test_cells_of_the_evidence_map_count_the_same(client: FlaskClient, graph: dict[str, Said]) -> None:
    for by in ("outcome", "complication", "site", "subtype"):
        for cell in client.get(f"{API}/evidence-map?by={by}").json["cells"]:
            verdicts = Counter(graph[id_]["verdict"] for id_ in cell["findings"] if "verdict" in graph[id_])
            assert cell.get("verdicts", {}) == verdicts


#: What six findings say, judged by reading their sources: an expectation before the operation, and the lack of clear
#: evidence for any treatment, settle nothing; 5 % better is a part of "no significant difference", but that 10 % were
#: worse counts against it.
JUDGED = {
    "debulking-2021-07": "open",
    "debulking-2021-08": "open",
    "debulking-2021-25": "nullResult",
    "debulking-2021-29": "unfavourable",
    "zanatta-2020-25": "open",
    "zanatta-2020-26": "open",
}


@pytest.mark.parametrize("slug", JUDGED)
def test_a_finding_is_marked_alike_on_every_page(slug: str, client: FlaskClient) -> None:
    finding = client.get(f"{API}/findings/{slug}").json
    treatment, outcome = finding["subject"]["id"], finding["object"]["id"]
    other = "treatment/extracorporeal-shockwave-therapy"
    edges = client.get(f"/export/json?source={finding['source']['id']}").json["edges"]
    (edge,) = (each["key"] for each in edges if f"finding/{slug}" in each["findings"])
    link = f"//a[@href='/page/finding/{slug}']"
    for path, container in (
        (f"/page/{treatment}", f"//tr[@id='finding-{slug}']"),
        (f"/page/{finding['source']['id']}", f"//tr[.{link}]"),
        (f"/page/{outcome}", f"//tr[.{link}]"),
        (f"/evidence-map?treatment={treatment}&aspect={outcome}", f"//tr[.{link}]"),
        (f"/compare?treatment={treatment}&treatment={other}", f"//div[@class='compared-finding'][.{link}]"),
        (f"/explorer/edge?id={quote(edge)}", f"//ul[@class='grounds']/li[.{link}]"),
    ):
        (marked,) = html.fromstring(client.get(path).data).xpath(
            f"{container}//span[contains(@class, 'direction-')]/@class"
        )
        assert marked == f"direction direction-{JUDGED[slug]}", path


# The rule


def expected(predicate: str, direction: str, negated: bool, certainty: str, whole: bool) -> str | None:
    """The verdict of a finding, by the rule written down a second time; ``whole``: its source found no difference."""
    if predicate not in ("hasOutcome", "influences", "treats", "prevents"):
        return None
    if certainty in ("hypothesis", "uncertain", "intention"):
        return "unsettled"
    if negated:
        return "unfavourable" if direction in ("", "improved", "resolved") else "changeOnly"
    if direction in ("notReported", "unproven"):
        return {"notReported": "unsettled", "unproven": "unprovenBenefit"}[direction]
    if direction in ("unchanged", "noDifference") or (whole and direction != "worsened"):
        return "nullResult"
    if not direction:
        return "useOnly" if predicate in ("treats", "prevents") else "changeOnly"
    return {"improved": "favourable", "resolved": "favourable", "worsened": "unfavourable"}.get(direction, "changeOnly")


def test_every_finding_has_the_verdict_of_the_rule(findings: list[dict[str, Any]]) -> None:
    key = ("source", "subject", "predicate", "object", "population")
    nulls = [
        [one.get(part) for part in key]
        for one in findings
        if one.get("direction") == "noDifference" and "negated" not in one
        if one.get("certainty") not in ("hypothesis", "uncertain", "intention")
    ]
    for one in findings:
        whole = [one.get(part) for part in key] in nulls
        values = (one["predicate"], one.get("direction", ""), "negated" in one, one.get("certainty", ""), whole)
        on_treatment = one["subject"]["id"].startswith("treatment/")
        assert one.get("verdict") == (expected(*values) if on_treatment else None), one["id"]


def verdicts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each finding in a small graph with its verdict."""
    prefixes = f"@prefix : <{ONTOLOGY}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    terms = ":Surgery rdfs:subClassOf :Treatment . :excision a :Surgery . "
    store = ox.Store()
    store.extend([*MODEL, *ox.parse(f"{prefixes}{terms}{text}", ox.RdfFormat.TURTLE)])
    predicate, level, four = (ox.NamedNode(ONTOLOGY + name) for name in ("predicate", "evidenceLevel", "ocebm-4"))
    stated = list(store.quads_for_pattern(None, predicate, None))
    store.extend(ox.Quad(one.subject, level, four) for one in stated)  # which another rule gives
    for rule in RULES:
        triples = list(store.query(rule))  # type: ignore[arg-type]
        store.extend([ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples])
    for triple in triples:
        yield triple.subject.value.removeprefix(ONTOLOGY), triple.object.value.removeprefix(ONTOLOGY)


def test_the_rule_covers_every_combination() -> None:
    predicates = ("hasOutcome", "influences", "treats", "prevents", "hasComplication")
    cases = dict(
        enumerate(
            itertools.product(
                predicates,
                DIRECTIONS,
                (False, True),
                ("", "probable", "hypothesis", "uncertain", "intention"),
                (False, True),
            )
        )
    )
    lines = []
    for number, (predicate, direction, negated, certainty, whole) in cases.items():
        about = f":source :s{number} ; :subject :excision ; :predicate :{predicate} ; :object :pain"
        lines.append(f":f{number} {about}" + f" ; :direction :{direction}" * bool(direction))
        lines[-1] += " ; :negated true" * negated + f" ; :certainty :{certainty}" * bool(certainty) + " ."
        lines.append(f":w{number} {about} ; :direction :noDifference ." * whole)
    found = {name: verdict for name, verdict in verdicts("\n".join(lines)) if name.startswith("f")}
    assert found == {f"f{number}": verdict for number, case in cases.items() if (verdict := expected(*case))}


def test_a_difference_is_null_only_in_the_population_that_showed_none() -> None:
    about = ":source :s ; :subject :excision ; :predicate :hasOutcome ; :object :pain"
    found = dict(
        verdicts(f"""
        :whole {about} ; :direction :noDifference ; :population :adults .
        :part {about} ; :direction :improved ; :population :adults .
        :other {about} ; :direction :improved ; :population :children .
        :expected {about} ; :direction :noDifference ; :population :children ; :certainty :hypothesis .
        """)
    )
    assert found == {"whole": "nullResult", "part": "nullResult", "other": "favourable", "expected": "unsettled"}
