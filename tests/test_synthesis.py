"""What is computed from findings, and what is refused: on made-up records, then on the project's own."""

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import pyoxigraph as ox
import pytest
from conftest import ROOT
from test_docs import rows
from test_ontology import reason

from kg.build.dataset import Dataset, Inputs
from kg.build.infer import infer
from kg.build.ontology import read_ontology
from kg.build.synthesis import SYNTHESIS, synthesise
from kg.errors import KgError
from kg.prefixes import GRAPH, ID, ONTOLOGY, contract
from kg.rdf import graph_of
from kg.snapshot import DATASET, Snapshot
from kg.statistics import normal
from kg.statistics.intervals import exact_interval
from kg.statistics.proportions import pool, pool_logits

ONTOLOGY_FOLDER = Inputs().ontology
CONTEXT = Inputs().context
QUESTION = "treatment/excision/hasComplication/complication/infection"
REFUSED = f"{QUESTION}/proportion"  # where no two findings are alike
POOLED = "pooled/excision-has-complication-infection-proportion"
ENTITIES: list[dict[str, Any]] = [
    {"id": "treatment/excision", "type": "SurgicalTreatment", "label": "excision"},
    {"id": "complication/infection", "type": "Complication", "label": "infection"},
    {"id": "study/old", "type": "Study", "label": "old study", "doi": "10.1/old"},
    {"id": "study/other", "type": "Study", "label": "other study", "doi": "10.1/other"},
]


def finding(numerator: int | None, denominator: int | None, **keys: Any) -> dict[str, Any]:
    counts = {} if denominator is None else {"numerator": numerator, "denominator": denominator}
    return {
        "type": "ComplicationFinding",
        "subject": "treatment/excision",
        "predicate": "hasComplication",
        "object": "complication/infection",
        "measure": "proportion",
        "unit": "%",
        "value": "10",
        **counts,
        **keys,
    }


def source(slug: str, *findings: dict[str, Any], **keys: Any) -> dict[str, Any]:
    named = [{"id": f"finding/{slug}-{place:02}", **found} for place, found in enumerate(findings, 1)]
    whole = {"id": f"source/{slug}", "type": "Source", "label": slug, "studyDesign": "cohort", "findings": named}
    return whole | keys


@cache
def ontology() -> tuple[ox.Quad, ...]:
    return tuple(read_ontology(ONTOLOGY_FOLDER))


def known(*records: dict[str, Any]) -> list[ox.Quad]:
    """Asserted and inferred quads of made-up records."""
    quads = [*ontology()]
    for record in (*ENTITIES, *records):
        quads += CONTEXT.to_quads(record, GRAPH + "entities")
    return [*quads, *infer(quads, ONTOLOGY_FOLDER / "rules")]


class Found:
    """A synthesis graph, read with short names: IRIs without their namespace, numbers as decimals."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.quads = list(quads)
        assert all(quad.graph_name == SYNTHESIS for quad in self.quads)
        self._said: dict[str, dict[str, set[Any]]] = {}
        for quad in self.quads:
            assert isinstance(quad.subject, ox.NamedNode)
            properties = self._said.setdefault(short(quad.subject), {})
            properties.setdefault(contract(quad.predicate.value).split(":")[1], set()).add(short(quad.object))

    def of_type(self, name: str) -> set[str]:
        return {node for node, said in self._said.items() if name in said.get("type", ())}

    def all(self, node: str, name: str) -> set[Any]:
        return self._said[node].get(name, set())

    def one(self, node: str, name: str) -> Any:
        (value,) = self.all(node, name)
        return value


def short(term: Any) -> Any:
    if isinstance(term, ox.Literal):
        numeric = term.datatype.value.endswith(("decimal", "integer"))
        return Decimal(term.value) if numeric else term.value
    for namespace in (SYNTHESIS.value + "#", ID, ONTOLOGY):
        if term.value.startswith(namespace):
            return term.value.removeprefix(namespace)
    return contract(term.value)


def synthesis_of(*records: dict[str, Any]) -> Found:
    return Found(synthesise(known(*records), ONTOLOGY_FOLDER / "synthesis", CONTEXT))


ALIKE = [(8, 40), (7, 30)]


def test_like_findings_of_two_sources_are_pooled() -> None:
    found = synthesis_of(source("a", finding(*ALIKE[0])), source("b", finding(*ALIKE[1])))
    expected = pool(ALIKE)
    assert found.of_type("PooledProportion") == {POOLED}
    assert found.of_type("PoolingRefusal") == set()
    assert found.all(POOLED, "input") == found.all(POOLED, "considers") == {"finding/a-01", "finding/b-01"}
    assert found.one(POOLED, "label") == "Infection after excision: proportion"
    assert found.one(POOLED, "plainWords") == (
        "In 2 studies of 70 people, infection followed excision in 21.4 % of people"
        " (95 % confidence interval 7.4 to 48.3 %)."
        " Two studies cannot tell how far studies differ: the interval hangs on how well these two agree."
    )
    assert found.one(POOLED, "questionSubject") == "treatment/excision"
    assert found.one(POOLED, "questionPredicate") == "hasComplication"
    assert found.one(POOLED, "questionObject") == "complication/infection"
    assert found.all(POOLED, "inCommon") == {"proportion"}
    assert found.one(POOLED, "method") == "binomialNormal"
    assert "Binomial(n; N" in found.one(POOLED, "formula")
    assert {text.split()[0] for text in found.all(POOLED, "computedWith")} == {"calcikg", "scipy"}
    assert found.one(POOLED, "confidenceLevel") == 95
    assert found.one(POOLED, "inputCount") == 2
    assert found.one(POOLED, "estimate") == round(Decimal(expected.estimate * 100), 4)
    assert found.one(POOLED, "confidenceLower") == round(Decimal(expected.interval.lower * 100), 4)
    assert found.one(POOLED, "confidenceUpper") == round(Decimal(expected.interval.upper * 100), 4)
    assert found.one(POOLED, "tauSquared") == round(Decimal(expected.tau_squared), 6)
    assert found.one(POOLED, "iSquared") == round(Decimal(expected.i_squared * 100), 4)
    assert found.all(POOLED, "predictionLower") == set()  # two studies predict no third


def test_the_model_of_two_steps_stands_beside_it() -> None:
    found = synthesis_of(source("a", finding(*ALIKE[0])), source("b", finding(*ALIKE[1])))
    beside, expected = f"{POOLED}#two-steps", pool_logits(ALIKE)
    assert found.of_type("SensitivityAnalysis") == {beside}
    assert found.one(beside, "sensitivityOf") == POOLED
    assert found.one(beside, "method") == "randomEffectsLogit"
    assert found.one(beside, "estimate") == round(Decimal(expected.estimate * 100), 4)
    assert found.one(beside, "cochranQ") == round(Decimal(expected.q), 6)
    assert found.one(beside, "hStatistic") == round(Decimal(expected.h), 6)


def test_a_share_of_a_number_of_people_is_pooled_as_a_count_and_said_so() -> None:
    found = synthesis_of(
        source("a", finding(8, 40)),
        source("b", finding(None, None, value="23.3", sampleSize="30")),
        source("c", finding(None, None, value="20", sampleSize="50")),
        source("d", finding(None, None, value="20", qualifier="approximately", sampleSize="50")),
        source("e", finding(None, None, value="20")),
    )
    assert found.all(POOLED, "input") == {"finding/a-01", "finding/b-01", "finding/c-01"}
    assert found.all(POOLED, "countFromShare") == {"finding/b-01", "finding/c-01"}
    assert found.one(POOLED, "estimate") == round(Decimal(pool([(8, 40), (7, 30), (10, 50)]).estimate * 100), 4)
    shares = "finding/b-01#interval-of-share", "finding/c-01#interval-of-share"
    assert found.of_type("ExactInterval") == {"finding/a-01#exact-interval", *shares}
    assert [(found.one(one, "eventCount"), found.one(one, "totalCount")) for one in shares] == [(7, 30), (10, 50)]
    omitted = {found.one(part, "omits"): found.all(part, "because") for part in found.all(POOLED, "omission")}
    assert omitted == {"finding/d-01": {"noCounts"}, "finding/e-01": {"noCounts"}}


@pytest.mark.parametrize(
    ("people", "value", "count"),
    [
        ({"disease": ["disease/ill"]}, "23.3", (7, 30)),
        ({"disease": ["disease/form"]}, "23.3", (7, 30)),
        ({"partOf": ["population/whole"]}, "23.3", (7, 30)),
        ({"disease": ["disease/wider"]}, "23.3", None),  # of how many of them had it, nothing is told
        ({}, "23.3", None),
        ({"disease": ["disease/ill"]}, "22.6", None),  # 7 of 31
        ({"disease": ["disease/ill"]}, "23", (7, 30)),
    ],
)
def test_the_people_of_a_share_are_those_who_have_what_it_is_about(
    people: dict[str, Any], value: str, count: tuple[int, int] | None
) -> None:
    keys = {"type": "PrevalenceFinding", "subject": "disease/ill", "predicate": "hasPhenotype", "measure": "prevalence"}
    found = synthesis_of(
        {"id": "disease/wider", "type": "Disease", "label": "wider"},
        {"id": "disease/ill", "type": "Disease", "label": "ill", "subtypeOf": ["disease/wider"]},
        {"id": "disease/form", "type": "Disease", "label": "form", "subtypeOf": ["disease/ill"]},
        {"id": "population/whole", "type": "Population", "label": "whole", "disease": ["disease/ill"]},
        {"id": "population/some", "type": "Population", "label": "some", "sampleSize": "30", **people},
        source("a", finding(None, None, value=value, population="population/some", **keys)),
    )
    intervals = [(found.one(one, "eventCount"), found.one(one, "totalCount")) for one in found.of_type("ExactInterval")]
    assert intervals == ([count] if count else [])


def test_counts_as_printed_are_pooled_alone_beside_those_from_shares() -> None:
    share = source("c", finding(None, None, value="20", sampleSize="50"))
    found = synthesis_of(source("a", finding(*ALIKE[0])), source("b", finding(*ALIKE[1])), share)
    counted = f"{POOLED}#printed"
    assert found.one(counted, "printedOnly") == "true"
    assert found.all(counted, "input") == {"finding/a-01", "finding/b-01"}
    assert found.one(counted, "estimate") == round(Decimal(pool(ALIKE).estimate * 100), 4)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [([(0, 40), (0, 30)], "noEvents"), ([(40, 40), (0, 30)], "noEvents"), ([(3, 30), (30, 40)], "uninformative")],
)
def test_what_has_no_mean_or_one_that_says_nothing_is_refused(counts: list[tuple[int, int]], reason: str) -> None:
    found = synthesis_of(*(source(slug, finding(*count)) for slug, count in zip("ab", counts, strict=True)))
    assert found.of_type("PooledProportion") == found.of_type("SensitivityAnalysis") == set()
    assert found.all(REFUSED, "because") == {reason}
    assert found.all(REFUSED, "considers") == {"finding/a-01", "finding/b-01"}


REVIEW = {"studyDesign": "systematicReview"}
PEOPLE = {"id": "population/people", "type": "Population", "label": "people"}


@pytest.mark.parametrize(
    ("reasons", "records"),
    [
        ({"singleFinding"}, [source("a", finding(3, 30))]),
        ({"singleFinding", "noCounts"}, [source("a", finding(None, None))]),
        ({"noCounts"}, [source("a", finding(3, 30)), source("b", finding(None, None))]),
        ({"oneSource", "sameSource"}, [source("a", finding(3, 30), finding(8, 40))]),
        ({"differentMeasure"}, [source("a", finding(3, 30)), source("b", finding(8, 40, measure="incidence"))]),
        (
            {"notPeople"},
            [source("a", finding(3, 30)), source("b", finding(8, 40, unit="{limb}"))],
        ),
        ({"differentSite"}, [source("a", finding(3, 30)), source("b", finding(8, 40, site=["site/hand"]))]),
        ({"differentSite"}, [source("a", finding(3, 30)), source("b", finding(8, 40, laterality="left"))]),
        (
            {"differentCircumstance"},
            [source("a", finding(3, 30)), source("b", finding(8, 40, condition="with drainage"))],
        ),
        (
            {"samePopulation"},
            [
                PEOPLE,
                source("a", finding(3, 30, population="population/people")),
                source("b", finding(8, 40, population="population/people")),
            ],
        ),
        (
            {"samePopulation"},
            [
                source(
                    "a",
                    finding(3, 30, population="population/people"),
                    populations=[PEOPLE, {**PEOPLE, "id": "population/x"}],
                ),
                source("b", finding(8, 40, population="population/x")),
            ],
        ),
        (
            {"sameStudy"},
            [source("a", finding(3, 30, relays="study/old")), source("b", finding(8, 40, relays="study/old"))],
        ),
        ({"sameStudy"}, [source("a", finding(3, 30, relays="study/old")), source("b", finding(8, 40), doi="10.1/old")]),
        (
            {"reviewedStudy"},
            [source("a", finding(3, 30), doi="10.1/old"), source("b", finding(8, 40), studies=["study/old"], **REVIEW)],
        ),
        (
            {"reviewedStudy"},
            [
                source("a", finding(3, 30, relays="study/old")),
                source("b", finding(8, 40), studies=["study/old"], **REVIEW),
            ],
        ),
        (
            {"reviewedStudy"},
            [
                source("a", finding(3, 30), studies=["study/old"], **REVIEW),
                source("b", finding(8, 40), studies=["study/old"], **REVIEW),
            ],
        ),
    ],
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set) else "",
)
def test_what_must_not_be_pooled_is_refused_with_its_reason(reasons: set[str], records: list[dict[str, Any]]) -> None:
    found = synthesis_of(*records)
    assert found.of_type("PooledProportion") == set()
    assert found.of_type("PoolingRefusal") == {REFUSED}
    assert found.all(REFUSED, "because") == reasons
    findings = {record["id"] for whole in records for record in whole.get("findings", ())}
    assert found.all(REFUSED, "considers") == findings
    assert found.all(REFUSED, "input") == set()


@pytest.mark.parametrize(
    "records",
    [
        [source("a", finding(7, 30)), source("b", finding(8, 40, statistic="count", unit="{patient}", value="8"))],
        [source("a", finding(7, 30, timepoint="1 year")), source("b", finding(8, 40, timepoint="2 years"))],
        [
            source("a", finding(2, 40), doi="10.1/old"),
            source("b", finding(0, 40, value="0", negated=True)),
            source("c", finding(1, 30)),
        ],
        [source("a", finding(7, 30), doi="10.1/old"), source("b", finding(8, 40), studies=["study/old"])],
        [source("a", finding(7, 30), studies=["study/old"]), source("b", finding(8, 40), studies=["study/old"])],
        [source("a", finding(7, 30, relays="study/old")), source("b", finding(8, 40, relays="study/other"))],
    ],
    ids=["count-of-people", "follow-up", "none", "cites", "cite-the-same", "relay-different-studies"],
)
def test_what_does_not_stand_in_the_way(records: list[dict[str, Any]]) -> None:
    assert synthesis_of(*records).of_type("PooledProportion") == {POOLED}


def test_a_finding_that_overlaps_is_left_out_and_said_so() -> None:
    found = synthesis_of(
        source("a", finding(7, 30), finding(4, 50)),
        source("b", finding(8, 40)),
        source("c", finding(None, None)),
        source("d", finding(50, 500), studies=["study/old"], **REVIEW),
        source("e", finding(5, 20), doi="10.1/old"),
    )
    assert found.all(POOLED, "input") == {"finding/a-02", "finding/b-01", "finding/e-01"}
    reasons = {
        found.one(part, "omits"): (found.all(part, "because"), found.all(part, "overlapsWith"))
        for part in found.all(POOLED, "omission")
    }
    assert reasons == {
        "finding/a-01": ({"sameSource"}, {"finding/a-02"}),
        "finding/c-01": ({"noCounts"}, set()),
        "finding/d-01": ({"reviewedStudy"}, {"finding/e-01"}),
    }


def test_findings_of_two_measures_give_two_pooled_proportions() -> None:
    found = synthesis_of(
        source("a", finding(7, 30), finding(2, 30, measure="incidence")),
        source("b", finding(8, 40)),
        source("c", finding(5, 50, measure="incidence", site=["site/hand"])),
        source("d", finding(6, 90, measure="incidence")),
    )
    incidence = POOLED.replace("proportion", "incidence")
    assert found.of_type("PooledProportion") == {POOLED, incidence}
    assert found.all(incidence, "input") == {"finding/a-02", "finding/d-01"}


def test_directions_are_different_questions() -> None:
    keys = {"type": "OutcomeFinding", "predicate": "hasOutcome", "object": "outcome/pain"}
    found = synthesis_of(
        {"id": "outcome/pain", "type": "Outcome", "label": "pain"},
        source("a", finding(3, 30, direction="improved", **keys)),
        source("b", finding(8, 40, direction="worsened", **keys)),
    )
    question = "treatment/excision/hasOutcome/outcome/pain"
    improved, worsened = f"{question}/improved/proportion", f"{question}/worsened/proportion"
    assert found.of_type("PoolingRefusal") == {improved, worsened}
    assert found.one(improved, "label") == "excision, has outcome, pain, improved: not pooled"


def test_a_pooled_proportion_is_computed_again_without_each_and_at_each_level() -> None:
    counts = [(3, 30), (8, 40), (12, 50), (9, 60)]
    designs = ["cohort", "caseSeries", "cohort", "caseSeries"]
    found = synthesis_of(
        *(
            source(slug, finding(*count), studyDesign=design)
            for slug, count, design in zip("abcd", counts, designs, strict=True)
        )
    )
    assert found.one(POOLED, "predictionLower") < found.one(POOLED, "confidenceLower")
    assert found.one(POOLED, "confidenceUpper") < found.one(POOLED, "predictionUpper")
    without = {found.one(part, "omits"): part for part in found.of_type("SensitivityAnalysis") if "#without/" in part}
    for place, slug in enumerate("abcd"):
        expected = pool([*counts[:place], *counts[place + 1 :]])
        part = without.pop(f"finding/{slug}-01")
        assert part == f"{POOLED}#without/{slug}-01"
        assert found.one(part, "sensitivityOf") == POOLED
        assert found.all(part, "input") == found.all(POOLED, "input") - {f"finding/{slug}-01"}
        assert found.one(part, "estimate") == round(Decimal(expected.estimate * 100), 4)
    assert without == {}
    at = {found.one(part, "atLevel"): part for part in found.of_type("SensitivityAnalysis") if "#atLevel/" in part}
    assert at.keys() == {"ocebm-3", "ocebm-4"}
    assert found.all(at["ocebm-3"], "input") == {"finding/a-01", "finding/c-01"}
    assert found.one(at["ocebm-3"], "estimate") == round(Decimal(pool(counts[::2]).estimate * 100), 4)


RATIO = "pooled/ulcer-associated-with-calcinosis-odds-ratio-adjusted-ratio"
UNADJUSTED = RATIO.replace("adjusted", "unadjusted")
REFUSED_RATIO = "complication/ulcer/associatedWith/disease/calcinosis/ratio"
PEOPLE_OF_RATIOS: list[dict[str, Any]] = [
    {"id": "disease/systemic-sclerosis", "type": "Disease", "label": "scleroderma"},
    {"id": "disease/calcinosis", "type": "Disease", "label": "calcinosis"},
    {"id": "complication/ulcer", "type": "Complication", "label": "ulcer"},
    {"id": "risk-factor/age", "type": "RiskFactor", "label": "age", "graded": "true"},
    *(
        {"id": f"population/{slug}", "type": "Population", "label": slug, "disease": ["disease/systemic-sclerosis"]}
        | {"sampleSize": size}
        for slug, size in (("with", "400"), ("without", "800"), ("other-with", "400"), ("other-without", "800"))
    ),
    {"id": "population/healthy", "type": "Population", "label": "healthy", "sampleSize": "80"},
]


def association(**keys: Any) -> dict[str, Any]:
    """A finding on how ulcers and calcinosis go together."""
    ends = {"subject": "complication/ulcer", "predicate": "associatedWith", "object": "disease/calcinosis"}
    return {"type": "AssociationFinding", "direction": "increased", **ends, **keys}


def odds(value: str, lower: str = "", upper: str = "", **keys: Any) -> dict[str, Any]:
    """The same with a printed odds ratio, adjusted unless told otherwise."""
    bounds = {"lower": lower, "upper": upper, "interval": "ci95"} if lower else {}
    return association(**({"statistic": "oddsRatio", "unit": "1", "value": value, "adjusted": True} | bounds | keys))


def groups(numerator: int, denominator: int, other: int, total: int, **keys: Any) -> dict[str, Any]:
    """The same with the counts of two groups."""
    counts = {"measure": "prevalence", "numerator": numerator, "denominator": denominator}
    beside = {"numerator": other, "denominator": total}
    between = {"population": "population/with", "comparator": ["population/without"], "comparison": beside}
    return association(**(counts | between | keys))


def ratios_of(*records: dict[str, Any]) -> Found:
    return synthesis_of(*PEOPLE_OF_RATIOS, *records)


def test_ratios_are_pooled_as_logarithms() -> None:
    found = ratios_of(
        source("a", odds("3.9", "2.7", "5.5", sampleSize="5218")),
        source("b", odds("2.63", "1.02", "6.78", sampleSize="226")),
        source("c", odds("1.8", pValue="0.002", sampleSize="568")),
    )
    expected = normal.pool(
        [
            normal.log_ratio(3.9, 2.7, 5.5),
            normal.log_ratio(2.63, 1.02, 6.78),
            normal.log_ratio_from_p(1.8, 0.002),
        ]
    )
    assert found.of_type("PooledRatio") == {RATIO}
    assert found.one(RATIO, "label") == "Odds ratio of calcinosis with ulcer (adjusted for other factors)"
    assert found.all(RATIO, "inCommon") == {"oddsRatio", "adjustedRatio"}
    assert (found.one(RATIO, "effectMeasure"), found.one(RATIO, "estimateUnit")) == ("oddsRatio", "1")
    assert found.one(RATIO, "estimate") == round(Decimal(math.exp(expected.estimate)), 4)
    assert found.one(RATIO, "confidenceLower") == round(Decimal(math.exp(expected.interval.lower)), 4)
    assert found.one(RATIO, "tauSquared") == round(Decimal(expected.tau_squared), 6)
    assert found.one(RATIO, "peopleCount") == 5218 + 226 + 568
    assert "times as high with ulcer as without (95 %" in found.one(RATIO, "plainWords")
    assert found.one(f"{RATIO}#normal-interval", "confidenceUpper") == round(Decimal(math.exp(expected.plain.upper)), 4)
    assert found.all(f"{RATIO}#printed", "input") == {"finding/a-01", "finding/b-01"}
    methods = {found.one(f"finding/{slug}-01#effect", "method") for slug in "abc"}
    assert methods == {"printedInterval", "printedPValue"}
    assert found.one("finding/a-01#effect", "confidenceUpper") == Decimal("5.5")  # as printed


def test_two_groups_give_an_odds_ratio_that_is_not_adjusted() -> None:
    found = ratios_of(
        source("a", groups(150, 400, 100, 800)),
        source("b", association(  # 40 % of 400, 12.5 % of 800
            measure="prevalence", unit="%", value="40", population="population/other-with",
            comparator=["population/other-without"], comparison={"value": "12.5"},
        )),
    )  # fmt: skip
    expected = normal.pool(
        [normal.log_odds_ratio((150, 400), (100, 800)), normal.log_odds_ratio((160, 400), (100, 800))]
    )
    assert found.of_type("PooledRatio") == {UNADJUSTED}
    assert found.all(UNADJUSTED, "countFromShare") == {"finding/b-01"}
    assert found.one(UNADJUSTED, "peopleCount") == 2400
    assert found.one(UNADJUSTED, "estimate") == round(Decimal(math.exp(expected.estimate)), 4)


@pytest.mark.parametrize(
    ("reason", "other"),
    [
        ("differentAdjustment", odds("2.63", "1.02", "6.78", adjusted=False)),
        ("differentStatistic", odds("2.63", "1.02", "6.78", statistic="hazardRatio")),
        ("noInterval", odds("2.63")),
        ("noInterval", odds("2.63", pValue="0.03", sampleSize="59")),
        ("noInterval", odds("2.63", pValue="0.03")),  # of how many, nobody tells
        ("noInterval", odds("2.63", "1.02", "2.9")),  # does not lie around it
        ("noInterval", odds("2.63", "1.02", "6.78", interval="range")),
        ("againstDirection", odds("2.63", "1.02", "6.78", direction="decreased")),
        ("differentSite", odds("2.63", "1.02", "6.78", site=["site/hand"])),
        ("differentCircumstance", groups(15, 40, 10, 80, comparator=["population/healthy"])),
        ("noCounts", association(
            measure="prevalence", unit="%", value="45.61", population="population/with",
            comparator=["population/without"], comparison={"value": "12.5"},
        )),  # 45.61 % of 400 is no number of people
    ],
)  # fmt: skip
def test_unlike_ratios_are_not_pooled(reason: str, other: dict[str, Any]) -> None:
    found = ratios_of(source("a", odds("3.9", "2.7", "5.5")), source("b", other))
    assert found.of_type("PooledRatio") == set()
    assert reason in found.all(REFUSED_RATIO, "because")


def test_the_sentence_of_a_ratio_says_with_whom_people_were_compared() -> None:
    keys = {"comparator": ["population/healthy"]}
    found = ratios_of(source("a", odds("3.9", "2.7", "5.5", **keys)), source("b", odds("2.63", "1.02", "6.78", **keys)))
    (pooled,) = found.of_type("PooledRatio")
    assert "times as high with ulcer as in the group compared (95 %" in found.one(pooled, "plainWords")


@pytest.mark.parametrize("things", [{"analysisUnit": "byHand"}, {"analysisUnit": "byUnstated"}, {"unit": "{ulcer}"}])
def test_counts_of_other_things_than_people_have_no_interval_and_no_mean(things: dict[str, str]) -> None:
    """The hands of one person are alike: an interval that takes them for independent would be too narrow."""
    found = synthesis_of(source("a", finding(*ALIKE[0], **things)), source("b", finding(*ALIKE[1], **things)))
    assert found.of_type("ExactInterval") == found.of_type("PooledProportion") == set()
    (refusal,) = found.of_type("PoolingRefusal")
    assert found.all(refusal, "because") == {"notPeople"}


def test_a_part_of_the_people_is_pooled_with_nobody() -> None:
    disease = {"id": "disease/scleroderma", "type": "Disease", "label": "scleroderma"}
    group = {"type": "Population", "label": "people", "disease": [disease["id"]]}
    whole = group | {"id": "population/whole", "sampleSize": 80}
    part = group | {"id": "population/part", "sampleSize": 40, "partOf": ["population/whole"]}
    ends = {"type": "PrevalenceFinding", "subject": disease["id"], "predicate": "hasPhenotype", "measure": "prevalence"}
    said = ends | {"object": "phenotype/x"}
    found = synthesis_of(
        disease,
        {"id": "phenotype/x", "type": "Phenotype", "label": "x"},
        source("a", finding(8, 40, population="population/part", **said), populations=[whole, part]),
        source("b", finding(4, 40, **said)),
    )
    assert found.of_type("PooledProportion") == set()
    assert found.of_type("ExactInterval") == {"finding/a-01#exact-interval", "finding/b-01#exact-interval"}


def test_two_results_of_one_address_are_an_error() -> None:
    ends = {"type": "PrevalenceFinding", "predicate": "hasPhenotype", "object": "phenotype/x", "measure": "prevalence"}
    named = [
        {"id": f"{kind}/form", "type": class_, "label": kind}
        for kind, class_ in (("disease", "Disease"), ("subtype", "DiseaseSubtype"))
    ]
    sources = [
        source(slug, *(finding(*count, **ends, subject=one["id"]) for one in named))
        for slug, count in zip("ab", ALIKE, strict=True)
    ]
    with pytest.raises(KgError, match="form-has-phenotype-x-prevalence"):
        synthesis_of(*named, {"id": "phenotype/x", "type": "Phenotype", "label": "x"}, *sources)


def test_what_one_source_reports_and_another_relays_counts_once() -> None:
    found = ratios_of(
        source("a", odds("3.9", "2.7", "5.5"), reports=["study/old"]),
        source("b", odds("3.7", "2.6", "5.3", relays="study/old")),
    )
    assert found.all(REFUSED_RATIO, "because") == {"sameStudy"}


def test_a_ratio_for_each_step_of_a_quantity_needs_the_step() -> None:
    ends = {"subject": "risk-factor/age", "predicate": "riskFactorFor"}
    yearly = {"step": "each year"}
    found = ratios_of(
        source("a", odds("1.05", "1.02", "1.08", **ends), odds("1.04", "1.02", "1.06", **ends, **yearly)),
        source("b", odds("1.03", "1.01", "1.05", **ends, **yearly)),
    )
    (pooled,) = found.of_type("PooledRatio")
    assert found.all(pooled, "input") == {"finding/a-02", "finding/b-01"}
    assert "times as high with age, each year (95 %" in found.one(pooled, "plainWords")
    reasons = {reason for part in found.all(pooled, "omission") for reason in found.all(part, "because")}
    assert reasons >= {"stepNotTold"}


def test_a_ratio_whose_interval_says_nothing_is_refused() -> None:
    found = ratios_of(source("a", odds("12", "2.7", "53")), source("b", odds("3", "1.3", "6.9")))
    assert found.of_type("PooledRatio") == set()
    assert found.all(REFUSED_RATIO.replace("/ratio", "/odds-ratio-adjusted-ratio"), "because") == {"uninformative"}


def test_means_of_two_groups_are_pooled_as_differences_and_medians_are_not() -> None:
    def means(value: str, other: str, **keys: Any) -> dict[str, Any]:
        own = {"statistic": "mean", "measure": "age", "unit": "a", "value": value, "spread": "10", "interval": "sd"}
        beside = {"value": other, "spread": "12", "interval": "sd"}
        between = {"population": "population/with", "comparator": ["population/without"], "comparison": beside}
        return association(**(own | between | keys))

    found = ratios_of(
        source("a", means("60", "55")),
        source("b", means("58", "56", population="population/other-with", comparator=["population/other-without"])),
        source("c", means("59", "52", statistic="median")),
        source("d", means("59", "52", interval="")),
    )
    (pooled,) = found.of_type("PooledDifference")
    effects = [normal.mean_difference(60, 10, 400, 55, 12, 800), normal.mean_difference(58, 10, 400, 56, 12, 800)]
    assert found.all(pooled, "input") == {"finding/a-01", "finding/b-01"}
    assert found.one(pooled, "estimate") == round(Decimal(normal.pool(effects).estimate), 4)
    assert found.one(pooled, "estimateUnit") == "a"
    omitted = {found.one(part, "omits"): found.all(part, "because") for part in found.all(pooled, "omission")}
    assert omitted["finding/c-01"] >= {"mediansOnly"}
    assert omitted["finding/d-01"] >= {"noSpread"}


def test_a_pooled_proportion_is_computed_again_within_a_design_a_subtype_and_a_region() -> None:
    countries = {"a": ["italy"], "b": ["france", "italy"], "c": ["france", "japan"]}
    counts = [(3, 30), (8, 40), (12, 50), (9, 60)]
    people = [
        {
            "id": f"population/{slug}",
            "type": "Population",
            "label": slug,
            "disease": ["subtype/limited"] * (slug in "ab"),
            "country": countries.get(slug, []),
        }
        for slug in "abcd"
    ]
    people[3] |= {"partOf": ["population/near"]}
    for slug, country, whole in (("near", ["italy"], ["population/far"]), ("far", ["italy", "japan"], [])):
        people.append(people[3] | {"id": f"population/{slug}", "label": slug, "country": country, "partOf": whole})
    found = synthesis_of(
        {"id": "disease/systemic-sclerosis", "type": "Disease", "label": "scleroderma"},
        {
            "id": "subtype/limited",
            "type": "DiseaseSubtype",
            "label": "limited",
            "subtypeOf": ["disease/systemic-sclerosis"],
        },
        *people,
        *(
            source(slug, finding(*count, population=f"population/{slug}"), studyDesign=design)
            for slug, count, design in zip("abcd", counts, ["cohort", "caseSeries"] * 2, strict=True)
        ),
    )
    for part, property_, value, chosen in (
        ("ofDesign/cohort", "ofDesign", "cohort", counts[::2]),
        ("ofDesign/caseSeries", "ofDesign", "caseSeries", counts[1::2]),
        ("inSubtype/limited", "inSubtype", "subtype/limited", counts[:2]),
        ("inRegion/europe", "inRegion", "europe", [*counts[:2], counts[3]]),
    ):
        assert found.one(f"{POOLED}#{part}", property_) == value
        assert found.one(f"{POOLED}#{part}", "estimate") == round(Decimal(pool(chosen).estimate * 100), 4)


def test_a_negated_figure_is_a_share_of_others_and_answers_nothing() -> None:
    found = synthesis_of(source("a", finding(3, 30, negated=True)))
    assert found.of_type("ExactInterval") == found.of_type("PoolingRefusal") == set()


def test_reasoner_finds_the_synthesis_consistent() -> None:
    quads = known(
        source("a", finding(3, 30), finding(None, None)),
        source("b", finding(8, 40)),
        source("c", finding(9, 45), studyDesign="caseSeries"),
        source("d", finding(2, 45, measure="incidence"), studyDesign="caseSeries"),
    )
    assert reason([*quads, *synthesise(quads, ONTOLOGY_FOLDER / "synthesis", CONTEXT)]) == []


@pytest.fixture(scope="module")
def own(whole: Snapshot) -> Found:
    """The synthesis of the project's own records, as the build has written it."""
    return Found([quad for quad in ox.parse(path=whole.path / DATASET) if graph_of(quad) == "synthesis"])


def _is_share(keys: dict[str, str]) -> bool:
    """Tell whether a record gives a share, of those that it is about and not of the others."""
    shown = [keys[key] for key in ("value", "numerator", "upper") if key in keys]
    if "negated" in keys and any(float(figure) > 0 for figure in shown):
        return False
    is_part = keys.get("measure") in ("prevalence", "incidence", "proportion", "sensitivity", "specificity")
    statistic = keys.get("statistic", "share" if is_part else "")
    return "denominator" in keys or (statistic == "share" and bool(shown or "lower" in keys))


def test_every_share_of_the_records_is_pooled_or_refused_with_a_reason(own: Found, dataset: Dataset) -> None:
    said: dict[str, dict[str, str]] = {}
    for quad in dataset.quads:
        said.setdefault(quad.subject.value, {})[short(quad.predicate)] = short(quad.object)
    shares = {short(ox.NamedNode(iri)) for iri, keys in said.items() if "predicate" in keys and _is_share(keys)}
    refusals = {node for node in own.of_type("PoolingRefusal") if not node.endswith(("/ratio", "/difference"))}
    results = own.of_type("PooledProportion") | {node for node in refusals if "/odds-ratio" not in node}
    assert len(shares) > 25
    assert set().union(*(own.all(node, "considers") for node in results)) == shares
    for node in own.of_type("PoolingRefusal"):
        assert own.all(node, "because"), node
        assert len(own.all(node, "considers")) == 1 or "singleFinding" not in own.all(node, "because")


def test_every_count_of_people_in_the_records_has_its_exact_interval(own: Found, dataset: Dataset) -> None:
    counts: dict[str, dict[str, int]] = {}
    things: set[str] = set()
    for quad in dataset.quads:
        name = short(quad.predicate)
        if name in ("numerator", "denominator"):
            counts.setdefault(short(quad.subject), {})[name] = int(quad.object.value)
        if name == "analysisUnit" or (name == "unit" and quad.object.value not in ("%", "{patient}")):
            things.add(short(quad.subject))
    findings = {node: row for node, row in counts.items() if "#" not in node}  # not those beside the result
    denied = {short(quad.subject) for quad in dataset.quads if short(quad.predicate) == "negated"}
    whole = {
        node: (row["numerator"], row["denominator"])
        for node, row in findings.items()
        if len(row) == 2
        and node not in things
        and not (node in denied and row["numerator"])  # which tells of the others
    }
    assert whole["finding/debulking-2021-30"] == (13, 39)
    assert {node for node in own.of_type("ExactInterval") if node.endswith("#exact-interval")} == {
        f"{node}#exact-interval" for node in whole
    }
    for node, count in whole.items():
        part, interval = f"{node}#exact-interval", exact_interval(*count)
        assert own.one(part, "input") == node
        assert own.one(part, "confidenceLower") == round(Decimal(interval.lower * 100), 4)
        assert own.one(part, "confidenceUpper") == round(Decimal(interval.upper * 100), 4)
        assert own.one(part, "formula").startswith("estimate = n/N")


def test_every_number_is_written_short(own: Found) -> None:
    finer = {"effect": 9, "standardError": 9}
    numbers = [
        (quad.object.value, finer.get(short(quad.predicate), 6))
        for quad in own.quads
        if isinstance(short(quad.object), Decimal)
    ]
    assert numbers
    assert [text for text, most in numbers if "e" in text.lower() or len(text.partition(".")[2]) > most] == []


def test_every_reason_is_documented(derived: list[ox.Quad]) -> None:
    text = (ROOT / "docs" / "synthesis.md").read_text(encoding="utf-8")
    said: dict[str, dict[str, str]] = {}
    for quad in derived:
        if quad.graph_name.value == GRAPH + "ontology" and isinstance(quad.subject, ox.NamedNode):
            said.setdefault(short(quad.subject), {})[contract(quad.predicate.value)] = short(quad.object)
    reasons = [
        [term, keys["skos:definition"]] for term, keys in said.items() if keys.get("rdf:type") == "SynthesisReason"
    ]
    assert sorted(rows(text, "| reason |")) == sorted(reasons)


def test_every_term_used_is_defined(own: Found, derived: list[ox.Quad]) -> None:
    defined = {quad.subject for quad in derived if quad.graph_name.value == GRAPH + "ontology"}
    used = {quad.predicate for quad in own.quads} | {
        quad.object for quad in own.quads if isinstance(quad.object, ox.NamedNode)
    }
    assert {term for term in used if term.value.startswith(ONTOLOGY)} <= defined
