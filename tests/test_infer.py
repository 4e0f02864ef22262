"""What is derived, and what must not be."""

import owlrl
import pyoxigraph as ox
import pytest
from conftest import DATA
from rdflib import OWL, Graph, URIRef

from kg.build.dataset import Inputs, read_dataset
from kg.build.infer import INFERRED, axioms, closure, derive
from kg.prefixes import ID, contract

Facts = set[tuple[str, str, str]]


def facts(quads: list[ox.Quad]) -> Facts:
    return {
        (short(quad.subject.value), contract(quad.predicate.value), short(quad.object.value))
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal)
    }


def short(value: str) -> str:
    return value.removeprefix(ID) if value.startswith(ID) else contract(value)


@pytest.fixture(scope="module")
def derived() -> Facts:
    _, inferred = derive(Inputs(seeds=DATA / "seeds" / "good"))
    assert all(quad.graph_name == INFERRED for quad in inferred)
    return facts(inferred)


@pytest.mark.parametrize(
    "fact",
    [
        ("finding/series-01", "ckg:atSite", "site/finger"),
        ("finding/series-01", "ckg:atSite", "site/hand"),
        ("finding/series-01", "ckg:about", "site/hand"),
        ("finding/series-01", "ckg:about", "treatment/excision"),
        ("site/hand", "ckg:hasPart", "site/finger"),
        ("treatment/excision", "rdf:type", "ckg:Treatment"),
        ("finding/series-01", "rdf:type", "ckg:Finding"),
        ("finding/series-01", "ckg:studyDesign", "ckg:caseSeries"),
        ("finding/series-01", "ckg:evidenceLevel", "ckg:ocebm-4"),
        ("treatment/excision", "ckg:treats", "disease/calcinosis"),
        ("disease/calcinosis", "ckg:treatedBy", "treatment/excision"),
        ("treatment/excision#treats/disease/calcinosis", "ckg:supportedBy", "finding/series-03"),
        ("treatment/excision#treats/disease/calcinosis", "ckg:findingCount", "1"),
        ("treatment/excision#treats/disease/calcinosis", "ckg:bestEvidenceLevel", "ckg:ocebm-4"),
        ("treatment/excision#treats/disease/calcinosis", "ckg:edgeStanding", "ckg:stated"),
    ],
    ids=" ".join,
)
def test_derives(fact: tuple[str, str, str], derived: Facts) -> None:
    assert fact in derived


def test_a_null_finding_of_the_same_source_takes_the_edge_away(derived: Facts) -> None:
    """Finding 01 affirms infection after excision; finding 02 says that there was no difference on the whole."""
    assert ("treatment/excision", "ckg:hasComplication", "complication/infection") not in derived


def test_what_was_asserted_is_not_derived_again(derived: Facts) -> None:
    assert ("site/finger", "ckg:partOf", "site/hand") not in derived
    assert ("finding/series-01", "ckg:site", "site/hand") not in derived


def test_the_closure_is_that_of_a_complete_reasoner() -> None:
    """owlrl knows every rule of OWL 2 RL, but takes many times as long as the reasoner of the build."""
    inputs = Inputs(seeds=DATA / "seeds" / "good")
    given = axioms(read_dataset(inputs).quads)
    ours = closure(given, [inputs.ontology / "rules" / "closure" / "property-chains.rq"])
    graph = Graph().parse(data=ox.serialize(given, format=ox.RdfFormat.N_TRIPLES), format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    theirs = {
        ox.Triple(*(ox.NamedNode(str(term)) for term in terms))
        for terms in graph
        if all(isinstance(term, URIRef) for term in terms)
    }
    assert worth_comparing(theirs) == worth_comparing(ours)


def worth_comparing(triples: set[ox.Triple]) -> set[ox.Triple]:
    """Leave out that everything is itself and a thing, and what is said of classes and properties."""
    trivial = {str(OWL.sameAs), str(OWL.Thing)}
    return {
        triple
        for triple in triples
        if triple.subject.value.startswith(ID) and not {triple.predicate.value, triple.object.value} & trivial
    }
