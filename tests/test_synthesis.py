"""What is computed from findings, and what is refused: on made-up records, then on the project's own."""

from collections.abc import Iterable
from decimal import Decimal
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
from kg.prefixes import GRAPH, ID, ONTOLOGY, contract
from kg.statistics.intervals import exact_interval
from kg.statistics.proportions import pool, pool_logits

ONTOLOGY_FOLDER = Inputs().ontology
CONTEXT = Inputs().context
QUESTION = "treatment/excision/hasComplication/complication/infection"
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


def known(*records: dict[str, Any]) -> list[ox.Quad]:
    """Asserted and inferred quads of made-up records."""
    quads = [*read_ontology(ONTOLOGY_FOLDER)]
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
    assert found.one(POOLED, "label") == "excision, has complication, infection: pooled proportion"
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
    beside, expected = f"{POOLED}/two-steps", pool_logits(ALIKE)
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
    counted = f"{POOLED}/counted"
    assert found.one(counted, "countedOnly") == "true"
    assert found.all(counted, "input") == {"finding/a-01", "finding/b-01"}
    assert found.one(counted, "estimate") == round(Decimal(pool(ALIKE).estimate * 100), 4)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [([(0, 40), (0, 30)], "noEvents"), ([(40, 40), (0, 30)], "noEvents"), ([(3, 30), (30, 40)], "uninformative")],
)
def test_what_has_no_mean_or_one_that_says_nothing_is_refused(counts: list[tuple[int, int]], reason: str) -> None:
    found = synthesis_of(*(source(slug, finding(*count)) for slug, count in zip("ab", counts, strict=True)))
    assert found.of_type("PooledProportion") == found.of_type("SensitivityAnalysis") == set()
    assert found.all(POOLED, "because") == {reason}
    assert found.all(POOLED, "considers") == {"finding/a-01", "finding/b-01"}


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
            {"differentUnit"},
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
    assert found.of_type("PoolingRefusal") == {QUESTION}
    assert found.all(QUESTION, "because") == reasons
    findings = {record["id"] for whole in records for record in whole.get("findings", ())}
    assert found.all(QUESTION, "considers") == findings
    assert found.all(QUESTION, "input") == set()


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
    assert found.of_type("PooledProportion") == {POOLED, f"{QUESTION}/incidence"}
    assert found.all(f"{QUESTION}/incidence", "input") == {"finding/a-02", "finding/d-01"}


def test_directions_are_different_questions() -> None:
    keys = {"type": "OutcomeFinding", "predicate": "hasOutcome", "object": "outcome/pain"}
    found = synthesis_of(
        {"id": "outcome/pain", "type": "Outcome", "label": "pain"},
        source("a", finding(3, 30, direction="improved", **keys)),
        source("b", finding(8, 40, direction="worsened", **keys)),
    )
    question = "treatment/excision/hasOutcome/outcome/pain"
    assert found.of_type("PoolingRefusal") == {f"{question}/improved", f"{question}/worsened"}
    assert found.one(f"{question}/improved", "label") == "excision, has outcome, pain, improved: not pooled"


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
    without = {found.one(part, "omits"): part for part in found.of_type("SensitivityAnalysis") if "/without/" in part}
    for place, slug in enumerate("abcd"):
        expected = pool([*counts[:place], *counts[place + 1 :]])
        part = without.pop(f"finding/{slug}-01")
        assert part == f"{POOLED}/without/{slug}-01"
        assert found.one(part, "sensitivityOf") == POOLED
        assert found.all(part, "input") == found.all(POOLED, "input") - {f"finding/{slug}-01"}
        assert found.one(part, "estimate") == round(Decimal(expected.estimate * 100), 4)
    assert without == {}
    at = {found.one(part, "atLevel"): part for part in found.of_type("SensitivityAnalysis") if "/at/" in part}
    assert at.keys() == {"ocebm-3", "ocebm-4"}
    assert found.all(at["ocebm-3"], "input") == {"finding/a-01", "finding/c-01"}
    assert found.one(at["ocebm-3"], "estimate") == round(Decimal(pool(counts[::2]).estimate * 100), 4)


def test_a_negated_figure_is_a_share_of_others_and_answers_nothing() -> None:
    found = synthesis_of(source("a", finding(3, 30, negated=True)))
    assert found.quads == []


def test_reasoner_finds_the_synthesis_consistent() -> None:
    quads = known(
        source("a", finding(3, 30), finding(None, None)),
        source("b", finding(8, 40)),
        source("c", finding(9, 45), studyDesign="caseSeries"),
        source("d", finding(2, 45, measure="incidence"), studyDesign="caseSeries"),
    )
    assert reason([*quads, *synthesise(quads, ONTOLOGY_FOLDER / "synthesis", CONTEXT)]) == []


@pytest.fixture(scope="module")
def own(derived: list[ox.Quad]) -> Found:
    return Found(synthesise(derived, ONTOLOGY_FOLDER / "synthesis", CONTEXT))


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
    results = own.of_type("PooledProportion") | own.of_type("PoolingRefusal")
    assert len(shares) > 25
    assert set().union(*(own.all(node, "considers") for node in results)) == shares
    for node in own.of_type("PoolingRefusal"):
        assert own.all(node, "because"), node
        assert len(own.all(node, "considers")) == 1 or "singleFinding" not in own.all(node, "because")


def test_every_numerator_of_the_records_has_its_exact_interval(own: Found, dataset: Dataset) -> None:
    counts: dict[str, dict[str, int]] = {}
    for quad in dataset.quads:
        name = short(quad.predicate)
        if name in ("numerator", "denominator"):
            counts.setdefault(short(quad.subject), {})[name] = int(quad.object.value)
    findings = {node: row for node, row in counts.items() if "#" not in node}  # not those beside the result
    denied = {short(quad.subject) for quad in dataset.quads if short(quad.predicate) == "negated"}
    whole = {
        node: (row["numerator"], row["denominator"])
        for node, row in findings.items()
        if len(row) == 2 and not (node in denied and row["numerator"])  # which tells of the others
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
    numbers = [quad.object.value for quad in own.quads if isinstance(short(quad.object), Decimal)]
    assert numbers
    assert [text for text in numbers if "e" in text.lower() or len(text.partition(".")[2]) > 6] == []


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
