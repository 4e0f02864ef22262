"""What grows with the findings is cut on pages: the best comes first, numbers are those of all, the rest is linked."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

import kg.read.entities
from api.app import create_app
from api.data import discovery
from api.pages import entities, evidence, findings, pooled, treatment
from kg.engine import Answer, Query
from kg.engine.embedded import EmbeddedEngine
from kg.read.evidence import Most
from kg.read.findings import APART
from kg.settings import Settings

API = "/api/v1"


@pytest.fixture
def fresh(whole_client: FlaskClient) -> FlaskClient:
    """A client of the whole dataset, none of whose pages has been made yet."""
    extensions = whole_client.application.extensions
    settings = Settings.read({"KG_DATA": str(extensions["settings"].data), "KG_RATE": "0", "KG_BODY_RATE": "0"})
    return create_app(settings, extensions["source"]).test_client()


def read(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.fromstring(answer.text)


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def pages(client: FlaskClient, path: str) -> Iterator[Any]:
    """Yield a page and those that its link to the next one leads to."""
    while True:
        document = read(client, path)
        yield document
        following = document.xpath("//a[@rel='next']/@href")
        if not following:
            return
        path = following[0]


def every(client: FlaskClient, path: str) -> list[Any]:
    """Return the items of a list of the API, page by page."""
    items, following = [], f"{API}/{path}"
    while following:
        answer = client.get(following).json
        items += answer["items"]
        following = answer.get("next")
    return items


def place(finding: dict[str, Any]) -> tuple[int, int, bool, str]:
    """Return where a finding comes among others."""
    keys = ("value", "lower", "upper", "numerator", "denominator", "comparison", "baseline")
    people = finding.get("directness", "")
    apart = APART.index(people) + 1 if people in APART else 0
    return apart, finding["evidence_level"]["rank"], not any(key in finding for key in keys), finding["id"]


def test_the_pages_of_an_entity_have_all_its_findings_the_best_first(fresh: FlaskClient) -> None:
    given = every(fresh, "findings?about=phenotype/acro-osteolysis&limit=500")
    assert len(given) > findings.ROWS
    assert {one["evidence_level"]["rank"] for one in given} > {3}
    shown = [
        link.removeprefix("/page/")
        for document in pages(fresh, "/page/phenotype/acro-osteolysis")
        for link in document.xpath("//table[@class='findings']//td[1]/a/@href")
    ]
    assert shown == [one["id"] for one in sorted(given, key=place)]


@pytest.mark.parametrize(
    ("short", "long", "most"),
    [
        (f"{API}/findings?limit=1", f"{API}/findings?limit=500", 5),
        ("/page/question/case-steroids", "/page/question/both-sides-of-each-disagreement", 3),  # two for its references
    ],
)
def test_a_long_list_takes_few_queries(
    short: str, long: str, most: int, fresh: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fresh.get(short).status_code == 200  # so that what is read once has been read
    asked: list[Query] = []
    answer = EmbeddedEngine.answer

    def count(self: EmbeddedEngine, query: Query, *arguments: Any) -> Answer:
        asked.append(query)
        return answer(self, query, *arguments)

    monkeypatch.setattr(EmbeddedEngine, "answer", count)
    assert fresh.get(long).status_code == 200
    assert 0 < len(asked) <= most


def test_the_start_page_counts_findings_by_evidence_levels_alone(fresh: FlaskClient) -> None:
    document = read(fresh, "/")
    total = fresh.get(f"{API}/findings?limit=1").json["total"]
    numbers = [int(words(one)) for one in document.xpath("//dl[@class='bars']/dd[@class='number']")]
    assert len(numbers) == 5
    assert sum(numbers) == total
    assert f"Of {total:,} findings, {numbers[4]:,} are opinion" in words(document)


def test_the_numbers_on_a_treatment_are_those_of_all_findings(
    fresh: FlaskClient, whole_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/page/treatment/sodium-thiosulfate"
    whole = read(whole_client, path)
    monkeypatch.setattr(treatment, "_MOST", Most(findings=30, apart=5, populations=4, sources=3))
    cut = read(fresh, path)
    for each in ("//section[@id='balance']//h3", "//nav[@class='index']//li", "//p[@class='lead']"):
        assert [words(one) for one in cut.xpath(each)] == [words(one) for one in whole.xpath(each)]
    total = fresh.get(f"{API}/findings?about=treatment/sodium-thiosulfate&limit=1").json["total"]
    assert f"30 of {total} findings are shown below" in words(cut)
    rows = cut.xpath("//tr[@id and starts-with(@id, 'finding-')]/@id")
    assert len(rows) == len(set(rows)) == 30
    assert len(cut.xpath("//section[@id='sources']//tbody/tr")) == 3
    assert set(cut.xpath("//section[@id='balance']//a/@href")) <= {f"#{row}" for row in rows}
    [link] = cut.xpath("//section[@id='summary']//a[text()='All of them']/@href")
    assert f"{total} findings" in words(read(fresh, link))


def test_a_comparison_that_is_cut_says_so_and_leads_to_the_rest(
    fresh: FlaskClient, whole_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "treatment=treatment/sodium-thiosulfate&treatment=treatment/surgery"
    given = whole_client.get(f"{API}/compare?{query}").json
    monkeypatch.setattr(evidence, "COMPARED", 60)
    document = read(fresh, f"/compare?{query}")
    found = document.xpath("//div[@class='compared-finding']")
    assert (
        len(given["rows"]) <= len(found) < sum(len(cell["findings"]) for row in given["rows"] for cell in row["cells"])
    )
    cut = document.xpath("//td[not(.//details)]//p/small[contains(., ' of ')]")
    assert cut
    for note in cut[:5]:
        total = int(re.findall(r"of (\d+)", words(note))[0])
        assert int(re.findall(r"(\d+) finding", words(read(fresh, note.xpath("a/@href")[0])))[0]) >= total
    # What is said of all findings stays as it is: how many there are, and what they say.
    start = [row["sentence"].partition("; printed")[0] for row in given["rows"]]
    said = [words(one) for one in document.xpath("//tr[@class='conclusion']/td")]
    assert {" ".join(one.split()) for one in start} <= {
        one[: len(" ".join(first.split()))] for one in said for first in start
    }


@pytest.mark.parametrize("kind", ["source", "population", "disagreement"])
def test_lists_are_paged(
    kind: str, fresh: FlaskClient, whole_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(client: FlaskClient) -> list[str]:
        documents = pages(client, f"/page/{kind}")
        return [
            link for one in documents for link in one.xpath(f"//main//a[starts-with(@href, '/page/{kind}/')]/@href")
        ]

    whole = listed(whole_client)
    monkeypatch.setattr(entities, "ROWS", len(whole) // 3)
    assert listed(fresh) == whole
    assert f"of {len(whole)}" in words(read(fresh, f"/page/{kind}").xpath("//p[@class='pager']")[0])


def test_disagreements_on_an_entity_have_a_list(fresh: FlaskClient) -> None:
    given = every(fresh, "disagreements?about=treatment/surgery&limit=500")
    document = read(fresh, "/page/disagreement?about=treatment/surgery")
    links = document.xpath("//main//li//h3/a/@href")
    assert sorted(links) == sorted(f"/page/{one['id']}" for one in given)
    assert fresh.get("/page/disagreement?about=treatment/nothing").status_code == 400
    assert fresh.get("/page/study?about=treatment/surgery").status_code == 400


@pytest.mark.parametrize("entity", ["outcome/pain", "treatment/surgery"])
def test_an_entity_names_so_many_disagreements_and_their_number(
    entity: str, fresh: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kg.read.entities, "_MOST_CONTRASTS", 3)
    given = every(fresh, f"disagreements?about={entity}&limit=500")
    numbers = Counter("disagreement" if one["type"] == "Disagreement" else "apparent" for one in given)
    answer = fresh.get(f"{API}/entities/{entity}").json
    assert answer["disagreement_counts"] == numbers
    assert len(answer["disagreements"]) == sum(min(number, 3) for number in numbers.values()) < len(given)
    assert {one["id"] for one in answer["disagreements"]} <= {one["id"] for one in given}
    page = read(fresh, f"/page/{entity}")
    more = page.xpath(f"//a[contains(@href, '/page/disagreement?about={entity}')]")
    if entity.startswith("outcome/"):
        assert [words(one) for one in more] == [
            f"{numbers[kind] - 3} more" for kind in ("disagreement", "apparent") if numbers[kind] > 3
        ]
    else:
        assert f"Apparent disagreements: 3 of {numbers['apparent']}" in words(page)


def test_the_page_of_a_pooled_result_has_so_many_that_were_left_out(
    fresh: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = max(fresh.get(f"{API}/pooled?limit=499").json["items"], key=lambda one: len(one["omitted"]))
    monkeypatch.setattr(pooled, "_OMITTED", 4)
    section = read(fresh, f"/page/{whole['id']}").xpath("//section[@id='omitted']")[0]
    assert len(section.xpath(".//tbody/tr")) == 4 < len(whole["omitted"])
    assert f"{len(whole['omitted'])} other findings" in words(section) and "the first 4" in words(section)
    assert len(fresh.get(section.xpath("./p/a/@href")[0]).json["omitted"]) == len(whole["omitted"])


def test_a_cell_of_the_map_is_paged(fresh: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = fresh.get(f"{API}/evidence-map?by=outcome").json["cells"]
    cell = max(cells, key=lambda one: len(one["findings"]) + len(one["elsewhere"]))
    monkeypatch.setattr(evidence, "ROWS", 20)
    documents = list(pages(fresh, f"/evidence-map?treatment={cell['treatment']}&aspect={cell['aspect']}"))
    links = [link for one in documents for link in one.xpath("//table//td[1]/a/@href")]
    assert len(documents) > 2
    assert {f"/page/{one}" for one in cell["findings"]} == set(links[: len(cell["findings"])])
    assert {f"/page/{one}" for one in cell["elsewhere"]} == set(links[len(cell["findings"]) :])


def test_a_long_sitemap_has_parts(
    fresh: FlaskClient, whole_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def addresses(client: FlaskClient, path: str) -> list[str]:
        return re.findall(r"<loc>(.*?)</loc>", client.get(path).text)

    whole = addresses(whole_client, "/sitemap.xml")
    monkeypatch.setattr(discovery, "MOST_ADDRESSES", 1000)
    parts = [addresses(fresh, part) for part in addresses(fresh, "/sitemap.xml")]
    assert len(parts) > 2
    assert all(len(part) <= 1000 for part in parts[1:])
    assert sorted(one for part in parts for one in part) == sorted(whole)
    assert fresh.get("/sitemap/some.xml").status_code == 404
