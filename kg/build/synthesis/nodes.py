"""Writes what was computed as JSON-LD nodes under the context of the records.

Proportions, their bounds and I² are written in per cent with four decimals, everything else with six: finer than any
study can tell, and coarse enough to be the same on every machine.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib.metadata import version

from kg import __version__
from kg.build.jsonld import Node
from kg.build.synthesis.selection import Candidate, Omission, Question, Selection
from kg.prefixes import GRAPH, ID, ONTOLOGY
from kg.statistics.intervals import Count, Interval, exact_interval
from kg.statistics.proportions import Pooled, pool, pool_logits

_BASE = GRAPH + "synthesis#"
_LEVEL = 0.95
#: A confidence interval that is wider than this says nothing of the mean; the refusal ``uninformative`` says so.
_WIDEST = 0.8

#: The formula of each method, by its IRI.
Formulas = Mapping[str, str]


def exact_intervals(questions: Iterable[Question], formulas: Formulas) -> Iterator[Node]:
    """Yield the exact interval of each finding that has counts, as printed or from its share."""
    findings = {finding.iri: finding for question in questions for finding in question.findings}
    for iri, finding in findings.items():
        if finding.counts:
            numerator, denominator = finding.counts
            interval = exact_interval(numerator, denominator, _LEVEL)
            yield {
                "id": iri + ("#interval-of-share" if finding.from_share else "#exact-interval"),
                "type": "ExactInterval",
                "label": f"{iri.removeprefix(ID)}: exact interval of {numerator}/{denominator}",
                **_estimate("clopperPearson", numerator / denominator, interval, formulas),
                **_inputs([finding]),
                "eventCount": numerator,
                "totalCount": denominator,
            }


def pooled_or_refused(question: Question, selections: Iterable[Selection], formulas: Formulas) -> Iterator[Node]:
    """Yield what was pooled for a question, with its sensitivity analyses, or why nothing was."""
    for selection in selections:
        node = _BASE + _path(question)
        reasons = selection.reasons
        if selection.inputs:
            node += "/" + _slug(selection.inputs[0])
            reasons = _reasons_against(selection.inputs)
        if selection.inputs and not reasons:
            yield from _pooled(node, question, selection, formulas)
        else:
            yield {
                "id": node,
                "type": "PoolingRefusal",
                **_question(node, question, "not pooled", selection.omissions),
                **_common(selection.inputs),
                "because": _refs(sorted(reasons)),
            }


def _reasons_against(inputs: Sequence[Candidate]) -> frozenset[str]:
    """Return why like findings are not pooled all the same: there is no mean, or it would say nothing."""
    counts = _counts(inputs)
    if not any(0 < events < total for events, total in counts):
        return frozenset({ONTOLOGY + "noEvents"})
    lower, upper = pool(counts, _LEVEL).interval
    return frozenset({ONTOLOGY + "uninformative"} if upper - lower > _WIDEST else ())


def _pooled(node: str, question: Question, selection: Selection, formulas: Formulas) -> Iterator[Node]:
    inputs = selection.inputs
    yield {
        "id": node,
        "type": "PooledProportion",
        **_question(node, question, "pooled proportion", selection.omissions),
        **_common(inputs),
        **_result(inputs, formulas),
    }
    analysis = {"type": "SensitivityAnalysis", "sensitivityOf": {"id": node}}
    yield {"id": f"{node}/two-steps"} | analysis | _two_steps(inputs, formulas)
    for omitted in inputs if len(inputs) > 2 else ():
        others = [finding for finding in inputs if finding != omitted]
        part = {"id": f"{node}/without/{_name(omitted.iri)}", "omits": {"id": omitted.iri}}
        yield from _part(part | analysis, others, formulas)
    for level in sorted({finding.level for finding in inputs if finding.level}):
        part = {"id": f"{node}/at/{_name(level)}", "atLevel": {"id": level}}
        yield from _part(part | analysis, [one for one in inputs if one.level == level], formulas, inputs)
    counted = [finding for finding in inputs if not finding.from_share]
    yield from _part({"id": f"{node}/counted", "countedOnly": True} | analysis, counted, formulas, inputs)


def _part(
    part: Node, findings: Sequence[Candidate], formulas: Formulas, whole: Sequence[Candidate] = ()
) -> Iterator[Node]:
    """Yield the analysis of a part of the findings, unless it is the whole, or has no mean."""
    enough = 1 < len(findings) != len(whole)
    if enough and any(0 < events < total for events, total in _counts(findings)):
        yield part | _result(findings, formulas)


def _result(inputs: Sequence[Candidate], formulas: Formulas) -> Node:
    return _means("binomialNormal", pool(_counts(inputs), _LEVEL), inputs, formulas)


def _two_steps(inputs: Sequence[Candidate], formulas: Formulas) -> Node:
    pooled = pool_logits(_counts(inputs), _LEVEL)
    return {
        **_means("randomEffectsLogit", pooled, inputs, formulas),
        "cochranQ": _decimal(pooled.q, 6),
        "hStatistic": _decimal(pooled.h, 6),
    }


def _means(method: str, pooled: Pooled, inputs: Sequence[Candidate], formulas: Formulas) -> Node:
    prediction = pooled.prediction and {
        "predictionLower": _percent(pooled.prediction.lower),
        "predictionUpper": _percent(pooled.prediction.upper),
    }
    return {
        **_estimate(method, pooled.estimate, pooled.interval, formulas),
        **(prediction or {}),
        "tauSquared": _decimal(pooled.tau_squared, 6),
        "iSquared": _percent(pooled.i_squared),
        **_inputs(inputs),
    }


def _counts(findings: Iterable[Candidate]) -> list[Count]:
    return [finding.counts for finding in findings if finding.counts]


def _estimate(method: str, estimate: float, interval: Interval, formulas: Formulas) -> Node:
    return {
        "estimate": _percent(estimate),
        "confidenceLower": _percent(interval.lower),
        "confidenceUpper": _percent(interval.upper),
        "confidenceLevel": _percent(_LEVEL),
        "method": {"id": ONTOLOGY + method},
        "formula": formulas[ONTOLOGY + method],
        "computedWith": [f"calcikg {__version__}", f"scipy {version('scipy')}"],
    }


def _inputs(findings: Sequence[Candidate]) -> Node:
    return {
        "inputCount": len(findings),
        "input": _refs(finding.iri for finding in findings),
        "countFromShare": _refs(finding.iri for finding in findings if finding.from_share),
    }


def _question(node: str, question: Question, label: str, omissions: Iterable[Omission]) -> Node:
    return {
        "label": f"{question.words}: {label}",
        "questionSubject": {"id": question.subject},
        "questionPredicate": {"id": question.predicate},
        "questionObject": {"id": question.object},
        "questionDirection": _refs([question.direction] if question.direction else ()),
        "considers": _refs(finding.iri for finding in question.findings),
        "omission": [
            {
                "id": f"{node}/omits/{_name(omission.finding.iri)}",
                "type": "Omission",
                "omits": {"id": omission.finding.iri},
                "because": _refs(omission.reasons),
                "overlapsWith": _refs(omission.overlapping),
            }
            for omission in omissions
        ],
    }


def _common(inputs: Sequence[Candidate]) -> Node:
    """Return what like findings have in common: terms and entities by their IRIs, conditions in words."""
    marks = sorted(mark for mark, _ in inputs[0].marks) if inputs else []
    return {
        "inCommon": _refs(mark for mark in marks if mark.startswith("https://")),
        "inCommonInWords": [mark for mark in marks if not mark.startswith("https://")],
    }


def _refs(iris: Iterable[str]) -> list[Node]:
    return [{"id": iri} for iri in iris]


def _percent(share: float) -> Node:
    return _decimal(share * 100, 4)


def _decimal(number: float, places: int) -> Node:
    return {"@type": "xsd:decimal", "@value": f"{Decimal(f'{number:.{places}f}').normalize():f}"}


def _name(iri: str) -> str:
    return iri.rsplit("/", 1)[1]


def _path(question: Question) -> str:
    parts = [question.subject.removeprefix(ID), _name(question.predicate), question.object.removeprefix(ID)]
    return "/".join([*parts, _name(question.direction)] if question.direction else parts)


def _slug(finding: Candidate) -> str:
    """Name what pooled findings have in common: their measure, then their other marks."""
    marks = sorted(finding.marks, key=lambda mark: (not mark[1].endswith("Measure"), mark[1], mark[0]))
    words = [_name(mark) if mark.startswith("https://") else mark for mark, _ in marks]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")
