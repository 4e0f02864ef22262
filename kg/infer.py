"""Derives the graph ``inferred``: what the rules and the axioms say beyond what was asserted."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import owlrl
import pyoxigraph as ox
from rdflib import Graph, URIRef

from kg.prefixes import GRAPH, ID, ONTOLOGY, PREFIXES
from kg.rdf import graph_of

INFERRED = ox.NamedNode(GRAPH + "inferred")
_LEFT_OUT = ("external/", "mappings")
_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")


def infer(quads: Iterable[ox.Quad], rules: Path) -> list[ox.Quad]:
    """Return the derived quads: first those of the rules (``*.rq``), then the OWL RL closure of everything.

    The rules run in the order of their file names; each sees what those before it derived.
    """
    store = ox.Store()
    store.bulk_extend(quads)
    for rule in sorted(rules.glob("*.rq")):
        text = rule.read_text(encoding="utf-8")
        derived = store.query(text, use_default_graph_as_union=True)
        store.extend([_inferred(triple) for triple in _triples(derived)])
    store.extend([_inferred(triple) for triple in _closure(store)])
    return list(store.quads_for_pattern(None, None, None, INFERRED))


def _inferred(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, INFERRED)


def _triples(results: object) -> Iterator[ox.Triple]:
    assert isinstance(results, ox.QueryTriples), "a rule is a CONSTRUCT query"
    return results


def _closure(store: ox.Store) -> Iterator[ox.Triple]:
    """Yield what OWL RL adds about the project's own entities, findings and edges.

    Only the ontology and the relations between records go in.
    """
    given = {
        ox.Triple(quad.subject, quad.predicate, quad.object)
        for quad in store
        if graph_of(quad) == "ontology" or (not graph_of(quad).startswith(_LEFT_OUT) and _relates(quad))
    }
    graph = Graph()
    graph.parse(data=ox.serialize(given, format=ox.RdfFormat.N_TRIPLES), format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    for terms in graph:
        if all(isinstance(term, URIRef) for term in terms):  # the closure has literals as subjects, too
            found = ox.Triple(*(ox.NamedNode(str(term)) for term in terms))
            if found not in given and _relates(found):
                yield found


def _relates(triple: ox.Triple | ox.Quad) -> bool:
    """Tell whether a triple says something of a record: its class, or how it is related to another record.

    Parts of records (IRIs with a fragment), literals and terms of controlled vocabularies take part in no axiom
    that would tell anything new, and would make the closure many times slower.
    """
    subject, relation, target = triple.subject, triple.predicate, triple.object
    return (
        isinstance(subject, ox.NamedNode)
        and isinstance(target, ox.NamedNode)
        and subject != target
        and _is_record(subject)
        and (_is_record(target) if relation != _TYPE else target.value.startswith(ONTOLOGY))
        and (relation == _TYPE or relation.value.startswith(ONTOLOGY))
    )


def _is_record(node: ox.NamedNode) -> bool:
    return node.value.startswith(ID) and "#" not in node.value
