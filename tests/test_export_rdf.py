"""The dataset in the syntaxes of RDF: the same as a whole, and consistent in parts."""

from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import engine_of
from extracts import extract_of, written
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kg.engine import Engine
from kg.export import EXPORTS, rdf
from kg.prefixes import GRAPH, ID, ONTOLOGY, expand
from kg.snapshot import Snapshot

SYNTAXES = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
CKG = "PREFIX ckg: <https://w3id.org/calcikg/ontology/>\n"


def read(name: str, data: bytes) -> list[ox.Quad]:
    return list(ox.parse(data, format=SYNTAXES[name]))


@pytest.fixture(scope="module")
def quads(snapshot: Snapshot) -> set[ox.Quad]:
    return {quad for path in snapshot.quads for quad in ox.parse(path=path)}


@pytest.mark.parametrize("name", SYNTAXES)
def test_the_whole_dataset(name: str, small: Snapshot, small_data: Path) -> None:
    quads = {quad for path in small.quads for quad in ox.parse(path=path)}
    found = read(name, written(name, extract_of(small, engine_of(small_data))))
    assert len(found) == len(set(found))
    if SYNTAXES[name].supports_datasets:
        assert set(found) == quads
    else:
        assert {quad.triple for quad in found} == {quad.triple for quad in quads}


def test_every_syntax_is_tested() -> None:
    assert {name for name, row in EXPORTS.items() if row.family == "rdf"} == SYNTAXES.keys()


@pytest.mark.parametrize("name", SYNTAXES)
def test_pieces_make_one_document(
    name: str, snapshot: Snapshot, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = extract_of(snapshot, engine, ("graph", "source/zanatta-2020"), ("graph", "entities"))
    whole = written(name, extract)
    monkeypatch.setattr(rdf, "_BATCH", 7)
    pieces = written(name, extract)
    assert set(read(name, pieces)) == set(read(name, whole)) != set()
    assert pieces.count(b"@prefix ckg:") == whole.count(b"@prefix ckg:") <= 1


@pytest.mark.parametrize("name", SYNTAXES)
def test_an_empty_selection_is_a_document(name: str, snapshot: Snapshot, engine: Engine) -> None:
    extract = extract_of(snapshot, engine, ("kind", "outcome"), ("source", "zanatta-2020"), ("direction", "worsened"))
    assert extract.findings == []
    assert read(name, written(name, extract)) == []


def test_graphs_are_chosen_by_name_and_iri(snapshot: Snapshot, engine: Engine, quads: set[ox.Quad]) -> None:
    for graph in ("source/zanatta-2020", f"{GRAPH}source/zanatta-2020", "ckgg:source/zanatta-2020"):
        found = set(read("nq", written("nq", extract_of(snapshot, engine, ("graph", graph)))))
        assert found == {quad for quad in quads if quad.graph_name.value == f"{GRAPH}source/zanatta-2020"}


def test_a_part_contains_what_belongs_to_it(snapshot: Snapshot, engine: Engine, quads: set[ox.Quad]) -> None:
    extract = extract_of(snapshot, engine, ("center", "treatment/colchicine"))
    part = set(read("nq", written("nq", extract)))
    assert part < quads
    said = {(quad.subject.value, quad.predicate.value): quad.object.value for quad in part}
    finding = f"{ID}finding/patient-page-2024-073"
    assert finding in extract.findings
    assert said[finding, f"{ONTOLOGY}direction"] == f"{ONTOLOGY}decreased"
    assert said[f"{finding}#locator", f"{ONTOLOGY}sha256"]
    assert said[f"{ID}treatment/colchicine", expand("rdfs:label")] == "colchicine"
    assert said[said[finding, f"{ONTOLOGY}population"], expand("rdfs:label")]
    assert said[said[finding, f"{ONTOLOGY}source"], expand("dcterms:title")]
    assert said[f"{ID}treatment/colchicine#mapping/CHEBI:23359", expand("sssom:object_id")] == expand("CHEBI:23359")


@pytest.mark.parametrize(
    "filters",
    [(("kind", "outcome"),), (("direction", "worsened"),), (("direction", "denied"),), (("type", "DrugTreatment"),)],
    ids=str,
)
def test_a_bare_relation_has_a_finding_behind_it(
    filters: tuple[tuple[str, str], ...], snapshot: Snapshot, engine: Engine
) -> None:
    """A part has no edge whose findings it leaves out; findings that affirm nothing add none."""
    extract = extract_of(snapshot, engine, *filters)
    store = ox.Store()
    store.bulk_extend(ox.parse(written("nt", extract), format=ox.RdfFormat.N_TRIPLES))
    related = {
        str(row["relation"]) for row in store.query(f"{CKG}SELECT ?relation {{ ?e ckg:edgePredicate ?relation }}")
    }
    edges = set()
    for relation in related:
        edges |= {(str(row["s"]), relation, str(row["o"])) for row in store.query(f"SELECT * {{ ?s {relation} ?o }}")}
    supported = {
        (str(row["s"]), str(row["p"]), str(row["o"]))
        for row in store.query(
            CKG + "SELECT * { ?e ckg:edgeFrom ?s ; ckg:edgePredicate ?p ; ckg:edgeTo ?o ; ckg:supportedBy ?f . "
            "?f ckg:statement ?told ; ckg:standing ckg:stated }"
        )
    }
    assert edges == supported
    assert bool(edges) == any(row["standing"].endswith("/stated") for row in extract.statements)


def test_rdf_xml_leaves_out_what_it_cannot_express() -> None:
    subject, text = ox.NamedNode("http://example.org/s"), ox.Literal("plain")
    fitting = ox.Triple(subject, ox.NamedNode("http://example.org/p-1"), text)
    assert rdf._fits_xml(fitting)
    assert not rdf._fits_xml(ox.Triple(subject, ox.NamedNode("http://example.org/1"), text))
    assert not rdf._fits_xml(ox.Triple(subject, fitting.predicate, ox.Literal("bell \a")))


@given(st.text(), st.sampled_from(["p", "é", "x.y", "1", "a/", "a#b-2", "ü1"]))
def test_what_fits_xml_is_read_back(text: str, name: str) -> None:
    triple = ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode(f"http://e/{name}"), ox.Literal(text))
    if rdf._fits_xml(triple):
        data = rdf._xml([triple])
        (value,) = etree.fromstring(data)[0]
        assert (value.text or "") == text
        (found,) = ox.parse(data, format=ox.RdfFormat.RDF_XML)
        assert (found.predicate, found.object) == (triple.predicate, triple.object)


def test_prefixes_are_in_order(snapshot: Snapshot, engine: Engine) -> None:
    """Equal requests give equal bytes; the serialiser's own order of prefixes is not stable."""
    extract = extract_of(snapshot, engine, ("kind", "site"))
    for name in ("ttl", "rdf"):
        data = written(name, extract)
        assert data == written(name, extract_of(snapshot, engine, ("kind", "site")))
    lines = [line for line in written("ttl", extract).splitlines() if line.startswith(b"@prefix")]
    assert all(one < other for one, other in pairwise(lines))
