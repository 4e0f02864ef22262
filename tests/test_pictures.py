"""Pictures: what is drawn equals the numbers, and every picture is XML with a name and a description."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from api.pages.pictures.counts import SHAPES, balance, bubble
from api.pages.pictures.forest import Row, axis_of, forest, slim
from api.pages.pictures.intervals import KINDS, Figure, bar, figure_of, sample, scale_of
from api.pages.pictures.neighbourhood import Neighbour, neighbourhood
from api.pages.pictures.timeline import Moment, span, timeline

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(\"x\")</script> & 'quoted' \x0b\ud800 \U0001f9b4 ]]>"


def parse(picture: Markup) -> ElementTree.Element:
    """Return a picture as XML; it has a name and a description, and nothing that the policy of the pages refuses."""
    root = ElementTree.fromstring(str(picture))
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    for element in root.iter():
        assert element.tag not in (f"{SVG}script", f"{SVG}style", f"{SVG}foreignObject")
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
    return root


def scale(root: ElementTree.Element) -> "tuple[float, float]":
    """Return the number at the left of the axis and how many numbers a pixel is, read from the ticks as drawn."""
    ticks = [each for each in root.iter(f"{SVG}text") if each.get("class") == "tick"]
    (first, x1), (last, x2) = (
        (float(str(each.text).split()[0]), float(each.attrib["x"])) for each in (ticks[0], ticks[-1])
    )
    per_pixel = (last - first) / (x2 - x1)
    return first - x1 * per_pixel, per_pixel


def drawn(root: ElementTree.Element, group: str) -> dict[str, list[float]]:
    """Return the numbers that the marks of a group stand for: of dots, lines and so on, by their class."""
    start, per_pixel = scale(root)
    found: dict[str, list[float]] = {}
    for whole in root.iter(f"{SVG}g"):
        if whole.get("class") != group:
            continue
        for mark in whole:
            for name in ("cx", "x1", "x2"):
                if name in mark.attrib:
                    value = start + float(mark.attrib[name]) * per_pixel
                    found.setdefault(mark.attrib["class"], []).append(value)
    return found


shares = st.floats(0, 100).map(lambda number: round(number, 4))


@given(st.lists(shares, min_size=3, max_size=3).map(sorted))
def test_a_bar_stands_where_its_numbers_are(numbers: list[float]) -> None:
    lower, value, upper = numbers
    exact = {"estimate": value, "lower": lower, "upper": upper, "level": 95}
    figure = figure_of({"numerator": 1, "denominator": 2, "exact_interval": exact})
    assert figure is not None
    marks = drawn(parse(bar(figure, scale_of([figure]), "words", "%")), "kind-exact")
    assert marks["dot"] == pytest.approx([value], abs=0.01)
    assert marks["bounds"] == pytest.approx([lower, upper], abs=0.01)


@given(st.lists(st.floats(-900, 9000).map(lambda number: round(number, 2)), min_size=3, max_size=3).map(sorted))
def test_a_figure_that_is_no_share_has_a_scale_that_holds_it(numbers: list[float]) -> None:
    lower, value, upper = numbers
    figure = figure_of({"value": value, "lower": lower, "upper": upper, "interval": "range", "unit": "mo"})
    assert figure is not None
    found = scale_of([figure])
    assert found.lower <= lower
    assert found.upper >= upper
    marks = drawn(parse(bar(figure, found, "words", "months")), "kind-range")
    width = found.upper - found.lower
    assert marks["dot"] == pytest.approx([value], abs=width / 5000)
    assert marks["bounds"] == pytest.approx([lower, upper], abs=width / 5000)


@pytest.mark.parametrize(
    ("finding", "kind", "bounds"),
    [
        ({"upper": 1, "unit": "%", "qualifier": "lessThan"}, "open", [1, 0]),
        ({"lower": 80, "unit": "%", "qualifier": "greaterThan"}, "open", [80, 100]),
        ({"value": 30, "unit": "%", "qualifier": "upTo"}, "open", [30, 0]),
        ({"value": 7, "lower": 5, "upper": 10, "unit": "a"}, "bounds", [5, 10]),
        ({"value": 7, "lower": 5, "upper": 10, "unit": "a", "interval": "iqr"}, "iqr", None),
        ({"value": 7, "lower": 5, "upper": 10, "unit": "a", "interval": "ci95"}, "ci95", [5, 10]),
        ({"value": 59, "spread": 11.4, "unit": "a"}, "spread", [47.6, 70.4]),
        ({"value": 59, "spread": 11.4, "unit": "a", "interval": "sd"}, "sd", [47.6, 70.4]),
    ],
)
def test_each_kind_of_bounds_is_drawn_in_its_own_way(
    finding: dict[str, object], kind: str, bounds: list[float] | None
) -> None:
    figure = figure_of(finding)
    assert figure is not None
    root = parse(bar(figure, scale_of([figure]), "words", "unit"))
    marks = drawn(root, f"kind-{kind}")
    assert marks.get("bounds") == (bounds and pytest.approx(bounds, abs=0.1))
    assert (f"{SVG}polyline" in {each.tag for each in root.iter()}) == (kind == "open")
    assert ("dot" in marks) == (kind in ("bounds", "spread", "sd"))
    assert KINDS[kind] in str(root.findtext(f"{SVG}desc"))


def test_what_was_before_stands_above_what_is_now() -> None:
    figure = figure_of(
        {"value": 0, "lower": 0, "upper": 8, "interval": "range", "baseline": {"value": 5, "lower": 0, "upper": 10}}
    )
    assert figure is not None
    root = parse(bar(figure, scale_of([figure]), "words", "score"))
    assert drawn(root, "before") == {"bounds": pytest.approx([0, 10]), "dot hollow": pytest.approx([5])}
    assert drawn(root, "kind-range")["dot"] == pytest.approx([0], abs=0.01)


def test_kinds_look_different_from_each_other() -> None:
    looks = {re.sub("<title>.*</title>", "", str(sample(kind))) for kind in KINDS}
    assert len(looks) == len(KINDS)


@pytest.mark.parametrize("finding", [{"value": 39, "unit": "{patient}"}, {"reported": "little"}, {"numerator": 3}])
def test_a_bare_number_has_no_scale(finding: dict[str, object]) -> None:
    assert figure_of(finding) is None


rows = st.builds(
    lambda numbers, form: Row("a study", form, numbers[0], numbers[2], None if form == "prediction" else numbers[1]),
    st.lists(shares, min_size=3, max_size=3).map(sorted),
    st.sampled_from(["study", "pooled", "sensitivity", "prediction"]),
)


@given(st.lists(rows, min_size=1, max_size=8))
def test_a_forest_plot_stands_where_its_numbers_are(given_rows: list[Row]) -> None:
    expected = [
        pytest.approx([row.lower, row.estimate, row.upper][:: 1 if row.estimate is not None else 2], abs=0.01)
        for row in given_rows
    ]
    assert lines_of(parse(forest(given_rows, "title", axis_of("%")))) == expected
    (narrow,) = parse(slim(given_rows, "title", axis_of("%"))).findall(f"{SVG}g")
    assert lines_of(narrow) == expected


def lines_of(root: ElementTree.Element) -> list[list[float]]:
    """Return lower bound, estimate and upper bound of each line of a forest plot, as drawn."""
    start, per_pixel = scale(root)
    lines = []
    for line in root:
        kind = str(line.get("class", "")).removeprefix("row ")
        if not str(line.get("class", "")).startswith("row "):
            continue
        if kind == "study":
            marks = {str(each.get("class")): each for each in line.iter()}
            xs = [
                float(marks["bounds"].attrib["x1"]),
                float(marks["dot"].attrib["cx"]),
                float(marks["bounds"].attrib["x2"]),
            ]
        elif kind == "prediction":
            (box,) = line.findall(f"{SVG}rect")
            xs = [float(box.attrib["x"]), float(box.attrib["x"]) + float(box.attrib["width"])]
        else:
            (diamond,) = line.findall(f"{SVG}polygon")
            corners = [tuple(map(float, corner.split(","))) for corner in diamond.attrib["points"].split()]
            middle, other = corners[1][0], corners[3][0]
            assert middle == other, "a diamond has its tips above each other"
            xs = [corners[0][0], middle, corners[2][0]]
        lines.append([start + x * per_pixel for x in xs])
    return lines


@given(
    st.dictionaries(
        st.sampled_from(["favourable", "nullResult", "unfavourable"]),
        st.dictionaries(st.integers(1, 5), st.integers(1, 60)),
        min_size=1,
    )
)
def test_the_balance_is_as_wide_as_the_numbers(groups: dict[str, dict[int, int]]) -> None:
    picture = balance([(name, name, levels) for name, levels in groups.items()], "title")
    total = sum(sum(levels.values()) for levels in groups.values())
    if not total:
        assert picture == ""
        return
    widths: dict[str, float] = {}
    for part in parse(picture).iter(f"{SVG}rect"):
        _, name, level = part.attrib["class"].split()
        widths[name + level] = float(part.attrib["width"])
    unit = sum(widths.values()) / total
    assert widths == {
        f"{name}at-{level}": pytest.approx(count * unit, abs=0.02)
        for name, levels in groups.items()
        for level, count in levels.items()
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_the_area_of_a_bubble_grows_with_the_number(shape: str) -> None:
    areas = [area(parse(bubble(count, 36, shape, 4, "title", "words"))) for count in (9, 18, 36)]
    assert areas[1] / areas[0] == pytest.approx(2, rel=0.02)
    assert areas[2] / areas[0] == pytest.approx(4, rel=0.02)
    assert areas[2] == pytest.approx(3.1416 * 13**2, rel=0.02)


def area(root: ElementTree.Element) -> float:
    for circle in root.iter(f"{SVG}circle"):
        return 3.1416 * float(circle.attrib["r"]) ** 2
    (polygon,) = root.iter(f"{SVG}polygon")
    corners = [tuple(map(float, corner.split(","))) for corner in polygon.attrib["points"].split()]
    turned = [*corners[1:], corners[0]]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(corners, turned, strict=True))) / 2


def test_dates_stand_in_proportion_and_are_as_wide_as_they_are_unsure() -> None:
    moments = [Moment("2017-01", 1, "#a"), Moment("2018-05-10", 3, "#b"), Moment("2019", 1, "#c")]
    root = parse(timeline(moments, "title"))
    whole = (span("2019")[1] - span("2017-01")[0]).days
    month, year = (each for each in root.iter(f"{SVG}rect"))
    assert float(month.attrib["width"]) == pytest.approx(720 * 30 / whole, abs=0.05)
    assert float(year.attrib["width"]) == pytest.approx(720 * 364 / whole, abs=0.05)
    (day,) = (each for each in root.iter(f"{SVG}circle"))
    since = (date(2018, 5, 10) - date(2017, 1, 1)).days
    assert float(day.attrib["cx"]) == pytest.approx(20 + 720 * since / whole, abs=0.05)
    assert [link.attrib["href"] for link in root.iter(f"{SVG}a")] == ["#a", "#b", "#c"]


@given(st.text(max_size=60) | st.just(HOSTILE))
def test_whatever_a_label_holds_a_picture_is_xml(text: str) -> None:
    label = f"x{text}"
    parse(bar(Figure("%", "point", 5), scale_of([Figure("%", "point", 5)]), label, text))
    rows = [Row(label, "study", 1, 3, 2, text, f"/page/{text}"), Row(label, "heading")]
    parse(forest(rows, label, axis_of("%")))
    parse(slim(rows, label, axis_of("%")))
    parse(bubble(1, 1, "for", 5, label, label))
    parse(timeline([Moment("2020", 1, text)], label))
    parse(balance([("for", text, {1: 1})], label))
    near = Neighbour(label, text, "outcome", text, 2)
    root = parse(neighbourhood(label, [near], [near], label))
    assert len(list(root.iter(f"{SVG}a"))) == 2
