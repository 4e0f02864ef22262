"""The project's own dataset, whole: every route and every export answers on it. Tests of the code use a part of it."""

import json
import re
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import lxml.html
import pytest
from conftest import running
from flask.testing import FlaskClient

from kg.export import EXPORTS
from kg.queries import read_questions
from kg.snapshot import Snapshot

STS, PAIN = "treatment/topical-sodium-thiosulfate", "outcome/pain"
POOLED = "systemic-sclerosis-has-phenotype-calcinosis-cutis-prevalence"
#: Addresses of the routes with parameters: {version} of the snapshot, {code} of a nanopublication, {edge} of a picture.
ADDRESSES = f"""
/api/v1/compare?treatment={STS}&treatment=treatment/colchicine
/api/v1/disagreements/infection-after-surgery
/api/v1/entities/{STS}
/api/v1/entities/UBERON:0002398
/api/v1/explain?subject=site/finger&predicate=partOf&object=site/hand
/api/v1/findings/debulking-2021-30
/api/v1/graph?center={STS}
/api/v1/paths?from={STS}&to={PAIN}
/api/v1/pooled/{POOLED}
/api/v1/questions/case-steroids
/api/v1/search?q=pain
/api/v1/sources/debulking-2021
/data/pooled/{POOLED}/studies.csv
/data/{STS}.ttl
/explain?subject=site/finger&predicate=partOf&object=site/hand
/explorer/edge?id={{edge}}&center={STS}
/explorer/node?id={STS}&center={STS}
/export/csv
/function/pooledProportion
/graph-store?graph=https://w3id.org/calcikg/graph/entities
/graph/entities
/id/{STS}
/np/{{code}}
/ontology.ttl
/ontology/treats
/page/treatment
/page/{STS}
/pictures/prevalence.svg
/problems/query
/questions/case-steroids
/releases/{{version}}/{{version}}
/sitemap/entities.xml
/snapshot/{{version}}
/summary/prevalence
/summary/prevalence/embed
/summary/prevalence/table.csv
/summary/prevalence/table.fhir.json
/summary/prevalence/table.xlsx
/version/0.1.0
""".split()


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_is_made(name: str, whole_client: FlaskClient) -> None:
    with whole_client.get(f"/export/{name}") as answer:
        assert (answer.status_code, bool(answer.data)) == (200, True)


def test_every_route_answers(whole_client: FlaskClient, whole: Snapshot) -> None:
    code = re.search(r"/np/(RA[\w-]{43})", whole_client.get("/export/nanopub").text)
    edge = whole_client.get(f"/export/json?center={STS}").json["edges"][0]["id"]
    assert code
    filled = [address.format(version=whole.version, code=code[1], edge=quote(edge)) for address in ADDRESSES]
    rules = whole_client.application.url_map
    routes = {str(rule) for rule in rules.iter_rules() if "GET" in (rule.methods or ()) and "filename" not in str(rule)}
    found = {str(rules.bind("").match(address.partition("?")[0], return_rule=True)[0]) for address in filled}
    plain = {route for route in routes if "<" not in route} - found
    assert routes - plain == found
    for address in [*filled, *plain]:
        with whole_client.get(address) as answer:
            assert answer.status_code in (200, 302, 303), address


def test_the_start_page_answers_its_questions(whole_client: FlaskClient) -> None:
    cards = lxml.html.fromstring(whole_client.get("/").text).xpath("//h2[@id='ask']/following-sibling::ul[1]/li")
    for card in cards[:-1]:  # the last one leads to all questions
        page = card.xpath("./a/@href")[0]
        rows = whole_client.get(f"/api/v1/questions/{page.rpartition('/')[2]}").json["in_short"]
        assert card.xpath("./p/strong/text()") == [row["label"] for row in rows]
        text = card.text_content().replace("\u00a0", " ")
        assert rows
        assert all(line in text for row in rows for line in row["effect"])
        sentences = lxml.html.fromstring(whole_client.get(page).text).xpath("//p[@class='lead']/text()")
        assert [one.strip() for one in sentences] == [row["sentence"] for row in rows]


def test_every_row_that_a_question_names_is_there(whole_client: FlaskClient) -> None:
    for question in (one for one in read_questions() if one.in_short):
        answer = whole_client.get(f"/api/v1/questions/{question.slug}").json
        assert [row["iri"] for row in answer["in_short"]] == question.in_short


def test_it_is_served_as_users_serve_it(whole_folder: Path, whole: Snapshot) -> None:
    arguments = ("-m", "kg.cli", "serve", "--port", "{port}", "--data", str(whole_folder))
    with running(*arguments) as (address, _), urlopen(f"{address}/readyz") as answer:
        assert json.load(answer)["snapshot"] == whole.version
