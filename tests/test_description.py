"""What the dataset says of itself: HCLS levels, true numbers, digests that fit, links that are counted."""

import hashlib
from collections import Counter

import pyoxigraph as ox
import pytest
import yaml
from conftest import ROOT
from flask.testing import FlaskClient
from rdflib import DCTERMS, FOAF, OWL, RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCMITYPE, PROV, SKOS, VOID, XSD, Namespace

from kg import VERSION_DATE, __version__
from kg.build.dataset import Inputs
from kg.build.describe import read_statements
from kg.engine import Engine, Row
from kg.errors import RecordsError
from kg.prefixes import EXTERNAL, ID, expand
from kg.rdf import graph_of
from kg.snapshot import DATASET, Snapshot

PAV = Namespace("http://purl.org/pav/")
IDOT = Namespace("http://identifiers.org/idot/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
SCHEMA = Namespace("https://schema.org/")

SUMMARY = URIRef("https://w3id.org/calcikg")
VERSION = URIRef(f"https://w3id.org/calcikg/version/{__version__}")
FILE = URIRef(f"{VERSION}#nquads")
LEVELS = (SUMMARY, VERSION, FILE)

# Dataset Descriptions: HCLS Community Profile (W3C Note, 14 May 2015): property by level. What a level must or should
# say is there, what it must not say is absent. Left out by decision: schema:logo (there is none), dcterms:created (a
# version has one day), pav:previousVersion (there is none yet), sio:has-data-item (the entities are found by query).
HCLS = {
    DCTERMS.title: ("must", "must", "must"),
    DCTERMS.description: ("must", "must", "must"),
    DCTERMS.issued: ("not", "should", "should"),
    DCTERMS.creator: ("not", "must", "must"),
    DCTERMS.publisher: ("must", "must", "must"),
    FOAF.page: ("should", "should", "should"),
    DCTERMS.license: ("should", "should", "must"),
    DCTERMS.language: ("not", "should", "should"),
    VOID.vocabulary: ("not", "not", "should"),
    DCTERMS.conformsTo: ("not", "should", "should"),
    IDOT.exampleIdentifier: ("not", "not", "should"),
    VOID.exampleResource: ("not", "not", "should"),
    VOID.uriRegexPattern: ("not", "not", "should"),
    PAV.version: ("not", "must", "should"),
    DCTERMS.isVersionOf: ("not", "must", "not"),
    PAV.hasCurrentVersion: ("should", "not", "not"),
    DCTERMS.source: ("not", "should", None),
    PAV.createdWith: ("not", None, "should"),
    DCTERMS.accrualPeriodicity: ("should", "not", "not"),
    DCAT.distribution: ("not", "should", "not"),
    DCTERMS["format"]: ("not", "not", "must"),
    DCAT.downloadURL: ("not", "not", "should"),
    DCAT.byteSize: ("not", "not", "should"),
    VOID.dataDump: ("not", "not", "should"),
    VOID.sparqlEndpoint: ("should", "not", "not"),
    VOID.subset: ("not", "not", "should"),
    VOID.triples: ("not", "not", "should"),
    VOID.entities: ("not", "not", "should"),
    VOID.distinctSubjects: ("not", "not", "should"),
    VOID.properties: ("not", "not", "should"),
    VOID.distinctObjects: ("not", "not", "should"),
    VOID.classes: ("not", "not", "should"),
    VOID.classPartition: ("not", "not", "should"),
    VOID.propertyPartition: ("not", "not", "should"),
}


@pytest.fixture(scope="module")
def description(snapshot: Snapshot) -> Graph:
    quads = (quad for path in snapshot.quads for quad in ox.parse(path=path))
    lines = (f"{quad.triple} ." for quad in quads if graph_of(quad) == "metadata")
    return Graph().parse(data="\n".join(lines), format="nt")


def solutions(query: str, engine: Engine) -> list[Row]:
    return engine.select(query)


def test_each_level_says_what_the_hcls_profile_wants(description: Graph) -> None:
    for property_, demands in HCLS.items():
        for level, demand in zip(LEVELS, demands, strict=True):
            said = (level, property_, None) in description
            assert demand is None or said == (demand != "not"), (property_, level, demand)


def test_the_levels_have_the_types_of_hcls_and_dcat(description: Graph) -> None:
    types = [set(description.objects(level, RDF.type)) for level in LEVELS]
    assert types == [
        {DCMITYPE.Dataset, DCAT.Dataset},
        {DCMITYPE.Dataset, DCAT.Dataset},
        {DCMITYPE.Dataset, DCAT.Distribution, VOID.Dataset},
    ]
    for level in LEVELS:
        assert all(title.language == "en" for title in description.objects(level, DCTERMS.title))


def test_it_is_served_and_stands_in_the_graph_metadata(client: FlaskClient, description: Graph) -> None:
    served = Graph().parse(data=client.get("/.well-known/void").data)
    asked = Graph().parse(data=client.get("/graph-store?graph=https://w3id.org/calcikg/graph/metadata").data)
    assert len(asked) == len(description)
    finding = f"{ID}finding/"  # how each was verified grows with the findings, and is in the description of each
    assert set(served) == {triple for triple in asked if not triple[0].startswith(finding)}
    [verified, *_] = (triple for triple in asked if triple[0].endswith("#verification"))
    assert verified in Graph().parse(
        data=client.get(f"/data/{verified[0].removeprefix(ID).partition('#')[0]}.ttl").data
    )
    document = served.value(None, RDF.type, VOID.DatasetDescription)
    assert (document, FOAF.primaryTopic, SUMMARY) in served


def test_the_numbers_of_the_whole_are_true(description: Graph, engine: Engine) -> None:
    """All but those of the graph metadata itself, which it does not count."""
    without = "GRAPH ?g { ?s ?p ?o } FILTER(?g != <https://w3id.org/calcikg/graph/metadata>)"

    def count(what: str, where: str = without) -> object:
        return solutions(f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT {what} {{ {where} }} }}", engine)[0]["n"]

    for property_, what, where in (
        (VOID.triples, "?s ?p ?o", without),
        (VOID.distinctSubjects, "?s", without),
        (VOID.distinctObjects, "?o", without),
        (VOID.properties, "?p", without),
        (VOID.classes, "?o", without.replace("?p", "a")),
    ):
        assert int(description.value(FILE, property_)) == count(what, where), property_


@pytest.mark.parametrize(
    ("partition", "term", "number", "pattern"),
    [
        (VOID.classPartition, VOID["class"], VOID.entities, "?s a ?term"),
        (VOID.propertyPartition, VOID.property, VOID.triples, "?s ?term ?o"),
    ],
    ids=["classes", "properties"],
)
def test_the_partitions_are_true_and_whole(
    partition: URIRef, term: URIRef, number: URIRef, pattern: str, description: Graph, engine: Engine
) -> None:
    told = {
        str(description.value(part, term)): int(description.value(part, number))
        for part in description.objects(FILE, partition)
    }
    query = f"""SELECT ?term (COUNT(*) AS ?n) {{
        SELECT DISTINCT ?s ?term ?o {{ GRAPH ?g {{ {pattern} }}
            FILTER(!STRENDS(STR(?g), "/metadata") && isIRI(?term)) }}
    }} GROUP BY ?term"""
    assert told == {row["term"]: row["n"] for row in solutions(query, engine)}


def test_each_named_graph_has_its_size(description: Graph, snapshot: Snapshot) -> None:
    told = {
        str(part).partition("/graph/")[2]: int(description.value(part, VOID.triples))
        for part in description.objects(FILE, VOID.subset)
        if "/graph/" in part
    }
    assert told == snapshot.counts["graphs"]


def test_there_is_a_linkset_for_each_vocabulary_mapped_to(description: Graph, engine: Engine) -> None:
    query = """SELECT ?predicate ?term { GRAPH <https://w3id.org/calcikg/graph/mappings> { ?entity ?predicate ?term }
        FILTER(STRSTARTS(STR(?predicate), STR(skos:))) }"""
    links = Counter(
        (prefix, row["predicate"])
        for row in solutions(f"PREFIX skos: <{SKOS}> {query}", engine)
        for prefix, namespace in EXTERNAL.items()
        if str(row["term"]).startswith(namespace)
    )
    told = {}
    for linkset in description.subjects(RDF.type, VOID.Linkset):
        target = description.value(linkset, VOID.objectsTarget)
        vocabulary = str(description.value(target, DCTERMS.title))
        assert str(description.value(target, VOID.uriSpace)) == EXTERNAL[vocabulary]
        assert description.value(linkset, VOID.subjectsTarget) == FILE
        assert (FILE, VOID.subset, linkset) in description
        parts = {
            (vocabulary, str(description.value(part, VOID.property))): int(description.value(part, VOID.triples))
            for part in description.objects(linkset, VOID.propertyPartition)
        }
        assert {predicate for _, predicate in parts} == set(map(str, description.objects(linkset, VOID.linkPredicate)))
        assert int(description.value(linkset, VOID.triples)) == sum(parts.values())
        told |= parts
    assert told == links
    assert len({vocabulary for vocabulary, _ in told}) > 10


def checksum(description: Graph, subject: URIRef) -> str:
    node = description.value(subject, SPDX.checksum)
    assert description.value(node, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
    value = description.value(node, SPDX.checksumValue)
    assert value.datatype == XSD.hexBinary
    return str(value).lower()


def test_the_file_described_is_the_file_served(client: FlaskClient, description: Graph) -> None:
    address = str(description.value(FILE, DCAT.downloadURL))
    with client.get(address.removeprefix(str(SUMMARY))) as response:
        assert len(response.data) == int(description.value(FILE, DCAT.byteSize))
        assert hashlib.sha256(response.data).hexdigest() == checksum(description, FILE)
        assert str(description.value(FILE, DCAT.mediaType)).endswith("/" + response.mimetype)


def test_the_build_tells_its_inputs_and_tools(description: Graph, snapshot: Snapshot) -> None:
    build = description.value(VERSION, PROV.wasGeneratedBy)
    assert set(description.objects(build, PROV.generated)) == {VERSION, FILE}
    used = {
        str(description.value(entity, RDFS.label)): checksum(description, entity)
        for entity in description.objects(build, PROV.used)
    }
    inputs = snapshot.manifest["inputs"]
    assert used == {path: digest for path, digest in inputs.items() if not path.startswith("kg/")}
    assert used["ontology/calcikg.ttl"] == hashlib.sha256((ROOT / "ontology/calcikg.ttl").read_bytes()).hexdigest()
    tools = {
        str(description.value(tool, RDFS.label)): (str(tool), str(description.value(tool, SCHEMA.softwareVersion)))
        for tool in description.objects(build, PROV.wasAssociatedWith)
    }
    assert {"calcikg", "Python", "pyoxigraph"} <= tools.keys()
    assert all(iri.endswith("@" + version) for iri, version in tools.values())
    assert not set(description.subjects(PROV.startedAtTime)) | set(description.subjects(PROV.endedAtTime))


def test_the_version_is_derived_from_each_source(description: Graph, engine: Engine) -> None:
    query = "SELECT ?source { ?source a <https://w3id.org/calcikg/ontology/Source> }"
    sources = {URIRef(str(row["source"])) for row in solutions(query, engine)}
    assert set(description.objects(VERSION, DCTERMS.source)) == sources
    assert set(description.objects(VERSION, PROV.wasDerivedFrom)) == sources


def test_the_citation_file_says_the_same(description: Graph) -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == str(description.value(VERSION, OWL.versionInfo)) == __version__
    assert {Literal(word, lang="en") for word in citation["keywords"]} == set(
        description.objects(SUMMARY, DCAT.keyword)
    )
    assert "CC-BY-4.0" in citation["license"]
    for level in LEVELS:
        assert description.value(level, DCTERMS.license) == URIRef("https://creativecommons.org/licenses/by/4.0/")
    publisher = description.value(SUMMARY, DCTERMS.publisher)
    assert citation["authors"] == [{"name": str(description.value(publisher, FOAF.name))}]
    assert str(description.value(VERSION, DCTERMS.issued)) == str(citation.get("date-released", VERSION_DATE))


def test_the_themes_are_terms_that_the_dataset_maps_to(description: Graph, engine: Engine) -> None:
    for theme in description.objects(SUMMARY, DCAT.theme):
        assert solutions(f"SELECT ?entity {{ ?entity <{expand('skos:exactMatch')}> <{theme}> }}", engine)


def test_a_description_that_is_not_turtle_is_an_error_with_its_place(small_inputs: Inputs) -> None:
    folder = small_inputs.ontology / "description"
    (folder / "dataset.ttl").write_text("<> a\n  .\n")
    with pytest.raises(RecordsError, match=r"dataset.ttl:\d"):
        list(read_statements(folder))


def test_the_dataset_holds_no_description_of_itself(snapshot: Snapshot) -> None:
    assert "/graph/metadata>" not in (snapshot.path / DATASET).read_text(encoding="utf-8")
