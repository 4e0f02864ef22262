"""Derives the graph ``inferred``: what the rules and the axioms say beyond what was asserted."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
import reasonable
from rdflib import URIRef

from kg.prefixes import GRAPH, ID, ONTOLOGY, PREFIXES
from kg.rdf import graph_of

INFERRED = ox.NamedNode(GRAPH + "inferred")
_LEFT_OUT = ("external/", "mappings")
_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")


def infer(quads: Iterable[ox.Quad], rules: Path) -> list[ox.Quad]:
    """Return the derived quads: first those of the rules (``*.rq``), then the OWL RL closure of everything.

    The rules run in the order of their file names; each sees what those before it derived. The closure is that
    of the reasoner together with the rules in ``closure/``, which it lacks.
    """
    store = ox.Store()
    store.bulk_extend(quads)
    for rule in sorted(rules.glob("*.rq")):
        store.extend([_inferred(triple) for triple in _construct(rule, store)])
    given = told(store)
    derived = close(given, sorted((rules / "closure").glob("*.rq"))) - given
    store.extend([_inferred(triple) for triple in derived if _relates(triple)])
    return list(store.quads_for_pattern(None, None, None, INFERRED))


def told(quads: Iterable[ox.Quad]) -> set[ox.Triple]:
    """Return what the axioms can work on: the ontology, and the relations between records."""
    return {
        ox.Triple(quad.subject, quad.predicate, quad.object)
        for quad in quads
        if graph_of(quad) == "ontology" or (not graph_of(quad).startswith(_LEFT_OUT) and _relates(quad))
    }


def close(given: set[ox.Triple], rules: Sequence[Path]) -> set[ox.Triple]:
    """Return the closure of triples: reasoner and rules in turns, until neither adds anything."""
    known = given
    while True:
        found = known | _reason(known)
        store = ox.Store()
        store.bulk_extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in found)
        for rule in rules:
            found.update(_construct(rule, store))
        if len(found) == len(known):
            return found
        known = found


def _reason(triples: set[ox.Triple]) -> set[ox.Triple]:
    reasoner = reasonable.PyReasoner()
    with tempfile.NamedTemporaryFile(suffix=".ttl") as file:  # much quicker than by way of an rdflib graph
        ox.serialize(triples, file, format=ox.RdfFormat.N_TRIPLES)
        file.flush()
        reasoner.load_file(file.name)
    return {
        ox.Triple(*(ox.NamedNode(str(term)) for term in terms))
        for terms in reasoner.reason()
        if all(isinstance(term, URIRef) for term in terms)
    }


def _construct(rule: Path, store: ox.Store) -> Iterator[ox.Triple]:
    results = store.query(rule.read_text(encoding="utf-8"), use_default_graph_as_union=True)
    assert isinstance(results, ox.QueryTriples), f"{rule.name} is no CONSTRUCT query"
    return results


def _inferred(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, INFERRED)


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
