"""What changed in the graph ``synthesis``: pooled results of two snapshots, and why they are not the same."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyoxigraph as ox

from kg.changes.rows import Changed, Estimate, Reestimated, Why
from kg.prefixes import GRAPH, ID, ONTOLOGY, expand
from kg.snapshot import DATASET, Snapshot

_SYNTHESIS = GRAPH + "synthesis"
#: The kinds of pooled results; refusals of each end with its name.
_KINDS = {"PooledProportion": "proportion", "PooledRatio": "ratio", "PooledDifference": "difference"}
_QUESTION = ("questionSubject", "questionPredicate", "questionObject", "questionDirection")
#: What the map of the evidence says, which is most of the graph.
_MAP = tuple(f"<{ONTOLOGY}{name}" for name in ("maps", "expectedFindings", "Evidence"))

_Properties = Mapping[str, list[str]]


@dataclass(frozen=True)
class Estimates:
    """The pooled results that changed, sorted by id, and the methods whose formula did.

    Those of ``renamed`` have another id and nothing else.
    """

    added: list[Reestimated] = field(default_factory=list)
    withdrawn: list[Reestimated] = field(default_factory=list)
    changed: list[Reestimated] = field(default_factory=list)
    renamed: list[Reestimated] = field(default_factory=list)
    methods: list[Changed] = field(default_factory=list)


@dataclass(frozen=True)
class _Answer:
    """What a question was answered with: a pooled result, or a refusal; findings by their ids.

    ``kind`` is that of the figures, empty where a refusal does not tell; ``studies`` has the figure of each input.
    """

    id: str
    name: str
    kind: str
    question: tuple[str, ...]
    common: frozenset[str]
    considers: frozenset[str]
    omits: Mapping[str, tuple[str, ...]]
    because: tuple[str, ...] = ()
    estimate: Estimate | None = None
    studies: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    formula: str = ""
    software: tuple[str, ...] = ()

    def would_pool(self, finding: str) -> bool:
        """Tell whether a refusal leaves out the mean, and not the finding."""
        return finding in self.considers and finding not in self.omits


def read_estimates(old: Snapshot, new: Snapshot, known: tuple[Iterable[str], Iterable[str]]) -> Estimates:
    """Compare the pooled results of two snapshots; ``known`` has the ids of the records of each."""
    before, after = (_Synthesis(snapshot, frozenset(ids)) for snapshot, ids in zip((old, new), known, strict=True))
    found = Estimates(methods=list(_methods(before.methods, after.methods)))
    pairs = list(_pairs(before.results, after.results))
    for was, now in pairs:
        renamed = was.id if was.id != now.id else ""
        if was.estimate != now.estimate or was.studies != now.studies:
            why = tuple(_reasons(was, now, before, after))
            found.changed.append(Reestimated(now.id, now.name, was.estimate, now.estimate, why, renamed))
        elif renamed:
            found.renamed.append(Reestimated(now.id, now.name, was.estimate, now.estimate, (), renamed))
    matched = {one.id for pair in pairs for one in pair}
    for now in after.results:
        if now.id not in matched:
            why = tuple(_reasons_of_new(now, before))
            found.added.append(Reestimated(now.id, now.name, None, now.estimate, why))
    for was in before.results:
        if was.id not in matched:
            why = tuple(_reasons_of_withdrawn(was, after))
            found.withdrawn.append(Reestimated(was.id, was.name, was.estimate, None, why))
    return found


def _methods(old: Mapping[str, tuple[str, str]], new: Mapping[str, tuple[str, str]]) -> Iterator[Changed]:
    """Yield the methods whose formulas differ; of one that is new, or gone, there is only one."""
    for id_ in sorted(old.keys() | new.keys()):
        before, after = (tuple(one[id_][1:] if id_ in one else ()) for one in (old, new))
        if before != after:
            yield Changed(id_, (new.get(id_) or old[id_])[0], "formula", before, after)


def _pairs(old: list[_Answer], new: list[_Answer]) -> Iterator[tuple[_Answer, _Answer]]:
    """Yield each new result with the old one of the same id, or else of the same question and things in common."""
    by_id = {one.id: one for one in old}
    taken = {one.id for one in new} & by_id.keys()
    by_question = {(one.kind, one.question, one.common): one for one in old if one.id not in taken}
    for now in new:
        if was := by_id.get(now.id) or by_question.get((now.kind, now.question, now.common)):
            yield was, now


def _reasons(was: _Answer, now: _Answer, before: "_Synthesis", after: "_Synthesis") -> Iterator[Why]:
    """Yield why the estimate of a result is another."""
    studies = sorted(was.studies.keys() | now.studies.keys())
    for finding in studies:
        if finding not in was.studies:
            yield Why("studyAdded", finding, before.place(finding, now, was), now.studies[finding])
        elif finding not in now.studies:
            yield Why("studyLeftOut", finding, was.studies[finding], after.place(finding, was, now, gone=True))
        elif was.studies[finding] != now.studies[finding]:
            yield Why("studyCorrected", finding, was.studies[finding], now.studies[finding])
    if was.method != now.method:
        yield Why("method", "", was.method, now.method)
    elif was.formula != now.formula:
        yield Why("formula", "", "", now.method)
    if was.software != now.software:
        yield Why("software", "", ", ".join(was.software), ", ".join(now.software))
    if was.studies == now.studies and (was.formula, was.software) == (now.formula, now.software):
        yield Why("unexplained")


def _reasons_of_new(now: _Answer, before: "_Synthesis") -> Iterator[Why]:
    """Yield why there was no such result: the refusal, and where each of its studies was."""
    refusal = before.refusal_of(now)
    if refusal:
        yield Why("refusedBefore", "", ", ".join(refusal.because))
    for finding, figure in sorted(now.studies.items()):
        if not (refusal and refusal.would_pool(finding)):
            yield Why("studyAdded", finding, before.place(finding, now, refusal), figure)


def _reasons_of_withdrawn(was: _Answer, after: "_Synthesis") -> Iterator[Why]:
    """Yield why there is no such result any more: the refusal, and where each of its studies is."""
    refusal = after.refusal_of(was)
    if refusal:
        yield Why("refused", "", "", ", ".join(refusal.because))
    for finding, figure in sorted(was.studies.items()):
        if not (refusal and refusal.would_pool(finding)):
            yield Why("studyLeftOut", finding, figure, after.place(finding, was, refusal, gone=True))


class _Synthesis:
    """The graph ``synthesis`` of a snapshot, and the ids of its records."""

    def __init__(self, snapshot: Snapshot, known: frozenset[str]) -> None:
        self.known = known
        self._nodes: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for quad in ox.parse("".join(_lines(snapshot)), format=ox.RdfFormat.N_QUADS):
            if isinstance(quad.subject, ox.NamedNode):
                self._nodes[quad.subject.value][_name(quad.predicate.value)].append(getattr(quad.object, "value", ""))
        self.results, self._refusals = [], []
        for iri, said in sorted(self._nodes.items()):
            types = {_name(one) for one in said.get("type", ())}
            if types & _KINDS.keys():
                self.results.append(self._result(iri, said, _KINDS[min(types & _KINDS.keys())]))
            elif "PoolingRefusal" in types:
                kind = _name(iri)
                self._refusals.append(self._answer(iri, said, kind if kind in _KINDS.values() else ""))

    @property
    def methods(self) -> dict[str, tuple[str, str]]:
        """Label and formula of each method that the ontology has."""
        return {
            f"ontology/{_name(iri)}": (self._label(iri), said["formula"][0])
            for iri, said in self._nodes.items()
            if iri.startswith(ONTOLOGY) and "formula" in said
        }

    def place(self, finding: str, result: _Answer, answer: _Answer | None, *, gone: bool = False) -> str:
        """Say where a finding is that a result of another snapshot has, and the answer here to its question has not.

        ``gone`` if that snapshot is the older one.
        """
        if answer and (reasons := answer.omits.get(finding)):
            return f"left out: {', '.join(reasons)}"
        if finding not in self.known:
            return "finding withdrawn" if gone else "new finding"
        if pooled := [one.id for one in self.results if finding in one.studies]:
            return f"in {', '.join(pooled)}"
        for reasons, others in self._overlaps.get((result.question, finding), ()):
            if shared := sorted(others & result.studies.keys()):
                return f"left out: {', '.join(reasons)} as {', '.join(shared)}"
        if any(one.question == result.question and finding in one.considers for one in self.results + self._refusals):
            return "no like study to pool it with"
        return "not considered now" if gone else "not considered before"

    def refusal_of(self, result: _Answer) -> _Answer | None:
        """Return why what a result of another snapshot pools is not pooled here."""
        found = [
            one
            for one in self._refusals
            if one.question == result.question and one.kind in ("", result.kind) and one.considers & result.considers
        ]
        return min(found, key=lambda one: (one.common != result.common, not one.kind, one.id), default=None)

    def _result(self, iri: str, said: _Properties, kind: str) -> _Answer:
        measure, method = _name(_first(said, "effectMeasure")), _first(said, "method")
        inputs = sorted(map(_short, said["input"]))
        estimate, lower, upper, *prediction = (
            float(said[name][0]) if name in said else None
            for name in ("estimate", "confidenceLower", "confidenceUpper", "predictionLower", "predictionUpper")
        )
        assert estimate is not None and lower is not None and upper is not None
        unit = _first(said, "estimateUnit", "%" if kind == "proportion" else "")
        return replace(
            self._answer(iri, said, kind),
            estimate=Estimate(estimate, lower, upper, prediction[0], prediction[1], unit, len(inputs), _name(method)),
            studies={finding: self._figures.get((finding, measure), "") for finding in inputs},
            method=self._label(method),
            formula=_first(said, "formula"),
            software=tuple(sorted(said["computedWith"])),
        )

    def _answer(self, iri: str, said: _Properties, kind: str) -> _Answer:
        omissions = [self._nodes[one] for one in said.get("omission", ())]
        return _Answer(
            id=_short(iri),
            name=_first(said, "label"),
            kind=kind,
            question=tuple(_first(said, name) for name in _QUESTION),
            common=frozenset([*said.get("inCommon", ()), *said.get("inCommonInWords", ())]),
            considers=frozenset(map(_short, said.get("considers", ()))),
            omits={_short(one["omits"][0]): self._labels(one.get("because", ())) for one in omissions},
            because=self._labels(said.get("because", ())),
        )

    @cached_property
    def _overlaps(self) -> Mapping[tuple[tuple[str, ...], str], list[tuple[tuple[str, ...], frozenset[str]]]]:
        """The findings left out of what answers a question, with the reasons and those whose people they may share."""
        found = defaultdict(list)
        for said in self._nodes.values():
            for one in (self._nodes[iri] for iri in said.get("omission", ())):
                if "overlapsWith" in one:
                    question = tuple(_first(said, name) for name in _QUESTION)
                    others = frozenset(map(_short, one["overlapsWith"]))
                    found[question, _short(one["omits"][0])].append((self._labels(one["because"]), others))
        return found

    @cached_property
    def _figures(self) -> Mapping[tuple[str, str], str]:
        """The figure of each finding that was pooled, by its id and the kind of figure (empty for proportions once)."""
        figures = {}
        for said in self._nodes.values():
            types = {_name(one) for one in said.get("type", ())}
            if "ExactInterval" in types:
                text = f"{_first(said, 'eventCount')}/{_first(said, 'totalCount')}"
            elif "StudyEffect" in types:
                estimate, lower, upper = (
                    f"{float(said[name][0]):.4g}" for name in ("estimate", "confidenceLower", "confidenceUpper")
                )
                text = f"{estimate} ({lower} to {upper})"
            else:
                continue
            figures[_short(said["input"][0]), _name(_first(said, "effectMeasure"))] = text
        return figures

    def _labels(self, iris: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(map(self._label, iris)))

    def _label(self, iri: str) -> str:
        return _first(self._nodes.get(iri, {}), "label", _name(iri))


def _lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield the quads of the graph ``synthesis`` but for the map of the evidence, and the ontology's words for it."""
    words = tuple(f"> <{name}> " for name in (expand("rdfs:label"), ONTOLOGY + "formula"))
    with (snapshot.path / DATASET).open(encoding="utf-8", newline="\n") as file:
        for line in file:
            if line.endswith(f" <{_SYNTHESIS}> .\n"):
                if not any(name in line for name in _MAP):
                    yield line
            elif line.startswith(f"<{ONTOLOGY}") and any(name in line for name in words):
                yield line


def _first(said: _Properties, name: str, default: str = "") -> str:
    return next(iter(said.get(name, ())), default)


def _short(iri: str) -> str:
    return iri.removeprefix(ID).removeprefix(GRAPH)


def _name(iri: str) -> str:
    """Return the last part of an IRI."""
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
