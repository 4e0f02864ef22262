"""The pages of evidence in a real browser: nobody is kept out, nothing overflows, pictures lead on."""

import re

import pytest
from browsing import WIDTHS, Visitor
from playwright.sync_api import Browser, expect

DEBULKING = "/page/treatment/calcinosis-debulking"
COMPARED = "/compare?treatment=treatment/calcinosis-debulking&treatment=treatment/calcinosis-excision"


@pytest.mark.parametrize(
    "path",
    [
        "/page/treatment/surgical-treatment-of-calcinosis",
        "/page/treatment/warfarin",
        "/page/source/bernstein-poster",
        "/evidence-map?by=complication",
        "/evidence-map?by=subtype",
        "/evidence-map?treatment=treatment/calcinosis-debulking&aspect=outcome/pain",
        "/compare",
    ],
)
def test_a_page_opens_without_error_and_without_barriers(path: str, visitor: Visitor) -> None:
    visitor.visit(path)
    assert (visitor.overflow(), visitor.barriers()) == (0, [])


@pytest.mark.parametrize("path", [DEBULKING, "/evidence-map", COMPARED])
def test_a_page_fits_every_window(path: str, visitor: Visitor) -> None:
    visitor.visit(path)
    for width, scheme in zip(WIDTHS, ("dark", "light", "dark"), strict=True):
        visitor.resize(width, scheme=scheme)
        found = visitor.barriers() if width != WIDTHS[2] else []  # dark and wide were looked at before
        assert (visitor.overflow(), found) == (0, [])


def test_headers_of_the_map_stay_while_it_is_scrolled(visitor: Visitor) -> None:
    visitor.resize(900, 700)
    page = visitor.visit("/evidence-map")
    frame, corner = page.locator(".map-frame"), page.locator(".map .corner")
    first, before = page.locator(".map tbody th[scope=row]").nth(30), corner.bounding_box()
    frame.evaluate("each => each.scrollTo(500, 900)")
    assert corner.bounding_box() == before
    header, box = first.bounding_box(), frame.bounding_box()
    assert header and box
    assert header["x"] == pytest.approx(box["x"], abs=2)
    assert page.locator(".map .column-head").nth(20).bounding_box()["y"] == pytest.approx(box["y"], abs=2)  # type: ignore[index]


def test_a_mark_of_the_map_leads_to_its_findings_by_keyboard(visitor: Visitor) -> None:
    page = visitor.visit("/evidence-map")
    mark = page.get_by_role("link", name=re.compile(r"calcinosis debulking, pain: \d+ findings"))
    [number] = set(re.findall(r"pain: (\d+) findings", mark.aria_snapshot()))
    mark.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**aspect=outcome/pain")
    expect(page.locator("table.findings tbody tr")).to_have_count(int(number))


def test_related_entities_lead_on(visitor: Visitor) -> None:
    page = visitor.visit(DEBULKING)
    page.locator("svg.neighbourhood tspan", has_text="range of motion").click()
    page.wait_for_url("**/page/outcome/range-of-motion")


def test_treatments_are_chosen_and_compared_without_scripts(browser: Browser, server: str) -> None:
    someone = Visitor(browser, server, java_script_enabled=False)
    page = someone.visit("/compare")
    page.get_by_label("First treatment").select_option("treatment/calcinosis-debulking")
    page.get_by_label("Second treatment").select_option("treatment/calcinosis-excision")
    page.get_by_label("Outcome").select_option("outcome/pain")
    page.get_by_role("button", name="Compare").click()
    assert page.locator("h1").inner_text() == "Calcinosis debulking and calcinosis excision"
    expect(page.locator("tr.conclusion")).not_to_have_count(0)
    assert page.get_by_label("Outcome").input_value() == "outcome/pain"
    assert someone.wrong == []
    someone.close()


def test_paper_shows_what_is_folded_and_no_index(visitor: Visitor) -> None:
    page = visitor.visit(DEBULKING)
    folded = page.locator("#balance > details li").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 990})  # A4 without its margins
    assert folded.is_visible()
    assert not page.locator("nav.index").is_visible()
    assert page.locator("#results thead").first.is_visible()  # paper is no phone


def test_a_link_to_a_folded_finding_unfolds_it(visitor: Visitor) -> None:
    page = visitor.visit(DEBULKING)
    folded = page.locator("#results details.group:not([open]) tr[id]")
    ids = {f"#{each.get_attribute('id')}" for each in folded.all()}
    for side in page.locator("#balance > details > summary").all():
        side.click()
    links = page.locator("#balance li > a").all()
    link = next(each for each in links if each.is_visible() and each.get_attribute("href") in ids)
    target = page.locator(f"tr{link.get_attribute('href')}")
    assert not target.is_visible()
    link.click()
    expect(target).to_be_in_viewport()
