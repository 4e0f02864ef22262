"""Disagreements: what the rule finds, and what curators made of it."""

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

import pyoxigraph as ox
import pytest
from conftest import DATA, EXAMPLES
from hypothesis import given
from hypothesis import strategies as st
from test_context import about, from_triples

from kg.build.dataset import Dataset, Inputs, read_dataset
from kg.build.infer import infer
from kg.prefixes import GRAPH, ID, contract, expand
from kg.rdf import graph_of
from kg.snapshot import Snapshot

INPUTS = Inputs()
CONTEXT = INPUTS.context
RULES = [
    (INPUTS.ontology / "rules" / f"{name}.rq").read_text(encoding="utf-8")
    for name in ("60-contradictions", "61-figures")
]
ONTOLOGY = list(ox.parse(path=INPUTS.ontology / "calcikg.ttl"))
SHARE = 'measure = "proportion"\nstatistic = "share"\nunit = "%"\n'
#: A disease and a form of it, a group of treatments and one of them, and likewise for outcomes.
HIERARCHY = [
    {"id": "subtype/form", "subtypeOf": "disease/whole"},
    {"id": "treatment/drug", "type": "DrugTreatment", "subtypeOf": "treatment/drugs"},
    {"id": "treatment/drugs", "type": "DrugTreatment", "subtypeOf": "treatment/any"},
    {"id": "population/hundred", "type": "Population", "sampleSize": "100"},
    {"id": "outcome/pain", "subtypeOf": "outcome/symptoms"},
]


def found(one: str, other: str) -> set[str]:
    """Return what the rule says of two findings, which differ from a common one by what is given in TOML."""
    findings = [
        {
            "id": f"finding/{source}-01",
            "type": "OutcomeFinding",
            "source": f"source/{source}",
            "subject": "treatment/drugs",
            "predicate": "hasOutcome",
            "object": "outcome/pain",
            **{key: given_as(value) for key, value in tomllib.loads(change, parse_float=Decimal).items()},
        }
        for source, change in (("a", one), ("b", other))
    ]
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in ONTOLOGY)
    for record in (*HIERARCHY, *findings):
        store.extend(CONTEXT.to_quads(record, GRAPH + "source/x"))
    triples: list[ox.Triple] = []
    for rule in RULES:
        triples += store.query(rule, use_default_graph_as_union=True)  # type: ignore[arg-type]
    return {contract(triple.predicate.value).removeprefix("ckg:differsIn") for triple in triples}


def given_as(value: object) -> object:
    return value if isinstance(value, bool) else str(value)


def direction(name: str) -> str:
    return f'direction = "{name}"\n'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("improved", "worsened"),
        ("improved", "unchanged"),
        ("improved", "noDifference"),
        ("resolved", "worsened"),
        ("resolved", "noDifference"),
        ("worsened", "unchanged"),
        ("increased", "decreased"),
        ("increased", "noDifference"),
        ("decreased", "unchanged"),
    ],
)
def test_opposite_directions_are_found_whichever_comes_first(one: str, other: str) -> None:
    assert found(direction(one), direction(other)) == {"Direction"}
    assert found(direction(other), direction(one)) == {"Direction"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("improved", "improved"),
        ("improved", "resolved"),
        ("unchanged", "noDifference"),
        ("improved", "notReported"),
        ("improved", "increased"),
    ],
)
def test_directions_that_agree_or_say_nothing_are_not(one: str, other: str) -> None:
    assert found(direction(one), direction(other)) == set()


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        ("value = 10", "value = 12", {"Figure"}),
        ("value = 10", "value = 10.0", set()),
        ("value = 10", "lower = 2\nupper = 5", {"Figure"}),
        ("value = 4", "lower = 2\nupper = 5", set()),
        ("lower = 2\nupper = 5", "lower = 6\nupper = 9", {"Figure"}),
        ("lower = 2\nupper = 5", "lower = 5\nupper = 9", set()),
        ("value = 30\nlower = 20\nupper = 40", "value = 35\nlower = 30\nupper = 45", set()),
        ('lower = 80\nqualifier = "greaterThan"', "value = 45", {"Figure"}),
        ('lower = 80\nqualifier = "greaterThan"', "value = 95", set()),
        ('upper = 1\nqualifier = "lessThan"', "value = 10", {"Figure"}),
        ('upper = 1\nqualifier = "lessThan"', 'upper = 0.1\nqualifier = "lessThan"', set()),
    ],
)
def test_figures_apart_are_found(one: str, other: str, ground: set[str]) -> None:
    assert found(SHARE + one, SHARE + other) == ground
    assert found(SHARE + other, SHARE + one) == ground


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        ("numerator = 23\ndenominator = 100", "numerator = 25\ndenominator = 100", set()),
        ("numerator = 23\ndenominator = 100", "numerator = 45\ndenominator = 100", {"Figure"}),
        ("numerator = 230\ndenominator = 1000", "numerator = 270\ndenominator = 1000", {"Figure"}),  # p = 0.04
        ("numerator = 230\ndenominator = 1000", "numerator = 265\ndenominator = 1000", set()),  # p = 0.07
        ("numerator = 0\ndenominator = 6", "numerator = 0\ndenominator = 60", set()),
        ("numerator = 23\ndenominator = 100", "value = 25", set()),
        ("numerator = 23\ndenominator = 100", "value = 40", {"Figure"}),
        ("numerator = 23\ndenominator = 100", "lower = 20\nupper = 40", set()),
        ('value = 23\npopulation = "population/hundred"', 'value = 25\npopulation = "population/hundred"', set()),
        ('value = 23\npopulation = "population/hundred"', 'value = 45\npopulation = "population/hundred"', {"Figure"}),
        ('value = 23\nanalysisUnit = "byLesion"', "value = 45", set()),
    ],
)
def test_shares_of_counted_people_differ_when_chance_would_seldom_do_it(one: str, other: str, ground: set[str]) -> None:
    assert found(SHARE + one, SHARE + other) == ground
    assert found(SHARE + other, SHARE + one) == ground


bounds = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(sorted)


@given(one=bounds, other=bounds)
def test_intervals_are_apart_when_they_share_no_number(one: list[int], other: list[int]) -> None:
    apart = one[1] < other[0] or other[1] < one[0]
    text = [f"{SHARE}lower = {lower / 10}\nupper = {upper / 10}" for lower, upper in (one, other)]
    assert found(*text) == ({"Figure"} if apart else set())


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        (SHARE.replace("proportion", "incidence"), SHARE.replace("proportion", "prevalence"), {"Figure"}),
        (SHARE.replace("proportion", "incidence"), 'statistic = "difference"\nunit = "%"', set()),
        ('measure = "duration"\nunit = "mo"', 'measure = "duration"\nunit = "mo"', {"Figure"}),
        ('measure = "duration"\nunit = "mo"', 'measure = "duration"\nunit = "wk"', set()),
        ('statistic = "mean"\nunit = "a"', 'statistic = "median"\nunit = "a"', set()),
        ('statistic = "count"\nunit = "{session}"', 'statistic = "count"\nunit = "{session}"', {"Figure"}),
        (
            'statistic = "count"\nunit = "{patient}"\npopulation = "population/x"',
            'statistic = "count"\nunit = "{patient}"\npopulation = "population/y"',
            set(),
        ),
        ('unit = "%"\ndirection = "improved"\nmeasure = "proportion"', SHARE + 'direction = "resolved"', set()),
    ],
)
def test_only_figures_of_one_quantity_are_compared(one: str, other: str, ground: set[str]) -> None:
    assert found(f"{one}\nvalue = 3", f"{other}\nvalue = 30") == ground


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        ("negated = true", "", {"Negation"}),
        ("negated = true", direction("improved"), {"Negation"}),
        ("negated = true\n" + direction("worsened"), direction("worsened"), {"Negation"}),
        ("negated = true\n" + direction("worsened"), direction("improved"), set()),
        ("negated = true", direction("unchanged"), set()),
        ("negated = true", direction("notReported"), set()),
        ("negated = true", "negated = true", set()),
        ("negated = true", 'certainty = "possible"', {"Negation"}),
        ("negated = true", 'certainty = "hypothesis"', set()),
        ("negated = true\nvalue = 0\n" + SHARE, "value = 15\n" + SHARE, {"Negation"}),
    ],
)
def test_what_one_affirms_and_the_other_denies_is_found(one: str, other: str, ground: set[str]) -> None:
    assert found(one, other) == ground
    assert found(other, one) == ground


@pytest.mark.parametrize(
    ("other", "ground"),
    [
        ('subject = "treatment/drug"', {"Direction"}),
        ('subject = "treatment/any"', {"Direction"}),
        ('subject = "treatment/operation"', set()),
        ('object = "outcome/symptoms"', {"Direction"}),
        ('object = "outcome/symptoms"\nsubject = "treatment/drug"', {"Direction"}),
        ('object = "outcome/numbness"', set()),
        ('predicate = "influences"', set()),
    ],
)
def test_the_question_is_the_same_above_and_below_but_not_beside(other: str, ground: set[str]) -> None:
    assert found(direction("improved"), direction("worsened") + other) == ground


def test_two_steps_of_the_hierarchy_are_bridged() -> None:
    one, other = 'subject = "treatment/drug"\n', 'subject = "treatment/any"\n'
    assert found(one + direction("improved"), other + direction("worsened")) == {"Direction"}


def test_a_source_can_contradict_itself() -> None:
    same = 'source = "source/a"\n'
    assert found(same + direction("improved"), same + direction("worsened")) == {"Direction"}


@pytest.mark.parametrize(
    ("predicate", "other", "ground"),
    [
        ("riskFactorFor", "noDifference", {"Direction"}),
        ("riskFactorFor", "decreased", {"Direction"}),
        ("riskFactorFor", "increased", set()),
        ("associatedWith", "noDifference", {"Direction"}),
        ("prevents", "noDifference", {"Direction"}),
        ("prevents", "decreased", set()),
        ("hasPhenotype", "noDifference", set()),
    ],
)
def test_some_predicates_point_one_way_by_themselves(predicate: str, other: str, ground: set[str]) -> None:
    claim = f'predicate = "{predicate}"\n'
    assert found(claim, claim + direction(other)) == ground


# What was derived from the records, and what curators wrote

Pair = frozenset[str]


@pytest.fixture(scope="module")
def graph(derived: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in derived)
    return store


def pairs(store: ox.Store, relation: str) -> Iterator[tuple[str, str]]:
    for quad in store.quads_for_pattern(None, ox.NamedNode(expand(f"ckg:{relation}")), None):
        yield quad.subject.value.removeprefix(ID), quad.object.value.removeprefix(ID)


def test_candidates_are_found_by_ground_and_by_either_end(graph: ox.Store) -> None:
    any_ground = set(pairs(graph, "seemsToContradict"))
    grounds = [set(pairs(graph, f"differsIn{name}")) for name in ("Direction", "Negation", "Figure")]
    assert all(grounds)
    assert set().union(*grounds) == any_ground == {(other, one) for one, other in any_ground}
    assert all(first.isdisjoint(second) for first, second in combinations(grounds, 2))


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        ("finding/kingsley-clinic-134", "finding/patient-page-2024-100", "differsInFigure"),
        ("finding/debulking-2021-25", "finding/debulking-2021-29", "differsInDirection"),
        ("finding/bernstein-poster-037", "finding/zanatta-2020-33", "differsInNegation"),
    ],
)
def test_the_documents_hold_candidates_of_every_ground(one: str, other: str, ground: str, graph: ox.Store) -> None:
    assert {(one, other), (other, one)} <= set(pairs(graph, ground))


def test_two_figures_of_44_percent_are_no_candidate(graph: ox.Store) -> None:
    assert ("finding/bernstein-poster-018", "finding/zanatta-2020-10") not in set(pairs(graph, "seemsToContradict"))


def test_a_contrast_involves_the_findings_of_its_sides(graph: ox.Store) -> None:
    involved = set(pairs(graph, "involves"))
    contrasts = {(one, finding) for one, finding in involved if "#" not in one}
    assert {one.split("#")[0] for one, _ in involved} == {one for one, _ in contrasts}
    assert contrasts == {(side.split("#")[0], finding) for side, finding in involved if "#" in side}
    assert ("disagreement/infection-after-surgery", "finding/patient-page-2024-100") in contrasts


def test_disagreements_come_back_from_rdf_as_they_were_written(dataset: Dataset) -> None:
    """Of every fourth one of each type, as the rest is written by the same keys."""
    every = tomllib.loads((INPUTS.seeds / "entities" / "disagreements.toml").read_text(encoding="utf-8"))["entities"]
    written = [
        record
        for type_ in ("Disagreement", "ApparentDisagreement")
        for record in [record for record in every if record["type"] == type_][:: 1 if EXAMPLES else 4]
    ]
    chosen = {record["id"] for record in written}
    quads = [quad for quad in dataset.quads if about(quad) in chosen and graph_of(quad) == "entities"]
    back = {node["id"]: node for node in from_triples(quads)}
    for record in written:
        again = back[record["id"]]
        sides = [back[side if isinstance(side, str) else side["id"]] for side in again.pop("sides")]
        assert {side["label"]: sorted(side["involves"]) for side in sides} == {
            side["label"]: sorted(side["involves"]) for side in record.pop("sides")
        }
        assert {side["type"] for side in sides} == {"Side"}
        assert {**again, "reason": sorted(again["reason"])} == {**record, "reason": sorted(record["reason"])}


def test_the_snapshot_counts_real_and_apparent_disagreements_apart(whole: Snapshot) -> None:
    records = tomllib.loads((INPUTS.seeds / "entities" / "disagreements.toml").read_text(encoding="utf-8"))["entities"]
    kinds = [record["type"] for record in records]
    assert whole.counts["disagreements"] == kinds.count("Disagreement") > 0
    assert whole.counts["apparentDisagreements"] == kinds.count("ApparentDisagreement") > 0


def test_a_new_contradiction_gets_into_the_graph_by_rule_alone() -> None:
    small = Inputs(seeds=DATA / "seeds" / "good")
    quads = list(read_dataset(small).quads)
    record = {
        "id": "finding/other-01",
        "type": "ComplicationFinding",
        "source": "source/other",
        "subject": "treatment/excision",
        "predicate": "hasComplication",
        "object": "complication/infection",
        "measure": "incidence",
        "unit": "%",
        "value": "25",
    }
    quads += CONTEXT.to_quads(record, GRAPH + "source/other")
    derived = {
        (quad.subject.value.removeprefix(ID), quad.object.value.removeprefix(ID))
        for quad in infer(quads, small.ontology / "rules")
        if quad.predicate.value == expand("ckg:seemsToContradict")
    }
    assert derived == {("finding/other-01", "finding/series-01"), ("finding/series-01", "finding/other-01")}
