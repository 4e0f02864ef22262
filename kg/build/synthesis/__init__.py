"""Computes the graph ``synthesis`` from the findings: intervals, pooled results, the rows of the summary of findings,
the certainty profiles of both, refusals, the evidence map, and the numbers of findings.

Queries say what may be pooled (``ontology/synthesis``); the ontology says what a method or a reason means.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from kg.build.jsonld import Context, Node
from kg.build.synthesis.aspects import aspect_nodes
from kg.build.synthesis.certainty import Body, pooled_body, read_facts, signals
from kg.build.synthesis.cohorts import cohort_selection
from kg.build.synthesis.figures import KINDS, Kind
from kg.build.synthesis.nodes import pooled_or_refused, study_nodes
from kg.build.synthesis.people import read_people
from kg.build.synthesis.selection import Question, read_questions, select
from kg.build.synthesis.summary import row_body, summary_nodes
from kg.build.synthesis.tallies import tally_nodes
from kg.errors import KgError
from kg.prefixes import GRAPH, expand
from kg.rdf import graph_of

__all__ = ["SYNTHESIS", "synthesise"]

SYNTHESIS = ox.NamedNode(GRAPH + "synthesis")


def synthesise(quads: Iterable[ox.Quad], queries: Path, context: Context) -> list[ox.Quad]:
    """Return the quads of the graph ``synthesis`` for asserted and inferred quads, by the queries of a folder."""
    store = ox.Store()
    store.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object)
        for quad in quads
        if not graph_of(quad).startswith(("external/", "mappings"))
    )
    people = read_people(store, queries / "people")
    formulas, labels = _texts(store, "ckg:formula"), _texts(store, "rdfs:label")
    nodes: list[Node] = []
    bodies: list[Body] = []
    asked: list[tuple[Kind, Question]] = []
    for kind in KINDS:
        questions = read_questions(store, queries, kind)
        asked += ((kind, question) for question in questions)
        nodes += study_nodes(kind, questions, formulas)
        for question in questions:
            selections = select(question, people)
            made = list(pooled_or_refused(kind, question, selections, formulas, labels))
            bodies += [pooled_body(kind, one, question.findings, formulas) for one in made if one["type"] == kind.type]
            nodes += made
            nodes += cohort_selection(kind.folder, question, selections, people, labels)
        if kind.type == "PooledProportion":
            nodes += aspect_nodes(store, queries, questions, people, labels)
    _check_addresses(nodes)
    nodes += tally_nodes(store, queries, people, labels)
    rows = list(summary_nodes(store, queries / "summary", people, asked, nodes, formulas, labels))
    bodies += [row_body(row) for row in rows if row["type"] == "SummaryRow" and row["input"]]
    facts = read_facts(store, queries, labels)
    nodes += [*rows, *(signal for body in bodies for signal in signals(body, facts))]
    return [*context.to_quads({"entities": nodes}, SYNTHESIS.value), *_constructed(store, queries / "map")]


def _check_addresses(nodes: Iterable[Node]) -> None:
    """Raise KgError where two nodes have one address: their statements would run into one another."""
    counts = Counter(node["id"] for node in nodes)
    if twice := sorted(iri for iri, count in counts.items() if count > 1):
        raise KgError(f"two results of the synthesis have the address {twice[0]}: rename an entity of one of them")


def _texts(store: ox.Store, name: str) -> dict[str, str]:
    """Return the text that a property gives of each resource."""
    quads = store.quads_for_pattern(None, ox.NamedNode(expand(name)), None)
    return {
        quad.subject.value: quad.object.value
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
    }


def _constructed(store: ox.Store, queries: Path) -> list[ox.Quad]:
    """Return what the queries of a folder construct, in the order of their names; each sees what came before."""
    quads: list[ox.Quad] = []
    for query in sorted(queries.glob("*.rq")):
        triples = list(cast(ox.QueryTriples, store.query(query.read_text(encoding="utf-8"))))
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
        quads += [ox.Quad(triple.subject, triple.predicate, triple.object, SYNTHESIS) for triple in triples]
    return quads
