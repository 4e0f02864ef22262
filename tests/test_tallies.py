"""Who stands where: one figure for each cohort, people counted once, and gaps ranked by people; on made-up records."""

from decimal import Decimal
from typing import Any

from test_synthesis import QUESTION, finding, source, synthesis_of

DISEASE = {"id": "disease/systemic-sclerosis", "type": "Disease", "label": "systemic sclerosis"}
PAIN = {"id": "outcome/pain", "type": "Outcome", "label": "pain"}
CHOSEN = f"{QUESTION}/proportion/side-by-side"


def people(slug: str, size: int | None = None, **keys: Any) -> dict[str, Any]:
    sized = {} if size is None else {"sampleSize": size}
    return {
        "id": f"population/{slug}",
        "type": "Population",
        "label": slug,
        "disease": ["disease/systemic-sclerosis"],
        **sized,
        **keys,
    }


def result(population: str, direction: str = "improved", **keys: Any) -> dict[str, Any]:
    return {
        "type": "OutcomeFinding",
        "subject": "treatment/excision",
        "predicate": "hasOutcome",
        "object": "outcome/pain",
        "direction": direction,
        "population": f"population/{population}",
        **keys,
    }


def test_a_cohort_stands_once_for_each_method() -> None:
    methods = {"instrument": ["diagnostic/films"]}, {"instrument": ["diagnostic/touch"]}
    whole = {"population": "population/whole"}
    found = synthesis_of(
        DISEASE,
        {"id": "diagnostic/films", "type": "Diagnostic", "label": "films"},
        {"id": "diagnostic/touch", "type": "Diagnostic", "label": "touch"},
        source(
            "a",
            finding(8, 40, **whole, **methods[0]),
            finding(4, 40, **whole, **methods[1]),
            populations=[people("whole", 40)],
        ),
        source(
            "b",
            finding(3, 20, population="population/part"),
            populations=[people("part", 20, partOf=["population/whole"])],
        ),
        source("c", finding(5, 30, **methods[0])),
        source("d", finding(None, None)),
    )
    assert found.all(CHOSEN, "input") == {"finding/a-01", "finding/a-02", "finding/c-01"}
    left_out = {
        found.one(part, "omits"): (found.all(part, "because"), found.all(part, "overlapsWith"))
        for part in found.all(CHOSEN, "omission")
    }
    assert left_out == {
        "finding/b-01": ({"samePopulation"}, {"finding/a-01", "finding/a-02"}),
        "finding/d-01": ({"noCounts"}, set()),
    }


def test_a_question_with_one_figure_has_nothing_to_choose() -> None:
    assert (
        synthesis_of(source("a", finding(8, 40)), source("b", finding(None, None))).of_type("CohortSelection") == set()
    )


def test_people_count_once_under_one_direction() -> None:
    part = people("part", 12, partOf=["population/whole"])
    found = synthesis_of(
        DISEASE,
        PAIN,
        source(
            "a", result("whole"), result("part"), result("part", "unchanged"), populations=[people("whole", 40), part]
        ),
        source("b", result("unknown"), populations=[people("unknown")]),
        source("c", result("others", "worsened"), populations=[people("others", 9)]),
    )
    tallies = {
        found.one(node, "tallyVerdict"): tuple(found.one(node, name) for name in ("peopleCount", "unsizedCount"))
        for node in found.of_type("TreatmentTally")
    }
    assert tallies == {"favourable": (40, 1), "nullResult": (12, 0), "unfavourable": (9, 0)}
    favourable = "tally/treatment/excision/any/favourable"
    assert found.all(favourable, "considers") == {"finding/a-01", "finding/a-02", "finding/b-01"}
    assert found.all(favourable, "input") == {"finding/a-01"}
    assert found.one("tally/treatment/excision/outcome/pain/favourable", "peopleCount") == Decimal(40)


def test_who_had_the_result_is_not_who_was_studied() -> None:
    """Counts, shares and single people tell who had it; a mean and counts of things do not."""
    counted = {"numerator": 8, "denominator": 40, "measure": "proportion"}
    share = {"value": 25, "unit": "%", "measure": "proportion"}
    found = synthesis_of(
        DISEASE,
        PAIN,
        source(
            "a",
            result("a-all", **counted),
            result("a-all", **counted | {"numerator": 9}),
            populations=[people("a-all", 40)],
        ),
        source("b", result("b-all", **share), populations=[people("b-all", 20)]),
        source("c", result("c-all"), populations=[people("c-all", 30)]),
        source("d", result("d-all"), populations=[people("d-all", 1)]),
        source(
            "e",
            result("e-all", analysisUnit="byLesion", numerator=12, denominator=21),
            populations=[people("e-all", 6)],
        ),
    )
    names = ("peopleCount", "affectedCount", "affectedOf")
    favourable = "tally/treatment/excision/any/favourable"
    assert [found.one(favourable, name) for name in names] == [40 + 20 + 30 + 1 + 6, 9 + 5 + 1, 40 + 20 + 1]


def test_a_relayed_result_adds_nobody() -> None:
    found = synthesis_of(
        DISEASE,
        PAIN,
        source("a", result("first"), doi="10.1/old", populations=[people("first", 30)]),
        source("b", result("again", relays="study/old"), populations=[people("again", 28)]),
    )
    assert found.one("tally/treatment/excision/any/favourable", "peopleCount") == Decimal(30)


def test_two_that_relay_one_study_add_nobody_to_it() -> None:
    talk = people("a-talk", 9, overlap=[{"with": "population/study", "reason": ["reviewedCase"]}])
    review = people("b-review", 9, overlap=[{"with": "population/study", "reason": ["reviewedCase"]}])
    found = synthesis_of(
        DISEASE,
        PAIN,
        source("a", result("a-talk"), populations=[talk], studyDesign="expertOpinion"),
        source("b", result("b-review"), populations=[review], studyDesign="narrativeReview"),
        source("c", result("study"), populations=[people("study", 9)]),
    )
    favourable = "tally/treatment/excision/any/favourable"
    assert (found.one(favourable, "peopleCount"), found.all(favourable, "input")) == (Decimal(9), {"finding/c-01"})


def test_a_kind_counts_for_an_outcome_and_not_for_the_treatment_itself() -> None:
    found = synthesis_of(
        DISEASE,
        PAIN,
        {"id": "treatment/wide", "type": "SurgicalTreatment", "label": "wide", "subtypeOf": ["treatment/excision"]},
        source("a", result("whole", subject="treatment/wide"), populations=[people("whole", 40)]),
    )
    assert {found.one(node, "questionSubject") for node in found.of_type("TreatmentTally")} == {"treatment/wide"}
    outcomes = {found.one(node, "questionSubject") for node in found.of_type("OutcomeTally")}
    assert outcomes == {"treatment/wide", "treatment/excision"}


def test_other_diseases_and_opinions_are_not_tallied() -> None:
    found = synthesis_of(
        DISEASE,
        PAIN,
        {"id": "disease/other", "type": "Disease", "label": "other"},
        source("a", result("others"), populations=[people("others", 30, disease=["disease/other"])]),
        source("b", result("unknown"), populations=[people("unknown")], studyDesign="expertOpinion"),
    )
    assert found.of_type("TreatmentTally") == set()


def test_a_gap_needs_a_like_treatment_that_was_studied_for_it() -> None:
    treats = {"predicate": "treats", "object": "disease/systemic-sclerosis", "direction": None}
    cream = {"id": "treatment/cream", "type": "TopicalTreatment", "label": "cream"}
    laser = {"id": "treatment/knife", "type": "SurgicalTreatment", "label": "knife"}
    tried = [
        {"type": "TreatmentFinding", "subject": one["id"], "population": "population/whole", **treats}
        for one in (cream, laser)
    ]
    found = synthesis_of(
        DISEASE,
        PAIN,
        cream,
        laser,
        source(
            "a",
            result("whole"),
            *[{k: v for k, v in one.items() if v} for one in tried],
            populations=[people("whole", 40)],
        ),
    )
    gaps = {
        found.one(gap, "mapsTreatment"): gap
        for gap in found.of_type("EvidenceGap")
        if found.one(gap, "mapsAspect") == "outcome/pain"
    }
    assert set(gaps) == {"treatment/knife"}
    gap = gaps["treatment/knife"]
    assert (found.one(gap, "likeTreatments"), found.one(gap, "gapReason")) == (1, "unstudied")
    assert found.one("people/outcome/pain", "peopleCount") == Decimal(40)
    assert found.one("people/outcome/pain", "peopleBasis") == "studiedPeople"


def test_counted_people_go_before_people_in_findings() -> None:
    found = synthesis_of(
        DISEASE,
        source("a", finding(8, 40, population="population/whole"), populations=[people("whole", 40)]),
        source(
            "b",
            finding(3, 20, population="population/part"),
            populations=[people("part", 20, partOf=["population/whole"])],
        ),
        source("c", finding(None, None, population="population/large"), populations=[people("large", 900)]),
    )
    infection = "people/complication/infection"
    assert found.one(infection, "peopleCount") == Decimal(8)
    assert found.one(infection, "peopleBasis") == "countedPeople"
    assert found.all(infection, "input") == {"finding/a-01"}


def test_parts_of_one_whole_and_findings_of_one_study_add_nobody_to_an_aspect() -> None:
    found = synthesis_of(
        DISEASE,
        source("whole", populations=[people("whole")]),
        source(
            "a",
            finding(8, 40, population="population/part"),
            populations=[people("part", 40, partOf=["population/whole"])],
            doi="10.1/old",
        ),
        source(
            "b",
            finding(3, 20, population="population/sibling"),
            populations=[people("sibling", 20, partOf=["population/whole"])],
        ),
        source(
            "c",
            finding(5, 30, population="population/again", relays="study/old"),
            populations=[people("again", 30)],
        ),
        source("d", finding(2, 10, population="population/others"), populations=[people("others", 10)]),
    )
    infection = "people/complication/infection"
    assert found.all(infection, "input") == {"finding/a-01", "finding/d-01"}
    assert found.one(infection, "peopleCount") == Decimal(10)
