"""Documents the ontology: a page for people, and the ontology itself in the formats that machines read.

ontology.html        classes, properties and vocabularies with a picture; needs no network and no script
ontology.ttl         Turtle
ontology.rdf         RDF/XML
ontology.jsonld      JSON-LD
ontology.nt          N-Triples
"""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.build.ontology_page.model import Model
from kg.build.ontology_page.page import render
from kg.build.ontology_page.serialisation import write_formats
from kg.build.ontology_page.usage import Usage

__all__ = ["document"]


def document(folder: Path, quads: Sequence[ox.Quad]) -> None:
    """Write the page and every format of the ontology of a dataset; the same quads give the same bytes."""
    model = Model(quads)
    write_formats(folder, model.triples, model.prefixes)
    page = render(model, Usage(model, quads))
    (folder / "ontology.html").write_text(page, encoding="utf-8")
