"""The explorer without a browser: addresses, tables, the picture as SVG, and what each line of it rests on."""

import re
from collections import Counter
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages.pictures.network import draw
from kg.export.style import wrapped
from kg.read.filters import FILTERS

STATES = [
    "max_level=4",
    "max_level=5",
    "center=treatment/topical-sodium-thiosulfate",
    "center=disease/calcinosis&center=site/hand&max_level=4&without=site/finger",
    "predicate=treats",
    "direction=denied",
    "source=debulking-2021&type=Outcome",
]
SVG = "{http://www.w3.org/2000/svg}"


def shown(page: str) -> list[str]:
    return re.findall(r'data-entity="([^"]+)"', page)


def network(client: FlaskClient, state: str) -> Any:
    return client.get(f"/export/json?{state}&single_patients=no").json


def test_the_start_is_an_overview_with_an_address_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/explorer")
    assert (answer.status_code, answer.location) == (302, "/explorer?max_level=4")
    page = client.get(answer.location).text
    assert 20 < len(shown(page)) < 150


@pytest.mark.parametrize("state", STATES)
def test_the_tables_say_what_the_export_of_the_same_filters_says(state: str, client: FlaskClient) -> None:
    page = client.get(f"/explorer?{state}").text
    exported = network(client, state)
    totals = re.search(r'id="summary">(\d+) entit(?:y|ies), (\d+) relations?, (\d+) findings?', page)
    assert totals
    findings = sum(edge["weight"] for edge in exported["edges"])
    assert [*map(int, totals.groups())] == [len(exported["nodes"]), len(exported["edges"]), findings]
    if len(exported["nodes"]) <= 200:
        assert sorted(shown(page)) == sorted(node["id"] for node in exported["nodes"])
    said = Counter(edge["standing"] for edge in exported["edges"])
    if len(exported["edges"]) <= 200:
        assert page.count('direction standing-denied">denied') == said["denied"]
        assert page.count(">hierarchy</span>") == said["axiom"]
    for address in re.findall(r'<a href="(/export/[^"]+)">', page):
        assert sorted(parse_qsl(urlsplit(address.replace("&amp;", "&")).query)) in (
            sorted([*parse_qsl(state), ("single_patients", "no")]),
            sorted(parse_qsl(state)),  # of the picture
        )


def test_populations_of_one_person_are_left_out_until_they_are_asked_for(client: FlaskClient) -> None:
    page, all_ = client.get("/explorer?max_level=4").text, client.get("/export/json?max_level=4").json
    told = re.search(r"(\d+) single-patient populations? (?:are|is) hidden", page)
    left = {node["id"] for node in all_["nodes"]} - {node["id"] for node in network(client, "max_level=4")["nodes"]}
    assert told
    assert int(told[1]) == len([id_ for id_ in left if id_.startswith("population/")]) > 0
    more = "/explorer?max_level=4&single_patients=yes"
    assert more.replace("&", "&amp;") in page
    assert f'id="summary">{len(all_["nodes"])} entities' in client.get(more).text
    assert client.get("/explorer?max_level=4&single_patients=no").location == "/explorer?max_level=4"
    one = min(id_ for id_ in left if id_.startswith("population/"))
    assert one in shown(client.get(f"/explorer?center={one}").text)


def test_one_picture_has_one_address(client: FlaskClient) -> None:
    for given_, address in {
        "without=&type=&max_level=4&depth=2": "/explorer?max_level=4",
        "max_level=3&center=site/hand&depth=1": "/explorer?center=site/hand&max_level=3",
        "center=UBERON:0002398": "/explorer?center=site/hand",
        "center=site/hand&center=site/hand": "/explorer?center=site/hand",
        "find=hand&max_level=4&depth=2": "/explorer?center=site/hand&depth=2&max_level=4",
        "find=https://w3id.org/calcikg/id/site/hand": "/explorer?center=site/hand",
    }.items():
        answer = client.get(f"/explorer?{given_}")
        assert (answer.status_code, answer.location) == (302, address), given_


def test_a_name_of_several_things_leads_to_each_of_them(client: FlaskClient) -> None:
    page = client.get("/explorer?find=thiosulf&max_level=4").text
    choices = re.findall(r'<li><a href="(/explorer\?center=[^"]+)">', page)
    assert len(choices) > 1
    assert all(client.get(choice.replace("&amp;", "&")).status_code == 200 for choice in choices)
    assert "No entity matches" in client.get("/explorer?find=zzzqqqxxx").text


@pytest.mark.parametrize(
    "wrong", ["center=site/nowhere", "colour=red", "max_level=9", "kind=rumour", "depth=x&center=site/hand"]
)
def test_a_wrong_filter_is_told(wrong: str, client: FlaskClient) -> None:
    for path in ("/explorer", "/explorer.svg", "/explorer/node", "/explorer/edge"):
        answer = client.get(f"{path}?{wrong}")
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), path


def test_what_is_not_there_is_told(client: FlaskClient) -> None:
    for path in (
        "/explorer/node?id=site/nowhere",
        "/explorer/node",
        "/explorer/edge?id=x",
        "/explorer/edge?max_level=4",
    ):
        assert client.get(path).status_code == 404
    assert "No matches" in client.get("/explorer?max_level=1").text


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["center", "without", "depth", "max_level", "type", "kind", "graph", "direction", "find", "id"]
            ),
            st.text(max_size=12) | st.sampled_from(["site/hand", "1", "entities", "treats", "denied"]),
        ),
        max_size=4,
    )
)
def test_no_address_breaks_it(client: FlaskClient, pairs: list[tuple[str, str]]) -> None:
    for path in ("/explorer", "/explorer/node", "/explorer/edge"):
        assert client.get(path, query_string=pairs).status_code in (200, 302, 400, 404)


def test_every_line_of_the_overview_tells_its_findings(client: FlaskClient) -> None:
    for edge in network(client, "max_level=4")["edges"][::7]:
        page = client.get("/explorer/edge", query_string={"id": edge["key"], "max_level": "4"}).text
        assert sorted(re.findall(r'href="/page/(finding/[^"]+)"', page)) == sorted(edge["findings"])
        assert ("denied</span>" in page) == edge["negated"]
        why = re.search(r'href="(/explain\?[^"]+)"', page)
        assert (why is not None) == (edge["standing"] in ("stated", "axiom"))
        if why:
            assert client.get(why[1].replace("&amp;", "&")).status_code == 200


def test_a_line_tells_the_findings_that_fit_the_filters_alone(client: FlaskClient) -> None:
    whole, part = network(client, "max_level=5")["edges"], network(client, "source=debulking-2021")["edges"]
    fewer = {edge["key"]: edge["findings"] for edge in part}
    for edge in whole:
        if edge["key"] in fewer and len(fewer[edge["key"]]) < len(edge["findings"]):
            page = client.get("/explorer/edge", query_string={"id": edge["key"], "source": "debulking-2021"}).text
            assert sorted(re.findall(r'href="/page/(finding/[^"]+)"', page)) == sorted(fewer[edge["key"]])
            return
    pytest.fail("no relation is told by this source and another")


def test_a_thing_tells_what_it_is_and_where_to_go_from_it(client: FlaskClient) -> None:
    page = client.get("/explorer/node?id=treatment/topical-sodium-thiosulfate&max_level=5").text
    assert "Sodium thiosulfate put on the skin" in page
    assert 'href="/page/treatment/topical-sodium-thiosulfate"' in page
    assert 'href="/explorer?center=treatment/topical-sodium-thiosulfate&amp;max_level=5"' in page
    assert 'href="/explorer?max_level=5&amp;without=treatment/topical-sodium-thiosulfate"' in page


@pytest.mark.parametrize("state", STATES)
def test_the_picture_as_svg_has_every_thing_and_every_relation(state: str, client: FlaskClient) -> None:
    answer = client.get(f"/explorer.svg?{state}")
    root = ElementTree.fromstring(answer.data)
    exported = network(client, state)
    labels = Counter(" ".join("".join(text.itertext()).split()) for text in root.iter(f"{SVG}text"))
    assert labels == Counter("".join(wrapped(node["label"])) for node in exported["nodes"])
    dashed = [path for path in root.iter(f"{SVG}path") if path.get("stroke-dasharray") == "7 5"]
    assert len(dashed) == sum(edge["negated"] for edge in exported["edges"])
    lines = [path for path in root.iter(f"{SVG}path") if path.get("stroke")]
    assert len(lines) == len(exported["edges"])
    assert "script" not in answer.headers["Content-Security-Policy"]


def test_hostile_names_stay_names_in_the_picture() -> None:
    label = '</text><script>alert(1)</script> & "quotes" \x0b \ud800'
    nodes = [
        SimpleNamespace(id=f"site/{name}", label=label, shape="hexagon", color="#757c85", size=20.0, x=0.0, y=0.0)
        for name in "ab"  # one upon the other
    ]
    edge = SimpleNamespace(
        source="site/a",
        target="site/b",
        label=label,
        line="dashed",
        color="#d33a5a",
        width=1.5,
        axiom=False,
        negated=True,
    )
    loop = SimpleNamespace(**vars(edge) | {"target": "site/a"})
    picture = draw(SimpleNamespace(nodes=nodes, edges=[edge, loop]))  # type: ignore[arg-type]
    root = ElementTree.fromstring(picture)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg",
        "style",
        "rect",
        "g",
        "title",
        "path",
        "text",
        "tspan",
    }
    assert "alert(1)" in "".join(root.itertext())


def test_filters_of_the_form_are_those_of_the_exports(client: FlaskClient) -> None:
    page = client.get("/explorer?center=site/hand&max_level=4&without=site/finger").text
    names = set(re.findall(r'<(?:input|select)[^>]* name="(\w+)"', page)) - {"q", "find"}
    assert names <= {one.name for one in FILTERS}
    for name in ("predicate", "type", "kind", "direction", "source"):
        for value in re.findall(rf'name="{name}" value="([^"]+)"', page):
            # What is wrong with a filter is told before it is told that there is no such thing.
            assert client.get("/explorer/node", query_string={name: value}).status_code == 404, (name, value)
