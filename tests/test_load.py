"""Loading: every format gives the graph it should, the next build holds it, and a hostile file is refused in time."""

import fcntl
import gzip
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from conftest import EXAMPLES
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from test_cli import kg

from kg.build.current import is_current
from kg.build.dataset import Inputs
from kg.build.snapshot import build
from kg.engine import FORMATS as ANSWERS
from kg.engine import Query
from kg.errors import BuildBusyError, LoadError
from kg.load import loading
from kg.load.convert import Conversion
from kg.load.formats import FORMATS
from kg.load.graphs import LoadedGraph, LoadedGraphs
from kg.load.loading import default_graph, load
from kg.load.obo import Identifiers, named
from kg.load.source import DEPTH, MIB, TERM_DEPTH, Limits, RefusedFileError
from kg.load.xml import ATTRIBUTES
from kg.prefixes import expand
from kg.snapshot import Snapshot

GRAPH = "https://w3id.org/calcikg/graph/external/demo"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OBO_BASE = "http://purl.obolibrary.org/obo/"
HAND, LIMB = "http://purl.obolibrary.org/obo/UBERON_0002398", "http://purl.obolibrary.org/obo/UBERON_0002101"
NT = f'<{HAND}> <{RDFS}label> "manus" .\n<{HAND}> <{RDFS}subClassOf> <{LIMB}> .\n'
XML = (
    f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:rdfs="{RDFS}"><rdf:Description rdf:about="{HAND}"><rdfs:label>manus</rdfs:label>'
    f'<rdfs:subClassOf rdf:resource="{LIMB}"/></rdf:Description></rdf:RDF>'
)
JSON_LD = json.dumps({"@id": HAND, f"{RDFS}label": "manus", f"{RDFS}subClassOf": {"@id": LIMB}})
#: The same two triples in every standard format.
SAME = {
    "nt": NT,
    "nq": NT.replace(" .", " <https://example.org/g> ."),
    "ttl": f'@prefix r: <{RDFS}> . <{HAND}> r:label "manus" ; r:subClassOf <{LIMB}> .',
    "trig": f'GRAPH <https://example.org/g> {{ <{HAND}> <{RDFS}label> "manus" ; <{RDFS}subClassOf> <{LIMB}> }}',
    "rdf": XML,
    "owl": XML,
    "xml": XML,
    "jsonld": JSON_LD,
    "json": JSON_LD,
}
OBO = r"""format-version: 1.4
data-version: 2026-01-01
ontology: demo
idspace: EX https://example.org/
property_value: http://purl.org/dc/terms/license https://creativecommons.org/publicdomain/zero/1.0/

[Term]
id: UBERON:0002398
name: manus ! a comment
namespace: uberon
alt_id: UBERON:1
def: "The \"hand\"\nof a limb." [MP:0000001, url:https\://example.org/] {source="x"}
comment: A comment! With {braces}
subset: slim
synonym: "hand" EXACT [FMA:9712]
synonym: "forepaw of a bear" RELATED OMO:1 []
xref: :bony projection
is_a: UBERON:0002101 {is_inferred="true"} ! limb
relationship: part_of UBERON:0002102 {all_only="true"} ! forelimb
intersection_of: UBERON:0000026 ! appendage
intersection_of: part_of UBERON:0002102 ! forelimb
disjoint_from: EX:foot
property_value: seen_on "2026-01-01" xsd:date
property_value: seeAlso https://example.org/hand
expand_expression_to: "left out" []

[Term]
id: UBERON:9
is_obsolete: true
replaced_by: UBERON:0002398

[Typedef]
id: part_of
name: part of
xref: BFO:0000050
is_transitive: true
is_a: overlaps

[Typedef]
id: seen_on
is_metadata_tag: true
"""
OBO_GRAPHS = {
    "graphs": [
        {
            "id": "http://purl.obolibrary.org/obo/demo.owl",
            "meta": {"version": "http://purl.obolibrary.org/obo/demo/2026-01-01/demo.owl"},
            "nodes": [
                {
                    "id": HAND,
                    "lbl": "manus",
                    "type": "CLASS",
                    "meta": {
                        "definition": {"val": 'The "hand"\nof a limb.', "xrefs": ["MP:0000001"]},
                        "comments": ["A comment! With {braces}"],
                        "subsets": ["http://purl.obolibrary.org/obo/demo#slim"],
                        "synonyms": [
                            {"pred": "hasExactSynonym", "val": "hand", "xrefs": ["FMA:9712"]},
                            {"pred": "hasRelatedSynonym", "val": "forepaw of a bear"},
                        ],
                        "xrefs": [{"val": ":bony projection"}],
                    },
                },
                {"id": "UBERON:9", "meta": {"deprecated": True, "basicPropertyValues": []}},
                {"id": "BFO:0000050", "lbl": "part of", "type": "PROPERTY", "propertyType": "OBJECT"},
            ],
            "edges": [
                {"sub": HAND, "pred": "is_a", "obj": LIMB},
                {"sub": HAND, "pred": "BFO:0000050", "obj": "UBERON:0002102"},
            ],
        }
    ]
}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def triples(data: Path, loaded: LoadedGraph) -> set[str]:
    quads = list(LoadedGraphs(data).quads(loaded))
    assert {quad.graph_name for quad in quads} == {ox.NamedNode(loaded.graph)}
    return {str(ox.Triple(quad.subject, quad.predicate, quad.object)) for quad in quads}


def left(data: Path) -> list[str]:
    return sorted(path.name for path in data.rglob("*") if path.name not in (".lock", "loaded"))


def convert(paths: Sequence[Path], graph: str, out: Path, limits: Limits, progress: object) -> dict[str, Any]:
    """Do what a process of its own does otherwise."""
    conversion = Conversion(graph, limits)
    for path in paths:
        conversion.add(path)
    return conversion.write(out)


@pytest.fixture
def converted_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convert files in this process: that another one does it well is shown by the tests of hostile files."""
    monkeypatch.setattr(loading, "_convert", convert)


@pytest.mark.usefixtures("converted_here")
@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("extension", SAME)
def test_every_format_of_rdf_gives_the_same_graph(extension: str, ending: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, [write(tmp_path, f"demo.{extension}{ending}", SAME[extension])], GRAPH)
    assert triples(tmp_path, loaded) == set(NT.replace(" .", "").splitlines())


def test_every_extension_is_tested() -> None:
    assert {f".{extension}" for extension in SAME} | {".obo"} == FORMATS.keys()


def obo(subject: str, predicate: str, target: str | ox.Literal) -> str:
    iri = Identifiers({"EX": "https://example.org/"}, "demo").iri
    value = target if isinstance(target, ox.Literal) else iri(target)
    return str(ox.Triple(iri(subject), iri(predicate) if ":" not in predicate else named(predicate), value))


#: What OBO and OBO Graphs say in common.
COMMON = {
    obo("UBERON:0002398", "rdf:type", "owl:Class"),
    obo("UBERON:0002398", "rdfs:label", ox.Literal("manus")),
    obo("UBERON:0002398", "obo:IAO_0000115", ox.Literal('The "hand"\nof a limb.')),
    obo("UBERON:0002398", "rdfs:comment", ox.Literal("A comment! With {braces}")),
    obo("UBERON:0002398", "oboInOwl:inSubset", "slim"),
    obo("UBERON:0002398", "oboInOwl:hasExactSynonym", ox.Literal("hand")),
    obo("UBERON:0002398", "oboInOwl:hasRelatedSynonym", ox.Literal("forepaw of a bear")),
    obo("UBERON:0002398", "oboInOwl:hasDbXref", ox.Literal(":bony projection")),
    obo("UBERON:0002398", "rdfs:subClassOf", "UBERON:0002101"),
    obo("UBERON:0002398", "obo:BFO_0000050", "UBERON:0002102"),
    obo("UBERON:9", "owl:deprecated", ox.Literal(True)),
    obo("BFO:0000050", "rdf:type", "owl:ObjectProperty"),
    obo("BFO:0000050", "rdfs:label", ox.Literal("part of")),
    obo("obo:demo.owl", "rdf:type", "owl:Ontology"),
}


@pytest.mark.usefixtures("converted_here")
def test_obo_becomes_what_its_mapping_to_owl_says(tmp_path: Path) -> None:
    loaded = load(tmp_path, [write(tmp_path, "demo.obo", OBO)], GRAPH)
    date = ox.Literal("2026-01-01", datatype=named("xsd:date"))
    licence = "https://creativecommons.org/publicdomain/zero/1.0/"
    assert triples(tmp_path, loaded) == COMMON | {
        obo("obo:demo.owl", "owl:versionInfo", ox.Literal("2026-01-01")),
        obo("obo:demo.owl", "dcterms:license", licence),
        obo("UBERON:0002398", "oboInOwl:id", ox.Literal("UBERON:0002398")),
        obo("UBERON:0002398", "oboInOwl:hasOBONamespace", ox.Literal("uberon")),
        obo("UBERON:0002398", "oboInOwl:hasAlternativeId", ox.Literal("UBERON:1")),
        obo("UBERON:0002398", "rdfs:subClassOf", "UBERON:0000026"),
        obo("UBERON:0002398", "owl:disjointWith", "EX:foot"),
        obo("UBERON:0002398", "seen_on", date),
        obo("UBERON:0002398", "seeAlso", "https://example.org/hand"),
        obo("UBERON:9", "rdf:type", "owl:Class"),
        obo("UBERON:9", "oboInOwl:id", ox.Literal("UBERON:9")),
        obo("UBERON:9", "obo:IAO_0100001", "UBERON:0002398"),
        obo("BFO:0000050", "oboInOwl:id", ox.Literal("part_of")),
        obo("BFO:0000050", "oboInOwl:hasDbXref", ox.Literal("BFO:0000050")),
        obo("BFO:0000050", "rdf:type", "owl:TransitiveProperty"),
        obo("BFO:0000050", "rdfs:subPropertyOf", "overlaps"),
        obo("seen_on", "rdf:type", "owl:AnnotationProperty"),
        obo("seen_on", "oboInOwl:id", ox.Literal("seen_on")),
    }
    assert (loaded.licence, loaded.version) == (licence, "2026-01-01")


@pytest.mark.usefixtures("converted_here")
def test_obo_graphs_have_the_shape_of_obo(tmp_path: Path) -> None:
    loaded = load(tmp_path, [write(tmp_path, "demo.json", json.dumps(OBO_GRAPHS))], GRAPH)
    version = "http://purl.obolibrary.org/obo/demo/2026-01-01/demo.owl"
    assert triples(tmp_path, loaded) == COMMON | {obo("obo:demo.owl", "owl:versionIRI", version)}
    assert loaded.version == version


#: What a clause of a term says, for each kind of it.
CLAUSES = {
    "an xref with a description": ('xref: EC:3.1 "thioesterase"', ("DM:1", "oboInOwl:hasDbXref", ox.Literal("EC:3.1"))),
    "an exclamation mark in a qualifier": ('is_a: DM:2 {note="a ! b"} ! two', ("DM:1", "rdfs:subClassOf", "DM:2")),
    "a brace in a qualifier": ('is_a: DM:2 {note="a {b}", to="c"}', ("DM:1", "rdfs:subClassOf", "DM:2")),
    "quotation marks in a name": ('name: the "one"', ("DM:1", "rdfs:label", ox.Literal('the "one"'))),
    "a synonym of OBO 1.2": ('exact_synonym: "uno" []', ("DM:1", "oboInOwl:hasExactSynonym", ox.Literal("uno"))),
    **{
        f"U+{ord(sign):04X} in a text": (f"name: a{sign}b", ("DM:1", "rdfs:label", ox.Literal(f"a{sign}b")))
        for sign in "\u2028\u0085\x0b\x0c\x1f"
    },
}


@pytest.mark.usefixtures("converted_here")
@pytest.mark.parametrize("kind", CLAUSES)
def test_a_clause_is_read_by_the_grammar_of_obo(kind: str, tmp_path: Path) -> None:
    clause, triple = CLAUSES[kind]
    text = f"format-version: 1.4\r\nontology: demo\r\n\r\n[Term]\r\nid: DM:1\r\n{clause}\r\n"
    loaded = load(tmp_path, [write(tmp_path, "demo.obo", text)], GRAPH)
    assert triples(tmp_path, loaded) == {
        obo("obo:demo.owl", "rdf:type", "owl:Ontology"),
        obo("DM:1", "rdf:type", "owl:Class"),
        obo("DM:1", "oboInOwl:id", ox.Literal("DM:1")),
        obo(*triple),
    }


@pytest.mark.usefixtures("converted_here")
def test_axioms_of_a_relation_are_axioms_of_properties(tmp_path: Path) -> None:
    text = """format-version: 1.4
[Typedef]
id: part_of
xref: OBO:1
xref: BFO:0000050
equivalent_to: RO:1
disjoint_from: RO:2
"""
    loaded = load(tmp_path, [write(tmp_path, "demo.obo", text)], GRAPH)
    assert {
        obo("BFO:0000050", "owl:equivalentProperty", "RO:1"),
        obo("BFO:0000050", "owl:propertyDisjointWith", "RO:2"),
    } < triples(tmp_path, loaded)


@pytest.mark.usefixtures("converted_here")
def test_axioms_of_obo_graphs_say_what_those_of_obo_say(tmp_path: Path) -> None:
    text = """format-version: 1.4
[Term]
id: DM:1
equivalent_to: DM:4
intersection_of: DM:2
intersection_of: RO:1 DM:3

[Typedef]
id: RO:1
domain: DM:2
range: DM:3
"""
    finger, digit, hand, manual_digit = (f"{OBO_BASE}DM_{number}" for number in (1, 2, 3, 4))
    graph = {
        "nodes": [
            {"id": finger, "type": "CLASS"},
            {"id": f"{OBO_BASE}RO_1", "type": "PROPERTY", "propertyType": "OBJECT"},
        ],
        "equivalentNodesSets": [{"nodeIds": [finger, manual_digit]}],
        "logicalDefinitionAxioms": [
            {
                "definedClassId": finger,
                "genusIds": [digit],
                "restrictions": [{"propertyId": f"{OBO_BASE}RO_1", "fillerId": hand}],
            }
        ],
        "domainRangeAxioms": [
            {"predicateId": f"{OBO_BASE}RO_1", "domainClassIds": [digit], "rangeClassIds": [hand]},
        ],
    }
    one = load(tmp_path, [write(tmp_path, "demo.obo", text)], GRAPH)
    other = load(tmp_path, [write(tmp_path, "demo.json", json.dumps({"graphs": [graph]}))], f"{GRAPH}-json")
    ids = {obo("DM:1", "oboInOwl:id", ox.Literal("DM:1")), obo("RO:1", "oboInOwl:id", ox.Literal("RO:1"))}
    assert triples(tmp_path, other) == triples(tmp_path, one) - ids


@pytest.mark.usefixtures("converted_here")
@pytest.mark.parametrize(
    ("extension", "content"),
    [
        ("ttl", f"<> a <#One> . <#one> <{RDFS}label> 'one' ."),
        ("trig", f"{{ <> a <#One> . <#one> <{RDFS}label> 'one' }}"),
        ("jsonld", json.dumps([{"@id": "", "@type": "#One"}, {"@id": "#one", f"{RDFS}label": "one"}])),
        (
            "owl",
            f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:rdfs="{RDFS}">'
            '<rdf:Description rdf:about=""><rdf:type rdf:resource="#One"/></rdf:Description>'
            '<rdf:Description rdf:ID="one"><rdfs:label>one</rdfs:label></rdf:Description></rdf:RDF>',
        ),
    ],
)
def test_relative_iris_are_resolved_against_the_graph(extension: str, content: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, [write(tmp_path, f"demo.{extension}", content)], GRAPH)
    assert triples(tmp_path, loaded) == {
        f"<{GRAPH}> <{RDF}type> <{GRAPH}#One>",
        f'<{GRAPH}#one> <{RDFS}label> "one"',
    }


EX = "http://example.org/"
ENTITIES = f'<!DOCTYPE rdf:RDF [ <!ENTITY ex "{EX}"> <!ENTITY xsd "http://www.w3.org/2001/XMLSchema#"> ]>'
DESCRIBED = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:ex="{EX}"{{}}><rdf:Description {{}}/></rdf:RDF>'
PLAIN = {f'<{EX}s> <{EX}p> "a"'}
#: What the grammars of RDF say of a file: its triples, or what is said of it when it is refused.
GRAMMAR: dict[str, tuple[str, str, set[str] | str]] = {
    "CRLF": ("x.nt", f'<{EX}s> <{EX}p> "a" .\r\n<{EX}s> <{EX}p> "b" .\r\n', {*PLAIN, f'<{EX}s> <{EX}p> "b"'}),
    "one triple in two graphs": ("x.nq", f'<{EX}s> <{EX}p> "a" <urn:g> .\n<{EX}s> <{EX}p> "a" <urn:h> .\n', PLAIN),
    "one blank node in two graphs": (
        "x.trig",
        f'<urn:g> {{ _:a <{EX}p> "1" }} <urn:h> {{ _:a <{EX}p> "2" }}',
        {f'_:x <{EX}p> "1"', f'_:x <{EX}p> "2"'},
    ),
    "annotated triple": (
        "x.ttl",
        f'PREFIX : <{EX}> :s :p :o {{| :q "1" |}} .',
        {
            f"<{EX}s> <{EX}p> <{EX}o>",
            f'_:x <{EX}q> "1"',
            f"_:x <{RDF}reifies> <<( <{EX}s> <{EX}p> <{EX}o> )>>",
        },
    ),
    "direction": ("x.ttl", f'<{EX}s> <{EX}p> "x"@en--rtl .', {f'<{EX}s> <{EX}p> "x"@en--rtl'}),
    "namespaces as entities": (
        "x.owl",
        ENTITIES + DESCRIBED.format("", 'rdf:about="&ex;s" ex:p="a"'),
        PLAIN,
    ),
    "base of Turtle": ("x.ttl", f"@base <{EX}a/b> . @prefix : <#> . <../s> :p 'a' .", {f'<{EX}s> <{EX}a/b#p> "a"'}),
    "base of RDF/XML": ("x.rdf", DESCRIBED.format(f' xml:base="{EX}a/b"', 'rdf:about="../s" ex:p="a"'), PLAIN),
    "identifier in RDF/XML": (
        "x.rdf",
        DESCRIBED.format("", f'rdf:ID="s" xml:base="{EX}a" ex:p="a"'),
        {f'<{EX}a#s> <{EX}p> "a"'},
    ),
    "base of JSON-LD": (
        "x.jsonld",
        json.dumps({"@context": {"@base": f"{EX}a/b"}, "@id": "../s", f"{EX}p": "a"}),
        PLAIN,
    ),
    "nothing": ("x.ttl", "# nothing\n", "contains no triples"),
    "space in an IRI": ("x.ttl", f"<{EX}s> <{EX}p> <{EX}a b> .", "is not Turtle, line 1: Invalid IRI"),
    "bar in an IRI": ("x.nt", f"<{EX}s> <{EX}p> <{EX}a|b> .", "is not N-Triples, line 1: Invalid IRI"),
    "relative IRI in N-Triples": ("x.nt", f"<s> <{EX}p> <{EX}o> .", "is not N-Triples, line 1: No scheme"),
    "underscore in a language": ("x.ttl", f'<{EX}s> <{EX}p> "x"@en_US .', "is not Turtle, line 1"),
    "underscore in xml:lang": (
        "x.rdf",
        DESCRIBED.format("", f'rdf:about="{EX}s" xml:lang="en_US" ex:p="a"'),
        "is not RDF/XML: error while parsing language tag",
    ),
}


@pytest.mark.parametrize("name", GRAMMAR)
def test_a_file_is_read_by_its_grammar(name: str, tmp_path: Path) -> None:
    file, content, expected = GRAMMAR[name]
    conversion = Conversion(GRAPH, Limits())
    path = write(tmp_path, file, content)
    if isinstance(expected, str):
        with pytest.raises(RefusedFileError, match=expected):
            conversion.add(path)
        return
    conversion.add(path)
    conversion.write(tmp_path / "out.nq.gz")
    quads = ox.parse(gzip.decompress((tmp_path / "out.nq.gz").read_bytes()), format=ox.RdfFormat.N_QUADS)
    assert {re.sub(r"_:\w+", "_:x", str(quad.triple)) for quad in quads} == expected


@pytest.mark.usefixtures("converted_here")
@pytest.mark.parametrize("extension", ["ttl", "nt", "nq", "jsonld", "json", "owl"])
def test_a_byte_order_mark_is_no_part_of_the_text(extension: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"demo.{extension}", b"\xef\xbb\xbf" + SAME[extension].encode())
    assert load(tmp_path, [path], GRAPH).triples == 2


def test_modules_in_the_working_folder_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("kg", "queue", "json"):
        write(tmp_path, f"{name}.py", "raise SystemExit('of somebody else')")
    monkeypatch.chdir(tmp_path)
    assert load(tmp_path, [write(tmp_path, "x.nt", NT)], GRAPH).triples == 2


@pytest.mark.usefixtures("converted_here")
def test_an_ontology_in_columns_has_the_shape_of_obo(tmp_path: Path) -> None:
    columns = {"terms": ["HP:1", "HP:2"], "parents": [[], ["HP:1"]], "meta": {"name": ["All", None], "other": ["", ""]}}
    loaded = load(tmp_path, [write(tmp_path, "hp.json", json.dumps(columns))], GRAPH)
    assert triples(tmp_path, loaded) == {
        obo("HP:1", "rdf:type", "owl:Class"),
        obo("HP:1", "oboInOwl:id", ox.Literal("HP:1")),
        obo("HP:1", "rdfs:label", ox.Literal("All")),
        obo("HP:2", "rdf:type", "owl:Class"),
        obo("HP:2", "oboInOwl:id", ox.Literal("HP:2")),
        obo("HP:2", "rdfs:subClassOf", "HP:1"),
    }


@pytest.mark.usefixtures("converted_here")
def test_entities_for_namespaces_are_expanded(tmp_path: Path) -> None:
    text = f'<?xml version="1.0"?><!DOCTYPE rdf:RDF [ <!ENTITY obo "http://purl.obolibrary.org/obo/" > ]>{XML}'
    path = write(tmp_path, "demo.owl", text.replace(f'"{HAND}"', '"&obo;UBERON_0002398"'))
    assert triples(tmp_path, load(tmp_path, [path], GRAPH)) == set(NT.replace(" .", "").splitlines())


def test_blank_nodes_stay_apart_and_two_loads_give_the_same_bytes(tmp_path: Path) -> None:
    one = write(tmp_path, "one.ttl", "<urn:a> <urn:p> [ <urn:q> 1 ] . _:x <urn:r> <<( <urn:s> <urn:p> _:x )>> .")
    two = write(tmp_path, "two.ttl", "<urn:b> <urn:p> [ <urn:q> 1 ] . _:x <urn:r> 2 .")
    first = load(tmp_path / "a", [one, two], GRAPH)
    second = load(tmp_path / "b", [one, two], GRAPH)
    assert first == second
    assert (tmp_path / "a/loaded" / first.file).read_bytes() == (tmp_path / "b/loaded" / second.file).read_bytes()
    nodes = {
        quad.subject for quad in LoadedGraphs(tmp_path / "a").quads(first) if isinstance(quad.subject, ox.BlankNode)
    }
    assert (first.triples, len(nodes)) == (6, 4)


@pytest.mark.usefixtures("converted_here")
@pytest.mark.parametrize(
    ("numbers", "spelt"),
    [
        ("7, 007, +7", ['"7"^^xsd:integer']),
        ("15.5, 15.50", ['"15.5"^^xsd:decimal']),
        ("5e0, 5.0e0, 0.5E1", ['"5"^^xsd:double']),
        ("true, '1'^^xsd:boolean", ['"true"^^xsd:boolean']),
        ("5, 5.0", ['"5"^^xsd:decimal', '"5"^^xsd:integer']),
        ("'many'^^xsd:integer, '007'", ['"007"', '"many"^^xsd:integer']),
    ],
)
def test_two_spellings_of_a_number_are_one_triple(numbers: str, spelt: list[str], tmp_path: Path) -> None:
    xsd = expand("xsd:")
    path = write(tmp_path, "x.ttl", f"@prefix xsd: <{xsd}> . <urn:a> <urn:p> {numbers} .")
    loaded = load(tmp_path / "a", [path], GRAPH)
    objects = [
        str(quad.object).replace(f"<{xsd}", "xsd:").rstrip(">") for quad in LoadedGraphs(tmp_path / "a").quads(loaded)
    ]
    assert (sorted(objects), loaded.triples) == (spelt, len(spelt))


DEEP_TTL = "<urn:a> <urn:b> " + "(" * 20_000 + ")" * 20_000 + " ."
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
NAMES = '<!DOCTYPE rdf:RDF [ <!ENTITY a "' + "a" * 60_000 + '"> ]>'
TERMS: Callable[[int], str] = lambda depth: f"<urn:a> <urn:b> {'<<( <urn:s> <urn:p> ' * depth}1{' )>>' * depth} ."  # noqa: E731
LONG_PREFIX = f"@prefix p: <http://example.org/{'a' * 900_000}> .\n" + "".join(f"p:s p:p p:{n} .\n" for n in range(60))
EXPANDING = f'<!DOCTYPE rdf:RDF [ <!ENTITY a "{"a" * 250}"> ]><rdf:RDF xmlns:rdf="{RDF}" xmlns:r="{RDFS}">'
EXPANDING += "".join(
    f'<rdf:Description rdf:about="urn:{n}"><r:label>{"&a;" * 4000}</r:label></rdf:Description>' for n in range(80)
)
MANY_ATTRIBUTES = "".join(f' r:p{n}=""' for n in range(ATTRIBUTES - 1))
HOSTILE: dict[str, tuple[str, str | bytes, str]] = {
    "billion laughs": ("x.owl", f"<!DOCTYPE rdf:RDF [ {LAUGHS} ]>{XML}", "more than the name of a namespace"),
    "quadratic blow-up": ("x.owl", NAMES + XML.replace("manus", "&a;" * 60_000), "more than the name of a namespace"),
    "external entity": (
        "x.owl",
        f'<!DOCTYPE x [ <!ENTITY a SYSTEM "file:///etc/passwd"> ]>{XML}',
        "external or a parameter",
    ),
    "parameter entity": ("x.owl", f'<!DOCTYPE x [ <!ENTITY % a "b"> ]>{XML}', "external or a parameter"),
    "external DTD": ("x.owl", f'<!DOCTYPE x SYSTEM "https://example.org/x.dtd">{XML}', "names an external DTD"),
    "deep XML": ("x.owl", f"{'<a>' * 100_000}{'</a>' * 100_000}", f"deeper than {DEPTH} levels"),
    "deep JSON-LD": ("x.jsonld", '{"urn:a":' * 50_000 + "1" + "}" * 50_000, f"deeper than {DEPTH} levels"),
    "deep JSON": ("x.json", "[" * 1_000_000, f"deeper than {DEPTH} levels"),
    "deep triple terms": ("x.ttl", TERMS(TERM_DEPTH + 1), f"deeper than {TERM_DEPTH} levels"),
    "bottomless triple terms": ("x.ttl", TERMS(200_000), "crashes its parser"),
    "giant literal": ("x.nt", f'<urn:a> <urn:b> "{"a" * (2**20 + 1)}" .', "more than 1,048,576 characters"),
    "giant IRI": ("x.ttl", f"<urn:a> <urn:b> <urn:{'a' * 2**20}> .", "more than 1,048,576 characters"),
    "long prefix": ("x.ttl", LONG_PREFIX, "grows more than 20 times .* KG_LOAD_EXPANSION allows more"),
    "many entities": ("x.owl", f"{EXPANDING}</rdf:RDF>", "grows more than 20 times .* KG_LOAD_EXPANSION allows more"),
    "many attributes": (
        "x.owl",
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:r="{RDFS}" {MANY_ATTRIBUTES}/>',
        "an element with more than 1,000 attributes",
    ),
    "unknown encoding": (
        "x.owl",
        f'<?xml version="1.0" encoding="Shift_JIS"?>{XML}',
        "is written in Shift_JIS; convert",
    ),
    "two encodings": ("x.owl", f'<?xml version="1.0" encoding="UTF-16"?>{XML}', "is written in UTF-16; convert"),
    "wrong encoding": ("x.owl", f'<?xml version="1.0" encoding="US-ASCII"?>{XML}\xe9', "is not ASCII text"),
    "zeros": ("x.ttl.gz", bytes(100 * 2**20), "is not Turtle, line 1"),
    "zeros in OBO": ("x.obo.gz", bytes(100 * 2**20), "bytes when unpacked"),
    "zeros in XML": ("x.owl.gz", bytes(100 * 2**20), "is not well-formed XML"),
    "remote context": (
        "x.jsonld",
        '{"@context": "https://example.org/c", "@id": "urn:a"}',
        "an external JSON-LD context",
    ),
    "local context": ("x.jsonld", '{"@context": "file:///etc/passwd", "@id": "urn:a"}', "external JSON-LD context"),
    "cut off": ("x.ttl", "<urn:a> <urn:b> ", "is not Turtle"),
    "wrong extension": ("x.owl", NT, "is not well-formed XML"),
    "XML as Turtle": ("x.ttl", XML, "is not Turtle, line 1"),
    "unknown extension": ("x.docx", NT, "does not end in one of .rdf, .owl"),
    "no extension": ("x", NT, "does not end in one of"),
    "not gzipped": ("y.gz.ttl", gzip.compress(NT.encode()), "is not Turtle, line 1"),
    "Latin-1 in OBO": ("x.obo", "name: Sj\xf6gren".encode("latin-1"), "is not UTF-8 text"),
    "Latin-1 in Turtle": ("x.ttl", '<urn:a> <urn:b> "Sj\xf6gren" .'.encode("latin-1"), "is not Turtle"),
    "empty": ("x.ttl", "", "contains no triples"),
    "a number": ("x.json", "5", "is JSON, but neither"),
    "no JSON": ("x.json", '{"a"', "is not JSON"),
    "odd OBO Graphs": ("x.json", '{"graphs": [{"nodes": [5]}]}', "is not OBO Graphs JSON: graphs/0/nodes/0"),
    "odd columns": ("x.json", '{"terms": ["HP:1"], "parents": []}', "its columns differ in length"),
    "OBO without an id": ("x.obo", "[Term]\nname: x", r"a stanza \[Term\] has no id"),
    "our subject": ("x.nt", NT.replace(HAND, "https://w3id.org/calcikg/id/site/hand"), "describes terms of this"),
    "our property": ("x.nt", NT.replace(f"{RDFS}label", "https://w3id.org/calcikg/ontology/value"), "describes terms"),
    "our class": ("x.nt", NT.replace(LIMB, "https://w3id.org/calcikg/ontology/Finding"), "our own class"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    file, content, problem = HOSTILE[name]
    with pytest.raises(LoadError, match=f"^{file} .*{problem}") as caught:
        load(tmp_path / "data", [write(tmp_path, file, content)], GRAPH)
    assert "\n" not in str(caught.value)
    assert left(tmp_path / "data") == []


def test_damaged_gzip_files_are_refused(tmp_path: Path) -> None:
    whole = gzip.compress(NT.encode() * 1000)
    for content, problem in ((whole[:-20], "cut off"), (NT.encode(), "not a gzip file"), (b"", "contains no triples")):
        (tmp_path / "x.nt.gz").write_bytes(content)
        with pytest.raises(LoadError, match=problem):
            load(tmp_path / "data", [tmp_path / "x.nt.gz"], GRAPH)
    assert left(tmp_path / "data") == []


MANY = "".join(f"<urn:a> <urn:b> {number} .\n" for number in range(200_000))


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Limits(unpacked=1000), "more than 1,000 bytes when unpacked"),
        (Limits(triples=1000), "more than 1,000 triples"),
        (
            Limits(seconds=0.05, pace=0.001),
            "more time than 0.05 seconds and 0.001 for each MiB; KG_LOAD_TIMEOUT allows",
        ),
        (Limits(memory=2**20), "more than 1 MiB of memory; KG_LOAD_MEMORY allows more"),
        (Limits(literal=3), "more than 3 characters"),
    ],
    ids=str,
)
def test_every_limit_holds(limits: Limits, problem: str, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=problem):
        load(tmp_path / "data", [write(tmp_path, "x.ttl.gz", MANY)], GRAPH, limits=limits)
    assert left(tmp_path / "data") == []


def test_progress_is_told_with_each_mebibyte(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = write(tmp_path, "x.ttl", MANY)
    loaded = load(tmp_path, [path], GRAPH, progress=lambda *now: told.append(now))
    assert [size // MIB for size, _ in told] == list(range(path.stat().st_size // MIB + 1))
    assert told == sorted(told)
    assert told[-1][1] < loaded.triples == 200_000


@pytest.mark.parametrize(
    ("file", "content"),
    [
        # Expat parses a comment again with each piece: 8 MB took 40 s when the pieces did not grow.
        ("x.owl", XML.replace("<rdfs:label>", f"<!--{'a' * 8_000_000}--><rdfs:label>")),
        ("x.obo", "[Term]\nid: X:1\n" + "".join(f'xref: X:2 "a"{" " * 10**6}{n}\n' for n in range(3))),
    ],
    ids=["comment", "spaces"],
)
def test_what_is_long_takes_time_by_its_length(file: str, content: str, tmp_path: Path) -> None:
    limits = Limits(seconds=20, pace=0.001)
    assert load(tmp_path, [write(tmp_path, file, content)], GRAPH, limits=limits).triples >= 2


@pytest.mark.usefixtures("converted_here")
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("ISO-8859-1", "latin-1"),
        ("iso-8859-15", "iso8859-15"),
        ("windows-1252", "cp1252"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-be"),
        ("UTF-16LE", "utf-16-le"),
    ],
)
def test_xml_is_read_in_the_encoding_that_it_declares(name: str, codec: str, tmp_path: Path) -> None:
    text = f"<?xml version='1.0' encoding='{name}' standalone='yes'?>{XML.replace('manus', 'Sjögren')}"
    loaded = load(tmp_path, [write(tmp_path, "x.owl.gz", text.encode(codec))], GRAPH)
    assert triples(tmp_path, loaded) == set(NT.replace("manus", "Sjögren").replace(" .", "").splitlines())


def test_messages_cannot_control_the_terminal(tmp_path: Path) -> None:
    odd = "a\x1b[31m\u202eb\nc\udcff"
    shown = r"a\x1b[31m\u202eb\nc\udcff"
    with pytest.raises(LoadError, match=f"^{re.escape(shown)}.ttl contains no triples$"):
        load(tmp_path / "data", [write(tmp_path, f"{odd}.ttl", "")], GRAPH)
    with pytest.raises(LoadError, match=f"/{re.escape(shown)} is not a file$"):
        load(tmp_path / "data", [tmp_path / odd], GRAPH)
    licence = f"<http://purl.org/dc/terms/license> {json.dumps(odd[:-1])}"
    path = write(tmp_path, f"{odd}.ttl", f"<urn:a> a <http://www.w3.org/2002/07/owl#Ontology> ; {licence} .")
    printed = kg("load", path, "--graph", "urn:g", "--data", tmp_path / "data", "--version", odd).stdout
    assert f"from {shown}.ttl in <urn:g>; licence {shown[:-6]}, version {shown}\n" in printed
    assert kg("load", "--list", "--data", tmp_path / "data").stdout + "the next" in printed


def test_limits_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "x.ttl", MANY)
    for name, value, code, problem in (
        ("KG_LOAD_MEMORY", "10", 1, "x.ttl needs more than 10 MiB of memory; KG_LOAD_MEMORY allows more"),
        ("KG_LOAD_MEMORY", "much", 1, "KG_LOAD_MEMORY is 'much'; give a number above 0"),
        ("KG_LOAD_EXPANSION", "0.001", 1, "x.ttl grows more than 0.001 times"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert problem in kg("load", path, "--data", tmp_path / "data", code=code).stderr


def test_json_is_read_whole_and_has_a_limit_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="more than 10 bytes"):
        load(tmp_path / "data", [write(tmp_path, "x.jsonld", JSON_LD)], GRAPH, limits=Limits(json=10))


def test_deep_collections_are_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, [write(tmp_path, "x.ttl", DEEP_TTL)], GRAPH).triples == 39_999


MUTATED = st.sampled_from([*SAME.items(), ("obo", OBO), ("json", json.dumps(OBO_GRAPHS))]).flatmap(
    lambda row: st.tuples(
        st.just(row[0]),
        st.tuples(st.integers(0, len(row[1])), st.integers(0, 9), st.binary(max_size=8)).map(
            lambda cut: row[1].encode()[: cut[0]] + cut[2] + row[1].encode()[cut[0] + cut[1] :]
        ),
    )
)


@given(st.one_of(MUTATED, st.tuples(st.sampled_from([name[1:] for name in FORMATS]), st.binary())), st.booleans())
@hypothesis_settings(max_examples=EXAMPLES or 200)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, made: object, packed: bool) -> None:
    assert isinstance(made, tuple)
    extension, content = made
    path = tmp_path_factory.mktemp("any") / f"x.{extension}{'.gz' * packed}"
    path.write_bytes(content)
    conversion = Conversion(GRAPH, Limits())
    try:
        conversion.add(path)
    except (RefusedFileError, UnicodeDecodeError):
        return
    conversion.write(path.with_name("out.nq.gz"))


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        ("https://w3id.org/calcikg/graph/entities", "is a graph of this dataset"),
        ("https://w3id.org/calcikg/graph/external/../entities", "is a graph of this dataset"),
        ("https://w3id.org/calcikg", "is a graph of this dataset"),
        ("https://w3id.org/calcikg/graph/external/uberon", "is a slice that the project ships"),
        ("not an iri", "is not an IRI"),
        ("example", "is not an IRI"),
    ],
)
def test_a_graph_of_ours_is_not_written_to(graph: str, problem: str, tmp_path: Path) -> None:
    path = write(tmp_path, "x.nt", NT)
    with pytest.raises(LoadError, match=problem):
        load(tmp_path / "data", [path], graph, taken=Inputs().slices)
    assert not (tmp_path / "data").exists()


def answer(data: Path, text: str) -> list[str]:
    return Snapshot.open(data).engine().answer(Query(text), (ANSWERS["csv"],)).read().decode().split()[1:]


def test_the_next_build_takes_in_what_is_loaded(small_inputs: Inputs, small_copy: Path, tmp_path: Path) -> None:
    data, before = small_copy, Snapshot.open(small_copy)
    elsewhere = "https://example.org/demo"
    load(data, [write(tmp_path, "demo.obo", OBO)], default_graph(tmp_path / "demo.obo"))
    load(data, [write(tmp_path, "hand.ttl", SAME["ttl"])], elsewhere, licence="CC0-1.0", version="2")
    assert not is_current(data, small_inputs)
    after = build(data, small_inputs)
    assert is_current(data, small_inputs)
    assert after.version != before.version
    added = {"external/demo": 32, elsewhere: 2}
    assert after.counts == {
        **before.counts,
        "triples": before.counts["triples"] + sum(added.values()),
        "graphs": dict(sorted({**before.counts["graphs"], **added}.items())),
    }
    assert answer(data, f"SELECT ?l {{ GRAPH <{elsewhere}> {{ <{HAND}> <{RDFS}label> ?l }} }}") == ["manus"]
    # The same triple in two graphs stands once in the default graph.
    assert answer(data, f"SELECT (COUNT(*) AS ?n) {{ <{HAND}> <{RDFS}label> 'manus' }}") == ["1"]
    stated = "PREFIX d: <http://purl.org/dc/terms/> PREFIX p: <http://www.w3.org/ns/prov#>"
    stated += f"SELECT ?o {{ {{ <{elsewhere}> d:license ?o }} UNION {{ <{elsewhere}> p:wasDerivedFrom/d:format ?o }} }}"
    assert sorted(answer(data, stated)) == ["CC0-1.0", "Turtle"]
    assert [hit.iri for hit in after.search_index.search("forepaw of a bear").hits] == [HAND]
    LoadedGraphs(data).remove("demo")
    LoadedGraphs(data).remove(elsewhere)
    assert build(data, small_inputs).version == before.version


def test_a_graph_is_replaced_when_it_is_loaded_again(tmp_path: Path) -> None:
    load(tmp_path, [write(tmp_path, "x.obo", OBO)], GRAPH)
    load(tmp_path, [write(tmp_path, "x.ttl", SAME["ttl"])], GRAPH)
    load(tmp_path, [write(tmp_path, "x.nt", NT)], GRAPH + "-two")
    graphs = LoadedGraphs(tmp_path)
    assert [(loaded.name, loaded.triples) for loaded in graphs] == [("demo", 2), ("demo-two", 2)]
    assert len(list(graphs.folder.iterdir())) == 4
    graphs.remove("demo")
    assert [loaded.name for loaded in graphs] == ["demo-two"]
    assert len(list(graphs.folder.iterdir())) == 2


def test_damaged_files_of_a_graph_are_noticed(small_inputs: Inputs, tmp_path: Path) -> None:
    loaded = load(tmp_path / "data", [write(tmp_path, "x.ttl", SAME["ttl"])], GRAPH)
    (tmp_path / "data/loaded" / loaded.file).write_bytes(b"nothing")
    with pytest.raises(LoadError, match="load its file again"):
        build(tmp_path / "data", small_inputs)
    (tmp_path / "data/loaded/demo.json").write_text("{}")
    with pytest.raises(LoadError, match="is damaged"):
        build(tmp_path / "data", small_inputs)


def test_nothing_is_loaded_while_a_build_is_at_work(tmp_path: Path) -> None:
    path = write(tmp_path, "x.nt", NT)
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BuildBusyError):
            load(tmp_path, [path], GRAPH)


def test_the_command_loads_lists_and_removes(tmp_path: Path) -> None:
    obo_, ttl = write(tmp_path, "uberon.obo", OBO), write(tmp_path, "b.ttl.gz", SAME["ttl"])
    done = kg("load", obo_, ttl, "--data", tmp_path / "data")
    assert done.stdout.startswith(
        "uberon-full: 32 triples from uberon.obo in <https://w3id.org/calcikg/graph/external/"
    )
    assert "licence not stated" in done.stdout
    assert done.stderr == ""
    assert [line.split(":")[0] for line in kg("load", "--list", "--data", tmp_path / "data").stdout.splitlines()] == [
        "b",
        "uberon-full",
    ]
    kg("load", "--remove", "uberon-full", "--data", tmp_path / "data")
    assert kg("load", "--list", "--data", tmp_path / "data").stdout.startswith("b: 2 triples from b.ttl.gz")
    both = kg("load", obo_, ttl, "--graph", "https://example.org/both", "--data", tmp_path / "data").stdout
    assert "triples from uberon.obo, b.ttl.gz in <https://example.org/both>" in both


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "give files to load"),
        (("x.ttl", "--list"), 2, "give files to load"),
        (("nowhere.ttl",), 1, "nowhere.ttl is not a file"),
        (("--remove", "nothing"), 1, "no loaded graph is called 'nothing'"),
        (("README.md",), 1, "README.md does not end in one of"),
    ],
    ids=str,
)
def test_wrong_use_is_one_clear_sentence(arguments: tuple[str, ...], code: int, message: str, tmp_path: Path) -> None:
    stderr = kg("load", *arguments, "--data", tmp_path, code=code).stderr
    assert message in " ".join(stderr.replace("│", " ").split())
