"""Changes of pooled results between snapshots of made-up records: old and new figures, and why they differ."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from test_changes import frozen
from test_synthesis import CONTEXT, ONTOLOGY_FOLDER, POOLED, QUESTION, finding, known, source

from kg.build.synthesis import SYNTHESIS, synthesise
from kg.changes import read_changelog, to_html, to_text
from kg.changes.rows import Changed, Estimate, Reestimated, Why
from kg.prefixes import GRAPH, ID, ONTOLOGY
from kg.snapshot import Snapshot
from kg.statistics.proportions import pool

Edit = Callable[[ox.Quad], ox.Quad]
Snapshots = Callable[..., Snapshot]
NAME = "Infection after excision: proportion"
METHOD = "binomial-normal model by exact likelihood"


def study(slug: str, numerator: int, denominator: int, **keys: Any) -> dict[str, Any]:
    """Return a source with one finding."""
    return source(slug, finding(numerator, denominator, statement="Infection followed.", **keys))


A, B, C = study("a", 8, 40), study("b", 7, 30), study("c", 1, 25)


@cache
def computed(records: str) -> list[ox.Quad]:
    """Return all quads of records."""
    quads = known(*json.loads(records))
    return [*quads, *synthesise(quads, ONTOLOGY_FOLDER / "synthesis", CONTEXT)]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshots:
    """Make a snapshot of sources, its quads edited."""

    def make(*records: dict[str, Any], edit: Edit = lambda quad: quad) -> Snapshot:
        return frozen(tmp_path, f"snapshot-{len(list(tmp_path.iterdir()))}", map(edit, computed(json.dumps(records))))

    return make


def estimate(*counts: tuple[int, int]) -> Estimate:
    """What is expected of counts, as it is written in the graph."""
    pooled = pool(counts)
    bounds = (pooled.estimate, *pooled.interval, *(pooled.prediction or ()))
    written = [round(100 * bound, 4) for bound in bounds] + [None] * (5 - len(bounds))
    return Estimate(*written, unit="%", studies=len(counts), method="binomialNormal")  # type: ignore[arg-type]


def as_it_was_named(quad: ox.Quad) -> ox.Quad:
    """Name a pooled result as it was named before it had a page of its own, and leave out what it did not say."""

    def renamed(term: Any) -> Any:
        value = getattr(term, "value", "")
        old = f"{SYNTHESIS.value}#{QUESTION}/proportion"
        return ox.NamedNode(value.replace(ID + POOLED, old).replace(old + "#", old + "/")) if ID in value else term

    return ox.Quad(renamed(quad.subject), quad.predicate, renamed(quad.object), quad.graph_name)


def replaced(predicate: str, old: str, new: str) -> Edit:
    """Change a text of the graph."""

    def edit(quad: ox.Quad) -> ox.Quad:
        if quad.predicate.value != ONTOLOGY + predicate or not isinstance(quad.object, ox.Literal):
            return quad
        text = ox.Literal(quad.object.value.replace(old, new), datatype=quad.object.datatype)
        return ox.Quad(quad.subject, quad.predicate, text, quad.graph_name)

    return edit


def test_a_second_study_makes_a_result_where_pooling_was_refused(snapshot: Snapshots) -> None:
    log = read_changelog(snapshot(A), snapshot(A, B))
    why = (Why("refusedBefore", "", "single finding"), Why("studyAdded", "finding/b-01", "new finding", "7/30"))
    assert log.estimates_added == [Reestimated(POOLED, NAME, None, estimate((8, 40), (7, 30)), why)]
    assert log.estimates_withdrawn == log.estimates_changed == log.estimates_renamed == []
    assert [row.id for row in log.entities_added] == ["source/b"]  # a pooled result is no entity


def test_a_result_that_is_withdrawn_says_why_there_is_none_now(snapshot: Snapshots) -> None:
    log = read_changelog(snapshot(A, B), snapshot(A))
    why = (
        Why("refused", "", "", "single finding"),
        Why("studyLeftOut", "finding/b-01", "7/30", "finding withdrawn"),
    )
    assert log.estimates_withdrawn == [Reestimated(POOLED, NAME, estimate((8, 40), (7, 30)), None, why)]
    assert log.estimates_added == log.estimates_changed == []


def test_a_refusal_of_the_mean_is_no_reason_against_a_study(snapshot: Snapshots) -> None:
    """Where nobody has the result there is no mean, but no study is left out."""
    none = [study(slug, 0, 40) for slug in ("a", "b")]
    (row,) = read_changelog(snapshot(A, B), snapshot(*none)).estimates_withdrawn
    assert row.why == (Why("refused", "", "", "no events"),)


def test_studies_that_are_found_to_share_people_say_with_whom(snapshot: Snapshots) -> None:
    """Other studies are pooled for the question, so that there is no refusal to give the reason."""
    people = [{"id": "population/all", "type": "Population", "label": "all"}]
    alike = [study(slug, 8, 40, circumstance=["treatment/excision"]) for slug in "de"]
    shared = [study(slug, 8, 40, circumstance=["treatment/excision"], population="population/all") for slug in "de"]
    (row,) = read_changelog(snapshot(A, B, *alike), snapshot(A, B, *people, *shared)).estimates_withdrawn
    assert row.why == (
        Why("studyLeftOut", "finding/d-01", "8/40", "no like study to pool it with"),
        Why("studyLeftOut", "finding/e-01", "8/40", "left out: same population as finding/d-01"),
    )


def test_an_estimate_that_changed_tells_each_study_that_did(snapshot: Snapshots) -> None:
    moved = study("b", 7, 30, circumstance=["treatment/excision"])
    log = read_changelog(snapshot(A, B, C), snapshot(study("a", 4, 40), moved, C, study("d", 3, 20)))
    (row,) = log.estimates_changed
    assert (row.before, row.after) == (estimate((8, 40), (7, 30), (1, 25)), estimate((4, 40), (1, 25), (3, 20)))
    assert row.why == (
        Why("studyCorrected", "finding/a-01", "8/40", "4/40"),
        Why("studyLeftOut", "finding/b-01", "7/30", "left out: different circumstance"),
        Why("studyAdded", "finding/d-01", "new finding", "3/20"),
    )
    assert log.estimates_added == log.estimates_withdrawn == log.estimates_renamed == []


def test_another_address_alone_is_neither_a_change_nor_a_new_result(snapshot: Snapshots) -> None:
    old, new = snapshot(A, B, edit=as_it_was_named), snapshot(A, B)
    log, mean = read_changelog(old, new), estimate((8, 40), (7, 30))
    before = f"synthesis#{QUESTION}/proportion"
    assert log.estimates_renamed == [Reestimated(POOLED, NAME, mean, mean, (), before)]
    assert log.estimates_added == log.estimates_withdrawn == log.estimates_changed == []
    assert f"    address before: {before}" in list(to_text(log))


def test_a_result_with_another_address_and_another_estimate_is_the_same_result(snapshot: Snapshots) -> None:
    log = read_changelog(snapshot(A, B, edit=as_it_was_named), snapshot(A, B, C))
    (row,) = log.estimates_changed
    assert row.id_before == f"synthesis#{QUESTION}/proportion"
    assert row.why == (Why("studyAdded", "finding/c-01", "new finding", "1/25"),)
    assert log.estimates_added == log.estimates_withdrawn == log.estimates_renamed == []


def test_ratios_are_told_with_their_intervals(snapshot: Snapshots) -> None:
    def ratio(value: str) -> dict[str, Any]:
        return finding(None, None, value=value, lower="2.5", upper="3.6", measure=None) | {
            "interval": "ci95",
            "statistic": "oddsRatio",
            "unit": "1",
            "adjusted": True,
            "type": "AssociationFinding",
            "predicate": "associatedWith",
        }

    one, two, three = (source(slug, ratio(value)) for slug, value in (("a", "3"), ("b", "3"), ("b", "3.1")))
    for record in (one, two, three):
        del record["findings"][0]["measure"]
    (row,) = read_changelog(snapshot(one, two), snapshot(one, three)).estimates_changed
    assert row.why == (Why("studyCorrected", "finding/b-01", "3 (2.5 to 3.6)", "3.1 (2.5 to 3.6)"),)
    assert row.after is not None and row.after.unit == "1" and 3 < row.after.estimate < 3.1
    assert row.in_words[1].startswith("3.05 (95 % confidence interval ")


def test_another_formula_is_told_once_and_named_where_it_changed_an_estimate(snapshot: Snapshots) -> None:
    def edit(quad: ox.Quad) -> ox.Quad:
        for one in (replaced("formula", "Binomial(n; N", "Poisson(n; N"), replaced("estimate", "21.", "22.")):
            quad = one(quad)
        return quad

    log = read_changelog(snapshot(A, B), snapshot(A, B, edit=edit))
    (row,) = log.estimates_changed
    assert row.why == (Why("formula", "", "", METHOD),)
    (method,) = log.methods_changed
    assert isinstance(method, Changed)
    assert (method.id, method.name, method.property) == ("ontology/binomialNormal", METHOD, "formula")
    assert "Binomial(n; N" in method.before[0] and "Poisson(n; N" in method.after[0]


def test_another_formula_that_changes_no_figure_changes_no_estimate(snapshot: Snapshots) -> None:
    log = read_changelog(snapshot(A, B), snapshot(A, B, edit=replaced("formula", "sum(ln", "sum (ln")))
    assert log.estimates_changed == []
    assert [row.id for row in log.methods_changed] == ["ontology/binomialNormal"]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda quad: quad, Why("unexplained")),
        (replaced("computedWith", "scipy 1.", "scipy 2."), "another version of the software: calcikg"),
    ],
)
def test_an_estimate_that_changed_with_the_software_or_unexplained_says_so(
    snapshot: Snapshots, edit: Edit, why: Why | str
) -> None:
    new = snapshot(A, B, edit=lambda quad: edit(replaced("estimate", "21.", "22.")(quad)))
    (row,) = read_changelog(snapshot(A, B), new).estimates_changed
    (found,) = row.why
    assert found == why if isinstance(why, Why) else str(found).startswith(why)


def test_text_page_and_json_tell_the_same(snapshot: Snapshots) -> None:
    log = read_changelog(snapshot(A, B), snapshot(A, B, C))
    (row,) = log.estimates_changed
    assert row.before and row.after
    before, after = row.in_words
    assert before.startswith("21.4 % (95 % confidence interval ") and before.endswith("; 2 studies)")
    assert "prediction interval" in after and "prediction interval" not in before
    text = list(to_text(log))
    start = text.index("\nPooled results estimated anew: 1")
    assert text[start + 1 :][:3] == [
        f"  {POOLED}: {NAME}",
        f"    {before} -> {after}",
        "    study added: finding/c-01: new finding -> 1/25",
    ]
    page = to_html(log)
    assert "<h3>Pooled results estimated anew: 1</h3>" in page
    assert f"<del>{before}</del> <ins>{after}</ins>" in page
    assert "<li>study added: finding/c-01: new finding -&gt; 1/25</li>" in page
    (written,) = json.loads(json.dumps(log.to_json()))["estimates_changed"]
    assert written["before"]["estimate"] == row.before.estimate
    assert written["why"] == [
        {"kind": "studyAdded", "finding": "finding/c-01", "before": "new finding", "after": "1/25"}
    ]


def test_figures_have_the_digits_that_tell_them_apart() -> None:
    one, other = (Estimate(12.344, 1, 20 + more, None, None, "%", 2, "binomialNormal") for more in (0, 0.004))
    assert Reestimated("pooled/x", "x", one, other, ()).in_words == (
        "12.344 % (95 % confidence interval 1 to 20 %; 2 studies)",
        "12.344 % (95 % confidence interval 1 to 20.004 %; 2 studies)",
    )


def test_graph_names_are_those_of_the_build() -> None:
    assert SYNTHESIS.value == GRAPH + "synthesis"
