"""The pictures of cohorts and of people: what is drawn, what it says, and that nothing is cut off at any width."""

import re
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from api.pages.charts import CHARTS
from api.pages.pictures.cohorts import NARROW, WIDE, Line, cohorts
from api.pages.pictures.letters import width_of
from api.pages.pictures.people import Bars, Tally, people
from api.pages.pictures.standalone import stand_alone

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Calcinosis in people with systemic sclerosis of an international multicentre registry of nine countries"
HOSTILE = "<script>alert(\"x\")</script> & 'quoted' \x0b"


def parse(picture: Markup | str) -> ElementTree.Element:
    return ElementTree.fromstring(str(picture))


def texts(root: ElementTree.Element) -> list[ElementTree.Element]:
    return list(root.iter(f"{SVG}text"))


def assert_inside(root: ElementTree.Element) -> None:
    """Every text ends within the picture, as wide as it may be in the typeface that it is measured in."""
    width = float(root.attrib["width"])
    for text in texts(root):
        size = 13 if text.get("class") in ("label", "figures", "head") else 11.5
        long, x = width_of(str(text.text), size), float(text.attrib["x"])
        start = (
            x - long if text.get("text-anchor") == "end" else x - long / 2 if text.get("text-anchor") == "middle" else x
        )
        assert start >= -1, text.text
        assert start + long <= width + 1, text.text


def marks(root: ElementTree.Element, class_: str) -> list[ElementTree.Element]:
    return [each for each in root.iter() if each.get("class") == class_]


LINES = [
    Line("Found by films", "heading"),
    Line(LONG, "study", f"997 of 3,388 {LONG}", 27.9, 29.4, 31.0, "29.4 % (27.9 to 31.0)", "/page/finding/a-01"),
    Line(HOSTILE, "study", "1 of 200", 0.01, 0.5, 2.75, "0.5 % (0.0 to 2.8)", "/page/finding/b-01"),
    Line("Mean of 2 studies", "pooled", "3,588 people", 1.1, 9.4, 49.0, "9.4 % (1.1 to 49.0)"),
]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_figures_of_cohorts_stand_where_they_are_on_the_scale(width: int) -> None:
    root = parse(cohorts(LINES, "title", "description", "%", width))
    assert_inside(root)
    ticks = {str(each.text): float(each.attrib["x"]) for each in marks(root, "tick") if str(each.text).isdigit()}
    pixel = (ticks["50"] - ticks["0"]) / 50
    assert [(float(dot.attrib["cx"]) - ticks["0"]) / pixel for dot in marks(root, "dot")] == pytest.approx(
        [29.4, 0.5], abs=0.05
    )
    assert len(marks(root, "diamond")) == 1
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["/page/finding/a-01", "/page/finding/b-01"]
    assert root.findtext(f"{SVG}title") == "title"
    said = " ".join(str(each.text) for each in texts(root))
    assert LONG in said and "…" not in said


@given(st.floats(0.0001, 90))
def test_a_scale_of_shares_ends_little_above_the_largest(most: float) -> None:
    root = parse(cohorts([Line("a", "study", "", 0, most / 2, most, "x")], "t", "d", "%", WIDE))
    ticks = [float(str(each.text)) for each in marks(root, "tick") if re.fullmatch(r"[\d.e-]+", str(each.text))]
    assert most <= ticks[-1] * (1 + 1e-6) <= 1.6 * most + 1e-6


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_ratios_that_go_beyond_the_scale_end_in_arrows(width: int) -> None:
    lines = [
        Line("inside", "study", "", 1.2, 2.4, 9, "2.4"),
        Line("beyond", "study", "", 5.5, 42.9, 333, "42.9"),
        Line("below", "derived", "", 0.007, 0.07, 0.66, "0.07"),
    ]
    root = parse(cohorts(lines, "title", "description", "1", width))
    assert_inside(root)
    assert len(marks(root, "arrow")) == 2
    assert len(marks(root, "cap")) == 4
    neutral = float(marks(root, "neutral")[0].attrib["x1"])
    assert [float(dot.attrib["cx"]) > neutral for dot in marks(root, "dot")] == [True, True, False]
    assert {group.get("class") for group in root.iter(f"{SVG}g") if group.get("class")} == {"row study", "row derived"}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_bars_are_as_long_as_the_number_of_people(width: int) -> None:
    tallies = {
        "favourable": Tally(96, 5, 0, affected=24, among=72),
        "nullResult": Tally(48, 1, 2, affected=0, among=0),
        "unfavourable": Tally(0, 12, 12, affected=0, among=0),
    }
    lines = [
        Bars(LONG, "/page/treatment/a", tallies),
        Bars(HOSTILE, "/page/treatment/b", {"nullResult": Tally(1, 1, 0, affected=1, among=1)}),
    ]
    root = parse(people(lines, "title", "description", width))
    assert_inside(root)
    bars = [(each.attrib["class"].split()[0], float(each.attrib["width"])) for each in root.iter(f"{SVG}rect")]
    groups, dark = ([width for name, width in bars if name == class_] for class_ in ("group", "part"))
    assert groups == pytest.approx([groups[0], groups[0] / 2, 0, groups[0] / 96], abs=0.02)
    assert dark == pytest.approx([groups[0] / 4, 0, 0, groups[0] / 96], abs=0.02)
    said = [str(each.text) for each in texts(root)]
    assert any(text.startswith("24 of 72 + 24 in groups") for text in said)
    assert any(text.startswith("48 in groups + 2 findings") for text in said)
    assert any(text.startswith("12 findings") for text in said)


def test_a_picture_that_stands_alone_has_its_styles_and_says_what_it_counts() -> None:
    document = stand_alone(cohorts(LINES, "title", "description", "%", WIDE), "title", f"{LONG}. {HOSTILE}")
    root = parse(document)
    style = str(root.findtext(f"{SVG}style"))
    assert "var(" not in style and "@media" not in style and ".cohorts" in style
    assert LONG in " ".join(str(each.text) for each in texts(root))
    assert float(root.attrib["height"]) > 200


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_each_picture_of_the_start_page_is_a_file_too(whole_client: FlaskClient, name: str) -> None:
    answer = whole_client.get(f"/pictures/{name}.svg")
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert "style-src 'unsafe-inline'" in answer.headers["Content-Security-Policy"]
    assert "script" not in answer.headers["Content-Security-Policy"]
    root = parse(answer.text)
    links = [each.attrib["href"] for each in root.iter(f"{SVG}a")]
    assert links and all(link.startswith("http://localhost/page/") for link in links)
    for link in links[:3] + links[-3:]:
        assert whole_client.get(link).status_code == 200
    tag = answer.headers["ETag"]
    assert whole_client.get(f"/pictures/{name}.svg", headers={"If-None-Match": tag}).status_code == 304


def test_there_is_no_other_picture(client: FlaskClient) -> None:
    answer = client.get("/pictures/none.svg")
    assert answer.status_code == 404
    assert answer.json and "prevalence" in answer.json["detail"]
