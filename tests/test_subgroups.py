"""Subgroups: one question by several methods or at several sites, in one picture and without a mean of all."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from kg.engine import Engine
from kg.read.labels import Json, Labels
from kg.read.subgroups import subgroups
from kg.read.synthesis import find_pooled, read_pooled


@pytest.fixture(scope="module")
def questions(whole_engine: Engine) -> list[Json]:
    """The questions of the whole dataset that several groups answer."""
    labels = Labels(whole_engine)
    return subgroups(labels, read_pooled(labels, find_pooled(labels)))


def test_groups_are_of_one_question_and_share_no_study(questions: list[Json]) -> None:
    assert questions
    for question in questions:
        assert len(question["groups"]) > 1
        studies = [study["id"] for group in question["groups"] for study in group["studies"]]
        assert len(studies) == len(set(studies))
        labels = [group["label"] for group in question["groups"] if "result" in group]
        assert len(labels) == len(set(labels)), "a reader can tell the groups apart"
        for group in question["groups"]:
            if result := group.get("result"):
                keys = ("subject", "predicate", "object", "measure")
                assert [result[key] for key in keys] == [question[key] for key in keys]
                assert set(question["in_common"]) <= set(result["in_common"])
            else:
                assert len(group["studies"]) == 1


def test_a_study_by_itself_shares_nobody_with_what_is_pooled(questions: list[Json]) -> None:
    single = [(one, group) for one in questions for group in one["groups"] if "result" not in group]
    assert single
    for question, group in single:
        (study,) = group["studies"]
        for result in (other["result"] for other in question["groups"] if "result" in other):
            (omitted,) = (one for one in result["omitted"] if one["id"] == study["id"])
            assert {why["id"] for why in omitted["reasons"]} <= {"differentSite", "differentCircumstance"}
            assert omitted["overlaps_with"] == []
    sources = [group["studies"][0]["source"]["id"] for _, group in single]
    assert len(sources) == len(set(sources)) or len(questions) > 1


def result(slug: str, measure: str = "share", *reasons: str) -> Any:
    """Return a pooled result of one study; it leaves out that of ``other`` for these reasons."""
    study = {"id": f"finding/{slug}-01", "source": {"id": f"source/{slug}", "label": slug}}
    ends = {"subject": {"id": "disease/a"}, "predicate": "hasPhenotype", "object": {"id": "phenotype/b"}}
    omitted = [{"id": "finding/other-01", "reasons": [{"id": reason} for reason in reasons], "overlaps_with": []}]
    return {**ends, "measure": measure, "unit": "%", "in_common": [slug], "studies": [study], "omitted": omitted}


@pytest.mark.parametrize(
    ("measure", "reasons", "count"),
    [
        ("share", ("differentCircumstance",), 1),
        ("share", ("differentSite", "samePopulation"), 1),
        ("share", ("differentMeasure",), 0),
        ("share", ("differentCircumstance", "differentDisease"), 0),
        ("oddsRatio", ("differentCircumstance",), 0),
    ],
)
def test_what_differs_by_more_than_method_and_site_stands_apart(
    measure: str, reasons: tuple[str, ...], count: int, whole_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, one = result("other"), result("one", measure, *reasons)
    monkeypatch.setattr(
        "kg.read.subgroups.read_findings", lambda _, iris: [{"id": one.partition("/id/")[2]} for one in iris]
    )
    monkeypatch.setattr("kg.read.subgroups.read_studies", lambda *_: {})
    found = subgroups(Labels(whole_engine), [other | {"omitted": []}, one])
    assert len(found) == count
    assert [one["shared"] for one in found] == ["samePopulation" in reasons] * count


def test_the_page_of_an_entity_has_one_picture_of_all_groups_without_a_mean_of_all(
    whole_client: FlaskClient, questions: list[Json]
) -> None:
    for question in questions:
        document = html.document_fromstring(whole_client.get(f"/page/{question['object']['id']}").text)
        pictures = document.xpath(
            "//div[contains(@class, 'subgroups')]//*[local-name()='svg' and contains(@class, 'forest')]"
        )
        headings = [group["label"][:1].upper() + group["label"][1:] for group in question["groups"]]
        (picture,) = (
            one
            for one in pictures
            if [row.text_content() for row in one.xpath(".//*[contains(@class, 'row heading')]")] == headings
        )
        means = picture.xpath(".//*[contains(@class, 'diamond pooled')]")
        assert len(means) == sum("result" in group for group in question["groups"])
        assert not picture.xpath(".//*[@class='reference']") or len(means) == 1
        assert len(picture.xpath(".//*[@class='row study']")) == sum(len(one["studies"]) for one in question["groups"])
        assert "There is no mean of all groups" in document.text_content()
