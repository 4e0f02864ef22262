"""Certainty profiles: signals with their figures, ratings with a name, and never a grade that was computed."""

import re
import tomllib
from decimal import Decimal
from typing import Any

import pyoxigraph as ox
import pytest
from conftest import ROOT
from flask.testing import FlaskClient
from made_up_evidence import RATING
from test_docs import rows
from test_ontology import reason
from test_synthesis import CONTEXT, ONTOLOGY_FOLDER, Found, finding, known, source, synthesis_of

from kg.build.dataset import Inputs
from kg.build.ontology import read_ontology
from kg.build.synthesis import synthesise
from kg.build.synthesis.certainty import Body, read_facts, signals
from kg.prefixes import GRAPH, ID, ONTOLOGY
from kg.statistics import bias, sizes
from kg.statistics.normal import log_ratio
from kg.statistics.proportions import pool

POOLED = "pooled/excision-has-complication-infection-proportion"
#: What GRADE calls its grades.
_GRADES = re.compile(r"\b(high|moderate|low|very low) (certainty|quality|confidence)\b", re.IGNORECASE)


def signal(found: Found, kind: str, body: str = POOLED) -> tuple[Decimal, bool, str]:
    """Return the value of a signal, whether it is marked, and its words."""
    node = f"{body}#certainty/{kind}"
    assert found.one(node, "signalOf") == body
    assert found.one(node, "signalKind") == kind.partition("/")[0]
    return found.one(node, "signalValue"), found.one(node, "signalMarked") == "true", found.one(node, "label")


def kinds(found: Found, body: str = POOLED) -> set[str]:
    return {
        node.partition("#certainty/")[2]
        for node in found.of_type("CertaintySignal")
        if found.one(node, "signalOf") == body
    }


def test_a_pooled_proportion_has_a_profile_with_the_figure_of_each_signal() -> None:
    found = synthesis_of(
        source("a", finding(4, 50)),
        source("b", finding(12, 30), studyDesign="caseSeries"),
        source("c", finding(5, 20), studyDesign="caseSeries"),
    )
    mean = pool([(4, 50), (12, 30), (5, 20)])
    assert mean.prediction
    width = round(Decimal(100 * (mean.interval.upper - mean.interval.lower)), 2)
    further = round(Decimal(100 * (mean.prediction.upper - mean.prediction.lower)), 2)
    assert kinds(found) == {
        "shareByLevel/ocebm-3", "shareByLevel/ocebm-4", "shareByDesign/cohort", "shareByDesign/caseSeries",
        "shareRandomised", "shareUncontrolled", "heterogeneity", "spreadOfEstimates", "predictedSpread",
        "shareOfSclerosis", "intervalWidth", "informationSize", "numberOfStudies",
    }  # fmt: skip
    assert signal(found, "shareByLevel/ocebm-3") == (50, False, "OCEBM level 3: 1 of 3 findings, 50 % of the people")
    assert signal(found, "shareByLevel/ocebm-4") == (50, True, "OCEBM level 4: 2 of 3 findings, 50 % of the people")
    assert signal(found, "shareByDesign/cohort") == (50, False, "Cohort: 1 of 3 findings, 50 % of the people")
    assert signal(found, "shareRandomised") == (0, True, "No finding is from a randomised trial")
    words = "Without a comparison group: 3 of 3 findings, 100 % of the people"
    assert signal(found, "shareUncontrolled") == (100, True, words)
    value, marked, _ = signal(found, "heterogeneity")
    assert (value, marked) == (round(Decimal(100 * mean.i_squared), 4), mean.i_squared > 0.5)
    words = "The single results go from 8.0 % to 40.0 %; the confidence intervals of these two do not overlap"
    assert signal(found, "spreadOfEstimates") == (32, True, words)
    assert round(signal(found, "predictedSpread")[0], 2) == further
    words = "On people with systemic sclerosis: 0 of 3 findings, 0 % of the people; not reported: 3"
    assert signal(found, "shareOfSclerosis") == (0, True, words)
    assert (round(signal(found, "intervalWidth")[0], 2), signal(found, "intervalWidth")[1]) == (width, width > 20)
    needed = sizes.people_for_proportion(mean.estimate)
    value, marked, words = signal(found, "informationSize")
    assert (value, marked) == (100, needed > 100)
    assert words.endswith(f"within 10 percentage points takes {needed}")
    words = "3 studies: too few to test for small-study effects, which takes 10"
    assert signal(found, "numberOfStudies") == (3, False, words)


def test_a_signal_names_its_domain_its_threshold_and_the_findings_behind_it() -> None:
    found = synthesis_of(source("a", finding(8, 40)), source("b", finding(10, 40), studyDesign="caseSeries"))
    low, spread = f"{POOLED}#certainty/shareByLevel/ocebm-4", f"{POOLED}#certainty/spreadOfEstimates"
    assert found.one(low, "certaintyDomain") == "riskOfBias"
    assert found.one(low, "signalThreshold") == 50
    assert found.one(low, "signalUnit") == "%"
    assert found.all(low, "signalFinding") == {"finding/b-01"}
    assert found.one(spread, "certaintyDomain") == "inconsistency"
    assert found.all(spread, "signalThreshold") == set()  # by intervals, not by a number
    assert found.all(spread, "signalFinding") == {"finding/a-01", "finding/b-01"}
    assert found.one(f"{POOLED}#certainty/informationSize", "signalUnit") == "{patient}"


def ratio(value: str, lower: str, upper: str, **keys: Any) -> dict[str, Any]:
    figures = {
        "statistic": "oddsRatio",
        "adjusted": True,
        "value": value,
        "interval": "ci95",
        "lower": lower,
        "upper": upper,
    }
    question = {"predicate": "associatedWith", "type": "AssociationFinding"}
    return {"subject": "disease/ill", "object": "complication/infection", "unit": "1", **figures, **question, **keys}


ILL = {"id": "disease/ill", "type": "Disease", "label": "ill"}
ODDS = "pooled/ill-associated-with-infection-odds-ratio-adjusted-ratio"


def test_ratios_are_held_against_1() -> None:
    figures = [("2.0", "1.6", "2.5"), ("2.2", "1.7", "2.85"), ("0.5", "0.25", "1.0")]
    sources = [source(slug, ratio(*one)) for slug, one in zip("abc", figures, strict=True)]
    found = synthesis_of(ILL, *sources)
    assert kinds(found, ODDS) >= {"oppositeDirections", "boundNearNoEffect", "intervalWidth", "predictedSpread"}
    assert "shareRandomised" not in kinds(found, ODDS)  # on a disease
    assert signal(found, "oppositeDirections", ODDS) == (1, True, "2 results above 1, 1 below")
    assert found.all(f"{ODDS}#certainty/oppositeDirections", "signalFinding") == {"finding/c-01"}
    value, marked, words = signal(found, "spreadOfEstimates", ODDS)
    assert (round(value, 2), marked) == (Decimal("4.40"), True)
    assert words.startswith("The single results go from 0.50 to 2.20; ")
    _, marked, words = signal(found, "predictedSpread", ODDS)
    assert (marked, words) == (
        True,
        "The true figure of a further study is expected between 0.022 and 78.2, which includes no effect (1)",
    )
    bound, marked, words = signal(found, "boundNearNoEffect", ODDS)
    assert bound == found.one(ODDS, "confidenceLower")
    assert (marked, "includes no effect (1)" in words) == (bound <= 1, bound <= 1)
    assert "informationSize" not in kinds(found, ODDS)  # no counts, no risk


@pytest.mark.parametrize("second", [("2.1", "1.6", "2.76"), ("1.9", "1.4", "2.58"), ("1.6", "1.2", "2.13")])
def test_marks_follow_the_rules_of_their_kinds(second: tuple[str, str, str]) -> None:
    found = synthesis_of(ILL, source("a", ratio("2.0", "1.6", "2.5")), source("b", ratio(*second)))
    lower, upper = (found.one(ODDS, f"confidence{end}") for end in ("Lower", "Upper"))
    said = {kind: signal(found, kind, ODDS)[1] for kind in ("boundNearNoEffect", "intervalWidth", "oppositeDirections")}
    assert said == {
        "boundNearNoEffect": lower <= 1,
        "intervalWidth": lower < Decimal("0.75") and upper > Decimal("1.25"),
        "oppositeDirections": False,
    }


def test_ratios_of_two_groups_are_held_against_the_people_that_a_trial_needs() -> None:
    keys: dict[str, Any] = {"population": "population/treated", "comparator": "population/others", "unit": "%"}
    people = [
        {
            "id": f"population/{name}",
            "type": "Population",
            "label": name,
            "sampleSize": size,
            "disease": ["disease/ill"],
        }
        for name, size in (("treated", "300"), ("others", "400"), ("treated-b", "450"), ("others-b", "550"))
    ]
    apart = keys | {"population": "population/treated-b", "comparator": "population/others-b"}
    beside = [{"type": "Quantity", "numerator": n, "denominator": d, "unit": "%"} for n, d in ((80, 400), (110, 550))]
    found = synthesis_of(
        ILL,
        *people,
        source("a", finding(30, 300, comparison=beside[0], **keys)),
        source("b", finding(45, 450, comparison=beside[1], **apart)),
    )
    (body,) = found.of_type("PooledRatio")
    value, marked, words = signal(found, "informationSize", body)
    assert (value, marked) == (1700, True)
    assert (
        f"a risk of 20.0 % in the comparator a quarter higher or lower takes {sizes.people_for_ratio(0.2):,}" in words
    )
    assert signal(found, "shareUncontrolled", body) == (0, False, "All findings compare two groups")


COUNTS = [(1 + place % 4, 20 + 7 * place) for place in range(10)]


def test_ten_studies_are_tested_for_small_study_effects_and_nine_are_not() -> None:
    sources = [source(slug, finding(*count)) for slug, count in zip("abcdefghij", COUNTS, strict=True)]
    found, test = synthesis_of(*sources), bias.peters(COUNTS)
    assert signal(found, "numberOfStudies") == (10, False, "10 studies")
    value, marked, words = signal(found, "asymmetry")
    assert (value, marked) == (round(Decimal(test.p), 6), test.p < 0.1)
    assert words.startswith("Peters' test of small-study effects: p ")
    assert "asymmetry" not in kinds(synthesis_of(*sources[:9]))


def test_ten_ratios_have_the_test_of_egger() -> None:
    bounds = [(f"{1.5 + 0.1 * place:.2f}", 0.1 + 0.05 * place) for place in range(10)]
    figures = [
        (value, f"{float(value) / 2 ** (4 * e):.4f}", f"{float(value) * 2 ** (4 * e):.4f}") for value, e in bounds
    ]
    found = synthesis_of(ILL, *(source(slug, ratio(*one)) for slug, one in zip("abcdefghij", figures, strict=True)))
    test = bias.egger([log_ratio(*map(float, one)) for one in figures])
    value, marked, words = signal(found, "asymmetry", ODDS)
    assert (value, marked) == (round(Decimal(test.p), 6), True)
    assert words.startswith("Egger's test of small-study effects: p < 0.001 (t = ")


def test_opinion_is_counted() -> None:
    found = synthesis_of(source("a", finding(8, 40)), source("b", finding(9, 40), studyDesign="expertOpinion"))
    words = "Expert opinion, narrative review or guideline: 1 of 2 findings"
    assert signal(found, "shareOfOpinion") == (50, True, words)
    assert signal(found, "shareByLevel/ocebm-5")[1]


def test_a_body_that_was_not_pooled_has_what_follows_from_its_findings_alone() -> None:
    keys: dict[str, Any] = {"type": "OutcomeFinding", "predicate": "hasOutcome", "object": "outcome/pain"}
    quads = known(
        {"id": "outcome/pain", "type": "Outcome", "label": "pain"},
        source("a", finding(3, 30, direction="improved", **keys), finding(2, 30, direction="worsened", **keys)),
        source("b", finding(None, None, direction="noDifference", **keys), studyDesign="randomisedTrial"),
    )
    store = ox.Store()
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    labels = {ONTOLOGY + name: name for name in ("ocebm-2", "ocebm-3", "cohort", "randomisedTrial")}
    facts = read_facts(store, ONTOLOGY_FOLDER / "synthesis", labels)
    iri = f"{GRAPH}synthesis#summary/one"
    body = Body(iri, [f"{ID}finding/{name}" for name in ("a-01", "a-02", "b-01")], studies=2)
    found = {node["id"].removeprefix(f"{iri}/certainty/"): node for node in signals(body, facts)}
    assert found.keys() == {
        "shareByLevel/ocebm-2", "shareByLevel/ocebm-3", "shareByDesign/cohort", "shareByDesign/randomisedTrial",
        "shareRandomised", "shareUncontrolled", "oppositeDirections", "shareOfSclerosis", "numberOfStudies",
    }  # fmt: skip
    said = {kind: node["label"] for kind, node in found.items()}
    assert said["oppositeDirections"] == "1 favourable finding, 1 unfavourable, 1 without a difference"
    assert said["shareRandomised"] == "From randomised trials: 1 of 3 findings"  # who may be the same people
    assert said["numberOfStudies"].startswith("2 studies: too few")


def test_no_signal_sounds_like_a_grade() -> None:
    sources = [source(slug, finding(*count)) for slug, count in zip("abcdefghij", COUNTS, strict=True)]
    texts = [quad.object.value for quad in synthesis_of(*sources).quads if isinstance(quad.object, ox.Literal)]
    assert [text for text in texts if _GRADES.search(text)] == []


def test_reasoner_finds_signals_and_ratings_consistent() -> None:
    quads = known(source("a", finding(3, 30)), source("b", finding(8, 40)), RATING)
    assert reason([*quads, *synthesise(quads, ONTOLOGY_FOLDER / "synthesis", CONTEXT)]) == []


def test_every_kind_of_signal_is_documented_with_its_domain_and_rule() -> None:
    said: dict[str, dict[str, str]] = {}
    for quad in read_ontology(ONTOLOGY_FOLDER):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            key = quad.predicate.value.rpartition("/")[2].rpartition("#")[2]
            said.setdefault(quad.subject.value.removeprefix(ONTOLOGY), {})[key] = quad.object.value
    table = [
        [said[keys["certaintyDomain"].removeprefix(ONTOLOGY)]["label"], term, keys["definition"]]
        for term, keys in said.items()
        if keys.get("type") == f"{ONTOLOGY}SignalKind"
    ]
    text = (ROOT / "docs" / "synthesis.md").read_text(encoding="utf-8")
    assert len(table) > 10
    assert sorted(rows(text, "| domain |")) == sorted(table)


# Ratings


def _pooled(client: FlaskClient) -> dict[str, Any]:
    (result,) = client.get("/api/v1/pooled").json["items"]
    return result  # type: ignore[no-any-return]


def test_a_rating_is_shown_with_name_day_and_reason(pooled_client: FlaskClient) -> None:
    result = _pooled(pooled_client)
    (rating,) = result["ratings"]
    for key in ("id", "label", "rating", "curator", "orcid", "rationale"):
        assert rating[key] == RATING[key]
    assert (rating["date"], rating["rating_label"]) == (RATING["ratedOn"], "very low certainty")
    page = pooled_client.get(f"/page/{result['id']}").text
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    assert re.search(r"very low certainty\s*, rated by\s+Ada Made-Up\s+on\s+2026-11-30\s*\. Three small series", words)
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in page
    assert "Nobody has rated" not in words


def test_a_rating_has_an_iri_that_leads_to_a_page_and_to_data(pooled_client: FlaskClient) -> None:
    assert "Ada Made-Up" in pooled_client.get(f"/page/{RATING['id']}").text
    assert pooled_client.get(f"/data/{RATING['id']}.json").json["curator"] == "Ada Made-Up"
    assert "Ada Made-Up" in pooled_client.get(f"/data/{RATING['id']}.ttl").text
    listed = pooled_client.get("/page/rating").text
    assert RATING["label"] in listed
    assert "nobody has rated" not in listed


def test_without_a_rating_none_appears(whole_client: FlaskClient) -> None:
    result = whole_client.get("/api/v1/pooled?limit=1").json["items"][0]
    assert result["ratings"] == []
    page = whole_client.get(f"/page/{result['id']}").text
    assert "Nobody has rated this evidence." in page
    assert not _GRADES.search(page)
    assert "So far nobody has rated any." in whole_client.get("/page/rating").text


def test_the_profile_is_shown_in_rest_on_the_page_and_in_rdf(pooled_client: FlaskClient) -> None:
    result = _pooled(pooled_client)
    domains = ["riskOfBias", "inconsistency", "indirectness", "imprecision", "smallStudyEffects"]
    assert [one["domain"] for one in result["certainty"]] == domains
    shown = [one for domain in result["certainty"] for one in domain["signals"]]
    (few,) = result["certainty"][-1]["signals"]
    assert few == {
        "iri": f"{ID}{result['id']}#certainty/numberOfStudies",
        "kind": "numberOfStudies",
        "label": "number of studies",
        "words": "3 studies: too few to test for small-study effects, which takes 10",
        "value": 3,
        "threshold": 10,
        "unit": "{study}",
        "marked": False,
        "rule": "How many studies there are. Never marked: below 10, the threshold, small-study effects cannot be"
        " tested, which is no sign of them.",
        "findings": [],
    }
    page = pooled_client.get(f"/page/{result['id']}").text
    data = pooled_client.get(f"/data/{result['id']}.nt").text
    assert [one["words"] for one in shown if one["words"] not in page] == []
    assert [one["iri"] for one in shown if f"<{one['iri']}>" not in data] == []
    behind = [
        f"<{one['iri']}> <{ONTOLOGY}signalFinding> <{ID}{finding}>" for one in shown for finding in one["findings"]
    ]
    assert len(behind) == data.count(f"<{ONTOLOGY}signalFinding>") > 0
    assert [triple for triple in behind if triple not in data] == []
    assert page.count(">marked</abbr>") == sum(one["marked"] for one in shown)


def test_the_projects_records_rate_nothing() -> None:
    for path in (Inputs().seeds / "entities").glob("*.toml"):
        records = tomllib.loads(path.read_text(encoding="utf-8"))["entities"]
        assert [one["id"] for one in records if one["type"] == "CertaintyRating"] == []
