"""The table of exports: one row a format. The command, the routes and the documentation read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.export import csv, cx2, cyjs, dot, fhir, gexf, graphml, kgx, mermaid, neo4j, nodelink, parquet, rdf, sssom, xlsx
from kg.export.extract import Extract
from kg.export.nanopub import trig as nanopub


@dataclass(frozen=True)
class Export:
    """A format: its name, media type and extension, and what writes an extract in it, in chunks.

    ``meaning`` says what it is; ``keeps`` and ``loses`` tell in a sentence each what of the graph is in the file and
    what is not. ``family`` groups formats of one kind: rdf, network, table, evidence, mappings.
    """

    name: str
    media_type: str
    extension: str
    family: str
    meaning: str
    keeps: str
    loses: str
    write: Callable[[Extract], Iterator[bytes]]


_ALL = "Every statement, with its named graph: what was asserted, inferred and computed."
_NO_GRAPHS = "In which named graph a statement stands: whether it was asserted, inferred or computed."
_TABLE = (
    "Every key of each finding: figures as numbers and as printed, direction and denial, population, source, passage."
)
_FLAT = "Derived figures, and what the graph says of entities beside their names: the hierarchy, mappings, synonyms"
_STATED = (
    "Entities, and what findings state between them by relation, direction and standing, with number and best level"
)
_NETWORK = f"{_STATED}, and the ids of findings and sources."
_NO_FIGURES = "Findings without an object; of all findings the figures, populations and passages"

_ROWS = (
    Export(
        "ttl",
        "text/turtle",
        "ttl",
        "rdf",
        "the dataset as Turtle, all graphs as one",
        "Every statement.",
        _NO_GRAPHS,
        rdf.write_turtle,
    ),
    Export(
        "nt",
        "application/n-triples",
        "nt",
        "rdf",
        "the dataset as N-Triples, all graphs as one, a triple a line",
        "Every statement.",
        _NO_GRAPHS,
        rdf.write_ntriples,
    ),
    Export(
        "nq",
        "application/n-quads",
        "nq",
        "rdf",
        "the dataset as N-Quads, graph by graph, a quad a line",
        _ALL,
        "Nothing.",
        rdf.write_nquads,
    ),
    Export(
        "trig",
        "application/trig",
        "trig",
        "rdf",
        "the dataset as TriG, graph by graph",
        _ALL,
        "Nothing.",
        rdf.write_trig,
    ),
    Export(
        "jsonld",
        "application/ld+json",
        "jsonld",
        "rdf",
        "the dataset as JSON-LD, graph by graph",
        _ALL,
        "Nothing.",
        rdf.write_json_ld,
    ),
    Export(
        "rdf",
        "application/rdf+xml",
        "rdf",
        "rdf",
        "the dataset as RDF/XML, all graphs as one",
        "Every statement that XML can hold.",
        f"{_NO_GRAPHS[:-1]}; statements with control characters, or with a property that is no XML name.",
        rdf.write_rdf_xml,
    ),
    Export(
        "graphml",
        "application/graphml+xml",
        "graphml",
        "network",
        "the network as GraphML, for networkx, igraph, yEd, JGraphT",
        _NETWORK,
        f"{_NO_FIGURES}; a place, a colour or a line is an attribute that the reading program has to be told to use.",
        graphml.write,
    ),
    Export(
        "gexf",
        "application/gexf+xml",
        "gexf",
        "network",
        "the network as GEXF 1.3, for Gephi, with places and look",
        _NETWORK,
        f"{_NO_FIGURES}; hexagons and octagons are drawn as discs.",
        gexf.write,
    ),
    Export(
        "cx2",
        "application/json",
        "cx2",
        "network",
        "the network as CX2, for Cytoscape and NDEx, with places and style",
        _NETWORK,
        f"{_NO_FIGURES}.",
        cx2.write,
    ),
    Export(
        "cyjs",
        "application/json",
        "cyjs",
        "network",
        "the network as JSON for Cytoscape.js and Cytoscape, with places and style",
        _NETWORK,
        f"{_NO_FIGURES}.",
        cyjs.write,
    ),
    Export(
        "dot",
        "text/vnd.graphviz",
        "dot",
        "network",
        "the network for Graphviz, with places and look",
        _NETWORK,
        f"{_NO_FIGURES}.",
        dot.write,
    ),
    Export(
        "mermaid",
        "text/vnd.mermaid",
        "mmd",
        "network",
        "the network as a Mermaid flowchart, for Markdown pages",
        "Entities, and what findings state between them, with direction, denial, number and best level, in words.",
        f"{_NO_FIGURES}; ids of findings and sources; Mermaid draws 500 edges at most, so choose with filters.",
        mermaid.write,
    ),
    Export(
        "json",
        "application/json",
        "json",
        "network",
        "the network as node-link JSON, for networkx and D3",
        _NETWORK,
        f"{_NO_FIGURES}.",
        nodelink.write,
    ),
    Export(
        "kgx",
        "application/zip",
        "kgx.zip",
        "network",
        "a Biolink knowledge graph in KGX TSV: nodes and edges, zipped",
        "Each finding with an object as an edge of its own, with its figures, population, direction, denial, evidence"
        " and publication; the entities they name, with synonyms and mappings; the hierarchy.",
        "Findings without an object, passages, notes, disagreements and what was computed; the relation is the nearest"
        " of Biolink that claims no more (our own stands beside it), and kgx merges parallel edges unless it streams.",
        kgx.write,
    ),
    Export(
        "neo4j",
        "application/zip",
        "neo4j.zip",
        "network",
        "a property graph for neo4j-admin database import: nodes and relationships as CSV, zipped",
        "Findings, sources, studies and disagreements as nodes beside the entities, and direct relationships by"
        " direction and standing; what is denied or open has a type of its own.",
        "Named graphs, justifications of mappings, derivations of figures and what was computed.",
        neo4j.write,
    ),
    Export(
        "fhir",
        "application/fhir+json",
        "fhir.json",
        "evidence",
        "a FHIR R5 Bundle: each finding as Evidence, with its variables and citations",
        "Each finding whole: figures, population, comparison, direction, denial, evidence level, source and passage;"
        " what denies a claim or takes it back as a modifier extension.",
        "The hierarchy, mappings other than exact ones, disagreements, derivations of figures and what was computed.",
        fhir.write,
    ),
    Export(
        "csv",
        "text/csv",
        "csv",
        "table",
        "the findings as a table, one row each",
        _TABLE,
        f"{_FLAT}; a text that a spreadsheet would take for a formula has an apostrophe before it.",
        csv.write,
    ),
    Export(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        "table",
        "the findings as a workbook, with a sheet on what the columns mean",
        _TABLE,
        f"{_FLAT}; a text beyond 32,767 characters is cut.",
        xlsx.write,
    ),
    Export(
        "parquet",
        "application/vnd.apache.parquet",
        "parquet",
        "table",
        "the findings as a typed table, for pandas, R, DuckDB",
        _TABLE,
        f"{_FLAT}.",
        parquet.write,
    ),
    Export(
        "nanopub",
        "application/trig",
        "trig",
        "evidence",
        "each finding as a nanopublication, and their index",
        "Each finding whole, with its provenance, under a trusty URI that a change would break.",
        "Entities beside their IRIs, the hierarchy, mappings and what was computed.",
        nanopub.write,
    ),
    Export(
        "sssom",
        "text/tab-separated-values",
        "sssom.tsv",
        "mappings",
        "the mappings to other vocabularies, as an SSSOM table",
        "Every mapping, with what it rests on; that no term was found, too.",
        "Findings, and entities without a mapping.",
        sssom.write,
    ),
)

#: Every export by its name.
EXPORTS: dict[str, Export] = {row.name: row for row in _ROWS}
