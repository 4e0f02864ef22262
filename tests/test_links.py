"""Links to IRIs that others chose: all are made by one function, which makes none of ``javascript:`` and the like."""

import re
from types import SimpleNamespace

import pytest
from conftest import ROOT
from flask.testing import FlaskClient

from api.pages import start

#: What addresses in templates are made by, beside ``url_for``: all are our own.
OWN = {
    "about.license": "of the dataset",
    "address": "of the page itself",
    "place": "of the page itself, or made by url_for",
    "chip.address": "of the explorer without a filter",
    "iri": "of the ontology",
    "links.licence": "stated by the ontology",
    "links.source": "stated by the ontology",
    "links.version": "stated by the ontology",
    "live": "given by whoever makes the static copy",
    "settings.limitsPage": "made by url_for",
    "state": "of the explorer",
    "value": "made by url_for, in a cell of a chart's table",
    "filtered": "of the list of findings with fewer filters",
    "with": "of the list of findings with one filter more",
    "filters.filtered": "of the list of findings with fewer filters",
    "filters.with": "of the list of findings with one filter more",
    "list": "made by url_for, of what a number at a glance counts",
    "report": "a setting, which is an https, http or mailto address",
}
EVIL = "javascript:alert(document.domain)//"


def test_templates_link_to_foreign_iris_by_the_one_function() -> None:
    folders = (ROOT / "api" / "templates", ROOT / "kg" / "build" / "ontology_page")
    found = {
        made
        for folder in folders
        for path in folder.glob("*.html")
        for made in re.findall(r'(?:href|src|action)="\{\{-?\s*([\w.]+)', path.read_text(encoding="utf-8"))
    }
    assert {made if made in OWN else made.partition(".")[0] for made in found} - {"url_for"} == OWN.keys()


@pytest.mark.parametrize("iri", [EVIL, EVIL.upper(), "data:text/html,x", "urn:x", "//example.org", "vbscript://x", ""])
def test_a_found_term_links_to_the_web_alone(iri: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hits = [
        SimpleNamespace(iri=iri, label="<b>hand", id="x", name="hand", external=True)
        for iri in (iri, "https://example.org/hand")
    ]
    none, terms = SimpleNamespace(hits=[], total=0), SimpleNamespace(hits=hits, total=2)
    monkeypatch.setattr(start, "search", lambda text, types, *_: terms if types == ["Term"] else none)
    page = client.get("/search", query_string={"q": f"links {iri}"}).text
    assert page.count("&lt;b&gt;hand") == 2
    assert '<li><a href="https://example.org/hand">&lt;b&gt;hand</a>' in page
    assert "<li>&lt;b&gt;hand <small>" in page


def test_mappings_link_to_the_web_alone(client: FlaskClient) -> None:
    environment = client.application.jinja_env
    rows = [{"id": "x:y", "iri": EVIL, "label": "x", "predicate": "exactMatch"}]
    with client.application.test_request_context():
        table = environment.get_template("parts.html").module.mappings(rows)
    assert '<td data-label="Term">x:y</td>' in table
