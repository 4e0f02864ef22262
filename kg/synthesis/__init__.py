"""Computes the graph ``synthesis`` from the findings: exact intervals, pooled proportions, refusals with their reasons.

What may be pooled is said by queries (``ontology/synthesis``) and what a method or a reason means by the ontology.
"""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from kg.rdf import graph_of
from kg.synthesis.graph import SYNTHESIS, Writer
from kg.synthesis.questions import read_questions
from kg.synthesis.selection import select

__all__ = ["SYNTHESIS", "synthesise"]


def synthesise(quads: Iterable[ox.Quad], queries: Path) -> list[ox.Quad]:
    """Return the quads of the graph ``synthesis`` for asserted and inferred quads, by the queries of a folder."""
    store = ox.Store()
    store.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object)
        for quad in quads
        if not graph_of(quad).startswith(("external/", "mappings"))
    )
    questions, overlaps = read_questions(store, queries)
    writer = Writer(store)
    for question in questions:
        writer.write(question, select(question, overlaps))
    return writer.quads
