"""The explorer in a real browser: walking through the picture, what is shown and said, saved files, keyboard."""

import json
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen
from xml.etree import ElementTree

import pytest
from browsing import WIDTHS, Visitor
from playwright.sync_api import Browser, Download, Page, Route, expect

SVG = "{http://www.w3.org/2000/svg}"
STS = "treatment/topical-sodium-thiosulfate"
AROUND = f"center={STS}"


def settle(page: Page) -> Page:
    """Wait until the picture shows what the address says."""
    state = page.evaluate("() => window.location.search.slice(1)").replace("%2F", "/")
    page.wait_for_selector(f'#explorer[data-shown="{state}"] #picture:not([aria-busy])')
    return page


def walk(page: Page, state: str) -> Page:
    """Wait until the address is that of a state, and the picture shows it."""
    page.wait_for_url(lambda url: sorted(parse_qsl(urlsplit(url).query)) == sorted(parse_qsl(state)))
    return settle(page)


def drawn(page: Page) -> list[str]:
    found: list[str] = page.evaluate("() => document.getElementById('picture').picture.nodes().map(one => one.id())")
    return sorted(found)


def places(page: Page) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = page.evaluate(
        """() => Object.fromEntries(
            document.getElementById("picture").picture.nodes().map(one => [one.id(), one.position()])
        )"""
    )
    return found


def exported(page: Page) -> list[str]:
    """The ids that the export by the link on the page has."""
    link = page.locator("#formats a", has_text="json").filter(has_not_text="ld").first.get_attribute("href")
    home = page.evaluate("() => window.location.origin")
    with urlopen(f"{home}{link}", timeout=30) as answer:
        return sorted(node["id"] for node in json.load(answer)["nodes"])


def spot(page: Page, id_: str) -> Sequence[float]:
    """Return where a node, or the middle of an edge, is in the window."""
    found: Sequence[float] = page.evaluate(
        """id => {
            const box = document.getElementById("picture").getBoundingClientRect();
            const one = document.getElementById("picture").picture.getElementById(id);
            const point = one.isNode() ? one.renderedPosition() : one.renderedMidpoint();
            return [box.x + point.x, box.y + point.y];
        }""",
        id_,
    )
    return found


def test_it_opens_with_what_the_export_has(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer"))
    assert page.url.endswith("/explorer?max_level=4")
    assert drawn(page) == exported(page) != []
    assert visitor.barriers() == []


def test_walking_on_keeps_everything_in_its_place_and_back_goes_back(visitor: Visitor) -> None:
    page = settle(visitor.visit(f"/explorer?{AROUND}"))
    before, first = places(page), drawn(page)
    page.mouse.dblclick(*spot(page, "outcome/calcinosis-improvement"))
    walk(page, f"{AROUND}&center=outcome/calcinosis-improvement")
    assert {id_: place for id_, place in places(page).items() if id_ in before} == before
    assert set(first) < set(drawn(page)) == set(exported(page))
    new = [place for id_, place in places(page).items() if id_ not in before]
    assert all(
        abs(one["x"] - other["x"]) > 20 or abs(one["y"] - other["y"]) > 20 for one in new for other in before.values()
    )
    page.go_back()
    walk(page, AROUND)
    assert drawn(page) == first
    page.go_forward()
    walk(page, f"{AROUND}&center=outcome/calcinosis-improvement")
    assert visitor.barriers() == []


def test_an_address_opens_the_same_picture_for_others(visitor: Visitor, browser: Browser) -> None:
    page = settle(visitor.visit(f"/explorer?{AROUND}&max_level=5"))
    page.locator('tr:has([data-entity="treatment/zinc-oxide"]) a', has_text="Hide").click()
    walk(page, f"{AROUND}&max_level=5&without=treatment/zinc-oxide")
    other = Visitor(browser, visitor.home)
    theirs = settle(other.visit(page.url.removeprefix(visitor.home)))
    assert drawn(theirs) == drawn(page) == exported(theirs)
    assert "treatment/zinc-oxide" not in drawn(page)
    assert theirs.locator("#chips").inner_text() == page.locator("#chips").inner_text()
    other.close()


def test_filters_act_at_once_and_can_be_taken_away(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer?max_level=5"))
    every = drawn(page)
    page.locator("summary", has_text="Relations").click()
    page.get_by_label("treats", exact=True).check()
    walk(page, "max_level=5&predicate=treats")
    assert drawn(page) == exported(page)
    assert 1 < len(drawn(page)) < len(every)
    assert page.locator("#relations em").all_inner_texts() == ["treats"] * page.locator("#relations tbody tr").count()
    page.select_option("#max_level", "4")
    walk(page, "max_level=4&predicate=treats")
    page.get_by_role("link", name="Remove filter: treats").click()
    walk(page, "max_level=4")
    assert not page.get_by_label("treats", exact=True).is_checked()
    page.get_by_role("link", name="Remove filter: evidence level 4 or better").click()
    walk(page, "max_level=5")
    assert drawn(page) == every


def test_nothing_is_said_to_be_nothing(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer?max_level=1"))
    assert page.get_by_text("No matches").is_visible()
    page.select_option("#max_level", "4")
    walk(page, "max_level=4")
    assert page.get_by_text("No matches").is_hidden()


def test_a_line_tells_its_findings(visitor: Visitor) -> None:
    page = settle(visitor.visit(f"/explorer?{AROUND}"))
    page.mouse.click(*spot(page, f"{STS}#hasAdverseEffect/adverse-effect/skin-irritation:hedged"))
    page.wait_for_selector("#panel .grounds li")
    panel = page.locator("#panel")
    assert "has adverse effect" in panel.locator("h2").inner_text()
    assert panel.locator('a[href^="/page/finding/"]').count() == 1
    assert panel.locator('a[href^="/page/source/"]').count() == 1
    assert panel.locator('a[href^="/explain?"]').count() == 0, "what is hedged is no plain relation"
    assert visitor.barriers() == []
    page.mouse.click(*spot(page, "treatment/petrolatum"))
    page.wait_for_selector("#panel .acts")
    assert panel.locator("h2").inner_text() == "Petrolatum"
    panel.get_by_role("link", name="Expand").click()
    walk(page, f"{AROUND}&center=treatment/petrolatum")


def test_relations_of_the_same_two_entities_are_one_line(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer"))
    lines = page.evaluate(
        """() => document.getElementById("picture").picture.edges().map(
            line => Object.fromEntries(
                ["id", "source", "target", "relations", "label", "standing", "width"].map(key => [key, line.data(key)])
            )
        )"""
    )
    assert len({(line["source"], line["target"]) for line in lines}) == len(lines)
    assert f", {sum(len(line['relations']) for line in lines)} relations" in page.locator("#summary").inner_text()
    several = [line for line in lines if len(line["relations"]) > 1]
    assert all("relations" in line["label"] for line in several)
    assert page.locator("#legend").get_by_text("several different relations").is_visible() == any(
        line["standing"] == "mixed" for line in several
    )
    line = max(several, key=lambda line: len(line["relations"]))
    page.mouse.click(*spot(page, line["id"]))
    panel = page.locator("#panel")
    panel.locator("h3").nth(len(line["relations"]) - 1).wait_for()
    assert panel.locator("h3").count() == len(line["relations"])
    assert panel.locator(".grounds > li").count() >= len(line["relations"])
    # A relation of the table alone is told alone; its line is the one that is chosen in the picture.
    page.get_by_role("tab", name="Relations").click()
    page.locator(f"#tables [data-relation='{line['relations'][0]}']").click()
    panel.locator("h3").first.wait_for(state="detached")
    assert page.evaluate("() => document.getElementById('picture').picture.$(':selected').id()") == line["id"]


_LABELS = """() => {
    const picture = document.getElementById("picture").picture;
    const box = (one, labels) => {
        const { x1, x2, y1, y2 } = one.renderedBoundingBox(
            { includeNodes: !labels, includeEdges: false, includeLabels: labels, includeOverlays: false }
        );
        return [x1, x2, y1, y2];
    };
    const named = picture.elements().filter(one => one.style("label"));
    return {
        names: named.map(one => one.data("label")), boxes: named.map(one => box(one, true)),
        all: picture.nodes().map(one => one.data("label")),
        filled: [picture.nodes().renderedBoundingBox(), picture.container().getBoundingClientRect()].map(
            ({ w, h, width, height }) => [w ?? width, h ?? height]
        ),
    };
}"""


@pytest.mark.parametrize("width", [1280, 768])
def test_labels_are_readable_at_rest_and_the_picture_fills_its_frame(width: int, visitor: Visitor) -> None:
    page = settle(visitor.visit(f"/explorer?{AROUND}"))
    visitor.resize(width)
    page.wait_for_function("() => document.getElementById('picture').picture.width() == picture.clientWidth")
    page.wait_for_timeout(200)  # the labels follow the picture
    seen = page.evaluate(_LABELS)
    assert set(seen["all"]) <= set(seen["names"])
    slack = 4  # what a label is outlined with
    for (left, right, top, bottom), name in zip(seen["boxes"], seen["names"], strict=True):
        for (start, end, upper, lower), other in zip(seen["boxes"], seen["names"], strict=True):
            apart = right - slack < start or end - slack < left or bottom - slack < upper or lower - slack < top
            assert apart or name == other, (name, other)
    for drawn_, whole in zip(*seen["filled"], strict=True):
        assert 0.75 * whole < drawn_ <= whole


def test_what_is_denied_is_said_and_drawn_otherwise(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer?direction=denied"))
    looks = page.evaluate(
        """() => document.getElementById("picture").picture.edges('[standing = "denied"]')
            .map(one => `${one.style("line-style")} ${one.style("target-arrow-shape")}`)"""
    )
    assert set(looks) == {"dashed tee"}
    assert page.locator(".standing-denied").count() == len(looks)
    assert page.locator("#legend").get_by_text("denied", exact=True).is_visible()


def _saved(page: Page, name: str) -> Path:
    with page.expect_download() as found:
        page.get_by_role("button", name=name).click()
    download: Download = found.value
    return Path(download.path())


def test_pictures_are_saved_as_they_are_shown(visitor: Visitor) -> None:
    page = settle(visitor.visit(f"/explorer?{AROUND}"))
    page.locator("summary", has_text="Save this picture").click()
    before = places(page)
    sizes = []
    for name in ("PNG, light", "PNG, dark"):
        content = _saved(page, name).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        sizes.append(struct.unpack(">II", content[16:24]))
        assert len(content) > 10_000
    across = max(place["x"] for place in before.values()) - min(place["x"] for place in before.values())
    assert all(2 * across < width < 2 * across + 1200 and height > 300 for width, height in sizes)
    root = ElementTree.fromstring(_saved(page, "SVG").read_bytes())
    labels = {" ".join("".join(text.itertext()).split()) for text in root.iter(f"{SVG}text")}
    titles = [title.text for title in root.iter(f"{SVG}title")]
    table = page.locator("#tables [data-entity]").all_inner_texts()
    assert set(table) <= set(titles)
    assert any(label.replace(" ", "") == "petrolatum" for label in labels)
    circle = next(
        group.find(f"{SVG}polygon") for group in root.iter(f"{SVG}g") if group.findtext(f"{SVG}title") == "petrolatum"
    )
    assert circle is not None
    first = [float(number) for number in circle.attrib["points"].split()[0].split(",")]
    place = before["treatment/petrolatum"]
    assert abs(first[0] - place["x"]) < 40
    assert abs(first[1] - place["y"]) < 40
    assert places(page) == before


def test_every_layout_sets_each_thing_apart_and_leads_back(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer"))
    page.emulate_media(reduced_motion="reduce")
    before = places(page)
    for layout in ("preset", "fcose", "rings", "rows", "type"):
        page.select_option("#layout", layout)
        page.wait_for_timeout(200)
        found = places(page)
        assert (found == before) == (layout == "preset"), layout
        assert len({(round(place["x"]), round(place["y"])) for place in found.values()}) == len(before), layout
        page.select_option("#layout", "preset")
        page.wait_for_timeout(200)
        assert places(page) == before, layout


def test_hostile_names_are_shown_and_saved_as_names(visitor: Visitor) -> None:
    name = '<img src=x onerror="window.broken=1"></title><script>window.broken=1</script> & "q" \u0007'
    data = {
        "elements": {
            "nodes": [
                {
                    "data": {"id": f"site/{id_}", "label": name, "color": "#0072b2", "shape": "hexagon", "size": 20},
                    "position": {"x": x, "y": 0},
                }
                for id_, x in (("a", 0), ("b", 200))
            ],
            "edges": [
                {
                    "data": {
                        "id": "e", "source": "site/a", "target": "site/b", "label": name, "color": "#0072b2",
                        "width": 2, "standing": "denied", "line": "dashed",
                    }
                }
            ],
        },
        "style": [],
    }  # fmt: skip

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(data))

    visitor.page.route("**/export/cyjs?*", answer)
    page = settle(visitor.visit("/explorer"))
    assert drawn(page) == ["site/a", "site/b"]
    page.mouse.move(*spot(page, "site/a"))
    page.locator("summary", has_text="Save this picture").click()
    root = ElementTree.fromstring(_saved(page, "SVG").read_bytes())
    assert name.replace("\u0007", "\ufffd") in [title.text for title in root.iter(f"{SVG}title")]
    assert page.evaluate("() => window.broken") is None


def test_all_of_it_can_be_done_with_the_keyboard(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer"))
    page.get_by_label("Start from, or add").focus()
    page.keyboard.type("topical sodium thio")
    page.wait_for_selector("#find-suggestions li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    walk(page, f"{AROUND}&max_level=4")
    page.wait_for_selector("#panel #chosen")
    page.select_option("#max_level", "5")
    walk(page, f"{AROUND}&max_level=5")
    things = page.locator("#tables [data-entity]")
    things.first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.dataset.entity") == things.nth(1).get_attribute("data-entity")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'#panel h2:has-text("{things.nth(1).inner_text()}")')
    page.wait_for_selector("#panel:focus")
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.dataset.entity") == things.nth(1).get_attribute("data-entity")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel:focus")
    chosen = things.nth(1).get_attribute("data-entity")
    page.locator("#picture").focus()
    page.keyboard.press("Delete")
    walk(page, f"{AROUND}&max_level=5&without={chosen}")
    assert chosen not in drawn(page)
    zoom = page.evaluate("() => document.getElementById('picture').picture.zoom()")
    page.keyboard.press("+")
    page.wait_for_function("zoom => document.getElementById('picture').picture.zoom() > zoom", arg=zoom)


def test_entities_of_the_picture_are_reached_with_the_arrow_keys(visitor: Visitor) -> None:
    page = settle(visitor.visit(f"/explorer?{AROUND}"))
    page.emulate_media(reduced_motion="reduce")
    page.locator("#picture").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    at = page.evaluate("() => document.getElementById('picture').picture.$('.at').map(one => one.data('label'))")
    assert len(at) == 1
    row = page.locator("#entities tr", has=page.locator("a", has_text=re.compile(f"^{re.escape(at[0])}$")))
    findings, relations = row.locator(".number").all_inner_texts()
    expect(page.locator("#status")).to_contain_text(
        re.compile(f"^{at[0]}: {findings} findings?, {relations} relations?")
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel:focus")
    assert page.locator("#panel h2").inner_text().lower() == at[0].lower()
    assert page.locator("#tables [aria-current] [data-entity]").inner_text() == at[0]
    page.keyboard.press("Escape")
    assert page.locator("#picture").evaluate("one => document.activeElement === one")
    assert page.locator("#tables [aria-current]").count() == 0


def test_tables_are_tabs_that_sort_and_scroll_by_themselves(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer"))
    assert page.evaluate("document.documentElement.scrollHeight") < 2000
    tabs = page.get_by_role("tab")
    tabs.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    assert page.locator("#relations").is_visible()
    assert page.locator("#entities").is_hidden()
    header = page.locator("#relations th", has_text="Findings")
    for direction, reverse in (("descending", True), ("ascending", False)):
        header.get_by_role("button").click()
        expect(header).to_have_attribute("aria-sort", direction)
        numbers = page.locator("#relations td[data-label=Findings]").evaluate_all(
            "all => all.map(one => +one.dataset.value)"
        )
        assert numbers == sorted(numbers, reverse=reverse)
    page.select_option("#max_level", "3")
    walk(page, "max_level=3")
    expect(header).to_have_attribute("aria-sort", "ascending")  # what was chosen stays when the tables change
    assert page.locator("#relations").is_visible()
    assert visitor.barriers() == []


def test_without_scripts_there_is_a_picture_a_form_and_tables(browser: Browser, server: str) -> None:
    someone = Visitor(browser, server, java_script_enabled=False)
    page = someone.visit("/explorer")
    size = page.locator(".canvas img").bounding_box()
    assert size is not None
    assert size["height"] > 200
    assert page.locator("#picture").is_hidden()
    page.get_by_label("Start from, or add").fill("topical sodium thiosulfate")
    page.get_by_role("button", name="Go").click()
    assert urlsplit(page.url).query == f"{AROUND}&max_level=4"
    page.locator("#max_level").select_option("5")
    page.locator("summary", has_text="Relations").click()
    page.get_by_label("has adverse effect", exact=True).check()
    page.get_by_role("button", name="Apply").click()
    assert sorted(parse_qsl(urlsplit(page.url).query)) == [
        ("center", STS),
        ("max_level", "5"),
        ("predicate", "hasAdverseEffect"),
    ]
    page.get_by_role(
        "link", name="1 finding for: topical sodium thiosulfate has adverse effect skin irritation"
    ).click()
    expect(page.locator(".grounds li")).to_have_count(1)
    page.get_by_role("link", name="Back to the picture").click()
    page.get_by_role("link", name="Hide skin irritation").click()
    assert ("without", "adverse-effect/skin-irritation") in parse_qsl(urlsplit(page.url).query)
    assert someone.wrong == []
    someone.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_window(scheme: str, visitor: Visitor) -> None:
    for width in WIDTHS if scheme == "light" else WIDTHS[:1]:
        visitor.resize(width, scheme=scheme)
        page = settle(visitor.visit(f"/explorer?{AROUND}"))
        page.get_by_role("tab", name="Relations").click()
        page.locator("#tables [data-relation]").first.click()
        page.wait_for_selector("#panel .grounds li")
        assert (visitor.overflow(), visitor.barriers()) == (0, [])
        color: Any = page.evaluate("() => document.getElementById('picture').picture.nodes().first().style('color')")
        assert color == ("rgb(228,234,237)" if scheme == "dark" else "rgb(26,35,41)")


def test_what_fails_is_told(visitor: Visitor) -> None:
    page = settle(visitor.visit("/explorer"))
    page.route("**/export/cyjs?*", lambda route: route.abort())
    page.get_by_role("link", name="Remove filter: evidence level 4 or better").click()
    page.wait_for_selector("#status:has-text('Cannot show this')")
    visitor.wrong.clear()  # what was broken on purpose


def test_what_is_told_of_a_thing_follows_the_picture(visitor: Visitor) -> None:
    page = settle(visitor.visit(f"/explorer?{AROUND}&center=treatment/sodium-thiosulfate"))
    page.locator(f'#tables [data-entity="{STS}"]').click()
    page.locator("#panel").get_by_role("link", name="Collapse").click()
    walk(page, "center=treatment/sodium-thiosulfate")
    page.locator("#panel").get_by_role("link", name="Expand").wait_for()
    page.locator("#panel").get_by_role("link", name="Hide").click()
    walk(page, f"center=treatment/sodium-thiosulfate&without={STS}")
    assert page.locator("#panel").is_hidden()
    assert STS not in drawn(page)
