"""Documents the ontology: a page for people, and the ontology itself in the formats that machines read.

ontology.html        classes, properties and vocabularies with a diagram; needs no network and no script
ontology.ttl         Turtle
ontology.rdf         RDF/XML
ontology.jsonld      JSON-LD
ontology.nt          N-Triples
"""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
from rdflib import OWL, Graph
from rdflib.plugins.serializers.turtle import TurtleSerializer

from kg.build.ontology_page.model import Model, Usage
from kg.build.ontology_page.page import render
from kg.rdf import to_rdflib

__all__ = ["document"]

#: By extension. Turtle is not here: people read it, so its blank nodes are nested.
_FORMATS = {"nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD}


def document(folder: Path, quads: Sequence[ox.Quad]) -> None:
    """Write the page and every format of the ontology of a dataset; the same quads give the same bytes."""
    model = Model(quads)
    _write_formats(folder, model.triples, model.prefixes)
    (folder / "ontology.html").write_text(render(model, Usage(model, quads)), encoding="utf-8")


def _write_formats(folder: Path, triples: Sequence[ox.Triple], prefixes: dict[str, str]) -> None:
    """Write ``ontology.ttl``, ``.nt``, ``.rdf`` and ``.jsonld`` into a folder."""
    for extension, kind in _FORMATS.items():
        ox.serialize(triples, folder / f"ontology.{extension}", format=kind, prefixes=prefixes)
    graph = Graph(bind_namespaces="none")
    for prefix, iri in prefixes.items():
        graph.bind(prefix, iri)
    # Not through a text: its parser would rename the blank nodes, and the writer sorts by their names.
    for triple in triples:
        graph.add((to_rdflib(triple.subject), to_rdflib(triple.predicate), to_rdflib(triple.object)))
    writer = TurtleSerializer(graph)
    writer.topClasses = [OWL.Ontology]  # what stands first
    with (folder / "ontology.ttl").open("wb") as file:
        writer.serialize(file)
