"""The formats of answers: one row a format, with its name, media type and extension."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Format:
    """A way to write an answer: a table or truth value (``results``) or a graph (``graph``), which it may name."""

    name: str
    media_type: str
    extension: str
    kind: Literal["results", "graph"]
    names_graphs: bool = False


_ROWS = (
    # SPARQL 1.1 Query Results JSON, XML, CSV and TSV
    Format("json", "application/sparql-results+json", "srj", "results"),
    Format("xml", "application/sparql-results+xml", "srx", "results"),
    Format("csv", "text/csv", "csv", "results"),
    Format("tsv", "text/tab-separated-values", "tsv", "results"),
    # RDF 1.1
    Format("ttl", "text/turtle", "ttl", "graph"),
    Format("nt", "application/n-triples", "nt", "graph"),
    Format("jsonld", "application/ld+json", "jsonld", "graph"),
    Format("rdf", "application/rdf+xml", "rdf", "graph"),
    Format("trig", "application/trig", "trig", "graph", names_graphs=True),
    Format("nq", "application/n-quads", "nq", "graph", names_graphs=True),
)

#: Every format by its name, in order of preference.
FORMATS: dict[str, Format] = {row.name: row for row in _ROWS}
#: Formats for SELECT and ASK; the first is the default.
RESULTS: tuple[Format, ...] = tuple(row for row in _ROWS if row.kind == "results")
#: Formats for CONSTRUCT and DESCRIBE; the first is the default.
GRAPHS: tuple[Format, ...] = tuple(row for row in _ROWS if row.kind == "graph")
