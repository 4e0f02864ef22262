"""Exports of a snapshot: one row a format, one module each; command, routes and documentation read the table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from kg.export import cyjs, nanopub, rdf, sssom
from kg.export.selection import Extract, Filters

__all__ = ["EXPORTS", "Export", "Extract", "Filters"]


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


_ROWS = (
    Export(
        "nq",
        "application/n-quads",
        "nq",
        "rdf",
        "the dataset as RDF, graph by graph, a quad a line",
        "Everything, with the named graph of each statement.",
        "Nothing.",
        partial(rdf.write, format_="nq"),
    ),
    Export(
        "cyjs",
        "application/json",
        "cyjs",
        "network",
        "the network for Cytoscape.js and Cytoscape, with places and style",
        "Entities, and what findings state between them by direction and standing, with ids of findings and sources.",
        "Findings without an object, and the figures, populations and passages of all findings.",
        cyjs.write,
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
