"""The certainty profile of a body of evidence: the five domains of GRADE as signals, each with its figure.

A signal says what is the case, and marks what is beyond the conventional threshold that its kind states (the ontology,
`ckg:SignalKind`). Nothing here is a grade: that is for a panel, and is recorded with a name (`ckg:CertaintyRating`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import pyoxigraph as ox

from kg.build.jsonld import Node
from kg.build.synthesis.figures import Formulas, Kind, read_other_count
from kg.build.synthesis.rows import read_rows
from kg.build.synthesis.selection import Candidate
from kg.build.synthesis.words import Labels, capital, number_of
from kg.build.synthesis.writing import decimal, name, refs
from kg.prefixes import ONTOLOGY
from kg.rounding import ratio
from kg.statistics import bias, sizes
from kg.statistics.intervals import Count, Interval
from kg.statistics.normal import Effect

#: From which percentage on heterogeneity is marked.
_HETEROGENEOUS = 50
#: How many percentage points a confidence interval, and a prediction interval, may be wide without a mark.
_WIDE, _WIDE_PREDICTION = 20, 50
#: The ratios beyond which a benefit or a harm is appreciable (GRADE guidelines 6).
_APPRECIABLE = Interval(0.75, 1.25)
#: Beyond these, the size of a ratio tells nothing more.
_TELLING = Interval(0.001, 1000)
#: The p-value below which results are said to go with the size of studies.
_ASYMMETRIC = 0.1
_PEOPLE, _STUDY = "{patient}", "{study}"
_RANDOMISED = ONTOLOGY + "randomisedTrial"
_OPINION = {ONTOLOGY + design for design in ("expertOpinion", "narrativeReview", "guideline")}


@dataclass(frozen=True)
class Fact:
    """What is known of a finding: IRIs of level, designs, directness and verdict, its people, and what it compares."""

    level: str | None
    rank: int
    designs: tuple[str, ...]
    directness: str | None
    verdict: str | None
    people: int | None
    on_treatment: bool
    compared: bool


@dataclass(frozen=True)
class Facts:
    """What is known of all findings, by IRI; the labels of terms, and the domain of each kind of signal."""

    findings: Mapping[str, Fact]
    labels: Labels
    domains: Mapping[str, str]


class Scale(NamedTuple):
    """The scale of the results of a body: their unit (UCUM), and whether they are shares, ratios or differences."""

    unit: str
    measure: Literal["share", "ratio", "difference"]

    @property
    def is_share(self) -> bool:
        """Tell whether results are proportions, which have no direction."""
        return self.measure == "share"

    @property
    def is_ratio(self) -> bool:
        """Tell whether results are ratios."""
        return self.measure == "ratio"

    @property
    def no_effect(self) -> int:
        """What a ratio or a difference is when nothing differs."""
        return 1 if self.is_ratio else 0

    def width(self, interval: Interval) -> float:
        """Return how wide an interval is: of ratios the quotient of its bounds, else their difference.

        Bounds are as they are written; the bound of a ratio that is written as 0 counts as the smallest that is not.
        """
        return interval.upper / max(interval.lower, 1e-4) if self.is_ratio else interval.upper - interval.lower

    def say(self, number: float) -> str:
        """Return a figure with its unit, to a digit that matters."""
        if self.is_ratio and not _TELLING.lower <= number <= _TELLING.upper:
            return f"less than {_TELLING.lower}" if number < 1 else f"more than {_TELLING.upper:,}"
        if self.is_ratio:
            return ratio(number)
        return f"{number:.1f} %" if self.is_share else f"{number:.4g} {self.unit}".rstrip()


#: The scale of proportions.
SHARES = Scale("%", "share")


@dataclass(frozen=True)
class Single:
    """What one finding gives: its estimate with the interval in the unit of the body, and what that was made of.

    ``figure`` is a count, or an effect with its variance; ``comparator`` is the count of the other group, if told.
    """

    finding: str
    estimate: float
    interval: Interval
    figure: Count | Effect
    people: int | None = None
    comparator: Count | None = None


@dataclass(frozen=True)
class Body:
    """A body of evidence: the findings on one question.

    ``iri`` is that of the pooled result, or of whatever stands for the body. ``result`` is the pooled result, when
    there is one, and ``singles`` what was pooled, both on the ``scale``. ``studies`` and ``people`` count each study
    and each person once; without them, each finding is a study of its own, and the people are those of the pooled
    result.
    """

    iri: str
    findings: Sequence[str]
    result: Node | None = None
    singles: Sequence[Single] = ()
    scale: Scale = SHARES
    studies: int | None = None
    people: int | None = None


@dataclass(frozen=True)
class _Signal:
    kind: str
    value: float
    unit: str
    words: str
    marked: bool
    threshold: float | None = None
    findings: Collection[str] = ()
    part: str = ""


def read_facts(store: ox.Store, queries: Path, labels: Labels) -> Facts:
    """Run ``certainty.rq`` of a folder; a finding with several levels has the best."""
    found: dict[str, Fact] = {}
    for row in read_rows(store, queries / "certainty.rq"):
        before = found.get(row["finding"])
        designs = (*(before.designs if before else ()), *([row["design"]] if row["design"] else ()))
        found[row["finding"]] = Fact(
            level=before.level if before else row["level"],
            rank=before.rank if before else int(row["rank"] or 0),
            designs=tuple(dict.fromkeys(designs)),
            directness=row["directness"],
            verdict=row["verdict"],
            people=int(row["people"]) if row["people"] else None,
            on_treatment=row["treatment"] == "true",
            compared=row["compared"] == "true",
        )
    domains = {
        quad.subject.value: quad.object.value
        for quad in store.quads_for_pattern(None, ox.NamedNode(ONTOLOGY + "certaintyDomain"), None)
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode)
    }
    return Facts(found, labels, domains)


def pooled_body(kind: Kind, result: Node, findings: Iterable[Candidate], formulas: Formulas) -> Body:
    """Return the body of evidence that was pooled, from the result and the findings that it may be made of."""
    chosen = {one.iri: one for one in findings}
    inputs = [chosen[one["id"]] for one in result["input"]]
    measure = name(result["effectMeasure"]["id"])
    return Body(
        iri=result["id"],
        findings=[one.iri for one in inputs],
        result=result,
        singles=[_single(one, kind.study(one, formulas)) for one in inputs],
        scale=Scale(
            result.get("estimateUnit", ""),
            "share" if measure == "share" else "difference" if measure == "difference" else "ratio",
        ),
    )


def _single(finding: Candidate, given: Node) -> Single:
    assert finding.figure
    return Single(
        finding=finding.iri,
        estimate=_figure(given, "estimate"),
        interval=_bounds(given, "confidence"),
        figure=finding.figure,
        people=finding.people,
        comparator=read_other_count(finding.row),
    )


def signals(body: Body, facts: Facts) -> Iterator[Node]:
    """Yield the signals of a body of evidence as nodes, in the order of the domains."""
    known = {iri: facts.findings[iri] for iri in body.findings}
    people = {one.finding: one.people for one in body.singles}
    # What is pooled shares no people; other findings on a question may be of the same ones.
    once = body.result is not None
    shares = _Shares({iri: people.get(iri) or fact.people for iri, fact in known.items()}, once)
    found = [
        *_risk_of_bias(known, shares, facts.labels),
        *_inconsistency(body, known),
        *_indirectness(known, shares),
        *_imprecision(body),
        *_small_study_effects(body),
    ]
    begin = f"{body.iri}{'/' if '#' in body.iri else '#'}certainty/"
    for signal in found:
        kind = ONTOLOGY + signal.kind
        threshold = {} if signal.threshold is None else {"signalThreshold": decimal(signal.threshold, 4)}
        yield {
            "id": begin + signal.kind + (f"/{signal.part}" if signal.part else ""),
            "type": "CertaintySignal",
            "label": signal.words,
            "signalOf": {"id": body.iri},
            "certaintyDomain": {"id": facts.domains[kind]},
            "signalKind": {"id": kind},
            "signalValue": decimal(signal.value, 6 if signal.kind == "asymmetry" else 4),
            **threshold,
            "signalUnit": signal.unit,
            "signalMarked": signal.marked,
            "signalFinding": refs(sorted(signal.findings)),
        }


class _Shares:
    """Shares of a body: of its people where each is counted once and all findings tell how many, else of its findings.

    ``people`` are those of each finding; ``once`` tells whether no two findings may share any.
    """

    def __init__(self, people: Mapping[str, int | None], once: bool) -> None:
        self.people = {iri: number for iri, number in people.items() if number}
        self.findings = list(people)
        self.by_people = once and len(self.people) == len(self.findings)

    def of(self, chosen: Collection[str]) -> float:
        """Return the share of some findings in per cent."""
        if self.by_people:
            return 100 * sum(self.people[iri] for iri in chosen) / sum(self.people.values())
        return 100 * len(chosen) / len(self.findings)

    def words(self, chosen: Collection[str]) -> str:
        """Say how many findings they are, and which share of the people."""
        said = f"{len(chosen)} of {number_of(len(self.findings), 'finding')}"
        return said + (f", {self.of(chosen):.0f} % of the people" if self.by_people else "")


def _risk_of_bias(known: Mapping[str, Fact], shares: _Shares, labels: Labels) -> Iterator[_Signal]:
    ranks = {fact.level: fact.rank for fact in known.values() if fact.level}
    for level in sorted(ranks, key=lambda one: (ranks[one], one)):
        chosen, low = [iri for iri, fact in known.items() if fact.level == level], ranks[level] >= 4
        words, value = f"{labels[level]}: {shares.words(chosen)}", shares.of(chosen)
        part = name(level)
        yield _Signal("shareByLevel", value, "%", words, low and value >= 50, 50 if low else None, chosen, part)
    for design in sorted({design for fact in known.values() for design in fact.designs}):
        chosen = [iri for iri, fact in known.items() if design in fact.designs]
        words = f"{capital(labels[design])}: {shares.words(chosen)}"
        yield _Signal("shareByDesign", shares.of(chosen), "%", words, False, None, chosen, name(design))
    if all(fact.on_treatment for fact in known.values()):
        chosen = [iri for iri, fact in known.items() if _RANDOMISED in fact.designs]
        value = shares.of(chosen)
        words = f"From randomised trials: {shares.words(chosen)}" if chosen else "No finding is from a randomised trial"
        yield _Signal("shareRandomised", value, "%", words, value < 50, 50, chosen)
        chosen = [iri for iri, fact in known.items() if not fact.compared]
        value = shares.of(chosen)
        words = f"Without a comparison group: {shares.words(chosen)}" if chosen else "All findings compare two groups"
        yield _Signal("shareUncontrolled", value, "%", words, value >= 50, 50, chosen)
    if chosen := [iri for iri, fact in known.items() if _OPINION & {*fact.designs}]:
        value = 100 * len(chosen) / len(known)
        words = f"Expert opinion, narrative review or guideline: {len(chosen)} of {number_of(len(known), 'finding')}"
        yield _Signal("shareOfOpinion", value, "%", words, True, 0, chosen)


def _inconsistency(body: Body, known: Mapping[str, Fact]) -> Iterator[_Signal]:
    if body.result and "iSquared" in body.result:
        value = _figure(body.result, "iSquared")
        words = f"I² is {value:.0f} %: the share of the variability between results that is not due to chance"
        yield _Signal("heterogeneity", value, "%", words, value >= _HETEROGENEOUS, _HETEROGENEOUS)
    if len(body.singles) > 1:
        yield _spread(body.singles, body.scale)
    yield from _directions(body, known)
    if body.result and "predictionLower" in body.result:
        yield _prediction(_bounds(body.result, "prediction"), body.scale)


def _spread(singles: Sequence[Single], scale: Scale) -> _Signal:
    lowest, highest = (pick(singles, key=lambda one: one.estimate) for pick in (min, max))
    apart = lowest.interval.upper < highest.interval.lower
    words = f"The single results go from {scale.say(lowest.estimate)} to {scale.say(highest.estimate)}"
    words += f"; the confidence intervals of these two {'do not overlap' if apart else 'overlap'}"
    value = scale.width(Interval(lowest.estimate, highest.estimate))
    return _Signal("spreadOfEstimates", value, scale.unit, words, apart, None, {lowest.finding, highest.finding})


def _directions(body: Body, known: Mapping[str, Fact]) -> Iterator[_Signal]:
    """Yield how many findings point the other way than most; proportions have no direction."""
    if body.singles and not body.scale.is_share:
        none = body.scale.no_effect
        sides = [[one.finding for one in body.singles if one.estimate > none]]
        sides += [[one.finding for one in body.singles if one.estimate < none]]
        above, below = map(len, sides)
        words = f"{number_of(above, 'result')} above {none}, {below} below"
    elif body.result is None:
        verdicts = ("favourable", "unfavourable", "nullResult")
        sides = [[iri for iri, fact in known.items() if fact.verdict == ONTOLOGY + one] for one in verdicts]
        if not any(sides):
            return
        words = f"{number_of(len(sides[0]), 'favourable finding')}, {len(sides[1])} unfavourable"
        words += f", {len(sides[2])} without a difference"
    else:
        return
    fewer = min(sides[:2], key=len)
    yield _Signal("oppositeDirections", len(fewer), "1", words, bool(fewer), 0, fewer)


def _prediction(interval: Interval, scale: Scale) -> _Signal:
    words = "The true figure of a further study is expected between "
    words += f"{scale.say(interval.lower)} and {scale.say(interval.upper)}"
    value = scale.width(interval)
    if scale.is_share:
        return _Signal("predictedSpread", value, scale.unit, words, value > _WIDE_PREDICTION, _WIDE_PREDICTION)
    includes = interval.lower <= scale.no_effect <= interval.upper
    words += f", which {'includes' if includes else 'does not include'} no effect ({scale.no_effect})"
    return _Signal("predictedSpread", value, scale.unit, words, includes)


def _indirectness(known: Mapping[str, Fact], shares: _Shares) -> Iterator[_Signal]:
    chosen = {
        one: [iri for iri, fact in known.items() if fact.directness == (one and ONTOLOGY + one)]
        for one in ("direct", "mixed", "indirect", None)
    }
    words = f"On people with systemic sclerosis: {shares.words(chosen['direct'])}"
    others = {"mixed": "on mixed groups", "indirect": "on other diseases", None: "not reported"}
    words += "".join(f"; {said}: {len(chosen[one])}" for one, said in others.items() if chosen[one])
    value = shares.of(chosen["direct"])
    yield _Signal("shareOfSclerosis", value, "%", words, value < 100, 100, chosen["direct"])


def _imprecision(body: Body) -> Iterator[_Signal]:
    if body.result is None:
        return
    scale, interval = body.scale, _bounds(body.result, "confidence")
    said = f"{scale.say(interval.lower)} to {scale.say(interval.upper)}"
    width = scale.width(interval)
    if scale.is_share:
        words = f"The 95 % confidence interval, {said}, is {width:.0f} percentage points wide"
        yield _Signal("intervalWidth", width, scale.unit, words, width > _WIDE, _WIDE)
    elif scale.is_ratio:
        both = interval.lower < _APPRECIABLE.lower and interval.upper > _APPRECIABLE.upper
        words = f"The 95 % confidence interval, {said}, "
        words += f"{'reaches' if both else 'does not reach'} from below 0.75 to above 1.25"
        yield _Signal("intervalWidth", width, scale.unit, words, both)
    else:
        yield _Signal("intervalWidth", width, scale.unit, f"The 95 % confidence interval is {said}", False)
    if not scale.is_share:
        none = scale.no_effect
        includes = interval.lower <= none <= interval.upper
        words = f"The 95 % confidence interval, {said}, {'includes' if includes else 'does not include'} "
        near = interval.lower if _figure(body.result, "estimate") > none else interval.upper
        yield _Signal("boundNearNoEffect", near, scale.unit, f"{words}no effect ({none})", includes, none)
    yield from _information_size(body, body.result)


def _information_size(body: Body, result: Node) -> Iterator[_Signal]:
    people = body.people or result.get("peopleCount")
    if not people:
        return
    words, needed = f"{number_of(people, 'person')}; ", 0
    if body.scale.is_share:
        share = _figure(result, "estimate") / 100
        needed = sizes.people_for_proportion(share)
        words += f"to estimate {SHARES.say(100 * share)} within 10 percentage points takes {needed:,}"
    elif others := [one.comparator for one in body.singles if one.comparator]:
        risk = sum(events for events, _ in others) / sum(total for _, total in others)
        if not 0 < risk < 1:
            return
        needed = sizes.people_for_ratio(risk)
        words += f"one trial that finds a risk of {SHARES.say(100 * risk)} in the comparator a quarter higher or lower "
        words += f"takes {needed:,} (alpha 0.05, power 0.8)"
    if needed:
        yield _Signal("informationSize", people, _PEOPLE, words, people < needed, needed)


def _small_study_effects(body: Body) -> Iterator[_Signal]:
    studies = body.studies or len(body.findings)
    few = studies < bias.FEWEST
    words = capital(number_of(studies, "study"))
    words += ": too few to test for small-study effects, which takes 10" if few else ""
    yield _Signal("numberOfStudies", studies, _STUDY, words, False, bias.FEWEST)
    if few or len(body.singles) < bias.FEWEST:
        return
    effects = [one.figure for one in body.singles if isinstance(one.figure, Effect)]
    counts = [one.figure for one in body.singles if not isinstance(one.figure, Effect)]
    try:
        test, found = ("Egger's", bias.egger(effects)) if effects else ("Peters'", bias.peters(counts))
    except ValueError:  # all of one size
        return
    p = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.2g}"
    words = f"{test} test of small-study effects: {p} (t = {found.t:.2f}, {found.freedom} degrees of freedom)"
    yield _Signal("asymmetry", found.p, "1", words, found.p < _ASYMMETRIC, _ASYMMETRIC)


def _figure(result: Node, key: str) -> float:
    return float(result[key]["@value"])


def _bounds(result: Node, kind: str) -> Interval:
    return Interval(_figure(result, kind + "Lower"), _figure(result, kind + "Upper"))
