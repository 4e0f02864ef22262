"""The pages of evidence: every figure on them is the graph's, whatever is drawn stands where its number is."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from lxml import html
from made_up_evidence import COUNTS
from test_linked_data import some_of_each
from test_pictures import SVG, drawn, lines_of, parse
from test_rest import is_plan

from api.http.serving import labels
from api.pages.findings import ELSEWHERE
from api.pages.wording import figure
from api.rest.models import PooledResult
from kg.statistics.proportions import pool, pool_logits

API = "/api/v1"
#: The columns of the balance, by verdict.
SETTLED = {"favourable": "Favourable", "nullResult": "No difference", "unfavourable": "Unfavourable"}


def page(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
    return html.fromstring(answer.text)


@pytest.fixture(scope="module")
def treatments(client: FlaskClient) -> list[str]:
    """The ids of some thirty treatments, at equal distances in the list of all: their pages are made alike."""
    every = client.get(f"{API}/entities?type=Treatment&limit=500").json["items"]
    assert len(every) > 90
    return [one["id"] for one in every[:: len(every) // 30]]


def findings_of(client: FlaskClient, treatment: str) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/findings", query_string={"about": treatment, "limit": 500}).json
    assert "next" not in answer or answer["next"] is None
    items: list[dict[str, Any]] = answer["items"]
    return items


def numbers(text: str) -> set[float]:
    return {float(one) for one in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def row_of(document: Any, finding: dict[str, Any]) -> Any:
    (row,) = document.xpath(f'//tr[@id="{finding["id"].replace("/", "-")}"]')
    return row


def svgs(element: Any) -> Iterator[ElementTree.Element]:
    for each in element.iter("svg"):
        yield parse(html.tostring(each, encoding="unicode", method="xml", with_tail=False))


def test_every_figure_on_the_page_of_each_treatment_is_that_of_the_graph(
    client: FlaskClient, treatments: list[str]
) -> None:
    for treatment in treatments:
        document, findings = page(client, f"/page/{treatment}"), findings_of(client, treatment)
        rows = [row.get("id") for row in document.xpath("//tr[starts-with(@id, 'finding-')]")]
        assert sorted(rows) == sorted(one["id"].replace("/", "-") for one in findings), treatment
        for one in findings:
            row = row_of(document, one)
            said, figure = words(row), words(row.xpath("td[2]")[0])
            assert one["statement"].split() == row.xpath("td[1]/a")[0].text_content().split()
            shown = numbers(figure.replace(",", " "))
            plain = (one.get(key) for key in ("value", "lower", "upper", "numerator", "denominator", "spread"))
            before = one.get("baseline", {}).get("value")
            assert {float(each) for each in (*plain, before) if each is not None} <= shown, one["id"]
            if exact := one.get("exact_interval"):
                assert {round(exact[key], 1) for key in ("estimate", "lower", "upper")} <= shown, one["id"]
            if "reported" in one:
                assert " ".join(f"printed: “{one['reported']}”".split()) in said
            assert words(row.xpath("td[3]/abbr")[0]) == str(one["evidence_level"]["rank"])
            colours = [each.get("class") for each in row.xpath("td[3]/span")]
            verdict = one["verdict"] if one.get("verdict") in SETTLED else "open"
            assert colours == [f"direction direction-{verdict}"] * ("direction" in one or "negated" in one), one["id"]
            assert one["source"]["label"] in said
            assert one["locator"]["section"] in said
            assert ("population" in one) == bool(row.xpath("td[4]/a[contains(@href, '/page/population/')]"))
            assert (f"verified against the document on {one.get('verified')}" in said) == ("verified" in one)


def test_what_is_drawn_in_a_row_stands_where_its_number_is(client: FlaskClient) -> None:
    drawn_rows = 0
    findings = findings_of(client, "treatment/treatment-of-calcinosis")
    document = page(client, "/page/treatment/treatment-of-calcinosis")
    for one in findings:
        for picture in svgs(row_of(document, one)):
            drawn_rows += 1
            (group,) = (each for each in picture if str(each.get("class")).startswith("kind-"))
            marks = drawn(picture, group.attrib["class"])
            exact = one.get("exact_interval", {})
            dot = exact.get("estimate", one.get("value"))
            bounds = [exact.get(key, one.get(key)) for key in ("lower", "upper")]
            if dot is not None:
                assert [*marks.get("dot", []), *marks.get("dot hollow", [])] == pytest.approx([dot], abs=0.2), one["id"]
            if None not in bounds:
                assert marks["bounds"] == pytest.approx(bounds, abs=0.2), one["id"]
            elif bounds != [None, None]:
                assert group.attrib["class"] == "kind-open", one["id"]
                assert marks["cap"][0] == pytest.approx(next(each for each in bounds if each is not None), abs=0.2)
    assert drawn_rows >= 20


def test_the_balance_counts_each_finding_once_by_what_it_says(client: FlaskClient, treatments: list[str]) -> None:
    seen: Counter[str] = Counter()
    for treatment in treatments:
        findings = findings_of(client, treatment)
        below = {treatment} | below_of(client, treatment)
        said = Counter(one.get("verdict") for one in findings if one["subject"]["id"] in below)
        document = page(client, f"/page/{treatment}")
        columns = {
            column.get("class").split()[1]: words(column.xpath("h3")[0])
            for column in document.xpath("//section[@id='balance']//div[starts-with(@class, 'column ')]")
        }
        for name, heading in SETTLED.items():
            assert columns.get(name, f"{heading}: 0") == f"{heading}: {said[name]}", treatment
            seen[name] += said[name]
        listed = {
            (column.get("class").split()[1], link)
            for column in document.xpath("//section[@id='balance']//div[starts-with(@class, 'column ')]")
            for link in column.xpath(".//li/a/@href")
        }
        assert listed == {
            (one["verdict"], f"#{one['id'].replace('/', '-')}")
            for one in findings
            if one.get("verdict") in SETTLED and one["subject"]["id"] in below
        }
        lead = words(document.xpath("//p[@class='lead']")[0])
        number = len(findings)
        assert lead.startswith(f"There {'is 1 finding' if number == 1 else f'are {number} findings'} on "), treatment
        assert (
            f"{said['favourable'] or 'none'} {'is' if said['favourable'] == 1 else 'are'} favourable" in lead
            or not any(said[name] for name in SETTLED)
        )
        ranks = [one["evidence_level"]["rank"] for one in findings if not is_plan(one)]
        best = min(ranks, default=None)
        assert (f"evidence level {'is ' if best != 5 else ''}{best} of 5" in lead) == bool(ranks), treatment
    assert all(seen[name] for name in SETTLED)


def below_of(client: FlaskClient, treatment: str) -> set[str]:
    below: set[str] = set()
    new = [treatment]
    while new:
        kinds = client.get(f"{API}/entities/{new.pop()}").json.get("subtypes", [])
        new += [one["id"] for one in kinds if one["id"] not in below]
        below |= {one["id"] for one in kinds}
    return below


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (
            {"value": 15, "unit": "%", "lower": 10, "upper": 20, "interval": "ci95", "qualifier": "upTo"},
            "up to 15 % (95 % confidence interval 10 to 20)",
        ),
        ({"lower": 80, "unit": "%", "qualifier": "greaterThan"}, "greater than 80 %"),
        ({"comparison": {"upper": 1, "unit": "wk", "qualifier": "atMost"}}, "comparator at most 1 week"),
    ],
)
def test_a_figure_is_told_in_the_words_of_the_ontology(
    figures: dict[str, Any], expected: str, client: FlaskClient
) -> None:
    with client.application.test_request_context():
        assert figure(figures) == expected


def test_a_denied_worsening_is_no_harm_and_a_share_of_a_null_result_no_benefit(client: FlaskClient) -> None:
    document = page(client, "/page/treatment/calcinosis-debulking")
    columns = {
        column.get("class").split()[1]: column.xpath(".//li/a/@href")
        for column in document.xpath("//section[@id='balance']//div[starts-with(@class, 'column ')]")
    }
    assert "#finding-debulking-2021-24" not in columns["unfavourable"]
    assert "#finding-debulking-2021-25" in columns["nullResult"]
    assert "#finding-debulking-2021-29" in columns["unfavourable"], "that some were harmed stands"
    assert (
        words(document.xpath("//tr[@id='finding-debulking-2021-24']//span[contains(@class, 'direction')]")[0])
        == "not worsened"
    )


def test_what_is_not_pooled_says_why(client: FlaskClient) -> None:
    document = page(client, "/page/treatment/calcinosis-debulking")
    harms = words(document.xpath("//section[@id='harms']")[0])
    assert "Not pooled: 1 question" in harms
    assert "Only one finding answers the question with such a figure." in harms
    assert not document.xpath("//svg[contains(@class, 'forest')]")


def test_a_pooled_share_is_drawn_where_the_statistics_put_it(pooled_client: FlaskClient) -> None:
    document = page(pooled_client, "/page/treatment/excision")
    (plot,) = (each for each in svgs(document) if "forest" in each.attrib["class"])
    order = ["one", "three", "two"]
    counts = [COUNTS[name] for name in order]
    pooled = pool(counts)
    assert pooled.prediction is not None
    lines = lines_of(plot)
    singles = [pooled_client.get(f"{API}/findings/{name}-01").json["exact_interval"] for name in order]
    expected = [[one["lower"], one["estimate"], one["upper"]] for one in singles]
    expected.append([100 * each for each in (pooled.interval.lower, pooled.estimate, pooled.interval.upper)])
    expected.append([100 * each for each in (pooled.prediction.lower, pooled.prediction.upper)])
    assert lines[:5] == [pytest.approx(line, abs=0.01) for line in expected]
    same = pool([COUNTS["one"], COUNTS["three"]])  # of one level, and of one design
    parts = [same, same, pool_logits(counts)]
    parts += [pool([other for other in counts if other != count]) for count in counts]
    assert lines[5:] == [
        pytest.approx([100 * each for each in (part.interval.lower, part.estimate, part.interval.upper)], abs=0.01)
        for part in parts
    ]
    labels = [str(each.text) for each in plot.iter(f"{SVG}text") if each.get("class") == "label"]
    assert labels == [
        *order,
        "Pooled (random effects)",
        "Prediction interval",
        "level 4 only",
        "case series only",
        "by the model of two steps",
        *(f"without {name}" for name in order),
    ]
    caption = words(document.xpath("//figure[.//*[contains(@class, 'forest')]]/figcaption")[0])
    lower, upper = (f"{100 * bound:.1f}" for bound in pooled.interval)
    assert f"in {100 * pooled.estimate:.1f} % of people (95 % confidence interval {lower} to {upper} %)" in caption
    assert f"I² {100 * pooled.i_squared:.1f} %, τ² {pooled.tau_squared:.3f}" in caption
    lower, upper = (f"{100 * bound:.1f}" for bound in pooled.prediction)
    assert f"is expected to be {lower} to {upper} %" in caption


MAPS = ["outcome", "complication", "site", "subtype"]


@pytest.mark.parametrize("by", MAPS)
def test_the_map_shows_every_cell_with_its_number(by: str, client: FlaskClient) -> None:
    document, given = page(client, f"/evidence-map?by={by}"), client.get(f"{API}/evidence-map?by={by}").json
    shown = {}
    for link in document.xpath("//table[@class='map']//td/a"):
        asked = parse_qs(urlsplit(link.get("href")).query)
        number, title = (link.xpath(f".//*[local-name()='{name}']")[0].text for name in ("text", "title"))
        count = re.search(r": (\d+) findings?$", title)
        assert count and number in (count[1], number if number.endswith(" %") else ""), title
        shown[asked["treatment"][0], asked["aspect"][0]] = int(count[1])
    assert shown == {
        (cell["treatment"], cell["aspect"]): len(cell["findings"]) for cell in given["cells"] if cell["findings"]
    }
    assert len(document.xpath("//table[@class='map']//td[@class='gap']")) == given["empty"]
    assert len(document.xpath("//table[@class='map']//th[@class='column-head']")) == len(given["aspects"])
    assert len(list(svgs(document))) >= len(shown)


def test_a_cell_leads_to_its_findings(client: FlaskClient) -> None:
    cells = client.get(f"{API}/evidence-map?by=outcome").json["cells"]
    for cell in [each for each in cells if each["findings"]][::9]:
        document = page(client, f"/evidence-map?treatment={cell['treatment']}&aspect={cell['aspect']}")
        links = document.xpath("//table//td[1]/a/@href")
        assert sorted(links) == sorted(f"/page/{finding}" for finding in cell["findings"])
    gap = next(each for each in cells if not each["findings"])
    assert "No finding" in words(page(client, f"/evidence-map?treatment={gap['treatment']}&aspect={gap['aspect']}"))


def test_a_comparison_shows_the_rows_and_the_sentences_of_the_rest_api(client: FlaskClient) -> None:
    query = "treatment=treatment/calcinosis-debulking&treatment=treatment/extracorporeal-shockwave-therapy"
    document, given = page(client, f"/compare?{query}"), client.get(f"{API}/compare?{query}").json
    sentences = {words(cell) for cell in document.xpath("//tr[@class='conclusion']/td")}
    assert sentences == {" ".join(row["sentence"].split()) for row in given["rows"]}
    shown = sorted(document.xpath("//div[@class='compared-finding']/a/@href"))
    assert shown == sorted(
        f"/page/{one['id']}" for row in given["rows"] for cell in row["cells"] for one in cell["findings"]
    )
    assert [one.get("value") for one in document.xpath("//option[@selected]")] == [
        "treatment/calcinosis-debulking",
        "treatment/extracorporeal-shockwave-therapy",
    ]
    pain = page(client, f"/compare?{query}&outcome=outcome/pain")
    assert {words(one) for one in pain.xpath("//tbody//th/a")} == {"pain", "postoperative pain"}


@pytest.mark.parametrize("query", ["", "?treatment=treatment/colchicine", "?treatment=&treatment=&outcome="])
def test_who_has_not_chosen_yet_is_asked(query: str, client: FlaskClient) -> None:
    document = page(client, f"/compare{query}")
    assert len(document.xpath("//select[@name='treatment']")) == 2
    assert "Choose" in words(document.xpath("//main")[0])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/evidence-map?by=weather", 400),
        ("/evidence-map?treatment=treatment/colchicine", 400),
        ("/evidence-map?treatment=treatment/nobody&aspect=outcome/pain", 400),
        ("/evidence-map?treatment=treatment/colchicine&aspect=%3E%20.", 400),
        ("/compare?treatment=treatment/nobody", 400),
        ("/compare?treatment=outcome/pain&treatment=treatment/colchicine", 400),
        ("/compare?treatment=treatment/colchicine&treatment=treatment/rituximab&outcome=x%22y", 400),
        (
            "/compare?"
            + "&".join(
                f"treatment=treatment/{n}" for n in ("colchicine", "rituximab", "warfarin", "surgery", "antibiotic")
            ),
            400,
        ),
    ],
)
def test_what_cannot_be_shown_is_a_problem(path: str, status: int, client: FlaskClient) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_the_course_of_the_case_keeps_the_order_of_its_source(client: FlaskClient) -> None:
    events = client.get(f"{API}/findings?source=source/bernstein-poster&kind=case-event&limit=500").json["items"]
    document = page(client, "/page/source/bernstein-poster")
    order = document.xpath("//ol[@class='course']/li/a/@href")
    apart = document.xpath("//section[@id='course']/details//li/a/@href")
    assert sorted([*order, *apart]) == sorted(f"/page/{one['id']}" for one in events)
    place = {link: number for number, link in enumerate(order)}
    for one in events:
        for before in one.get("follows_event", []):
            assert place[f"/page/{before['id']}"] < place[f"/page/{one['id']}"]
    dates = document.xpath("//ol[@class='course']//time/@datetime")
    assert dates == sorted(dates)
    assert sorted(dates) == sorted(one["event_date"] for one in events if "event_date" in one)
    (line,) = (each for each in svgs(document) if "timeline" in each.attrib["class"])
    labels = [str(each.text) for each in line.iter(f"{SVG}text") if each.get("class") == "label"]
    assert labels[0] == "January 2017"
    assert labels[-1] == "25 October 2018"
    assert "course" not in page(client, "/page/source/debulking-2021").xpath("//section/@id")


def test_links_lead_somewhere(client: FlaskClient, treatments: list[str]) -> None:
    asked: set[str] = set()
    cases = [f"/page/{one}" for one in treatments[::8]]
    for path in [
        *cases,
        "/evidence-map",
        "/compare?treatment=treatment/calcinosis-debulking&treatment=treatment/surgery",
    ]:
        document = page(client, path)
        ids = set(document.xpath("//@id"))
        for link in document.xpath("//main//@href"):
            if link.startswith("#"):
                assert link[1:] in ids, (path, link)
            elif not urlsplit(link).netloc and not link.startswith(("/sparql", "/page/finding/", "/evidence-map?by=")):
                asked.add(link)
    assert len(asked) > 60
    for link in some_of_each(asked):
        with client.get(link) as answer:
            assert answer.status_code in (200, 302, 303), link


def test_every_key_of_a_finding_is_on_its_page(client: FlaskClient) -> None:
    with client.application.test_request_context():
        keys = labels().schema.keys
    findings: list[dict[str, Any]] = []
    for source in client.get(f"{API}/sources").json["items"]:
        findings += client.get(f"{API}/findings?source={source['id']}&limit=500").json["items"]
    for key in keys:
        finding = next((one for one in findings if key.name in one), None)
        if finding is None or key.name in ELSEWHERE:
            continue
        document = page(client, f"/page/{finding['id']}")
        (fact,) = document.xpath(f"//dl[@class='facts']/div[dt/@title={json.dumps(key.definition)}]/dd")
        values = finding[key.name] if key.many else [finding[key.name]]
        for value in values:
            shown = value.get("label", value.get("rank")) if isinstance(value, dict) else value
            assert key.form in ("term", "boolean", "quantity") or str(shown) in words(fact), (key.name, finding["id"])


def test_the_rest_api_lists_what_the_plot_shows(pooled_client: FlaskClient) -> None:
    [result] = pooled_client.get(f"{API}/pooled?about=complication/infection").json["items"]
    given = PooledResult.model_validate(result)
    expected = pool([COUNTS[name] for name in ("one", "three", "two")])
    assert {study.id: (study.events, study.total) for study in given.studies} == {
        f"finding/{name}-01": count for name, count in COUNTS.items()
    }
    assert (given.estimate, given.lower, given.upper) == pytest.approx(
        tuple(100 * each for each in (expected.estimate, *expected.interval)), abs=0.0001
    )
    assert {part.without for part in given.sensitivity} == {None, *(f"finding/{name}-01" for name in COUNTS)}
    table = pooled_client.get(f"{API}/pooled?format=csv").get_data(as_text=True).splitlines()
    assert len(table) == 2 and "binomialNormal" in table[1]
    assert pooled_client.get(f"{API}/pooled?about=treatment/excision").json["total"] == 1


def test_a_complication_shows_its_rate_where_a_study_of_the_treatment_counted_people(whole_client: FlaskClient) -> None:
    page = whole_client.get("/evidence-map?by=complication").text
    rates = re.findall(r'treatment=([^&"]+)&amp;aspect=([^"]+)">(?:(?!</a>).)*?class="number">([\d–]+ %)<', page, re.S)
    assert rates
    for treatment, complication, rate in rates:
        names = {"subject": treatment, "object": complication, "limit": "200"}
        found = whole_client.get("/api/v1/findings", query_string={key: unquote(name) for key, name in names.items()})
        shares = [
            round(100 * one["numerator"] / one["denominator"]) if "denominator" in one else round(one["value"])
            for one in found.json["items"]
            if "denominator" in one or one.get("unit") == "%"
        ]
        assert {int(share) for share in rate.removesuffix(" %").split("–")} <= set(shares), (treatment, complication)
    assert " %<" not in whole_client.get("/evidence-map?by=site").text.partition("<table")[2]
