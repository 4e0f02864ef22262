"""Explanations: why a triple is in the graph, as plain data."""

import json
from collections.abc import Mapping, Sequence

from kg.prefixes import GRAPH, ID, PREFIXES, contract
from kg.read.labels import Json, Labels, local
from kg.read.proofs import COMPUTED, Proof, Triple, prove

_FINDING = f"<{ID}finding/"


def explain(labels: Labels, triple: Triple) -> Json | None:
    """Return why a triple holds, with its premises and their reasons nested; None when no graph holds it."""
    proof = prove([triple], labels.engine).get(triple)
    return None if proof is None else _shape(labels, proof)


def _shape(labels: Labels, proof: Proof) -> Json:
    subject, predicate, target = (_term(labels, term) for term in proof.triple)
    shaped: Json = {
        "origin": "inferred" if proof.step else "computed" if COMPUTED.issuperset(proof.graphs) else "asserted",
        "triple": {"subject": subject, "predicate": predicate, "object": target},
        "graphs": [graph.removeprefix(GRAPH) for graph in proof.graphs],
    }
    if proof.step:
        shaped |= {"rule": proof.step.rule, "meaning": proof.step.words}
        shaped |= {"axiom": proof.step.axiom} if proof.step.axiom else {}
        shaped["premises"] = [_shape(labels, premise) for premise in proof.premises]
        if findings := _findings(proof):
            shaped["findings"] = list(labels.references(findings).values())
    elif shaped["origin"] == "computed":
        shaped |= _computed(labels, proof.triple[0])
    return shaped


def _findings(proof: Proof) -> Sequence[str]:
    """Return every finding that supports an edge, not only those of this proof."""
    assert proof.step
    if proof.step.rule != "40-edges":
        return ()
    premises = (premise for step in proof.steps if step.rule == "40-edges" for premise in step.premises)
    return sorted({subject[1:-1] for subject, _, _ in premises if subject.startswith(_FINDING)})


def _computed(labels: Labels, node: str) -> Json:
    """Return how a node of the synthesis was computed: its formula, if it has one, and its input findings."""
    rows = labels.select("explain/computed", node=node[1:-1]) if node.startswith("<") else []
    formula = [row["value"] for row in rows if local(row["property"]) == "formula"]
    inputs = dict.fromkeys(row["value"] for row in rows if local(row["property"]) != "formula")
    shaped: Json = {"formula": formula[0]} if formula else {}
    return shaped | ({"findings": list(labels.references(inputs).values())} if inputs else {})


def _term(labels: Labels, term: str) -> Mapping[str, object]:
    """Return a term: an IRI with its short form and its label, or a literal with its value."""
    if not term.startswith("<"):
        text, end = json.JSONDecoder().raw_decode(term) if term.startswith('"') else (term, len(term))
        datatype = term[end:].removeprefix("^^<").rstrip(">").removeprefix(PREFIXES["xsd"])
        return {"value": text} | ({"datatype": f"xsd:{datatype}"} if datatype else {})
    iri = term[1:-1]
    label = labels.label(iri)
    return {"id": contract(iri).removeprefix("ckgid:"), "iri": iri} | ({"label": label} if label else {})
