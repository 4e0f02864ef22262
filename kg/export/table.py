"""The table of exports: one row a format. The command, the routes and the documentation read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.export import cytoscape, fhir, kgx, nanopub, neo4j, network_formats, rdf, references, sssom, tables
from kg.export.extract import Extract


@dataclass(frozen=True)
class Export:
    """A format, and what writes an extract in it, in chunks.

    ``family`` groups formats: rdf, network, table, evidence, references, mappings. ``meaning`` says what the file is;
    ``keeps`` and ``loses`` say in a sentence each what of the graph is in it and what is not.
    """

    name: str
    family: str
    media_type: str
    extension: str
    write: Callable[[Extract], Iterator[bytes]]
    meaning: str
    keeps: str
    loses: str


_QUADS = "Every statement, with its named graph: what was asserted, inferred and computed."
_TRIPLES = "Every statement."
_NO_GRAPHS = "In which named graph a statement is: whether it was asserted, inferred or computed."
_EDGES = "Entities, and what findings state between them by relation, direction and support, with number and best level"
_NETWORK = f"{_EDGES}, and the ids of findings and sources."
_NO_FIGURES = "Findings without an object; of all findings the figures, the passages and which population each is on"
_TABLE = "Every key of each finding: figures as numbers and as printed, direction, denial, population, source, passage."
_WORKS = "Each source as recorded, with how much of it was read, and each work whose figures a finding relays."
_NO_FINDINGS = (
    "Findings; works that a source cites without their figures; what is not recorded, such as the day of reading"
)
_NO_ENTITIES = "How figures were derived, and of entities all but id, type and label: the hierarchy, mappings, synonyms"

_ROWS = (
    Export(
        "ttl", "rdf", "text/turtle", "ttl", rdf.write_turtle,
        "the dataset as Turtle, all graphs as one", _TRIPLES, _NO_GRAPHS,
    ),
    Export(
        "nt", "rdf", "application/n-triples", "nt", rdf.write_ntriples,
        "the dataset as N-Triples, all graphs as one, a triple a line", _TRIPLES, _NO_GRAPHS,
    ),
    Export(
        "nq", "rdf", "application/n-quads", "nq", rdf.write_nquads,
        "the dataset as N-Quads, graph by graph, a quad a line", _QUADS, "Nothing.",
    ),
    Export(
        "trig", "rdf", "application/trig", "trig", rdf.write_trig,
        "the dataset as TriG, graph by graph", _QUADS, "Nothing.",
    ),
    Export(
        "jsonld", "rdf", "application/ld+json", "jsonld", rdf.write_json_ld,
        "the dataset as JSON-LD, graph by graph", _QUADS, "Nothing.",
    ),
    Export(
        "rdf", "rdf", "application/rdf+xml", "rdf", rdf.write_rdf_xml,
        "the dataset as RDF/XML, all graphs as one", "Every statement that XML can express.",
        f"{_NO_GRAPHS[:-1]}; statements with control characters, or with a property that is no XML name.",
    ),
    Export(
        "graphml", "network", "application/graphml+xml", "graphml", network_formats.write_graphml,
        "the network as GraphML, for networkx, igraph, yEd, JGraphT", _NETWORK,
        f"{_NO_FIGURES}; position, colour and line are attributes that the reading program does not use by itself; an"
        " id has colons for slashes, as the schema of GraphML requires; name has the whole id.",
    ),
    Export(
        "gexf", "network", "application/gexf+xml", "gexf", network_formats.write_gexf,
        "the network as GEXF 1.3, for Gephi, with positions and style", _NETWORK,
        f"{_NO_FIGURES}; hexagons and octagons are drawn as discs.",
    ),
    Export(
        "cx2", "network", "application/json", "cx2", cytoscape.write_cx2,
        "the network as CX2, for Cytoscape and NDEx, with positions and style", _NETWORK, f"{_NO_FIGURES}.",
    ),
    Export(
        "cyjs", "network", "application/json", "cyjs", cytoscape.write_cyjs,
        "the network as JSON for Cytoscape.js and Cytoscape, with positions and style", _NETWORK, f"{_NO_FIGURES}.",
    ),
    Export(
        "dot", "network", "text/vnd.graphviz", "dot", network_formats.write_dot,
        "the network for Graphviz, with positions and style", _NETWORK, f"{_NO_FIGURES}.",
    ),
    Export(
        "mermaid", "network", "text/vnd.mermaid", "mmd", network_formats.write_mermaid,
        "the network as a Mermaid flowchart, for Markdown pages",
        "Entities, and what findings state between them, with direction, denial, number and best level, in words.",
        f"{_NO_FIGURES}; ids of findings and sources; Mermaid draws 500 edges at most, so select with filters.",
    ),
    Export(
        "json", "network", "application/json", "json", network_formats.write_node_link,
        "the network as node-link JSON, for networkx and D3", _NETWORK, f"{_NO_FIGURES}.",
    ),
    Export(
        "kgx", "network", "application/zip", "kgx.zip", kgx.write,
        "a Biolink knowledge graph in KGX TSV: nodes and edges, zipped",
        "Each finding with an object as an edge of its own, with its figures, population, direction, denial, evidence"
        " and publication; the entities they name, with synonyms and mappings; the hierarchy.",
        "Findings without an object, passages, notes, disagreements, of populations all but label, description and"
        " size, and what was pooled or counted; the relation is the nearest"
        " of Biolink that claims no more, together with our own; kgx merges parallel edges unless it streams.",
    ),
    Export(
        "neo4j", "network", "application/zip", "neo4j.zip", neo4j.write,
        "a property graph for neo4j-admin database import: nodes and relationships as CSV, zipped",
        "Findings, sources, studies and disagreements as nodes like the entities, and direct relationships by"
        " direction and support; what is weaker than stated has a type of its own.",
        "Named graphs, justifications of mappings, how figures were derived, of populations all but label, description"
        " and size, and what was pooled or counted.",
    ),
    Export(
        "fhir", "evidence", "application/fhir+json", "fhir.json", fhir.write,
        "a FHIR R5 Bundle: each finding and each pooled result as Evidence, with its variables and citations",
        "Each finding whole: figures, population, comparison, direction, denial, evidence level, source and passage;"
        " what denies a claim or withdraws it as a modifier extension; and what was pooled of these, with both"
        " intervals.",
        "The hierarchy, mappings other than exact ones, disagreements, derivations of figures, sensitivity analyses and"
        " refusals to pool.",
    ),
    Export(
        "csv", "table", "text/csv", "csv", tables.write_csv,
        "the findings as a table, one row each", _TABLE,
        f"{_NO_ENTITIES}; a text that a spreadsheet would take for a formula has an apostrophe before it.",
    ),
    Export(
        "xlsx", "table", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", tables.write_xlsx,
        "the findings as a workbook, with a sheet of pooled results and one on what the columns mean", _TABLE,
        f"{_NO_ENTITIES}; a text beyond 32,767 characters is cut.",
    ),
    Export(
        "parquet", "table", "application/vnd.apache.parquet", "parquet", tables.write_parquet,
        "the findings as a typed table, for pandas, R, DuckDB", _TABLE, f"{_NO_ENTITIES}.",
    ),
    Export(
        "nanopub", "evidence", "application/trig", "trig", nanopub.write,
        "each finding as a nanopublication, and their index",
        "Each finding whole, with its provenance, under a trusty URI that a change would break.",
        "Of entities all but their IRIs, the hierarchy, mappings and what was computed.",
    ),
    Export(
        "csljson", "references", "application/vnd.citationstyles.csl+json", "json", references.write_csl_json,
        "the sources as CSL-JSON, for Zotero, pandoc, citeproc", _WORKS, f"{_NO_FINDINGS}.",
    ),
    Export(
        "ris", "references", "application/x-research-info-systems", "ris", references.write_ris,
        "the sources as RIS, for EndNote, Mendeley, Zotero", _WORKS,
        f"{_NO_FINDINGS}; of authors in one text the commas, which are semicolons.",
    ),
    Export(
        "bibtex", "references", "application/x-bibtex", "bib", references.write_bibtex,
        "the sources as BibTeX in UTF-8, for LaTeX, JabRef, pandoc", _WORKS,
        f"{_NO_FINDINGS}; the day of a date.",
    ),
    Export(
        "sssom", "mappings", "text/tab-separated-values", "sssom.tsv", sssom.write,
        "the mappings to other vocabularies, as an SSSOM table",
        "Every mapping, with its justification, also where no term was found.",
        "Findings, and entities without a mapping.",
    ),
)  # fmt: skip

#: Every export by its name.
EXPORTS: dict[str, Export] = {row.name: row for row in _ROWS}
