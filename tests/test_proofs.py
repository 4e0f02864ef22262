"""Inferred triples have a proof, and every step of it can be replayed by the rule that it names."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import pyoxigraph as ox
import pytest
from conftest import EXAMPLES

from kg.build.dataset import Inputs
from kg.build.infer import closure
from kg.engine import Engine
from kg.prefixes import GRAPH, ID, expand
from kg.rdf import graph_of
from kg.read.proofs import INFERRED, Proof, Step, Triple, prove, rules
from kg.snapshot import Snapshot

RULES = Inputs().ontology / "rules"
#: No two of the first documents share people; `test_directness` has the rule.
UNUSED = {"14-shared-people"}
RDF_TYPE = ox.NamedNode(expand("rdf:type"))


@pytest.fixture(scope="module")
def quads(snapshot: Snapshot) -> list[ox.Quad]:
    return list(ox.parse(path=snapshot.path / "dataset.nq"))


@pytest.fixture(scope="module")
def proofs(quads: list[ox.Quad], engine: Engine) -> dict[Triple, Proof]:
    """Proofs of some two hundred inferred triples of each relation, and twenty of each class, spread over all.

    With KG_EXAMPLES of every one.
    """
    relations = defaultdict(list)
    for quad in quads:
        if graph_of(quad) == "inferred":
            relations[quad.predicate, quad.object if quad.predicate == RDF_TYPE else None].append(written(quad))
    some = [
        triple
        for (_, class_), every in relations.items()
        for triple in every[:: 1 if EXAMPLES else len(every) // (20 if class_ else 200) or 1]
    ]
    proofs = prove(some, engine)
    assert len(some) > 4_000
    assert [triple for triple in some if triple not in proofs] == []
    return proofs


def written(quad: ox.Quad) -> Triple:
    return str(quad.subject), str(quad.predicate), str(quad.object)


def read(triple: Triple) -> ox.Triple:
    return next(iter(ox.parse(f"{' '.join(triple)} .", format=ox.RdfFormat.N_TRIPLES))).triple


def parts(proof: Proof) -> Iterator[Proof]:
    yield proof
    for premise in proof.premises:
        yield from parts(premise)


def nameless(triples: Sequence[Triple]) -> tuple[tuple[tuple[str | int, ...], ...], dict[str, int]]:
    """Return the triples with a number for each individual, and these numbers."""
    numbers: dict[str, int] = {}
    for term in (term for triple in triples for term in triple if term.startswith(f"<{ID}")):
        numbers.setdefault(term, len(numbers))
    return tuple(tuple(numbers.get(term, term) for term in triple) for triple in triples), numbers


def test_the_leaves_are_asserted_and_the_steps_inferred(proofs: dict[Triple, Proof], quads: list[ox.Quad]) -> None:
    asserted = {written(quad) for quad in quads if graph_of(quad) != "inferred"}
    for proof in proofs.values():
        for part in parts(proof):
            if part.step is None:
                assert part.triple in asserted
                assert part.graphs and INFERRED not in part.graphs
            else:
                assert part.graphs == (INFERRED,)
                assert part.step.premises == tuple(premise.triple for premise in part.premises)


def test_no_proof_leads_back_to_what_it_proves(proofs: dict[Triple, Proof]) -> None:
    for triple, proof in proofs.items():
        assert all(part.triple != triple for premise in proof.premises for part in parts(premise))


def test_every_rule_proves_something_and_every_rule_file_has_its_explanation(proofs: dict[Triple, Proof]) -> None:
    used = Counter(proof.step.rule for proof in proofs.values() if proof.step)
    assert {rule.name for rule in rules()} - used.keys() <= {"prp-dom", "cls-avf", *UNUSED}
    assert {path.stem for path in RULES.glob("*.rq")} - UNUSED <= used.keys()


def test_each_step_by_a_rule_of_the_project_is_replayed_by_the_rule(proofs: dict[Triple, Proof]) -> None:
    """The rule is run on the premises and nothing else; where it takes several steps at once, on the leaves.

    Steps that differ by the names of individuals alone are one.
    """
    names = {path.stem: path.read_text(encoding="utf-8") for path in RULES.glob("*.rq")}
    seen = set()
    for proof in proofs.values():
        if proof.step is None or proof.step.rule not in names:
            continue
        at_once = proof.step.rule == "80-external-terms"
        premises = [part for part in parts(proof) if part.step is None] if at_once else proof.premises
        form, _ = nameless([proof.triple, *(part.triple for part in premises)])
        if (proof.step.rule, form) in seen:
            continue
        seen.add((proof.step.rule, form))
        store = ox.Store()
        for part in premises:
            triple = read(part.triple)
            store.extend(
                ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(graph)) for graph in part.graphs
            )
        found = {
            (str(triple.subject), str(triple.predicate), str(triple.object))
            for triple in store.query(names[proof.step.rule], use_default_graph_as_union=True)  # type: ignore[union-attr]
        }
        assert proof.triple in found, (proof.triple, proof.step)
    assert {rule for rule, _ in seen} == names.keys() - UNUSED
    assert len(seen) > 1_000


def test_each_step_by_an_axiom_is_replayed_by_the_reasoner(proofs: dict[Triple, Proof], quads: list[ox.Quad]) -> None:
    """Steps that differ by the names of individuals alone are one; each gets individuals of its own."""
    names = {path.stem for path in RULES.glob("*.rq")}
    given = {ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads if graph_of(quad) == "ontology"}
    conclusions: dict[ox.Triple, Step] = {}
    seen = set()
    for proof in proofs.values():
        if proof.step is None or proof.step.rule in names:
            continue
        triples = [proof.triple, *proof.step.premises]
        form, individuals = nameless(triples)
        if form in seen:
            continue
        seen.add(form)
        renamed = [
            read(
                tuple(  # type: ignore[arg-type]
                    f"<{ID}step-{len(seen)}/x{individuals[term]}>" if term in individuals else term for term in triple
                )
            )
            for triple in triples
        ]
        conclusions[renamed[0]] = proof.step
        given.update(renamed[1:])
    assert len(conclusions) > 30
    closed = closure(given, [RULES / "closure" / "property-chains.rq"])
    assert [step for triple, step in conclusions.items() if triple not in closed] == []


def test_no_step_would_give_a_shorter_proof(proofs: dict[Triple, Proof]) -> None:
    def size(proof: Proof) -> int:
        return (proof.step is not None) + sum(map(size, proof.premises))

    leaves = {part.triple for proof in proofs.values() for part in parts(proof) if part.step is None}
    sizes = dict.fromkeys(leaves, 0) | {triple: size(proof) for triple, proof in proofs.items()}
    for triple, proof in proofs.items():
        for step in proof.steps:
            if sizes.keys() >= set(step.premises):
                assert sizes[triple] <= 1 + sum(sizes[premise] for premise in step.premises)


def test_what_the_dataset_does_not_hold_has_no_proof(engine: Engine) -> None:
    triple = (f"<{ID}site/finger>", f"<{expand('ckg:partOf')}>", f"<{ID}site/foot>")
    assert prove([triple], engine) == {}


def test_an_asserted_triple_needs_no_rule(engine: Engine) -> None:
    triple = (f"<{ID}site/finger>", f"<{expand('ckg:partOf')}>", f"<{ID}site/hand>")
    [proof] = prove([triple], engine).values()
    assert (proof.graphs, proof.step, proof.premises) == ((GRAPH + "entities",), None, ())
