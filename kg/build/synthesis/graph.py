"""Writes what was computed as quads of the graph ``synthesis``.

Proportions, their bounds and I² are written in per cent with four decimals, everything else with six: finer than any
study can tell, and coarse enough to be the same on every machine.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from importlib.metadata import version

import pyoxigraph as ox

from kg import __version__
from kg.build.synthesis.questions import Candidate, Question
from kg.build.synthesis.selection import Omission, Selection
from kg.prefixes import GRAPH, ID, expand
from kg.statistics import Interval, Pooled, exact_interval, pool

SYNTHESIS = ox.NamedNode(GRAPH + "synthesis")
_LEVEL = 0.95
_DECIMAL = ox.NamedNode(expand("xsd:decimal"))

Value = ox.NamedNode | ox.Literal


class Writer:
    """Gathers the quads of the graph; ``store`` tells the formula of a method."""

    def __init__(self, store: ox.Store) -> None:
        self.quads: list[ox.Quad] = []
        self._store = store
        self._intervals: set[str] = set()

    def write(self, question: Question, selections: Iterable[Selection]) -> None:
        """Write the exact intervals of a question's findings, and what was pooled or why nothing was."""
        for finding in question.findings:
            self._write_interval(finding)
        for selection in selections:
            if selection.inputs:
                self._write_pooled(question, selection)
            else:
                node = SYNTHESIS.value + "#" + _path(question)
                self._add(node, "rdf:type", _term("ckg:PoolingRefusal"))
                self._write_question(node, question, "not pooled", selection.omissions)
                for reason in selection.reasons:
                    self._add(node, "ckg:because", ox.NamedNode(reason))

    def _write_interval(self, finding: Candidate) -> None:
        if finding.counts is None or finding.iri in self._intervals:
            return
        self._intervals.add(finding.iri)
        node = finding.iri + "#exact-interval"
        numerator, denominator = finding.counts
        self._add(node, "rdf:type", _term("ckg:ExactInterval"))
        self._add(
            node,
            "rdfs:label",
            ox.Literal(f"{finding.iri.removeprefix(ID)}: exact interval of {numerator}/{denominator}"),
        )
        self._write_estimate(
            node, "ckg:clopperPearson", numerator / denominator, exact_interval(*finding.counts, _LEVEL)
        )
        self._write_inputs(node, [finding])

    def _write_pooled(self, question: Question, selection: Selection) -> None:
        inputs = selection.inputs
        node = f"{SYNTHESIS.value}#{_path(question)}/{_slug(inputs[0])}"
        self._add(node, "rdf:type", _term("ckg:PooledProportion"))
        self._write_question(node, question, "pooled proportion", selection.omissions)
        self._write_result(node, inputs)
        if len(inputs) > 2:
            for left_out in inputs:
                part = f"{node}/without/{_name(left_out.iri)}"
                self._write_sensitivity(part, node, tuple(finding for finding in inputs if finding != left_out))
                self._add(part, "ckg:omits", ox.NamedNode(left_out.iri))
        levels = sorted({finding.level for finding in inputs if finding.level})
        for level in levels if len(levels) > 1 else ():
            at_level = tuple(finding for finding in inputs if finding.level == level)
            if len(at_level) > 1:
                part = f"{node}/at/{_name(level)}"
                self._write_sensitivity(part, node, at_level)
                self._add(part, "ckg:atLevel", ox.NamedNode(level))

    def _write_sensitivity(self, part: str, whole: str, inputs: tuple[Candidate, ...]) -> None:
        self._add(part, "rdf:type", _term("ckg:SensitivityAnalysis"))
        self._add(part, "ckg:sensitivityOf", ox.NamedNode(whole))
        self._write_result(part, inputs)

    def _write_result(self, node: str, inputs: tuple[Candidate, ...]) -> None:
        pooled: Pooled = pool([finding.counts for finding in inputs if finding.counts], _LEVEL)
        self._write_estimate(node, "ckg:randomEffectsLogit", pooled.estimate, pooled.interval)
        if pooled.prediction:
            self._add(node, "ckg:predictionLower", _percent(pooled.prediction.lower))
            self._add(node, "ckg:predictionUpper", _percent(pooled.prediction.upper))
        self._add(node, "ckg:tauSquared", _decimal(pooled.tau_squared, 6))
        self._add(node, "ckg:iSquared", _percent(pooled.i_squared))
        self._add(node, "ckg:cochranQ", _decimal(pooled.q, 6))
        self._add(node, "ckg:hStatistic", _decimal(pooled.h, 6))
        self._write_inputs(node, inputs)

    def _write_estimate(self, node: str, method: str, estimate: float, interval: Interval) -> None:
        self._add(node, "ckg:estimate", _percent(estimate))
        self._add(node, "ckg:confidenceLower", _percent(interval.lower))
        self._add(node, "ckg:confidenceUpper", _percent(interval.upper))
        self._add(node, "ckg:confidenceLevel", _percent(_LEVEL))
        self._add(node, "ckg:method", _term(method))
        for quad in self._store.quads_for_pattern(_term(method), _term("ckg:formula"), None):
            assert isinstance(quad.object, ox.Literal), "a formula is text"
            self._add(node, "ckg:formula", quad.object)
        for library in (f"calcikg {__version__}", f"scipy {version('scipy')}"):
            self._add(node, "ckg:computedWith", ox.Literal(library))

    def _write_inputs(self, node: str, inputs: Iterable[Candidate]) -> None:
        findings = [finding.iri for finding in inputs]
        self._add(node, "ckg:inputCount", ox.Literal(len(findings)))
        for finding in findings:
            self._add(node, "ckg:input", ox.NamedNode(finding))

    def _write_question(self, node: str, question: Question, label: str, omissions: Iterable[Omission]) -> None:
        self._add(node, "rdfs:label", ox.Literal(f"{question.words}: {label}"))
        self._add(node, "ckg:questionSubject", ox.NamedNode(question.subject))
        self._add(node, "ckg:questionPredicate", ox.NamedNode(question.predicate))
        self._add(node, "ckg:questionObject", ox.NamedNode(question.object))
        if question.direction:
            self._add(node, "ckg:questionDirection", ox.NamedNode(question.direction))
        for finding in question.findings:
            self._add(node, "ckg:considers", ox.NamedNode(finding.iri))
        for omission in omissions:
            part = f"{node}/omits/{_name(omission.finding.iri)}"
            self._add(node, "ckg:omission", ox.NamedNode(part))
            self._add(part, "rdf:type", _term("ckg:Omission"))
            self._add(part, "ckg:omits", ox.NamedNode(omission.finding.iri))
            for reason in omission.reasons:
                self._add(part, "ckg:because", ox.NamedNode(reason))
            for other in omission.overlapping:
                self._add(part, "ckg:overlapsWith", ox.NamedNode(other))

    def _add(self, subject: str, predicate: str, value: Value) -> None:
        self.quads.append(ox.Quad(ox.NamedNode(subject), _term(predicate), value, SYNTHESIS))


def _term(curie: str) -> ox.NamedNode:
    return ox.NamedNode(expand(curie))


def _percent(share: float) -> ox.Literal:
    return _decimal(share * 100, 4)


def _decimal(number: float, places: int) -> ox.Literal:
    text = f"{Decimal(f'{number:.{places}f}').normalize():f}"
    return ox.Literal(text, datatype=_DECIMAL)


def _name(iri: str) -> str:
    return iri.rsplit("/", 1)[1]


def _path(question: Question) -> str:
    parts = [question.subject.removeprefix(ID), _name(question.predicate), question.object.removeprefix(ID)]
    return "/".join([*parts, _name(question.direction)] if question.direction else parts)


def _slug(finding: Candidate) -> str:
    """Name what pooled findings have in common: their measure, then whatever else marks them."""
    marks = sorted(finding.marks, key=lambda mark: (not mark[1].endswith("Measure"), mark[1], mark[0]))
    words = [_name(mark) if mark.startswith("https://") else mark for mark, _ in marks]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")
