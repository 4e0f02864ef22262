"""Rewritten queries: their answers are those of the queries as sent, whatever is rewritten; and what is left alone."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch

import pyoxigraph as ox
import pytest
import random_queries
from hypothesis import given, settings
from hypothesis import strategies as st

from api.app import create_app
from kg.engine import FORMATS, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.rewrite import RULES, Rewriter, rewriter, terms
from kg.errors import QueryError
from kg.settings import Settings

TABLES = FORMATS["tsv"], FORMATS["nt"]
PREFIXES = "PREFIX : <urn:> "
#: How many datasets are made up, with ten queries each; more for a long run.
DATASETS = int(os.environ.get("MADE_UP_DATASETS", "100"))
Outcome = tuple[list[bytes], tuple[str, ...]]


@contextmanager
def gain_everywhere() -> Iterator[None]:
    """Rewrite whatever can be, one way or another, instead of what is counted to gain."""
    with patch.object(rewriter._Search, "_matches", lambda search, *_: Random(search.text).random()):
        yield


def outcome(engine: EmbeddedEngine, text: str) -> Outcome:
    try:
        answer = engine.answer(Query(text), TABLES)
    except QueryError as error:
        return [f"{type(error).__name__}: {error}".encode()], ()
    return sorted(answer.read().splitlines()), answer.rewritten


@given(st.integers(0, 2**64), st.booleans())
@settings(max_examples=DATASETS, deadline=None)
def test_made_up_queries_have_the_answers_that_they_have_as_sent(seed: int, union: bool) -> None:
    random = Random(seed)
    data = random_queries.dataset(random)
    as_sent, engine = (EmbeddedEngine(data, union=union, rewrite=rewrite) for rewrite in (False, True))
    for _ in range(10):
        text = random_queries.query(random)
        with gain_everywhere():
            assert outcome(engine, text)[0] == outcome(as_sent, text)[0], text


def test_what_is_made_up_is_rewritten_by_each_rule_and_has_rows() -> None:
    found = set[str]()
    with gain_everywhere():
        for seed in range(40):
            random = Random(seed)
            engine = EmbeddedEngine(random_queries.dataset(random), rewrite=True)
            for _ in range(20):
                lines, rules = outcome(engine, random_queries.query(random))
                found |= set(rules) if len(lines) > 1 else set()
    assert found == set(RULES)


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    """2,000 things with labels, classes in a tree of nine, one of which is rare, and a ring of acquaintances."""
    quads = []
    for number in range(2000):
        thing, others = ox.NamedNode(f"urn:e{number}"), (number * 7) % 2000
        kind = number % 9 if number else "rare"
        for predicate, target in (
            ("a", ox.NamedNode(f"urn:c{kind}")),
            ("label", ox.Literal(f"Thing number {number}.", language="en")),
            ("knows", ox.NamedNode(f"urn:e{others}")),
        ):
            quads.append(ox.Quad(thing, ox.NamedNode(f"urn:{predicate}"), target))
    tree = [("c8", "c2"), ("c7", "c2"), ("c2", "c1"), ("c1", "c0"), ("crare", "c8")]
    quads += [ox.Quad(ox.NamedNode(f"urn:{a}"), ox.NamedNode("urn:sub"), ox.NamedNode(f"urn:{b}")) for a, b in tree]
    return EmbeddedEngine(quads, rewrite=True)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("SELECT * { ?s :a ?t FILTER(?t = :crare) }", "equality"),
        ("SELECT * { ?s :a ?t ; :label ?l FILTER(?t IN (:crare, :none) || sameTerm(?t, <urn:other>)) }", "equality"),
        ("SELECT * { ?s :label ?l FILTER(?l = 'Thing number 7.'@en) }", "equality"),
        ("SELECT * { ?s :label ?l FILTER(STR(?l) = 'Thing number 7.') }", "words"),
        ("SELECT * { ?s :label ?l FILTER CONTAINS(LCASE(STR(?l)), 'number 77') }", "words"),
        (
            "SELECT DISTINCT ?s { ?s :label|:name ?l FILTER(REGEX(?l, '^thing.*', 'i') && REGEX(?l, 'R 77|88', 'i')) }",
            "words",
        ),
        ("SELECT * { ?s ?p ?o FILTER(?p IN (:label, :a) && STRSTARTS(STR(?o), 'Thing number 77')) }", "words"),
        ("SELECT ?s { ?s :a/:sub* :c8 }", "hierarchy"),
        ("SELECT ?s { ?s :knows/:a/:sub+ :c8 ; :label ?l }", "hierarchy"),
        ("SELECT * { ?s :a ?c . ?c :sub* :c8 }", "hierarchy"),
        (
            "SELECT * { { ?s :a ?t FILTER(?t = :crare) } UNION { ?s :label ?l FILTER CONTAINS(?l, 'r 77') } }",
            "equality words",
        ),
    ],
)
def test_a_query_that_gains_is_rewritten(engine: EmbeddedEngine, text: str, rules: str) -> None:
    assert " ".join(outcome(engine, PREFIXES + text)[1]) == rules


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s :a ?t FILTER(?t IN (:c1, :c2, :c3)) }",  # a third of all
        "SELECT * { :e1 :knows ?y . ?y :a ?t FILTER(?t = :c7) }",  # one acquaintance is fewer than a class
        "SELECT * { VALUES ?y { :e1 } ?y :a ?t FILTER(?t = :crare) }",
        "SELECT * { ?s :label ?l FILTER CONTAINS(?l, 'Thing') }",
        "SELECT * { ?s :label ?l OPTIONAL { ?s :a ?t FILTER(?t = :crare) } }",  # asked for each label
        "SELECT * { ?s :a/:sub* :c8 }",  # the variable between would show
        "SELECT * { ?s :knows ?y . BIND(1 AS ?one) FILTER(?y = :e1) }",
        "SELECT * { ?s :label ?l FILTER CONTAINS(UCASE(?l), 'NUMBER 77') }",
        "SELECT * { ?s :a ?t FILTER(?t = :crare) } VALUES ?s { :e1 }",
        "SELECT * { ?s :a|:sub ?t FILTER(?t = :crare) }",  # the engine finds it once or twice
        "SELECT * { :crare :sub* ?c . ?s :a ?c }",  # the engine begins with the path
        "CONSTRUCT WHERE { ?s :a :c8 } # FILTER",
    ],
)
def test_a_query_that_gains_nothing_is_left_alone(engine: EmbeddedEngine, text: str) -> None:
    assert outcome(engine, PREFIXES + text)[1] == ()


def test_a_large_dataset_is_not_searched_for_words(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_LARGEST", 1000)
    rewriter = Rewriter(engine._store, union=True)
    rewriter.prepare()
    for condition, rules in (("?o = <urn:crare>", ("equality",)), ("CONTAINS(STR(?o), 'number 77')", ())):
        assert rewriter.rewrite(f"SELECT * {{ ?s ?p ?o FILTER({condition}) }}", None).rules == rules


def test_an_error_is_told_by_the_text_that_was_sent(engine: EmbeddedEngine) -> None:
    with pytest.raises(QueryError, match="line 1, column 65"):
        engine.answer(Query(PREFIXES + "SELECT * { ?s :a ?t FILTER(?t = :crare) } LIMIT x"), TABLES)


def test_a_hostile_query_is_looked_at_for_a_moment_only(engine: EmbeddedEngine) -> None:
    nested = "(" * 2400 + "?o = :a" + ")" * 2400
    many = " || ".join(["CONTAINS(?o, 'Thing number 7')"] * 140)
    for text in (f"{{ ?s ?p ?o FILTER{nested} }}", "{" * 4000 + " FILTER", f"{{ ?s ?p ?o FILTER({many}) }}"):
        started = time.process_time()
        Rewriter(engine._store, union=True).rewrite(f"{PREFIXES} SELECT * {text}", None)
        assert time.process_time() - started < 20  # what grows exponentially takes for ever


def test_files_served_as_they_are_are_searched_in_named_graphs_too(tmp_path: Path) -> None:
    lines = [f'<urn:{number}> <urn:label> "name {number}." <urn:g> .\n' for number in range(1000)]
    file = tmp_path / "named.nq"
    file.write_text("".join(lines))
    engine = EmbeddedEngine.from_files([file], union=False, rewrite=True)
    text = "SELECT ?s { GRAPH ?g { ?s <urn:label> ?l FILTER CONTAINS(?l, 'name 77.') } }"
    assert outcome(engine, text) == ([b"<urn:77>", b"?s"], ("words",))


@pytest.mark.parametrize(("setting", "header"), [("on", "words"), ("off", None)])
def test_an_answer_names_the_rules_also_from_the_cache(data_folder: Path, setting: str, header: str | None) -> None:
    client = create_app(Settings.read({"KG_DATA": str(data_folder), "KG_REWRITE": setting})).test_client()
    query = "SELECT ?s { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l FILTER CONTAINS(?l, 'Calcinosis cutis') }"
    for extra in ({}, {}, {"format": "json"}):
        answer = client.get("/sparql", query_string={"query": query, **extra})
        assert answer.get_json()["results"]["bindings"]
        assert answer.headers.get("Query-Rewritten") == header
