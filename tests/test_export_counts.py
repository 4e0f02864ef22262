"""Direction and denial survive every format: the tools of its users read as many findings as SPARQL counts."""

import io
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import igraph
import networkx as nx
import pandas as pd
import pyoxigraph as ox
import pytest
import rdflib
from extracts import Counts, counted, extract_of, written
from ndex2.cx2 import CX2Network

from kg.build.dataset import Inputs
from kg.engine import Engine
from kg.export import EXPORTS, Extract
from kg.prefixes import ONTOLOGY
from kg.snapshot import Snapshot

CKG = rdflib.Namespace(ONTOLOGY)
LABEL = re.compile(
    r'^ {2}n\d+ -+\.?->\|"(?P<label>[^":]+)(?:: (?P<weight>\d+) findings?(?:, best level (?P<rank>\d))?)?"\|'
)


@pytest.fixture(scope="module")
def extract(snapshot: Snapshot, engine: Engine) -> Extract:
    return extract_of(snapshot, engine)


@pytest.fixture(scope="module")
def all_findings(engine: Engine) -> Counts:
    return counted(engine, with_object=False)


@pytest.fixture(scope="module")
def with_object(engine: Engine) -> Counts:
    return counted(engine, with_object=True)


def weighed(edges: Iterable[Mapping[str, object]]) -> Counts:
    """Sum the weights of edges by direction and denial."""
    counts: Counts = Counter()
    for edge in edges:
        if weight := int(str(edge.get("weight", 0)).partition(".")[0]):
            counts[str(edge.get("direction", "")), edge["negated"] in (True, "true")] += weight
    return counts


def graphml(data: bytes) -> Counts:
    graph = nx.read_graphml(io.BytesIO(data))
    assert isinstance(graph, nx.MultiDiGraph)
    return weighed(members for _, _, members in graph.edges(data=True))


def graphml_by_igraph(data: bytes, tmp_path: Path) -> Counts:
    file = tmp_path / "calcikg.graphml"
    file.write_bytes(data)
    graph = igraph.Graph.Read_GraphML(str(file))
    assert graph.is_directed()
    assert graph.vs.find(name="treatment/colchicine")["label"] == "colchicine"
    return weighed(edge.attributes() for edge in graph.es)


def gexf(data: bytes) -> Counts:
    graph = nx.read_gexf(io.BytesIO(data))
    assert isinstance(graph, nx.MultiDiGraph)
    return weighed(members for _, _, members in graph.edges(data=True))


def node_link(data: bytes) -> Counts:
    graph = nx.node_link_graph(json.loads(data), edges="edges")
    assert isinstance(graph, nx.MultiDiGraph)
    return weighed(members for _, _, members in graph.edges(data=True))


def cx2(data: bytes) -> Counts:
    network = CX2Network()
    network.create_from_raw_cx2(json.loads(data))
    return weighed(edge["v"] for edge in network.get_edges().values())


def cyjs(data: bytes) -> Counts:
    return weighed(edge["data"] for edge in json.loads(data)["elements"]["edges"])


def dot(data: bytes) -> Counts:
    if not shutil.which("dot"):
        pytest.skip("Graphviz is not installed: DOT is not read by the program that it is for")
    # nop: everything that was read, and nothing laid out
    done = subprocess.run(["dot", "-Tdot_json", "-Knop"], input=data, capture_output=True, check=True)
    edges = json.loads(done.stdout)["edges"]
    return weighed(
        {name.removeprefix("ckg_"): value for name, value in edge.items() if name != "weight"} for edge in edges
    )


def mermaid(data: bytes) -> Counts:
    model = rdflib.Graph().parse(Inputs().ontology / "calcikg.ttl")
    words = {
        str(model.value(term, rdflib.RDFS.label)): str(term).removeprefix(ONTOLOGY)
        for term in model.subjects(rdflib.RDF.type, CKG.Direction)
    }
    edges = []
    for line in data.decode().splitlines():
        if found := LABEL.match(line):
            marks = {mark.strip() for mark in re.findall(r"[a-z ]+", found["label"].partition("(")[2])}
            edges.append(
                {
                    "direction": "".join(words[mark] for mark in marks & words.keys()),
                    "negated": "denied" in found["label"],
                    "weight": found["weight"] or 0,
                }
            )
    return weighed(edges)


NETWORKS: dict[str, Callable[[bytes], Counts]] = {
    "graphml": graphml,
    "gexf": gexf,
    "cx2": cx2,
    "cyjs": cyjs,
    "dot": dot,
    "mermaid": mermaid,
    "json": node_link,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str, extract: Extract, with_object: Counts) -> None:
    assert NETWORKS[name](written(name, extract)) == with_object


def test_graphml_in_igraph(extract: Extract, with_object: Counts, tmp_path: Path) -> None:
    assert graphml_by_igraph(written("graphml", extract), tmp_path) == with_object


def frame_counts(frame: pd.DataFrame) -> Counts:
    return Counter(zip(frame["direction"].fillna(""), frame["negated"].map(bool), strict=True))


@pytest.mark.parametrize(
    ("name", "read"), [("csv", pd.read_csv), ("xlsx", pd.read_excel), ("parquet", pd.read_parquet)]
)
def test_tables(name: str, read: Callable[..., pd.DataFrame], extract: Extract, all_findings: Counts) -> None:
    assert frame_counts(read(io.BytesIO(written(name, extract)))) == all_findings


def triple_counts(graph: rdflib.Graph) -> Counts:
    counts: Counts = Counter()
    for finding in set(graph.subjects(CKG.statement)):  # others are only named
        direction = graph.value(finding, CKG.direction)
        counts[str(direction or "").removeprefix(ONTOLOGY), (finding, CKG.negated, rdflib.Literal(True)) in graph] += 1
    return counts


@pytest.mark.parametrize("name", [name for name, row in EXPORTS.items() if row.family == "rdf"])
def test_rdf(name: str, snapshot: Snapshot, engine: Engine, all_findings: Counts) -> None:
    """Read by rdflib: the findings, without the rest of the dataset, which pyoxigraph reads in test_export_rdf."""
    extract = extract_of(snapshot, engine, *(("kind", kind) for kind in ("outcome", "association", "complication")))
    formats = {"nq": "nquads", "jsonld": "json-ld", "rdf": "xml"}
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=written(name, extract), format=formats.get(name, name))
    expected = Counter(
        (finding.get("direction", ""), finding.get("negated", False)) for finding in extract.read_findings()
    )
    assert triple_counts(dataset) == expected
    assert set(expected) >= {("worsened", False), ("noDifference", False), ("improved", False)}
    assert set(expected) <= set(all_findings)


def test_nanopublications(extract: Extract, all_findings: Counts) -> None:
    said: dict[str, dict[str, str]] = {}
    for quad in ox.parse(written("nanopub", extract), format=ox.RdfFormat.TRIG):
        if str(quad.graph_name).endswith("#assertion>") and "/id/finding/" in quad.subject.value:
            said.setdefault(quad.subject.value, {})[quad.predicate.value] = quad.object.value
    statements = {finding: properties for finding, properties in said.items() if f"{ONTOLOGY}statement" in properties}
    assert (
        Counter(
            (
                properties.get(f"{ONTOLOGY}direction", "").removeprefix(ONTOLOGY),
                properties.get(f"{ONTOLOGY}negated") == "true",
            )
            for properties in statements.values()
        )
        == all_findings
    )


def test_every_format_is_counted() -> None:
    """Three formats are counted in test modules of their own; references and mappings contain no findings."""
    here = {
        *NETWORKS,
        "csv",
        "xlsx",
        "parquet",
        "nanopub",
        *(name for name, row in EXPORTS.items() if row.family == "rdf"),
    }
    assert EXPORTS.keys() - here == {"kgx", "neo4j", "fhir", "csljson", "ris", "bibtex", "sssom"}
