"""The workbench in a real browser: asked, stopped, linked, saved; nothing is loaded from elsewhere."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from browsing import WIDTHS, Visitor
from conftest import service
from playwright.sync_api import Browser, Page, expect

from kg.queries import read_questions

QUESTIONS = {question.slug: question for question in read_questions()}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MANY = "SELECT ?s ?p ?o ?n { ?s ?p ?o . ?t a ?c . BIND(STRLEN(STR(?o)) AS ?n) } LIMIT 100000"
HOSTILE = """<img src=x onerror="document.title='bitten'"><script>document.title='bitten'</script>"""
#: What is pasted into the page to read and write its editor.
_CM = "document.querySelector('.CodeMirror').CodeMirror"


@pytest.fixture
def page(visitor: Visitor) -> Page:
    return opened(visitor)


def opened(someone: Visitor, path: str = "/sparql") -> Page:
    page = someone.visit(path)
    page.wait_for_selector("body[data-ready]")
    return page


def text(page: Page) -> str:
    return str(page.evaluate(f"{_CM}.getValue()"))


def wait_for_text(page: Page, wanted: str) -> None:
    for _ in range(250):
        if text(page) == wanted:
            return
        page.wait_for_timeout(20)  # the policy of the page forbids `wait_for_function`
    assert text(page) == wanted


def write(page: Page, query: str) -> None:
    page.evaluate(f"query => {_CM}.setValue(query)", query)


def run(page: Page, query: str | None = None) -> None:
    """Ask, and wait until it is told what came of it."""
    if query is not None:
        write(page, query)
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_selector("#answer[aria-busy=false] .outcome")


def cells(page: Page) -> list[list[str]]:
    rows = "[...document.querySelectorAll('#view tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
    return list(page.evaluate(rows))


def test_a_query_runs_by_the_keyboard_alone(page: Page) -> None:
    page.locator("#query-field").focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#view table")
    assert page.locator("#view thead th").all_inner_texts() == [
        "finding",
        "statement",
        "reported",
        "direction",
        "level",
    ]
    assert "rows in" in page.locator(".outcome").inner_text()
    assert "limits: 30 s, 512 MiB" in page.locator(".outcome").inner_text()


def test_focus_leaves_the_editor_by_escape_and_tab(page: Page) -> None:
    page.locator("#query-field").focus()
    page.keyboard.press("Tab")  # indents
    assert page.evaluate("document.activeElement.id") == "query-field"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "run"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "query-field"
    page.keyboard.press("Tab")  # indents again: only Escape opens the way out
    assert page.evaluate("document.activeElement.id") == "query-field"


def test_the_results_come_into_view_and_are_marked_once_the_query_changes(page: Page, visitor: Visitor) -> None:
    visitor.resize(1280, 700)
    run(page)
    box = page.locator("#view table").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 400
    assert page.locator("#stale").is_hidden()
    page.evaluate("document.querySelector('.skip').focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "query-field"
    before = text(page)
    page.keyboard.press("Control+End")
    page.keyboard.type(" ?fin")
    page.wait_for_selector(".CodeMirror-hints")
    page.keyboard.press("Escape")
    page.locator(".CodeMirror-hints").wait_for(state="detached")
    assert text(page) == f"{before} ?fin"
    assert page.locator("#stale").is_visible()
    write(page, before)
    assert page.locator("#stale").is_hidden()
    page.locator("#search").press_sequentially("thiosul")
    page.wait_for_selector("#search-suggestions li")
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == "thiosul"
    page.locator("#filter").press_sequentially("hand")
    page.keyboard.press("Escape")
    assert page.locator("#filter").input_value() == "hand"


def test_things_are_shown_by_their_names_and_lead_to_their_pages(page: Page) -> None:
    first = "(<https://w3id.org/calcikg/id/site/hand> <https://w3id.org/calcikg/ontology/treats>)"
    other = "(<http://purl.obolibrary.org/obo/UBERON_0002398> <https://w3id.org/calcikg/id/constructor>)"
    run(page, f"SELECT ?x ?p ?n {{ VALUES (?x ?p) {{ {first} {other} }} BIND(12.5 AS ?n) }}")
    expect(page.locator("#view a").nth(2)).to_have_text("manus")  # by a query of its own
    assert cells(page) == [["hand", "treats", "12.5"], ["manus", "constructor", "12.5"]]
    links = page.eval_on_selector_all(
        "#view tbody a", "links => links.map(link => [link.pathname + link.hash, link.title])"
    )
    assert links[:2] == [
        ["/page/site/hand", "https://w3id.org/calcikg/id/site/hand"],
        ["/ontology#treats", "https://w3id.org/calcikg/ontology/treats"],
    ]
    assert page.locator("#view td.number").count() == 2
    page.get_by_label("Show IRIs").check()
    assert cells(page)[0][0] == "https://w3id.org/calcikg/id/site/hand"


def test_columns_are_sorted_by_number_or_by_name(page: Page) -> None:
    run(page, 'SELECT ?n ?w { VALUES (?n ?w) { (10 "b") (9 "C") (UNDEF "a") (1e2 UNDEF) } }')
    page.get_by_role("button", name="n", exact=True).click()
    assert [row[0] for row in cells(page)] == ["9", "10", "100", ""]
    page.get_by_role("button", name="n", exact=True).click()
    assert [row[0] for row in cells(page)] == ["100", "10", "9", ""]
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("n")
    page.get_by_role("button", name="w", exact=True).click()
    assert [row[1] for row in cells(page)] == ["a", "b", "C", ""]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("ASK { ?s ?p ?o }", "Yes"),
        ("ASK { ?s <http://x/none> ?o }", "No"),
        ("SELECT * { ?s <http://x/none> ?o }", "No matches."),
        ("SELECT * { ?s ?p ?o } LIMIT 7", "The query's LIMIT is reached"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3", "3 triples"),
    ],
)
def test_what_came_is_said_in_words(query: str, says: str, page: Page) -> None:
    run(page, query)
    assert says in page.locator(".outcome").inner_text()


def test_a_syntax_error_is_said_and_marked(visitor: Visitor) -> None:
    page = opened(visitor)
    run(page, "SELECT *\nWHERE { ?s ?p ?o ) }")
    said = page.locator(".trouble").inner_text()
    assert "The query is not valid SPARQL" in said and "Line 2, column 21" in said
    assert page.locator(".wrong").inner_text() == "}"  # where the engine gave up; the editor is more exact
    expect(page.locator("#doubt")).to_contain_text("Line 2: possible syntax error at “)”.")
    assert page.locator(".sign").get_attribute("title") == "Syntax error"
    assert visitor.barriers() == []
    page.get_by_role("link", name="How to fix this").click()
    page.wait_for_url("**/problems/query-syntax")
    visitor.wrong = [each for each in visitor.wrong if "400" not in each]


@pytest.mark.parametrize(("status", "kind", "header"), [(429, "too-many-requests", "7"), (406, "not-acceptable", "")])
def test_every_problem_is_a_sentence_with_a_way_on(status: int, kind: str, header: str, visitor: Visitor) -> None:
    page = opened(visitor)
    body = {
        "type": f"{visitor.home}/problems/{kind}",
        "title": "A title",
        "status": status,
        "detail": "the <b>detail</b>",
    }
    answer = {"status": status, "content_type": "application/problem+json", "body": json.dumps(body)}
    page.route("**/sparql", lambda route: route.fulfill(**answer, headers={"Retry-After": header} if header else None))
    run(page, "ASK {}")
    said = page.locator(".trouble").inner_text()
    assert re.match(r"A title\.\s+The <b>detail</b>\.", said)
    assert ("Try again in 7 seconds" in said) is bool(header)
    assert page.get_by_role("link", name="How to fix this").get_attribute("href") == f"{visitor.home}/problems/{kind}"
    visitor.wrong = [each for each in visitor.wrong if str(status) not in each]


def test_a_service_that_is_gone_is_said(visitor: Visitor) -> None:
    page = opened(visitor)
    page.route("**/sparql", lambda route: route.abort())
    run(page, "ASK {}")
    assert "The service cannot be reached" in page.locator(".trouble").inner_text()
    visitor.wrong = [each for each in visitor.wrong if "ERR_FAILED" not in each]


def metric(server: str, name: str) -> float:
    with urllib.request.urlopen(f"{server}/metrics") as answer:
        found = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def until(what: str, server: str, wanted: float) -> None:
    for _ in range(100):
        if metric(server, what) == wanted:
            return
        time.sleep(0.1)
    assert metric(server, what) == wanted


def test_stop_frees_the_worker(page: Page, server: str) -> None:
    stopped = metric(server, 'calcikg_queries_stopped_total{cause="client"}')
    write(page, ENDLESS)
    page.get_by_role("button", name="Run", exact=True).click()
    until("calcikg_queries_running", server, 1)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#outcome")).to_contain_text("Query cancelled.")
    until("calcikg_queries_running", server, 0)
    until('calcikg_queries_stopped_total{cause="client"}', server, stopped + 1)
    run(page, "ASK {}")
    assert "Yes" in page.locator(".outcome").inner_text()


def test_a_second_run_stops_the_first(page: Page, server: str) -> None:
    write(page, ENDLESS)
    page.get_by_role("button", name="Run", exact=True).click()
    until("calcikg_queries_running", server, 1)
    run(page, "ASK {}")
    assert "Yes" in page.locator(".outcome").inner_text()
    until("calcikg_queries_running", server, 0)


@pytest.fixture(scope="module")
def narrow(small_data: Path) -> Iterator[str]:
    """A server with little time and little room for an answer."""
    with service(small_data, KG_QUERY_TIMEOUT="5", KG_QUERY_ANSWER="1") as (address, _):
        yield address


def test_an_answer_broken_off_at_a_limit_is_never_shown_as_whole(browser: Browser, narrow: str) -> None:
    someone = Visitor(browser, narrow)
    page = opened(someone)
    run(page, MANY)
    said = page.locator(".cut").inner_text()
    assert said.startswith("The results were cut off after") and "1 MiB (KG_QUERY_ANSWER)" in said
    assert len(cells(page)) == 100
    assert {each for each in someone.wrong if "ERR_INCOMPLETE_CHUNKED_ENCODING" not in each} == set()
    run(page, ENDLESS)
    assert "The query took too long" in page.locator(".trouble").inner_text()
    assert "KG_QUERY_TIMEOUT = 5" in page.locator(".trouble").inner_text()
    someone.close()


def test_a_question_is_run_and_changed(page: Page, answers: dict[str, list[list[str]]]) -> None:
    page.get_by_label("Filter questions").fill("wound-care adverse")
    found = page.locator("#filtered").inner_text()
    assert 1 <= int(found.split()[0]) < 5, found
    page.get_by_role("link", name="Which adverse effects are reported for").click()
    expect(page.locator("#asked h2")).to_contain_text("Which adverse effects are reported for")
    question = QUESTIONS["adverse-effects-of-medical-treatments"]
    assert text(page) == question.text
    assert not page.locator("#view table").count()  # nothing runs by itself
    run(page)
    assert len(cells(page)) == len(answers[question.slug])
    page.get_by_label("group").select_option(label="surgical treatment of calcinosis")
    changed = question.with_parameters(group=["treatment/surgical-treatment-of-calcinosis"])
    assert text(page) == changed
    run(page)
    assert page.evaluate("location.hash") == (
        "#question/adverse-effects-of-medical-treatments?group=treatment/surgical-treatment-of-calcinosis"
    )
    page.locator("#query-field").focus()
    page.keyboard.press("Control+z")
    assert text(page) == question.text
    write(page, question.text + "LIMIT 3")
    expect(page.locator("#asked h2")).to_contain_text("(changed)")
    run(page)
    assert page.evaluate("location.hash").startswith("#q=")


def test_the_page_asks_a_question_of_others_as_the_library_does(visitor: Visitor) -> None:
    """The row of VALUES is read by two programs, in Python and in the page: for each question they agree."""
    page = opened(visitor)
    for slug, question in QUESTIONS.items():
        chosen = {name: ["site/hand", "treatment/colchicine"] for name in question.parameters}
        if not chosen:
            continue
        query = "&".join(f"{name}={one}" for name, ids in chosen.items() for one in ids)
        page.evaluate("hash => { location.hash = hash }", f"question/{slug}?{query}")
        wait_for_text(page, question.with_parameters(**chosen))
        expect(page.locator("#asked fieldset")).to_have_count(len(chosen))


def test_the_editor_understands_every_question(page: Page) -> None:
    understood = f"""text => {{
        const editor = {_CM}
        editor.setValue(text)
        return [...Array(editor.lineCount()).keys()].every(
            line => editor.getTokenAt({{line, ch: editor.getLine(line).length}}, true).state.OK)
    }}"""
    assert [slug for slug, question in QUESTIONS.items() if not page.evaluate(understood, question.text)] == []
    assert not page.evaluate(understood, "SELECT * { ?s ?p }")


def test_a_link_brings_back_query_and_view_and_runs_nothing_by_itself(page: Page, visitor: Visitor) -> None:
    prefix = "PREFIX ckg: <https://w3id.org/calcikg/ontology/>"
    query = f"# é ñ \x01 \x0e\n{prefix}\nSELECT ?type (COUNT(*) AS ?number) {{ ?x a ?type }} GROUP BY ?type LIMIT 9"
    run(page, query)
    page.get_by_role("button", name="Chart").click()
    page.wait_for_url("**#*as=chart*")
    address = str(page.evaluate("location.href"))
    assert len(address) < len(query) + 80
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    assert text(page) == query
    assert page.locator("#answer").is_hidden()
    run(page)
    assert page.locator("svg .strip").filter(visible=True).count() == 9


@pytest.mark.parametrize("hash_", ["#q=%%%", "#q=AAAA", "#question/none-such", "#question/../x", "#x"])
def test_a_damaged_link_does_no_harm(hash_: str, visitor: Visitor) -> None:
    page = opened(visitor, f"/sparql{hash_}")
    assert "What are the findings on a treatment" in text(page)
    run(page)
    assert cells(page)


def test_a_chart_is_drawn_of_the_columns_chosen(page: Page, visitor: Visitor, tmp_path: Path) -> None:
    run(
        page,
        'SELECT ?name ?share ?people {VALUES (?name ?share ?people) {("one" 10.5 3) ("two" -4 8) ("three" UNDEF 5)}}',
    )
    page.get_by_role("button", name="Chart").click()
    assert page.locator("svg .label").all_text_contents() == ["one", "two"]
    assert page.locator("svg .value").all_text_contents() == ["10.5", "-4"]
    assert "1 row has no number" in page.locator("figcaption").inner_text()
    page.get_by_label("Value", exact=True).select_option("people")
    assert page.locator("svg .value").all_text_contents() == ["3", "8", "5"]
    widths = page.eval_on_selector_all("svg .strip", "bars => bars.map(bar => Number(bar.getAttribute('width')))")
    assert [round(width / widths[0], 2) for width in widths] == [1, 2.67, 1.67]
    page.get_by_label("Chart type").select_option("points")
    assert page.locator("svg .point").count() == 2
    assert visitor.barriers() == []
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save picture").click()
    saved.value.save_as(tmp_path / "chart.svg")
    assert "<circle" in (tmp_path / "chart.svg").read_text(encoding="utf-8")


def test_a_graph_is_drawn_and_told_in_words(page: Page, visitor: Visitor) -> None:
    run(page, "DESCRIBE <https://w3id.org/calcikg/id/site/finger>")
    page.get_by_role("button", name="Graph").click()
    page.wait_for_selector(".graph canvas")
    page.get_by_label("Go to").select_option(label="finger")
    expect(page.locator(".facts-of h3")).to_have_text("finger")
    assert "part of → " in page.locator(".facts-of").inner_text()
    looks = page.evaluate(
        """() => {
            const node = document.querySelector(".graph")._cyreg.cy.$(":selected");
            return [node.style("shape"), node.style("background-color")];
        }"""
    )
    assert looks == ["hexagon", "rgb(117,124,133)"]  # as in the explorer
    assert visitor.barriers() == []


def test_columns_make_a_graph_too(page: Page) -> None:
    run(
        page,
        "SELECT ?part ?n ?whole { ?part <https://w3id.org/calcikg/ontology/partOf> ?whole BIND(1 AS ?n) }",
    )
    page.get_by_role("button", name="Graph").click()
    page.wait_for_selector(".graph canvas")
    assert page.get_by_label("Source", exact=True).input_value() == "part"
    assert page.get_by_label("Target").input_value() == "whole"
    assert re.match(r"\d+ nodes and \d+ edges", page.locator("#view .note").inner_text())


def test_an_answer_is_shown_and_saved_as_it_is_sent(page: Page, tmp_path: Path) -> None:
    run(page, "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 2")
    page.get_by_role("button", name="Raw").click()
    page.get_by_label("Format", exact=True).select_option("nt")
    expect(page.locator("#view pre")).to_contain_text("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>")
    for extension in ("ttl", "nt", "jsonld", "rdf"):
        with page.expect_download() as saved:
            page.get_by_label("Save as").select_option(extension)
        assert saved.value.suggested_filename == f"calcikg-results.{extension}"
    run(page, 'SELECT ?x { VALUES ?x { "a,b" } }')
    for extension, expected in (("csv", '"a,b"'), ("tsv", '"a,b"'), ("srj", '"value":"a,b"'), ("srx", "<literal>a,b")):
        with page.expect_download() as saved:
            page.get_by_label("Save as").select_option(extension)
        saved.value.save_as(tmp_path / extension)
        assert expected in (tmp_path / extension).read_text(encoding="utf-8")


def test_a_saved_page_opens_anywhere_and_says_where_it_comes_from(
    browser: Browser, server: str, answers: dict[str, list[list[str]]], tmp_path: Path
) -> None:
    someone = Visitor(browser, server)
    page = opened(someone, "/sparql#question/infection-after-calcinosis-surgery")
    run(page)
    rows = cells(page)
    with page.expect_download() as saved:
        page.get_by_label("Save as").select_option("html")
    saved.value.save_as(tmp_path / "answer.html")
    someone.close()

    context = browser.new_context(java_script_enabled=False, offline=True)
    wrong: list[str] = []
    reader = context.new_page()
    reader.on("request", lambda request: request.url.startswith("file:") or wrong.append(request.url))
    reader.on("console", lambda message: wrong.append(message.text))
    reader.goto((tmp_path / "answer.html").as_uri())
    question = QUESTIONS["infection-after-calcinosis-surgery"]
    assert reader.locator("h1").inner_text() == question.words
    assert [row.locator("td").all_inner_texts() for row in reader.locator("tbody tr").all()] == rows
    assert len(rows) == len(answers[question.slug])
    assert reader.locator("pre").inner_text().strip() == question.text.strip()
    with urllib.request.urlopen(f"{server}/metrics") as answer:
        version = re.search(r'calcikg_snapshot_info{version="(\w+)"}', answer.read().decode())
    told = reader.locator("dl").inner_text()
    assert version and version[1] in told
    for words in (
        f"{server}/sparql",
        "creativecommons.org/licenses/by/4.0",
        "calcikg contributors",
        "not medical advice",
    ):
        assert words in told
    assert wrong == []
    context.close()


def test_nothing_of_an_answer_is_read_as_html(browser: Browser, server: str, tmp_path: Path) -> None:
    someone = Visitor(browser, server)
    page = opened(someone)
    query = f"SELECT ?x ?y ?z {{ VALUES (?x ?y ?z) {{ ({json.dumps(HOSTILE)} <javascript:alert(1)> 5) }} }}"
    run(page, query)
    assert cells(page) == [[HOSTILE, "javascript:alert(1)", "5"]]
    assert page.locator("#view a, #view img, #view td script").count() == 0
    for view in ("Chart", "Graph", "Raw"):
        page.get_by_role("button", name=view).click()
        page.wait_for_timeout(300)
    with page.expect_download() as saved:
        page.get_by_label("Save as").select_option("html")
    saved.value.save_as(tmp_path / "answer.html")
    assert page.title() != "bitten"
    assert someone.wrong == []
    someone.close()
    context = browser.new_context()
    reader = context.new_page()
    reader.goto((tmp_path / "answer.html").as_uri())
    assert reader.locator("tbody td").all_inner_texts() == [HOSTILE, "javascript:alert(1)", "5"]
    assert (reader.title(), reader.locator("td a, img, script").count()) == ("Results from calcikg", 0)
    context.close()


def test_a_hundred_thousand_rows_do_not_stop_the_page(page: Page) -> None:
    run(page, MANY)
    assert "100,000 rows" in page.locator(".outcome").inner_text()
    assert len(cells(page)) == 100
    page.get_by_role("button", name="Last").click()
    expect(page.locator("#view .pages")).to_contain_text("99,901 to 100,000 of 100,000")
    page.get_by_role("button", name="n", exact=True).click()
    lengths = [int(row[3]) for row in cells(page)]
    assert lengths == sorted(lengths)


def typed(page: Page, query: str, more: str) -> None:
    """Put a query in, the cursor where it has a |, and type on there."""
    write(page, query.replace("|", ""))
    before = query.partition("|")[0].split("\n")
    page.evaluate(f"at => {_CM}.setCursor(at)", {"line": len(before) - 1, "ch": len(before[-1])})
    page.locator("#query-field").focus()
    page.keyboard.type(more)


def test_terms_complete_by_the_keyboard_and_bring_their_prefix(page: Page, visitor: Visitor) -> None:
    typed(page, "SELECT * {\n  ?x |\n}", "ckg:hasAdv")
    expect(page.locator(".CodeMirror-hint-active")).to_contain_text("has adverse effect")
    assert "unwanted" in page.locator(".CodeMirror-hint-active small").inner_text()
    assert visitor.barriers() == []
    page.keyboard.press("Enter")
    assert text(page) == ("PREFIX ckg: <https://w3id.org/calcikg/ontology/>\nSELECT * {\n  ?x ckg:hasAdverseEffect\n}")


OURS = "<treatment/topical-sodium-thiosulfate>"
BASED = "BASE <https://w3id.org/calcikg/id/>\nASK { ?x ?y | }"
CKG = "PREFIX ckg: <https://w3id.org/calcikg/ontology/>\nASK { ?x a | }"
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"


@pytest.mark.parametrize(
    ("query", "more", "key", "expected"),
    [
        (BASED, "<topical sod", "", OURS),
        ("ASK { ?x ?y | }", "<topical sod", "", OURS.replace("<", "<https://w3id.org/calcikg/id/")),
        (BASED, "topical sod", "Control+Space", OURS),
        ("|\nASK { ?x skos:exactMatch ?y }", "PREFIX sko", "", SKOS),
        ("ASK { ?treatment ?y | }", "?tr", "", "?treatment ?y ?treatment "),
        (CKG, "disease subty", "Control+Space", "?x a ckg:DiseaseSubtype "),
    ],
)
def test_names_complete_from_this_dataset(query: str, more: str, key: str, expected: str, page: Page) -> None:
    typed(page, query, more)
    if key:
        page.keyboard.press(key)
    page.wait_for_selector(".CodeMirror-hint-active")
    page.wait_for_timeout(400)  # the last letters are looked for
    page.keyboard.press("Enter")
    assert expected in text(page)


def test_queries_are_copied_for_other_programs(browser: Browser, server: str) -> None:
    someone = Visitor(browser, server, permissions=["clipboard-read", "clipboard-write"])
    page = opened(someone)
    write(page, "SELECT ?it { BIND('é' AS ?it) }")
    for name, words in (("curl", "curl --silent"), ("Python", "import pandas"), ("R", 'query <- r"')):
        page.get_by_role("button", name=name, exact=True).click()
        text = copied(page, words)
        assert "SELECT ?it { BIND('é' AS ?it) }" in text
    page.get_by_role("button", name="Copy link").click()
    copied(page, "/sparql#q=")
    assert someone.wrong == []
    someone.close()


def copied(page: Page, words: str) -> str:
    """Wait for a text with these words on the clipboard; return that very text, as other browsers write to it, too."""
    for _ in range(100):
        if words in (text := str(page.evaluate("navigator.clipboard.readText()"))):
            return text
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing with {words!r} was copied")


def test_what_was_asked_is_kept_in_this_browser_and_can_be_forgotten(page: Page) -> None:
    for number in range(22):
        run(page, f"ASK {{ BIND({number} AS ?x) }}")
    page.get_by_text("Query history in this browser").click()
    assert page.locator("#history li").count() == 20
    page.locator("#history button").nth(1).click()
    assert text(page) == "ASK { BIND(20 AS ?x) }"
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.get_by_text("Query history in this browser").click()
    page.get_by_role("button", name="Clear history").click()
    assert page.locator("#past").is_hidden()
    assert page.evaluate("localStorage.length") == 0


def test_the_form_works_without_scripts(browser: Browser, server: str) -> None:
    someone = Visitor(browser, server, java_script_enabled=False)
    page = someone.visit("/sparql")
    assert page.locator(".library li").count() == len(QUESTIONS)
    assert not page.locator("#stop, #link, #filter, #answer").filter(visible=True).count()
    page.get_by_label("Query").fill("SELECT ?n { BIND(5 AS ?n) }")
    page.get_by_label("Result format", exact=True).select_option("xml")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Run").click()
    assert "format=xml" in saved.value.url and unquote(saved.value.url).count("BIND") == 1
    assert "5</literal>" in saved.value.path().read_text(encoding="utf-8")
    assert someone.wrong == []
    someone.close()


@pytest.mark.parametrize(("width", "scheme"), zip(WIDTHS, ("light", "dark", "dark"), strict=True))
def test_the_workbench_fits_every_window_without_barriers(width: int, scheme: str, visitor: Visitor) -> None:
    visitor.resize(width, scheme=scheme)
    page = opened(visitor, "/sparql#question/adverse-effects-of-medical-treatments")
    run(page)
    for view in ("Table", "Chart", "Graph", "Raw"):
        page.get_by_role("button", name=view, exact=True).click()
        page.wait_for_timeout(200)
        looked = {390: ("Table", "Graph"), 1600: ("Chart", "Raw")}.get(width, ())  # axe takes seconds for each
        found = visitor.barriers() if view in looked else []
        assert (visitor.overflow(), found) == (0, []), view
