"""Every kind of page in a real browser: nothing fails, nothing is loaded from elsewhere, nobody is kept out."""

import html
import re

import pytest
from browsing import WIDTHS, Visitor
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

#: Pages of their own kind, which are looked at in every window. `test_evidence_pages_in_browser` has others.
KINDS = ["/", "/downloads", "/methods", "/glossary"]
PAGES = [
    "/about",
    "/search?q=thiosulfat",
    "/page",
    "/page/treatment",
    "/page/finding",
    "/page/treatment/topical-sodium-thiosulfate",
    "/page/disease/systemic-sclerosis",
    "/page/site/hand",
    "/page/population/debulking-2021-patients",
    "/page/finding/debulking-2021-30",
    "/page/finding?kind=outcome&max_level=4",
    "/page/source",
    "/page/population",
    "/page/study",
    "/page/source/debulking-2021",
    "/page/disagreement",
    "/page/question",
    "/page/function",
    "/releases",
    "/settings",
    "/ontology",
    "/api/v1/",
    "/explain?subject=site/finger&predicate=partOf&object=site/upper-limb",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_error_and_without_barriers(path: str, visitor: Visitor) -> None:
    visitor.visit(path)
    # The ontology has thousands of rows that are made alike: its index and its picture hold what could differ.
    assert visitor.barriers("nav, #section-picture" if path == "/ontology" else "html") == []


def test_the_rest_api_can_be_tried_and_left_again(visitor: Visitor) -> None:
    page = visitor.visit("/api/v1/swagger")
    operation = page.locator("#operations-evidence-pooled")
    expect(operation).to_be_visible()
    assert visitor.barriers() == []
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response .response-col_status")).to_have_text("200")
    page.locator(".kind a").click()
    expect(page.get_by_role("heading", name="REST API", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", KINDS)
def test_a_page_fits_every_window(path: str, visitor: Visitor) -> None:
    visitor.visit(path)
    for width, scheme in zip(WIDTHS, ("dark", "dark", "light"), strict=True):
        visitor.resize(width, scheme=scheme)
        assert visitor.overflow() == 0
        assert width == WIDTHS[1] or visitor.barriers() == []


def test_a_name_is_found_with_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.visit("/")
    page.keyboard.press("Tab")  # past the link to the content, and the name of the site
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("topical sodium thio")
    page.wait_for_selector("#search-suggestions li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/treatment/topical-sodium-thiosulfate")
    assert page.locator("h1").inner_text() == "Topical sodium thiosulfate"


def test_pages_are_whole_without_scripts(browser: Browser, server: str) -> None:
    someone = Visitor(browser, server, java_script_enabled=False)
    page = someone.visit("/")
    page.get_by_role("searchbox").fill("thiosulfat")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="topical sodium thiosulfate").first.click()
    expect(page.locator("table.findings tbody tr")).not_to_have_count(0)
    assert someone.wrong == []
    someone.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/page/site/nowhere", 404),
        ("/page/finding?kind=x", 400),
        ("/page/finding?start=x", 400),
        ("/page/site/hand?start=-1", 400),
        ("/page/finding?colour=red", 400),
        ("/page/finding/debulking-2021-30?colour=red", 400),
        ("/page/treatment?start=50", 400),
        ("/page?colour=red", 400),
        ("/?colour=red", 400),
        ("/about?colour=red", 400),
        ("/methods?colour=red", 400),
        ("/glossary?colour=red", 400),
        ("/search?q=pain&colour=red", 400),
        ("/settings?colour=red", 400),
        ("/evidence-map?colour=red", 400),
        ("/compare?colour=red", 400),
        ("/explain?subject=site/finger&predicate=partOf&object=site/hand&colour=red", 400),
    ],
)
def test_an_error_is_a_page_for_people_and_a_problem_for_programs(path: str, status: int, client: FlaskClient) -> None:
    page = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    problem = client.get(path)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert html.escape(problem.json["detail"][1:], quote=False).replace("'", "&#39;") in page.text


def test_an_error_of_the_api_is_a_problem_for_people_too(client: FlaskClient) -> None:
    people = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert client.get("/api/v1/findings/nowhere", headers=people).mimetype == "application/problem+json"


def test_findings_are_narrowed_down(client: FlaskClient) -> None:
    page = client.get("/page/finding?kind=outcome&direction=improved&max_level=4&source=source/debulking-2021").text
    found = client.get("/api/v1/findings?kind=outcome&direction=improved&max_level=4&source=source/debulking-2021").json
    assert f"<h1>{found['total']} findings</h1>" in page
    assert all(one["statement"] in html.unescape(page) for one in found["items"])
    first = client.get("/page/finding?source=source/kingsley-clinic").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = client.get(html.unescape(following[1])).text
    heading = re.search(r"<h1>\d+ findings</h1>", first)
    assert heading and heading[0] in second
    slugs = [set(re.findall(r'href="/page/finding/([^"]+)"', page)) for page in (first, second)]
    assert slugs[0] and slugs[1] and not slugs[0] & slugs[1]
    assert all(slug.startswith("kingsley-clinic-") for slug in slugs[0] | slugs[1])


def test_a_finding_is_marked_alike_wherever_it_stands(client: FlaskClient) -> None:
    """A share that got better, of a result without a difference, is no benefit: neither here nor there."""
    marks = {}
    for page in ("/page/treatment/calcinosis-debulking", "/page/source/debulking-2021", "/page/outcome/numbness"):
        text = client.get(page).text
        told = [row for row in text.split("<tr") if "numbness got better in 5%" in row]
        rows = [row for row in told if "direction direction-" in row]  # the summary of findings has its statement alone
        assert rows, page
        marks[page] = re.findall(r"direction direction-(\w+)", rows[0])
    assert set(map(tuple, marks.values())) == {("nullResult",)}
