"""The engine seam: what every engine has to do, shown on the embedded one."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import lxml.etree
import pyoxigraph as ox
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Graph, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from kg.engine import FORMATS, GRAPHS, RESULTS, Engine, Query
from kg.engine.embedded import EmbeddedEngine
from kg.errors import NotAcceptableError, QueryError, QuerySyntaxError

TRIG = """
PREFIX : <http://example.org/>
:g1 { :a :p :b . :a :q 3.90 }
:g2 { :a :p :b . :a :p :c }
"""


@pytest.fixture(scope="module")
def small() -> Engine:
    return EmbeddedEngine(ox.parse(TRIG, format=ox.RdfFormat.TRIG))


def ask(engine: Engine, text: str, name: str = "csv", **dataset: tuple[str, ...]) -> str:
    return engine.answer(Query(text, **dataset), (FORMATS[name],)).read().decode()


def test_the_default_graph_holds_each_triple_once(small: Engine) -> None:
    assert ask(small, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == "n\r\n3\r\n"
    assert ask(small, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == "n\r\n4\r\n"


def test_the_protocol_dataset_replaces_that_of_the_engine(small: Engine) -> None:
    one = ("http://example.org/g1",)
    assert ask(small, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", default_graphs=one) == "n\r\n2\r\n"
    assert ask(small, "SELECT ?g { GRAPH ?g { ?s ?p ?o } }", default_graphs=(), named_graphs=one).count("g1") == 2


@pytest.mark.parametrize(
    ("clauses", "triples", "named"),
    [
        ("FROM :g1 FROM :g2", 3, 0),
        ("FROM :g1 FROM :g1", 2, 0),
        ("FROM <g1> from <http://example.org/g2>", 3, 0),
        ("FROM :g1 FROM NAMED :g2", 2, 2),
        ("FROM :g1 FROM <#none> FROM :g2 FROM NAMED :g2", 3, 2),
        ("FROM NAMED :g1 FROM NAMED :g2", 0, 4),
        ("FROM NAMED :g1 FROM NAMED :g1", 0, 2),
        ("FROM <#none> FROM :none", 0, 0),
    ],
)
@pytest.mark.parametrize("pattern", ["?s ?p ?o", "GRAPH ?g { ?s ?p ?o }"])
def test_a_triple_of_two_graphs_stands_once_in_their_merge(
    pattern: str, clauses: str, triples: int, named: int, small: Engine
) -> None:
    prologue = "BASE <http://example.org/> # FROM <x>\nPREFIX : <http://example.org/>"
    query = f"{prologue} SELECT (COUNT(*) AS ?n) {clauses} WHERE {{ {pattern} }}"
    assert ask(small, query).split()[1] == str(triples if pattern == "?s ?p ?o" else named)


def test_a_merge_that_the_request_asks_for(small: Engine) -> None:
    graphs = ("http://example.org/g1", "http://example.org/g2")
    for text in ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT (COUNT(*) AS ?n) FROM <urn:x> { ?s ?p ?o }"):
        assert ask(small, text, default_graphs=graphs).split()[1] == "3"
        assert ask(small, text, default_graphs=graphs[:1] * 2).split()[1] == "2"


def test_the_merge_of_all_graphs_is_the_union(engine: Engine) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    names = ask(engine, "SELECT DISTINCT ?g { GRAPH ?g {} }").split()[1:]
    assert len(names) > 10
    assert ask(engine, count, default_graphs=tuple(names)) == ask(engine, count)


@pytest.mark.parametrize("name", [row.name for row in RESULTS])
def test_every_results_format_answers_select_and_ask(name: str, small: Engine) -> None:
    assert ask(small, "SELECT ?o { ?s <http://example.org/p> ?o }", name)
    assert "true" in ask(small, "ASK { ?s ?p ?o }", name)


@pytest.mark.parametrize("name", [row.name for row in GRAPHS])
def test_every_graph_format_answers_construct(name: str, small: Engine) -> None:
    text = ask(small, "CONSTRUCT WHERE { ?s <http://example.org/p> ?o }", name)
    parsed = ox.parse(text, format=ox.RdfFormat.from_extension(FORMATS[name].extension))
    assert len(set(parsed)) == 2


@pytest.mark.parametrize("graph", [None, "http://example.org/g1"])
@pytest.mark.parametrize("name", [row.name for row in GRAPHS])
def test_a_graph_is_named_where_the_format_can_name_it(name: str, graph: str | None, small: Engine) -> None:
    row = FORMATS[name]
    text = small.answer(Query("CONSTRUCT WHERE { ?s <http://example.org/p> ?o }", graph=graph), (row,)).read()
    if row.names_graphs:
        found = [named for *_, named in Dataset().parse(data=text, format=row.media_type).quads()]
        assert found == [URIRef(graph) if graph else DATASET_DEFAULT_GRAPH_ID] * 2
    else:
        assert len(Graph().parse(data=text, format=row.media_type)) == 2


def test_the_first_fitting_format_is_taken(small: Engine) -> None:
    formats = (FORMATS["ttl"], FORMATS["json"], FORMATS["csv"])
    answer = small.answer(Query("SELECT ?o { ?s ?p ?o }"), formats)
    assert answer.format == FORMATS["json"]
    assert json.loads(answer.read())["head"] == {"vars": ["o"]}


def test_no_fitting_format(small: Engine) -> None:
    with pytest.raises(NotAcceptableError, match="a graph"):
        ask(small, "DESCRIBE <http://example.org/a>", "csv")
    with pytest.raises(NotAcceptableError, match="a table"):
        ask(small, "ASK {}", "ttl")


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("SELECT * WHERE { ?s ?p }", 1, 25, "'}' is not allowed here, or what precedes it is incomplete"),
        ("ASK { ?s ?p ?o } LIMIT x", 1, 24, "'x' is not allowed here, or what precedes it is incomplete"),
        ("ASK { ?s ?p [ ", 1, 15, "the query ends, but '[' is not closed"),
        ("ASK\n{ ?s nobody:x 1 }", 2, 14, "a prefix is used here that is not declared"),
        ("DELETE WHERE { ?s ?p ?o }", 1, 10, "a query needs SELECT, CONSTRUCT, DESCRIBE or ASK"),
        ("", 1, 1, "a query needs SELECT, CONSTRUCT, DESCRIBE or ASK"),
        ("SELECT * { ?s ?p <bad iri> }", 1, 27, "an IRI before this position is invalid"),
        (
            "SELECT ?x (1 AS ?x) { ?x ?p ?o }",
            1,
            33,
            "SELECT gives an expression the name of a variable that is already bound",
        ),
        (
            "SELECT ?g (COUNT(*) AS ?n) (?n * 2 AS ?m) { VALUES ?g { 1 } } GROUP BY ?g",
            1,
            74,
            "SELECT uses a variable that is not bound by GROUP BY or the pattern",
        ),
    ],
)
def test_a_syntax_error_says_where(text: str, line: int, column: int, problem: str, small: Engine) -> None:
    with pytest.raises(QuerySyntaxError) as error:
        ask(small, text)
    assert (error.value.line, error.value.column, error.value.reason) == (line, column, problem)


def test_a_syntax_error_is_told_alike_by_every_process() -> None:
    code = """if True:
        from kg.engine.embedded import EmbeddedEngine
        try:
            EmbeddedEngine([]).select("ASK { FILTER(foo(1)) ?x a ?n . ?n }")
        except Exception as error:
            print(error)"""
    run = [subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True) for _ in range(3)]
    assert len({done.stdout for done in run}) == 1


@pytest.mark.parametrize("name", ["xml", "rdf"])
def test_xml_holds_what_it_can_and_the_rest_is_refused(name: str, small: Engine) -> None:
    row = "SELECT ({} AS ?text) {{}}" if name == "xml" else "CONSTRUCT {{ <urn:s> <urn:p> {} }} {{}}"
    text = "".join(
        lxml.etree.fromstring(ask(small, row.format(r'"a\rb\tc\n<&\uFFFD\U0001F600"'), name).encode()).itertext()
    )
    assert text.strip() == "a\rb\tc\n<&\ufffd\U0001f600"
    for sign in (r"\u0001", r"\u001F", r"\uFFFE", r"\uFFFF"):
        with pytest.raises(NotAcceptableError, match="a character that XML does not allow"):
            ask(small, row.format(f'"{"é" * 5000}{sign}"'), name)


@pytest.mark.parametrize("triple", ["<urn:s> <http://ex/1> 1", "<urn:s> a <http://ex/2>", "<urn:s> <http://ex/p/> 1"])
def test_rdf_xml_needs_names(triple: str, small: Engine) -> None:
    assert ask(small, f"CONSTRUCT {{ {triple} }} {{}}", "ttl")
    with pytest.raises(NotAcceptableError, match="does not end in an XML name"):
        ask(small, f"CONSTRUCT {{ {triple} }} {{}}", "rdf")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_is_the_base_of_its_relative_iris(mark: str, tmp_path: Path) -> None:
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    files = {
        "x.ttl": "<> a <#One> .",
        "x.trig": "{ <> a <#One> }",
        "x.jsonld": '{"@id": "", "@type": "#One"}',
        "x.owl": f'<rdf:RDF {rdf}><rdf:Description rdf:about=""><rdf:type rdf:resource="#One"/>'
        "</rdf:Description></rdf:RDF>",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.write_text(mark + text, encoding="utf-8")
        engine = EmbeddedEngine.from_files([path], union=False)
        assert engine.select("SELECT * { ?s a ?o }") == [{"s": path.as_uri(), "o": f"{path.as_uri()}#One"}]


def test_the_prologue_of_sparql_1_2(small: Engine) -> None:
    prologue = "VERSION \"1.2\" BASE <http://example.org/> VERSION '1.1' PREFIX : <http://example.org/>"
    assert ask(small, f"{prologue} SELECT (COUNT(*) AS ?n) FROM :g1 FROM <g2> {{ ?s ?p ?o }}").split()[1] == "3"


def test_an_unknown_function_is_an_error_of_its_expression_only(small: Engine) -> None:
    query = "SELECT (<urn:f>(1) AS ?x) (<urn:g>(2) AS ?y) (3 AS ?z) {}"
    assert ask(small, query).split() == ["x,y,z", ",,3"]


def test_booleans_are_keywords_in_any_case(small: Engine) -> None:
    query = "SELECT (TRUE AS ?x) (False && tRuE AS ?y) ('TRUE' AS ?z) (STR(<urn:TRUE>) AS ?TRUE) {} # FALSE"
    assert ask(small, query).splitlines() == ["x,y,z,TRUE", "true,false,TRUE,urn:TRUE"]


def test_what_cannot_be_evaluated_is_the_querys_fault(small: Engine) -> None:
    with pytest.raises(QueryError):
        ask(small, "SELECT * { SERVICE <urn:nobody> { ?s ?p ?o } }")


def test_a_query_without_service_imports_no_code_of_it() -> None:
    code = """if True:
        import sys
        from kg.engine.embedded import EmbeddedEngine
        from kg.settings import Settings
        assert Settings.read({}).service_client() is None
        EmbeddedEngine([]).select("PREFIX service: <urn:SERVICE> SELECT ('SERVICE' AS ?service) {} # SERVICE")
        assert not [name for name in sys.modules if name.startswith("kg.engine.service")]"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="SELECTWHRASKFI{}()?.*<>\"'\\ \n\tabc:#@^0159|/-", max_size=60))
def test_no_text_brings_anything_but_an_answer_or_a_query_error(text: str) -> None:
    engine = EmbeddedEngine([])
    with suppress(QueryError):
        engine.answer(Query(text), (*RESULTS, *GRAPHS)).read()
