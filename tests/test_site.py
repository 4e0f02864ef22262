"""The static copy: every link of it, and what people do with it, from disk and from a host that only sends files."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from posixpath import dirname, normpath
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from browsing import Visitor
from conftest import Client, shared
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from test_cli import kg

from api.app import create_app
from api.site import crawl, write, write_site
from api.site.crawl import COPIED, DATA
from api.site.pages import pack
from api.site.write import atomic_folder, write_scripts
from kg.engine import FORMATS, Engine, Query
from kg.export import EXPORTS
from kg.prefixes import BASE, ID
from kg.read.questions import questions
from kg.settings import Settings
from kg.snapshot import Snapshot

#: What a copy says that it does without; anything else is a link that was lost.
NOT_HERE = {
    *("REST API", "Limits", "All limits", "limits", "as JSON", "Open in the explorer"),
    *("Compare with another treatment", "compare treatments"),
    "the findings on\ntopical sodium thiosulfate as a table",  # an example that the small dataset does not have
    *("spreadsheet (XLSX)", "Turtle", "file for Cytoscape", "file for graph tools"),
}


LIVE = "https://kg.example.org/graph"


class Links(HTMLParser):
    """What a page links to, what can be linked to in it, and the words of links that were left out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.left_out: list[str] = []
        self._within = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.places.add(given.get("id") or "")
        self._within = tag == "a" and "away" in (given.get("class") or "").split()
        if tag == "link" and given.get("rel") == "canonical":
            return
        for name in ("href", "xlink:href", "src", "srcset", "action", "formaction", "poster", "data"):
            if given.get(name) is not None:
                self.links.append(given[name] or "")

    def handle_data(self, data: str) -> None:
        if self._within:
            self.left_out.append(data.strip())
        self._within = False


def export(out: Path, data: Path, seed: str = "0") -> Path:
    command = [sys.executable, "-m", "kg.cli", "export", "site", "--out", out, "--data", data]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    return out


@pytest.fixture(scope="session")
def site(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of a small snapshot: its pages are made as those of a large one are."""
    with shared(tmp_path_factory, "calcikg") as folder:
        return folder if folder.exists() else export(folder, small_data)


@pytest.fixture(scope="session")
def small_client(small_data: Path) -> FlaskClient:
    app = create_app(Settings.read({"KG_DATA": str(small_data), "KG_RATE": "0"}))
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture
def reader(browser: Browser, site: Path) -> Iterator[Visitor]:
    """Someone without a connection who opened the folder from disk."""
    someone = Visitor(browser, site.as_uri(), offline=True)
    yield someone
    someone.close()
    assert someone.wrong == []


@pytest.fixture(scope="module")
def host(site: Path) -> Iterator[str]:
    """The address of a host that only sends files, with the copy below a path of its own."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(site.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.func.log_message = lambda *_: None  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}"
        server.shutdown()


def test_every_link_leads_to_a_file_and_to_a_place_in_it(site: Path) -> None:
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    pages = {name: Links((site / name).read_text(encoding="utf-8")) for name in files if name.endswith(".html")}
    assert len(pages) > 100
    wrong, left_out = [], Counter[str]()
    for name, page in pages.items():
        left_out.update(page.left_out)
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            file = normpath(f"{dirname(name)}/{unquote(parts.path)}").lstrip("/") if parts.path else name
            by_script = file == "sparql.html" or file not in pages  # reads what stands after the #, or has no places
            place = "" if by_script else unquote(parts.fragment)
            if link.startswith("/") or file not in files or (place and place not in pages[file].places):
                wrong.append(f"{name}: {link}")
    assert wrong == []
    assert set(left_out) <= NOT_HERE


def test_the_routes_copied_are_routes_of_the_service(client: FlaskClient) -> None:
    assert COPIED.keys() <= {rule.endpoint for rule in client.application.url_map.iter_rules()}


def test_styles_load_nothing_that_is_not_there(site: Path) -> None:
    for style in site.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", style.read_text(encoding="utf-8")):
            assert address.startswith("data:") or (style.parent / address).is_file(), f"{style}: {address}"


def test_no_page_says_where_it_was_made(site: Path) -> None:
    told = [path for path in site.rglob("*") if path.is_file() and b"localhost" in path.read_bytes()]
    assert [path.name for path in told if path.suffix != ".js"] == []


def test_every_thing_has_its_page_and_its_data(site: Path, small_client: FlaskClient) -> None:
    things = re.findall(r"/page/([^<]+)</loc>", small_client.get("/sitemap.xml").text)
    assert len(things) == 9  # five entities, three findings, a source
    for thing in things:
        assert (site / f"page/{thing}.html").is_file()
        assert all((site / f"data/{thing}.{extension}").is_file() for extension in DATA)
    assert all((site / f"page/question/{slug}.html").is_file() for slug in questions())
    for thing in things:
        for extension in DATA:
            served = small_client.get(f"/data/{thing}.{extension}", base_url=BASE).data
            assert (site / f"data/{thing}.{extension}").read_bytes() == served


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_are_those_of_the_service(name: str, site: Path, small_client: FlaskClient) -> None:
    version = small_client.get("/releases?format=json").json["current"]
    # Else these would have the names of the exports as TriG and as a network in JSON.
    of = f"{name}-" if name in ("nanopub", "csljson") else ""
    files = [path for path in (site / "export" / name).iterdir() if path.name.split(".")[0].endswith(f"-{version}")]
    assert [path.name for path in files] == [f"calcikg-{of}{version}.{EXPORTS[name].extension}"]
    assert (
        hashlib.sha256(files[0].read_bytes()).digest()
        == hashlib.sha256(small_client.get(f"/export/{name}", base_url=BASE).data).digest()
    )


def test_it_reads_from_disk_without_a_connection(reader: Visitor, small: Snapshot) -> None:
    page = reader.visit("/index.html")
    assert page.locator(".counts dd").first.inner_text() == f"{small.counts['findings']:,}"
    assert f"snapshot {small.version}" in page.locator("footer").inner_text()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Treatments").click()
    page.get_by_role("link", name="excision", exact=True).first.click()
    assert page.locator("h1").inner_text() == "Excision"
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Questions").click()
    words = questions()["null-comparisons"].words
    page.get_by_role("link", name=words).click()
    expect(page.locator("table.answer tbody tr")).not_to_have_count(0)


@pytest.mark.parametrize(
    "path",
    ["index", "page/treatment/excision", "evidence-map", "explorer/~max_level-4", "search", "sparql"],
)
def test_a_copied_page_keeps_nobody_out(path: str, host: str, browser: Browser) -> None:
    someone = Visitor(browser, host)  # not from disk, where axe itself could not read the styles
    someone.visit(f"/{path}.html")
    assert (someone.barriers(), someone.overflow(), someone.wrong) == ([], 0, [])
    someone.close()


def test_names_are_found_without_a_server(reader: Visitor) -> None:
    page = reader.visit("/page/site/hand.html")
    page.get_by_role("combobox").fill("exci")
    page.wait_for_selector("#search-suggestions li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/treatment/excision.html")
    page.get_by_role("combobox").fill("infec")
    page.get_by_role("button", name="Search").click()
    page.wait_for_selector("main .entities a")
    page.locator("main .entities a").first.click()
    assert "infection" in page.locator("main").inner_text()
    page.get_by_role("combobox").fill("zzzz")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("No matches.").wait_for()


def ask(page: Page, query: str, accept: str = "text/csv") -> dict[str, Any]:
    """Ask as the scripts of the pages do."""
    found: dict[str, Any] = page.evaluate(
        """async ([address, body, Accept]) => {
            const answer = await fetch(address, { method: "POST", body, headers: { Accept } });
            return { status: answer.status, type: answer.headers.get("Content-Type"), body: await answer.text() };
        }""",
        [f"{BASE}sparql", query, accept],
    )
    return found


def test_queries_in_the_browser_have_the_answers_of_the_engine(
    browser: Browser, site: Path, snapshot: Snapshot, engine: Engine, tmp_path: Path
) -> None:
    """Over the project's own snapshot, whose dataset takes the place of the small one."""
    whole = tmp_path / "site"
    shutil.copytree(site, whole)
    shutil.rmtree(whole / "offline")
    write_scripts(whole / "offline", engine, snapshot.quads, lambda address: None)
    someone = Visitor(browser, whole.as_uri(), offline=True)
    page = someone.visit("/sparql.html")
    page.set_default_timeout(60_000)
    for slug, question in questions().items():
        query = Query(question.text, base=f"{BASE}sparql")
        expected = engine.answer(query, (FORMATS["csv"], FORMATS["nt"])).read().decode()
        found = ask(page, question.text, "text/csv, application/n-triples;q=0.9")
        assert (slug, found["status"], Counter(found["body"].splitlines())) == (
            slug,
            200,
            Counter(expected.splitlines()),
        )
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"  # a triple in two graphs counts once
    assert ask(page, count)["body"] == engine.answer(Query(count), (FORMATS["csv"],)).read().decode()
    assert ask(page, "ASK { ?s ?p ?o FILTER(TRUE) }", "text/tab-separated-values")["body"] == "true\n"
    made = ask(page, "CONSTRUCT { <a> a <b> } {}", "text/turtle, application/n-triples;q=0.5")
    assert (made["type"], made["body"].strip()) == ("text/turtle", f"<{BASE}a> a <{BASE}b> .")
    someone.close()


def test_what_the_browser_cannot_answer_it_says(reader: Visitor) -> None:
    page = reader.visit("/sparql.html")
    for query, name, told in (
        ("SELECT * {\n ?s ?p }", "query-syntax", {"line": 2, "column": 9}),
        ("SELECT (<https://w3id.org/calcikg/function/exactLower>(1, 2) AS ?x) {}", "query", {}),
        ("SELECT * FROM <urn:a> FROM <urn:b> { ?s ?p ?o }", "query", {}),
        ("SELECT * { SERVICE <http://localhost/> { ?s ?p ?o } }", "query", {}),
        ("DESCRIBE <urn:a>", "not-acceptable", {}),
    ):
        found = ask(page, query)
        body = json.loads(found["body"])
        assert (found["type"], body["type"]) == ("application/problem+json", f"{BASE}problems/{name}"), query
        assert body.items() >= told.items(), query
        assert (found["status"], body["status"]) == ((406, 406) if name == "not-acceptable" else (400, 400)), query


def test_a_query_is_stopped_and_the_next_one_answered(reader: Visitor) -> None:
    page = reader.visit("/sparql.html")
    page.set_default_timeout(60_000)
    ask(page, "ASK {}")
    stopped = page.evaluate(
        """async (address) => {
            const stop = new AbortController();
            const body = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a < ?g) }";
            const answer = fetch(address, { method: "POST", body, signal: stop.signal }).catch((error) => error.name);
            setTimeout(() => stop.abort(), 300);
            return await answer;
        }""",
        f"{BASE}sparql",
    )
    assert stopped == "AbortError"
    assert ask(page, "SELECT (1 AS ?x) {}")["body"].split() == ["x", "1"]


def test_the_workbench_asks_a_question_and_links_to_pages(reader: Visitor) -> None:
    page = reader.visit("/page/question/null-comparisons.html")
    page.get_by_text("SPARQL query").click()
    page.locator('a[href*="sparql.html#question"]').first.click()
    page.wait_for_selector("body[data-ready]")
    page.locator("#run").click()
    page.wait_for_selector("#view tbody tr", timeout=60_000)
    reader.visit(f"/sparql.html#q={pack('SELECT ?x { ?x a <https://w3id.org/calcikg/ontology/Treatment> } LIMIT 3')}")
    page.get_by_text("The link contains this query").wait_for()
    page.locator("#run").click()
    page.wait_for_selector("#view a", timeout=60_000)
    link = page.locator('#view a[href*="/page/"]').first.get_attribute("href") or ""
    assert Path(unquote(urlsplit(link).path)).is_file()


def test_it_works_below_a_path_of_a_host(host: str, browser: Browser) -> None:
    someone = Visitor(browser, host)
    page = someone.visit("/index.html")
    page.get_by_role("combobox").fill("excision")
    page.wait_for_selector("#search-suggestions li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}/page/treatment/excision.html")
    someone.visit("/sparql.html")
    assert ask(page, "SELECT (1 AS ?x) {}")["body"].split() == ["x", "1"]
    assert someone.wrong == []
    someone.close()


def test_a_download_is_the_file(reader: Visitor, site: Path, small: Snapshot) -> None:
    page = reader.visit("/downloads.html")
    links = page.locator('main a[href^="export/"]')
    files = {links.nth(number).get_attribute("href") or "" for number in range(links.count())}
    assert {file.split("/")[1] for file in files} == set(EXPORTS)
    assert any((site / file).read_bytes() == b"".join(path.read_bytes() for path in small.quads) for file in files)


def test_what_takes_a_service_links_to_it(small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "_start", lambda: iter(("page/finding", "data/site/hand.ttl")))
    monkeypatch.setattr(crawl, "is_copied", lambda *_: False)  # these two addresses, and nothing that they link to
    write_site(tmp_path / "site", small_data, f"{LIVE}/", str)  # as the command does
    page = (tmp_path / "site/page/finding.html").read_text(encoding="utf-8")
    assert f'href="{LIVE}/api/v1/"' in page
    assert f'action="{LIVE}/search"' in page
    assert f'href="{LIVE}/page/finding?kind=' in page
    assert f"form-action 'self' {LIVE}/" in page
    assert "not in this copy" not in page
    data = (tmp_path / "site/data/site/hand.ttl").read_text(encoding="utf-8")
    assert f"{ID}site/hand" in data and LIVE not in data  # the IRIs of the data are what they are


def test_two_runs_give_the_same_bytes(site: Path, small_data: Path, tmp_path: Path) -> None:
    again = shutil.copytree(site, tmp_path / "site")
    (again / "left-over.html").touch()
    export(again, small_data, seed="2")
    one, other = ({path.relative_to(copy): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
                  for copy in (site, again))  # fmt: skip
    assert [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)] == []
    assert len({str(name).lower() for name in one}) == len(one)  # also where capitals make no difference


def test_only_a_folder_of_our_own_is_replaced(small_data: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    assert "was not made by" in kg("export", "site", "--out", mine, "--data", small_data, code=1).stderr
    assert "there is no snapshot" in kg("export", "site", "--out", tmp_path / "b", "--data", tmp_path, code=1).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "site", {}) as part:
        (part / "index.html").write_text("before")
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "site", {}) as part:
        (part / "index.html").write_text("half")
        raise ZeroDivisionError
    assert (tmp_path / "site" / "index.html").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("site",),
        ("site", "--out", "nowhere/site"),
        ("site", "--out", "site", "--kind", "outcome"),
        ("site", "--out", "site", "--base", "nowhere"),
        ("csv", "--base", "https://kg.example.org/"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    kg("export", *arguments, "--data", tmp_path, code=2)
