"""Computes the graph ``synthesis`` from the findings: intervals, pooled proportions, refusals, and the evidence map.

What may be pooled is said by queries (``ontology/synthesis``) and what a method or a reason means by the ontology.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from kg.build.synthesis.graph import SYNTHESIS, Writer
from kg.build.synthesis.questions import read_questions
from kg.build.synthesis.selection import select
from kg.rdf import graph_of

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
    return [*writer.quads, *_evidence_map(store, queries / "map")]


def _evidence_map(store: ox.Store, queries: Path) -> list[ox.Quad]:
    """Return what the queries of a folder construct, in the order of their names; each sees what came before."""
    quads: list[ox.Quad] = []
    for query in sorted(queries.glob("*.rq")):
        triples = list(cast(ox.QueryTriples, store.query(query.read_text(encoding="utf-8"))))
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
        quads += [ox.Quad(triple.subject, triple.predicate, triple.object, SYNTHESIS) for triple in triples]
    return quads
