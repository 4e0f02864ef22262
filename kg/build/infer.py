"""Derives the graph ``inferred``: what the rules and the axioms say beyond what was asserted."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.build.dataset import Dataset, Inputs, read_dataset
from kg.files import naming
from kg.prefixes import GRAPH, ID, ONTOLOGY, PREFIXES
from kg.rdf import graph_of

INFERRED = ox.NamedNode(GRAPH + "inferred")
#: Graphs that take no part in the OWL RL closure.
_OUTSIDE = ("external/", "mappings")
_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")


def derive(inputs: Inputs) -> tuple[Dataset, list[ox.Quad]]:
    """Return the asserted dataset and what follows from it."""
    dataset = read_dataset(inputs)
    return dataset, infer(dataset.quads, inputs.ontology / "rules")


def infer(quads: Iterable[ox.Quad], rules: Path) -> list[ox.Quad]:
    """Return the derived quads: first those of the rules, then the OWL RL closure of everything.

    The closure is that of the reasoner together with the rules in ``closure/``, which it lacks.
    """
    store = ox.Store()
    store.bulk_extend(quads)
    apply_rules(store, rules)
    given = axioms(store)
    derived = closure(given, sorted((rules / "closure").glob("*.rq"))) - given
    store.extend([_inferred(triple) for triple in derived if _is_relation(triple)])
    return list(store.quads_for_pattern(None, None, None, INFERRED))


def apply_rules(store: ox.Store, rules: Path) -> None:
    """Add what the rules (``*.rq``) derive, in the order of their file names; each sees what came before."""
    for rule in sorted(rules.glob("*.rq")):
        store.extend([_inferred(triple) for triple in _construct(rule, store)])


def axioms(quads: Iterable[ox.Quad]) -> set[ox.Triple]:
    """Return the triples that the reasoner works on: the ontology, and the relations between records.

    Of the ontology without its texts and numbers: no axiom of ours is about a literal, and the reasoner would take most
    of its time for labels and definitions.
    """
    return {
        quad.triple
        for quad in quads
        if (not isinstance(quad.object, ox.Literal) and graph_of(quad) == "ontology")
        or (not graph_of(quad).startswith(_OUTSIDE) and _is_relation(quad))
    }


def closure(given: set[ox.Triple], rules: Sequence[Path]) -> set[ox.Triple]:
    """Return the closure of triples: reasoner and rules in turns, until the rules add nothing to a closed set."""
    premises = given
    while True:
        known = premises | _reason(premises)
        if not (new := _follow(known, rules)):
            return known
        premises = premises | new  # not all that is known: the reasoner is slow, and would find the rest again


def _follow(known: set[ox.Triple], rules: Sequence[Path]) -> set[ox.Triple]:
    """Return what the rules add, and add to that, until nothing is new: they are quicker than the reasoner."""
    store = ox.Store()
    store.bulk_extend(map(_default, known))
    added: set[ox.Triple] = set()
    while new := {triple for rule in rules for triple in _construct(rule, store)} - known - added:
        store.extend(map(_default, new))
        added |= new
    return added


def _reason(triples: set[ox.Triple]) -> set[ox.Triple]:
    import reasonable
    from rdflib import URIRef

    reasoner = reasonable.PyReasoner()
    folder = Path(tempfile.gettempdir())
    with naming(folder), tempfile.NamedTemporaryFile(suffix=".ttl") as file:  # much faster than through rdflib
        ox.serialize(triples, file, format=ox.RdfFormat.N_TRIPLES)
        file.flush()
        reasoner.load_file(file.name)
    return {
        ox.Triple(*map(ox.NamedNode, terms))
        for terms in reasoner.reason()
        if all(isinstance(term, URIRef) for term in terms)
    }


def _construct(rule: Path, store: ox.Store) -> Iterator[ox.Triple]:
    results = store.query(rule.read_text(encoding="utf-8"), use_default_graph_as_union=True)
    assert isinstance(results, ox.QueryTriples), f"{rule.name} is not a CONSTRUCT query"
    return results


def _default(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object)


def _inferred(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, INFERRED)


def _is_relation(triple: ox.Triple | ox.Quad) -> bool:
    """Tell whether a triple gives the class of a record, or relates it to another record.

    Parts of records (IRIs with a fragment), literals and terms of controlled vocabularies are in no axiom from which
    anything new would follow, and would make the closure many times slower.
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
