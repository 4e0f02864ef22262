"""The page of methods and the glossary: their numbers and definitions are those of the graph."""

import re

import pytest
from flask.testing import FlaskClient
from lxml import html

from kg.engine import Engine
from kg.read.labels import Labels

RDFS = "http://www.w3.org/2000/01/rdf-schema#"


def text(client: FlaskClient, path: str) -> str:
    """The words of a page, with single spaces."""
    (main,) = html.fromstring(client.get(path).text).xpath("//main")
    return " ".join(str(main.text_content()).split())


def test_numbers_of_the_methods_are_those_of_the_rest_api(client: FlaskClient) -> None:
    def total(path: str) -> int:
        return int(client.get(f"/api/v1/{path}").json["total"])

    words = text(client, "/methods")
    findings = client.get("/api/v1/findings?limit=500").json
    pages = [findings]
    while "next" in pages[-1]:
        pages.append(client.get(pages[-1]["next"]).json)
    items = [one for page in pages for one in page["items"]]
    verified = [one for one in items if "verified" in one]
    in_text = [one for one in verified if one["verified_in"] == "sourceText"]
    assert f"{len(verified):,} of {len(items):,} findings are verified, {len(in_text):,} in the text" in words
    assert f"compared with their texts on {max(one['verified'] for one in verified)}" in words
    elsewhere = [one for one in items if one.get("directness") in ("indirect", "mixed")]
    assert f"({len(elsewhere)} findings), is shown separately" in words
    assert f"{total('pooled')} pooled results exist" in words
    assert f"{total('disagreements?kind=disagreement')} disagreements do" in words
    assert f"{total('disagreements?kind=apparent')} more only" in words
    levels = client.get("/api/v1/stats").json["levels"]
    document = html.fromstring(client.get("/methods").text)
    shown = {one.get("id"): one.xpath("string(td[last()])") for one in document.xpath("//tr[@id]")}
    assert shown == {f"ocebm-{rank}": f"{levels.get(f'ocebm-{rank}', 0):,}" for rank in range(1, 6)}
    sources = [int(cell) for cell in document.xpath("//h2[@id='reading']/following-sibling::table[1]//td[2]/text()")]
    assert sum(sources) == len({one["source"]["id"] for one in items})


def test_every_term_has_an_anchor_and_one_definition(client: FlaskClient) -> None:
    rows = html.fromstring(client.get("/glossary").text).xpath("//main//dl/div")
    anchors = [row.get("id") for row in rows]
    assert len(set(anchors)) == len(anchors)
    assert all(len(row.xpath("dd[normalize-space()]")) == 1 for row in rows)
    links = html.fromstring(client.get("/methods").text).xpath("//main//a/@href[contains(., '/glossary#')]")
    assert links
    assert {link.partition("#")[2] for link in links} <= set(anchors)


@pytest.mark.parametrize("vocabulary", ["evidence level", "verdict", "study design", "domain of certainty"])
def test_vocabularies_are_whole(vocabulary: str, client: FlaskClient) -> None:
    rows = html.fromstring(client.get("/glossary").text).xpath(f"//main//dt[small='{vocabulary}']")
    names = {row.text.strip().lower() for row in rows}
    known = f'SELECT ?name {{ ?term a ?class ; rdfs:label ?name . ?class rdfs:label "{vocabulary}" }}'
    answer = client.get("/sparql", query_string={"query": f"PREFIX rdfs: <{RDFS}> {known}", "format": "json"}).json
    assert names == {row["name"]["value"].lower() for row in answer["results"]["bindings"]}


def test_what_the_methods_call_unrecorded_has_no_key(engine: Engine) -> None:
    """A key for one of these makes the page wrong: tell there what is recorded."""
    labels = Labels(engine).terms.values()
    assert [
        name for name in labels if re.search(r"fund|conflict of interest|accessed|search strategy", name, re.I)
    ] == []
    assert [name for name in labels if "risk of bias" in name] == ["risk of bias"]
