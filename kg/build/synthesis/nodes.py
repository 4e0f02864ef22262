"""Writes what was pooled, and what was not, as JSON-LD nodes under the context of the records."""

from collections.abc import Iterable, Iterator, Sequence

from kg.build.jsonld import Node
from kg.build.synthesis.figures import Formulas, Inputs, Kind
from kg.build.synthesis.selection import Candidate, Group, Omission, Question, Selection
from kg.build.synthesis.words import Labels, question_in_words, sentence, title
from kg.build.synthesis.writing import name, pooled_iri, refs, refusal_iri


def study_nodes(kind: Kind, questions: Iterable[Question], formulas: Formulas) -> Iterator[Node]:
    """Yield what each finding gives that has such a figure."""
    findings = {finding.iri: finding for question in questions for finding in question.findings}
    for finding in findings.values():
        if finding.figure:
            yield kind.study(finding, formulas)


def pooled_or_refused(
    kind: Kind, question: Question, selections: Iterable[Selection], formulas: Formulas, labels: Labels
) -> Iterator[Node]:
    """Yield what was pooled for a question, with its sensitivity analyses, or why nothing was."""
    for selection in selections:
        reasons = kind.reasons_against(selection.inputs) if selection.inputs else selection.reasons
        if selection.inputs and not reasons:
            yield from _pooled(kind, question, selection, formulas, labels)
        else:
            node = refusal_iri(kind.folder, question, selection.inputs)
            yield {
                "id": node,
                "type": "PoolingRefusal",
                "label": f"{question_in_words(question, labels)}: not pooled",
                **question_of(node + "/", question, selection.omissions),
                **_in_common(selection.inputs),
                "because": refs(sorted(reasons)),
            }


def _pooled(kind: Kind, question: Question, selection: Selection, formulas: Formulas, labels: Labels) -> Iterator[Node]:
    inputs = selection.inputs
    node, result = pooled_iri(question, inputs), kind.result(inputs, formulas)
    yield {
        "id": node,
        "type": kind.type,
        "label": title(question, inputs, labels),
        "plainWords": sentence(question, inputs, result, labels),
        **question_of(node + "#", question, selection.omissions),
        **_in_common(inputs),
        **result,
    }
    analysis = {"type": "SensitivityAnalysis", "sensitivityOf": {"id": node}}
    for model, other in kind.by_other_model(inputs, formulas):
        yield {"id": f"{node}#{model}"} | analysis | other
    for part, findings in _parts(kind, inputs):
        if 1 < len(findings) < len(inputs) and not _meanless(kind, findings):
            yield {**part, "id": f"{node}#{part['id']}"} | analysis | kind.result(findings, formulas)


def _parts(kind: Kind, inputs: Inputs) -> Iterator[tuple[Node, Inputs]]:
    """Yield the parts of findings to pool by themselves, with what tells each part."""
    for omitted in inputs:
        part = {"id": f"without/{name(omitted.iri)}", "omits": {"id": omitted.iri}}
        yield part, [finding for finding in inputs if finding != omitted]
    for group in sorted(frozenset[Group]().union(*(finding.groups for finding in inputs))):
        property_, value = group
        part = {"id": f"{name(property_)}/{name(value)}", name(property_): {"id": value}}
        yield part, [finding for finding in inputs if group in finding.groups]
    yield {"id": "printed", "printedOnly": True}, [finding for finding in inputs if kind.is_printed(finding)]


def _meanless(kind: Kind, findings: Inputs) -> bool:
    return any(reason.endswith("noEvents") for reason in kind.reasons_against(findings))


def question_of(node: str, question: Question, omissions: Iterable[Omission]) -> Node:
    """Return the question, the findings that answer it, and those that are no input; ``node`` begins their names."""
    return {
        "questionSubject": {"id": question.subject},
        "questionPredicate": {"id": question.predicate},
        "questionObject": {"id": question.object},
        "questionDirection": refs([question.direction] if question.direction else ()),
        "considers": refs(finding.iri for finding in question.findings),
        "omission": [
            {
                "id": f"{node}omits/{name(omission.finding.iri)}",
                "type": "Omission",
                "omits": {"id": omission.finding.iri},
                "because": refs(omission.reasons),
                "overlapsWith": refs(omission.overlapping),
            }
            for omission in omissions
        ],
    }


def _in_common(inputs: Sequence[Candidate]) -> Node:
    """Return what like findings have in common: terms and entities by their IRIs, conditions in words."""
    marks = sorted(mark for mark, _ in inputs[0].marks) if inputs else []
    return {
        "inCommon": refs(mark for mark in marks if mark.startswith("https://")),
        "inCommonInWords": [mark for mark in marks if not mark.startswith("https://")],
    }
