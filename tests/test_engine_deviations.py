"""What the engine answers otherwise than the standards, beside the W3C suites; docs/service.md lists the same.

A test that passes says that the engine was mended.
"""

import re
import subprocess
import sys

import pyoxigraph as ox
import pytest
from conftest import MIXED_VALUES, ROOT

from kg.engine import FORMATS, Query
from kg.engine.embedded import EmbeddedEngine

_BYTE = "http://www.w3.org/2001/XMLSchema#byte"
_GROUPS = "{ VALUES (?g ?x) { (<urn:a> 1) (<urn:a> 2) (<urn:b> 3) } } GROUP BY ?g HAVING (COUNT(?x) > 1)"
_HAVING = "an aggregate in HAVING is refused in CONSTRUCT, DESCRIBE and ASK"
#: Each deviation with a query and the lines of the right answer.
DEVIATIONS = [
    (
        "a path with the same alternative twice has each solution once",
        "SELECT (COUNT(*) AS ?n) { ?s (<urn:p>|<urn:p>) ?o }",
        ["n", "2"],
    ),
    (
        "a path with a choice of predicates, or of all but some, has a solution once where both its ends are known",
        "SELECT (COUNT(*) AS ?n) { <urn:a> (<urn:p>|!<urn:q>) 'x' }",
        ["n", "2"],
    ),
    (
        "SELECT cannot use the name that it gives to an aggregate",
        "SELECT ?g (COUNT(*) AS ?n) (?n * 2 AS ?twice) { VALUES ?g { 1 1 } } GROUP BY ?g",
        ["g,n,twice", "1,2,4"],
    ),
    (_HAVING, f"ASK {_GROUPS}", ["true"]),
    (_HAVING, f"DESCRIBE ?g {_GROUPS}", ['<urn:a> <urn:p> "x" .']),
    (_HAVING, f"CONSTRUCT {{ ?g <urn:p> 'often' }} {_GROUPS}", ['<urn:a> <urn:p> "often" .']),
    ("names of variables have no letters beyond U+FFFF", "SELECT ?\U00010280 { }", ["\U00010280", ""]),
    (
        "types derived from `xsd:integer` become `xsd:integer`, in data as well",
        f"SELECT (DATATYPE('1'^^<{_BYTE}>) AS ?d) {{}}",
        ["d", _BYTE],
    ),
    (
        "GROUP_CONCAT keeps the language of what it joins",
        "SELECT (LANG(?g) AS ?l) { { SELECT (GROUP_CONCAT(?x) AS ?g) { VALUES ?x { 'a'@en 'b'@en } } } }",
        ["l", ""],
    ),
]
#: Reasons with a query each on which the engine ends its process.
FAULTS = [
    (
        "ORDER BY can break down on more than 20 values of types that do not compare, such as numbers and strings "
        "(`engine-fault`)",
        f"SELECT * {{ VALUES ?x {{ {MIXED_VALUES} }} }} ORDER BY ?x",
    )
]
#: Reasons with an XML literal each, and what must not be in it.
LITERALS = [
    ("an XML literal keeps references to entities of the DOCTYPE that it is taken out of", "&e;"),
    ("an XML literal declares namespaces that it does not use", "22-rdf-syntax-ns#"),
]


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        pytest.param(query, lines, marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, query, lines in DEVIATIONS
    ],
)
def test_an_answer_is_that_of_the_standard(query: str, lines: list[str]) -> None:
    engine = EmbeddedEngine([ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal("x"))], union=False)
    assert engine.answer(Query(query), (FORMATS["csv"], FORMATS["nt"])).read().decode().splitlines() == lines


@pytest.mark.parametrize(
    "query",
    [pytest.param(query, marks=pytest.mark.xfail(strict=True, reason=reason)) for reason, query in FAULTS],
)
def test_the_engine_survives_a_query(query: str) -> None:
    code = "import sys, pyoxigraph; list(pyoxigraph.Store().query(sys.argv[1]))"
    assert subprocess.run([sys.executable, "-c", code, query], stderr=subprocess.DEVNULL, check=False).returncode == 0


@pytest.mark.parametrize(
    "foreign",
    [pytest.param(foreign, marks=pytest.mark.xfail(strict=True, reason=reason)) for reason, foreign in LITERALS],
)
def test_an_xml_literal_stands_alone(foreign: str) -> None:
    """It is the canonical form of its own content (RDF 1.1 XML Syntax, section 7.2.17; Exclusive XML C14N)."""
    text = """<!DOCTYPE x [ <!ENTITY e "http://e/"> ]><rdf:RDF xmlns:e="&e;"
        xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="urn:s">
        <e:p rdf:parseType="Literal"><e:b/></e:p></rdf:Description></rdf:RDF>"""
    (quad,) = ox.parse(text, format=ox.RdfFormat.RDF_XML)
    assert isinstance(quad.object, ox.Literal)
    assert foreign not in quad.object.value


def test_they_are_documented() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- (.+)[;.]$", text[text.index("## Known deviations") :], re.MULTILINE)
    assert listed == list(dict.fromkeys(row[0] for row in (*DEVIATIONS, *FAULTS, *LITERALS)))
