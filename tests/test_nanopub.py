"""Findings as nanopublications, checked by the nanopub library: their form and their trusty URIs."""

import re
from collections.abc import Iterator
from itertools import chain
from types import SimpleNamespace

import pyoxigraph as ox
import pytest
import rdflib
from conftest import EXAMPLES
from hypothesis import given
from hypothesis import strategies as st

from kg import VERSION_DATE
from kg.engine import FORMATS, Engine, Query
from kg.export.nanopub import Nanopublication, read_nanopublication, read_nanopublications
from kg.export.trusty import make_trusty
from kg.prefixes import BASE, ID, NANOPUB, ONTOLOGY, expand

DRAFT = NANOPUB + "draft"


@pytest.fixture(scope="module")
def library() -> Iterator[SimpleNamespace]:
    """The library; importing it changes how rdflib reads literals, which must not affect other tests."""
    before = rdflib.NORMALIZE_LITERALS
    from nanopub import Nanopub
    from nanopub.trustyuri.rdf import RdfHasher, RdfUtils

    rdflib.NORMALIZE_LITERALS = False
    yield SimpleNamespace(Nanopub=Nanopub, make_hash=RdfHasher.make_hash, get_quads=RdfUtils.get_quads)
    rdflib.NORMALIZE_LITERALS = before


@pytest.fixture(scope="module")
def published(engine: Engine) -> list[Nanopublication]:
    return list(read_nanopublications(engine))


def graph(nanopublication: Nanopublication, name: str) -> set[ox.Triple]:
    return {
        ox.Triple(quad.subject, quad.predicate, quad.object)
        for quad in nanopublication.quads
        if quad.graph_name == ox.NamedNode(f"{nanopublication.iri}#{name}")
    }


def values(triples: set[ox.Triple], curie: str) -> list[str]:
    return sorted(triple.object.value for triple in triples if triple.predicate.value == expand(curie))


def finding(nanopublication: Nanopublication) -> str:
    return values(graph(nanopublication, "pubinfo"), "npx:introduces")[0]


def read(trig: bytes) -> rdflib.ConjunctiveGraph:
    return rdflib.ConjunctiveGraph().parse(data=trig, format="trig")


def test_the_library_validates_nanopublications_of_every_form(
    published: list[Nanopublication], library: SimpleNamespace, engine: Engine
) -> None:
    """Some that have each term of the ontology among them, and the index: the library takes its time for each."""
    forms, shown = [], set[bytes]()
    for each in published:
        terms = set(re.findall(rb"\bckg:\w+", each.to_trig()))
        if terms - shown:
            forms.append(each)
            shown |= terms
    assert len(forms) > 15
    for each in (*forms, published[-1]):
        nanopublication = library.Nanopub(rdf=read(each.to_trig()))
        assert nanopublication.is_valid and nanopublication.has_valid_trusty
    count = "SELECT (COUNT(*) AS ?n) { ?f a <https://w3id.org/calcikg/ontology/Finding> }"
    findings = engine.answer(Query(count), (FORMATS["csv"],)).read().split()[1]
    assert len(published) == int(findings) + 1  # and their index


def test_the_library_refuses_a_changed_one(published: list[Nanopublication], library: SimpleNamespace) -> None:
    trig = next(each.to_trig() for each in published if b"ckg:numerator 13" in each.to_trig())
    assert library.Nanopub(rdf=read(trig)).has_valid_trusty
    with pytest.raises(ValueError, match="is not valid"):
        library.Nanopub(rdf=read(trig.replace(b"ckg:numerator 13", b"ckg:numerator 12"))).has_valid_trusty  # noqa: B018


def test_a_finding_whole(engine: Engine) -> None:
    found = read_nanopublication(engine, f"{ID}finding/debulking-2021-30")
    assert found
    expected = """
    PREFIX : <https://w3id.org/calcikg/ontology/>
    PREFIX dcterms: <http://purl.org/dc/terms/>
    PREFIX np: <http://www.nanopub.org/nschema#>
    PREFIX npx: <http://purl.org/nanopub/x/>
    PREFIX obo: <http://purl.obolibrary.org/obo/>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    PREFIX sub: <THIS#>
    BASE <https://w3id.org/calcikg/id/>
    sub:Head {
        <THIS> a np:Nanopublication ; np:hasAssertion sub:assertion ; np:hasProvenance sub:provenance ;
            np:hasPublicationInfo sub:pubinfo .
    }
    sub:assertion {
        <treatment/calcinosis-debulking> :hasComplication <complication/any-complication> .
        <finding/debulking-2021-30> a :ComplicationFinding ; :subject <treatment/calcinosis-debulking> ;
            :predicate :hasComplication ; :object <complication/any-complication> ;
            :population <population/debulking-2021-patients> ; :site <site/hand> , <site/upper-limb> ;
            :statistic :count ; :standing :stated ; :value 13.0 ; :unit "{patient}" ; :numerator 13 ; :denominator 39 ;
            :reported "Thirteen patients" ;
            :statement "Of 39 people with scleroderma who had calcinosis debulking, 13 had complications." .
    }
    sub:provenance {
        sub:assertion prov:wasDerivedFrom <https://doi.org/10.1016/j.jhsa.2021.01.025> ;
            prov:hadPrimarySource <source/debulking-2021> ; obo:RO_0002558 sub:evidence .
        sub:evidence a obo:ECO_0000302 .
        <finding/debulking-2021-30> :source <source/debulking-2021> ; :evidenceLevel :ocebm-4 ;
            :studyDesign :caseSeries ; :locator <finding/debulking-2021-30#locator> ;
            :note "The abstract does not say which complications these were." .
        <finding/debulking-2021-30#locator> a :Locator ; LOCATOR
    }
    sub:pubinfo {
        <THIS> dcterms:creator <https://w3id.org/calcikg#contributors> ; dcterms:isPartOf <https://w3id.org/calcikg> ;
            dcterms:created "DATET00:00:00Z"^^xsd:dateTime ;
            dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
            npx:hasNanopubType :ComplicationFinding ; npx:introduces <finding/debulking-2021-30> ;
            rdfs:label "Of 39 people with scleroderma who had calcinosis debulking, 13 had complications." .
    }
    """
    trig = found.to_trig().decode()
    locator = re.search(r"ckg:section .*?(?=\.\n)", trig, re.DOTALL)
    assert locator
    filled = expected.replace("LOCATOR", locator[0].replace("ckg:", ":") + ".")
    filled = filled.replace("DATE", VERSION_DATE).replace("THIS", found.iri)
    wanted, made = ox.Store(), ox.Store()
    wanted.extend(ox.parse(filled, format=ox.RdfFormat.TRIG))
    made.extend(found.quads)
    assert set(made) == set(wanted)


def test_the_bare_relation_is_asserted_only_where_the_graph_draws_it(
    published: list[Nanopublication], engine: Engine
) -> None:
    query = f"PREFIX : <{ONTOLOGY}> SELECT ?f {{ ?f :standing :stated ; :object ?object }}"
    supporting = set(engine.answer(Query(query), (FORMATS["csv"],)).read().decode().split()[1:])
    bare, denied = set(), set()
    for each in published[:-1]:
        assertion = graph(each, "assertion")
        subject, predicate = (values(assertion, f"ckg:{name}")[0] for name in ("subject", "predicate"))
        objects = values(assertion, "ckg:object")
        relation = ox.NamedNode(predicate)
        if any(
            triple.subject.value == subject and triple.predicate == relation and [triple.object.value] == objects
            for triple in assertion
        ):
            bare.add(finding(each))
        if values(assertion, "ckg:negated") == ["true"] or set(values(assertion, "ckg:direction")) & {
            ONTOLOGY + name for name in ("noDifference", "unchanged", "unproven", "notReported")
        }:
            denied.add(finding(each))
    assert bare == supporting
    assert len(denied) > 20
    assert bare & denied == set()


def test_the_index_names_all_and_is_split_where_it_would_be_too_long(
    published: list[Nanopublication], engine: Engine, library: SimpleNamespace
) -> None:
    *findings, index = published
    assert values(graph(index, "assertion"), "npx:includesElement") == sorted(each.iri for each in findings)
    assert values(graph(index, "pubinfo"), "rdf:type") == [expand("npx:NanopubIndex")]
    parts = list(read_nanopublications(engine, most=300))[len(findings) :]
    named = [values(graph(part, "assertion"), "npx:includesElement") for part in parts]
    assert sorted(chain.from_iterable(named)) == sorted(each.iri for each in findings)
    assert max(map(len, named)) == 300
    appended = [values(graph(part, "assertion"), "npx:appendsIndex") for part in parts]
    assert appended == [[], *([part.iri] for part in parts[:-1])]
    incomplete = [expand("npx:IncompleteIndex") in values(graph(part, "pubinfo"), "rdf:type") for part in parts]
    assert incomplete == [True] * (len(parts) - 1) + [False]
    assert all(library.Nanopub(rdf=read(part.to_trig())).has_valid_trusty for part in parts)


def test_a_finding_alone_is_the_same_as_among_all(published: list[Nanopublication], engine: Engine) -> None:
    for each in published[:: 1 if EXAMPLES else len(published) // 12]:
        if each != published[-1]:
            assert read_nanopublication(engine, finding(each)) == each
    assert len({each.iri for each in published}) == len(published)
    assert read_nanopublication(engine, f"{ID}finding/no-such-finding") is None


def test_a_source_without_address_is_named_by_its_own_iri(published: list[Nanopublication]) -> None:
    derived = {value for each in published[:-1] for value in values(graph(each, "provenance"), "prov:wasDerivedFrom")}
    assert derived == {
        "https://doi.org/10.1016/j.jhsa.2021.01.025",
        "https://hdl.handle.net/11577/3337666",
        *(f"{ID}source/{slug}" for slug in ("bernstein-poster", "kingsley-clinic", "patient-page-2024")),
    }


IRIS = st.sampled_from([DRAFT, f"{DRAFT}#a", f"{DRAFT}#b", f"{DRAFT}ed", NANOPUB, BASE, f"{BASE}é", "urn:x:1"]).map(
    ox.NamedNode
)
LITERALS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r")).map(ox.Literal),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), st.text('ab\\\n"'), st.sampled_from(["en", "de-ch"])),
    st.builds(lambda number: ox.Literal(str(number), datatype=ox.NamedNode(expand("xsd:decimal"))), st.integers()),
)
QUADS = st.builds(ox.Quad, IRIS, IRIS, IRIS | LITERALS, st.sampled_from([f"{DRAFT}#g", f"{DRAFT}#h"]).map(ox.NamedNode))


@given(st.lists(QUADS, min_size=1, max_size=12))
def test_trusty_uris_are_those_of_the_library(library: SimpleNamespace, quads: list[ox.Quad]) -> None:
    quads = [
        quad for quad in quads if quad.predicate.value.startswith(("urn:", BASE)) and DRAFT not in quad.predicate.value
    ]
    iri, named = make_trusty(quads, DRAFT)
    text = ox.serialize(named, format=ox.RdfFormat.N_QUADS)
    assert text is not None
    read = rdflib.ConjunctiveGraph().parse(data=text, format="nquads")
    expected = library.make_hash(library.get_quads(read), baseuri=f"{iri}#", hashstr=" ")
    assert iri == NANOPUB + expected


def test_what_has_no_name_has_no_trusty_uri() -> None:
    quad = ox.Quad(ox.BlankNode("b"), ox.NamedNode("urn:p"), ox.Literal("x"), ox.NamedNode("urn:g"))
    with pytest.raises(ValueError, match="_:b is not an IRI"):
        make_trusty([quad], DRAFT)
