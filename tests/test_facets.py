"""Facets of the list of findings: each number is that of the findings that the link leaves."""

import html
import re
from collections import Counter

import pytest
from flask.testing import FlaskClient

FACET = re.compile(r'<li><a rel="nofollow" href="([^"]+)">([^<]+)</a> <small>(\d+)</small></li>')
TITLE = re.compile(r"<h1>(\d+) findings?")


@pytest.mark.parametrize(
    "filters", ["", "treatment=treatment/surgical-treatment-of-calcinosis&max_level=4", "figure=yes&since=2010"]
)
def test_a_facet_has_the_number_that_its_link_leads_to(filters: str, client: FlaskClient) -> None:
    found = FACET.findall(client.get(f"/page/finding?{filters}").text)
    assert len({address.rpartition("=")[0] for address, _, _ in found}) > 5
    assert any("disease=subtype%2F" in address or "disease=subtype/" in address for address, _, _ in found)
    for address, words, number in found:
        query = html.unescape(address).partition("?")[2]
        assert client.get(f"/api/v1/findings?limit=1&{query}").json["total"] == int(number), words


@pytest.mark.parametrize("kind", ["source", "population"])
def test_a_facet_of_other_lists_counts_what_the_list_has(kind: str, client: FlaskClient) -> None:
    first = f"/page/{kind}?treatment=treatment/calcinosis-debulking"
    for address, words, number in [*FACET.findall(client.get(first).text), (first, "", "")]:
        page = client.get(html.unescape(address)).text
        fitting = re.search(r"<p>(\d+) with findings that fit:", page)
        query = html.unescape(address).partition("?")[2]
        found = client.get(f"/api/v1/findings?limit=500&{query}").json["items"]
        entities = {one[kind]["id"] for one in found if kind in one}
        assert fitting and fitting[1] == str(len(entities)) == (number or fitting[1]), words
        assert all(f'href="/page/{entity}"' in page for entity in entities)
    assert client.get(f"/page/{kind}?treatment=nothing").status_code == 400


def test_a_filter_in_use_is_named_and_can_be_removed(client: FlaskClient) -> None:
    page = client.get("/page/finding?treatment=treatment/calcinosis-debulking&outcome=outcome/pain").text
    assert "Outcome or complication: <strong>pain</strong>" in page
    removed = re.search(r'<a href="([^"]+)" aria-label="Remove pain">', page)
    assert removed
    without = client.get(removed[1]).text
    assert "Remove calcinosis debulking" in without
    assert "Remove pain" not in without


NEAR = re.compile(r'<a rel="nofollow" href="([^"]+)">([^<]+)</a>, (\d+) finding')


def test_where_nothing_fits_the_nearest_that_does_is_named(whole_client: FlaskClient) -> None:
    page = whole_client.get(
        "/page/finding?site=site/fingertip&treatment=treatment/surgical-treatment-of-calcinosis"
    ).text
    assert "No finding here is about both surgical treatment of calcinosis and fingertip." in page
    near = NEAR.findall(page)
    assert {words for _, words, _ in near} >= {"fingertip", "surgical treatment of calcinosis"}
    assert any(" and " in words for _, words, _ in near), "a broader entity"
    for address, _, number in near:
        assert TITLE.search(whole_client.get(html.unescape(address)).text)[1] == number  # type: ignore[index]


def test_a_list_on_something_begins_with_what_was_found(whole_client: FlaskClient) -> None:
    filters = "site=site/finger&disease=disease/systemic-sclerosis"
    page = whole_client.get(f"/page/finding?{filters}").text.partition('class="callout">')[2].partition("</div>")[0]
    every = whole_client.get(f"/api/v1/findings?limit=500&{filters}").json["items"]
    found = [one for one in every if one.get("directness") not in ("mixed", "indirect")]
    of = Counter(one.get("verdict") for one in found)
    level = min(one["evidence_level"]["rank"] for one in found)
    assert f"{len(found)} findings from {len({one['source']['id'] for one in found})} sources" in page
    assert f"best evidence level {level} of 5" in page
    assert f"{of['favourable'] or 'none'} favourable, {of['unfavourable'] or 'none'} unfavourable" in page
    assert len(every) == len(found) or f"{len(every) - len(found)} more" in page
    treated = re.findall(r'<a rel="nofollow" href="([^"]+)">[^<]+</a> \((\d+)\)', page)
    assert treated
    for address, number in treated:
        listed = whole_client.get(f"/api/v1/findings?limit=500&{html.unescape(address).partition('?')[2]}").json[
            "items"
        ]
        assert sum(one.get("directness") not in ("mixed", "indirect") for one in listed) == int(number)


def test_a_list_without_results_names_the_nearest_with_one(whole_client: FlaskClient) -> None:
    page = whole_client.get("/page/finding?site=site/fingertip&outcome=outcome/pain").text
    assert "No result of a treatment among them." in page
    near = NEAR.findall(page.partition("Nearest with a favourable result")[2].partition("</p>")[0])
    assert near
    for address, _, number in near:
        assert "verdict=favourable" in address
        assert TITLE.search(whole_client.get(html.unescape(address)).text)[1] == number  # type: ignore[index]


@pytest.mark.parametrize("page", ["site/hand", "autoantibody/anti-nxp2", "source/kingsley-clinic"])
def test_a_page_says_at_a_glance_what_its_findings_are_about(page: str, whole_client: FlaskClient) -> None:
    shown = whole_client.get(f"/page/{page}").text.partition('<aside class="glance"')[2].partition("</aside>")[0]
    found = [
        *FACET.findall(shown),
        *re.findall(r'<dt>([^<]+)</dt><dd><a rel="nofollow" href="(/page/finding[^"]+)">(\d+)', shown),
    ]
    assert len(found) > 5
    for *words, number in found:
        query = html.unescape(next(one for one in words if one.startswith("/"))).partition("?")[2]
        assert whole_client.get(f"/api/v1/findings?limit=1&{query}").json["total"] == int(number), words
    assert page != "site/hand" or "site%2Fupper-limb" not in shown  # all of its findings are about it
