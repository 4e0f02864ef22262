"""The summary of findings: its rows on made-up records, then on the project's own."""

from typing import Any

import pyoxigraph as ox
import pytest
from conftest import ROOT
from test_synthesis import Found, finding, source, synthesis_of

from kg.build.dataset import Dataset
from kg.prefixes import ID, ONTOLOGY

ROW = "summary/treatment/excision/hasComplication/complication/infection"
PAIN = "summary/treatment/excision/hasOutcome/outcome/pain"
ENTITIES_HERE: list[dict[str, Any]] = [
    {"id": "outcome/pain", "type": "Outcome", "label": "pain"},
    {"id": "treatment/wide-excision", "type": "SurgicalTreatment", "label": "wide excision"}
    | {"subtypeOf": "treatment/excision"},
    {"id": "disease/systemic-sclerosis", "type": "Disease", "label": "systemic sclerosis"},
    {"id": "disease/calcinosis", "type": "Disease", "label": "calcinosis"},
    {"id": "disease/lupus", "type": "Disease", "label": "lupus"},
    {"id": "risk-factor/age", "type": "RiskFactor", "label": "age"},
]


def outcome(**keys: Any) -> dict[str, Any]:
    given = {"type": "OutcomeFinding", "subject": "treatment/excision", "predicate": "hasOutcome"}
    return given | {"object": "outcome/pain"} | keys


def population(slug: str, size: int, **keys: Any) -> dict[str, Any]:
    return {"id": f"population/{slug}", "type": "Population", "label": slug, "sampleSize": size, **keys}


def summary_of(*records: dict[str, Any]) -> Found:
    return synthesis_of(*ENTITIES_HERE, *records)


def counts(found: Found, row: str = PAIN) -> dict[str, int]:
    names = ("favourable", "nullResult", "unfavourable", "undecided", "opinion", "withoutResult", "elsewhere")
    return {name: int(number) for name in names if (number := found.one(row, f"{name}Count"))}


def test_a_row_counts_what_findings_say_for_and_against() -> None:
    found = summary_of(
        source("a", outcome(direction="improved")),
        source("b", outcome(direction="worsened"), outcome(direction="improved")),
        source("c", outcome(direction="noDifference")),
    )
    assert counts(found) == {"favourable": 2, "nullResult": 1, "unfavourable": 1}
    assert (found.one(PAIN, "studyCount"), found.one(PAIN, "inputCount")) == (3, 4)
    assert found.one(PAIN, "plainWords").startswith(
        "Pain with excision: 4 results of 3 studies, number of people not reported:"
        " 2 favourable, 1 without a change or difference and 1 unfavourable. No source gives a figure."
    )


def test_opinion_and_aims_are_no_results() -> None:
    found = summary_of(
        source("a", outcome(direction="improved"), studyDesign="expertOpinion"),
        source("b", outcome(certainty="intention", direction="improved")),
    )
    assert counts(found) == {"opinion": 1, "withoutResult": 1}
    assert found.all(PAIN, "input") == set()
    assert found.all(PAIN, "considers") == {"finding/a-01", "finding/b-01"}
    assert found.one(PAIN, "plainWords") == (
        "Pain with excision: no result. 1 statement of opinion. Findings without a result: an aim (1)."
    )
    assert not found.all(PAIN, "peopleCount")


def test_an_opinion_that_relays_a_study_is_a_result_of_that_study() -> None:
    found = summary_of(
        source("a", outcome(direction="improved", relays="study/old"), studyDesign="narrativeReview"),
        source("b", outcome(direction="improved", relays="study/old"), studyDesign="narrativeReview"),
        source("c", outcome(direction="improved"), reports=["study/old"]),
    )
    assert counts(found) == {"favourable": 3}
    assert found.one(PAIN, "studyCount") == 1


def test_what_unnamed_studies_of_nobody_knows_how_many_found_is_opinion() -> None:
    unnamed = {"id": "study/some", "label": "Unnamed studies"}
    relayed = outcome(direction="improved", relays="study/some")
    opinion = {"studyDesign": "expertOpinion", "studies": [unnamed]}
    told = outcome(direction="improved", relays="study/some", sampleSize=21)
    assert counts(summary_of(source("a", relayed, **opinion))) == {"opinion": 1}
    assert counts(summary_of(source("a", told, **opinion))) == {"favourable": 1}
    assert counts(summary_of(source("a", relayed, **opinion | {"studies": [unnamed | {"year": 1998}]}))) == {
        "favourable": 1
    }


def test_findings_on_a_kind_count_for_the_treatment_and_for_the_kind() -> None:
    found = summary_of(source("a", outcome(subject="treatment/wide-excision", direction="improved")))
    assert found.of_type("SummaryRow") >= {PAIN, PAIN.replace("excision", "wide-excision")}
    assert counts(found) == {"favourable": 1}


def test_findings_in_other_diseases_are_counted_apart() -> None:
    lupus = population("lupus", 9, disease="disease/lupus")
    sclerosis = population("sclerosis", 8, disease="disease/systemic-sclerosis")
    found = summary_of(
        source("a", outcome(direction="improved", population="population/lupus"), populations=[lupus]),
        source("b", outcome(direction="improved", population="population/sclerosis"), populations=[sclerosis]),
    )
    assert counts(found) == {"favourable": 1, "elsewhere": 1}
    assert (found.one(PAIN, "peopleCount"), found.one(PAIN, "peopleAtLeast")) == (8, "false")
    only = summary_of(source("a", outcome(population="population/lupus"), populations=[lupus]))
    assert PAIN not in only.of_type("SummaryRow")


@pytest.mark.parametrize(
    ("people", "at_least", "keys"),
    [
        pytest.param(20, "false", {"partOf": "population/all"}, id="a part of the other"),
        pytest.param(20, "true", {"overlap": [{"with": "population/all", "reason": "sameStudy"}]}, id="overlap"),
        pytest.param(25, "false", {}, id="others"),
    ],
)
def test_people_are_counted_once(people: int, at_least: str, keys: dict[str, Any]) -> None:
    found = summary_of(
        source("a", outcome(population="population/all"), populations=[population("all", 20)]),
        source("b", outcome(population="population/some"), populations=[population("some", 5, **keys)]),
    )
    assert (found.one(PAIN, "peopleCount"), found.one(PAIN, "peopleAtLeast")) == (people, at_least)


def test_a_result_that_tells_no_people_makes_the_number_a_least_one() -> None:
    found = summary_of(source("a", outcome(sampleSize=20)), source("b", outcome(direction="improved")))
    assert (found.one(PAIN, "peopleCount"), found.one(PAIN, "peopleAtLeast")) == (20, "true")
    assert "2 studies, at least 20 people" in found.one(PAIN, "plainWords")


def test_a_row_has_what_was_pooled() -> None:
    found = summary_of(source("a", finding(8, 40)), source("b", finding(7, 30)))
    assert found.all(ROW, "summarises") == {"pooled/excision-has-complication-infection-proportion"}
    assert found.all(ROW, "sideBySide") == set()
    assert "pooled: 21.4 % (95 % confidence interval" in found.one(ROW, "plainWords")


def test_figures_that_differ_stand_side_by_side_and_are_never_averaged() -> None:
    found = summary_of(
        source("a", finding(8, 9, condition="day 1")),
        source("b", finding(34, 78)),
        source("c", finding(5, 10, unit="{limb}")),
    )
    people = f"{ROW}/proportion-proportion"
    assert found.all(ROW, "sideBySide") == {people}
    assert found.all(ROW, "otherFigure") == {"finding/c-01"}
    assert found.one(people, "lowestFigure") == "finding/b-01#exact-interval"
    assert found.one(people, "highestFigure") == "finding/a-01#exact-interval"
    assert found.one(people, "studyCount") == 2
    assert found.all(people, "because") == {"differentCircumstance"}
    assert (
        "Proportion: from 34 of 78 people (43.6 %, 95 % confidence interval 32.4 to 55.3 %) to 8 of 9 people"
        " (88.9 %, 95 % confidence interval 51.8 to 99.7 %) in 2 studies, not pooled,"
        " as circumstances, comparators or instruments differ."
    ) in found.one(ROW, "plainWords")


def test_a_part_of_the_people_is_no_end_of_a_range_of_prevalence() -> None:
    keys = {"disease": ["disease/systemic-sclerosis"]}
    whole, part = population("whole", 80, **keys), population("part", 40, **keys, partOf=["population/whole"])
    ends = {"type": "PrevalenceFinding", "subject": "disease/systemic-sclerosis", "predicate": "hasPhenotype"}
    said = ends | {"object": "disease/calcinosis", "measure": "prevalence"}
    found = summary_of(
        source("a", finding(8, 40, population="population/part", **said), populations=[whole, part]),
        source("b", finding(20, 40, instrument=["diagnostic/films"], **said)),
    )
    row = "summary/disease/systemic-sclerosis/hasPhenotype/disease/calcinosis"
    assert found.one(f"{row}/proportion-prevalence", "lowestFigure") == "finding/b-01#exact-interval"
    assert found.all(row, "otherFigure") == {"finding/a-01"}


def test_what_is_only_hoped_for_gives_a_row_no_level() -> None:
    found = summary_of(source("a", outcome(certainty="intention", direction="improved")))
    assert found.all(PAIN, "bestEvidenceLevel") == found.all(PAIN, "worstEvidenceLevel") == set()
    found = summary_of(source("a", outcome(certainty="hypothesis", direction="noDifference")))
    assert counts(found) == {"withoutResult": 1}


def test_of_figures_of_the_same_people_one_stands() -> None:
    found = summary_of(source("a", finding(8, 9, condition="day 1"), finding(3, 9, condition="day 2")))
    assert found.one(f"{ROW}/proportion-proportion", "studyCount") == 1


def test_what_matters_comes_first_then_what_more_people_were_seen_for() -> None:
    found = summary_of(
        {"id": "outcome/quality-of-life", "type": "Outcome", "label": "quality of life"},
        {"id": "outcome/other", "type": "Outcome", "label": "other"},
        source("a", finding(8, 40), outcome(), outcome(object="outcome/other", sampleSize=5)),
        source("b", outcome(object="outcome/quality-of-life", sampleSize=500)),
    )
    rows = sorted(found.of_type("SummaryRow"), key=lambda row: found.one(row, "place"))
    assert [row.rpartition("/")[2] for row in rows] == ["pain", "infection", "quality-of-life", "other"]
    assert [found.all(row, "outcomeDomain") for row in rows] == [
        {"painDomain"},
        {"ulcerDomain"},
        {"qualityDomain"},
        set(),
    ]


def test_an_association_counts_in_either_order() -> None:
    forth = {"type": "AssociationFinding", "subject": "risk-factor/age", "predicate": "associatedWith"}
    found = summary_of(
        source("a", forth | {"object": "disease/calcinosis", "direction": "increased"}),
        source("b", forth | {"subject": "disease/calcinosis", "object": "risk-factor/age"}),
        source("c", forth | {"predicate": "riskFactorFor", "object": "disease/calcinosis", "direction": "decreased"}),
    )
    (row,) = found.of_type("SummaryRow")
    assert row == "summary/risk-factor/age/associatedWith/disease/calcinosis"
    assert found.one(row, "inSummary") == "riskFactorSummary"
    assert counts(found, row) == {"favourable": 2, "unfavourable": 1}


def test_the_domains_take_in_what_there_is(dataset: Dataset) -> None:
    domains = ox.parse(path=ROOT / "ontology" / "summary.ttl", format=ox.RdfFormat.TURTLE)
    named = {quad.object.value for quad in domains if quad.predicate.value == ONTOLOGY + "takesIn"}
    known = {quad.subject.value.removeprefix(ID) for quad in dataset.quads if isinstance(quad.subject, ox.NamedNode)}
    assert named - known == set()
