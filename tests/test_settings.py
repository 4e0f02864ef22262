"""The settings from the environment, and the page that lists the limits."""

import html
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.http.complexity import LIMITS
from kg.settings import Settings

SET = {
    "KG_QUERY_TIMEOUT": "7",
    "KG_QUERY_MEMORY": "300",
    "KG_QUERY_ANSWER": "5.5",
    "KG_QUEUE_TIMEOUT": "0.25",
    "KG_WORKERS": "3",
    "KG_SHORT_TIMEOUT": "0.75",
    "KG_RATE": "12",
    "KG_BODY_RATE": "0.125",
    "KG_CLIENT_TIMEOUT": "9",
    "KG_MAX_BODY": "0.5",
}


@pytest.mark.parametrize(
    ("name", "value", "repair"),
    [
        ("KG_QUERY_TIMEOUT", "0", "give a number above 0"),
        ("KG_CACHE", "much", "give a number above 0"),
        ("KG_RATE", "-1", "give a number above 0, or 0"),
        ("KG_WORKERS", "0.5", "give a whole number above 0"),
        *(
            ("KG_BASE_URL", text, "give an http or https address without user name, query and fragment")
            for text in ("kg.example.org", "https://a?b", "https://u@a", "https://..", "https://[", "https://a:99999")
        ),
        *(
            ("KG_REPORT", text, "give an https, http or mailto address with {id} where the id of the finding goes")
            for text in ("javascript:alert('{id}')", "https://git.example/issues/new")
        ),
        ("KG_SERVICE_ALLOW", "http://a.example/ ftp://b", "give http or https addresses without user names"),
    ],
)
def test_an_invalid_value_is_refused(name: str, value: str, repair: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is .{re.escape(value)}.; {re.escape(repair)}$"):
        Settings.read({name: value})


SECRET = {"KG_TRUSTED_PROXY": "192.0.2.77", "KG_SERVICE_ALLOW": "http://10.9.8.7/sparql"}


@pytest.fixture(scope="module")
def configured(data_folder: Path) -> FlaskClient:
    return create_app(Settings.read({"KG_DATA": str(data_folder), **SET, **SECRET})).test_client()


def test_every_limit_is_shown_with_its_value_now(configured: FlaskClient) -> None:
    body = configured.get("/settings", headers={"Accept": "application/json"}).json
    shown = {row["setting"]: row["value"] for row in body["limits"] if row["setting"]}
    assert shown == {name: float(value) for name, value in SET.items()}
    fixed = {row["meaning"]: row["value"] for row in body["limits"] if not row["setting"]}
    assert fixed.items() >= {limit.meaning: limit.most for limit in LIMITS}.items()
    for row in body["limits"]:
        for problem in row["problems"]:
            page = configured.get(problem)
            assert page.status_code == 200
            assert row["meaning"] in html.unescape(page.text)
            assert 'href="/settings"' in page.text


def test_the_page_says_the_same_and_no_more(configured: FlaskClient, data_folder: Path) -> None:
    page = configured.get("/settings", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.mimetype == "text/html"
    assert page.headers["Vary"] == "Accept"
    shown = dict(re.findall(r"<tr><td>([0-9.,]+)</td>.*\n<td><code>(KG_\w+)</code>", page.text))
    assert {name: value for value, name in shown.items()} == SET
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/static/bundle/site.js" defer>']
    for text in (page.text, configured.get("/settings?format=json").text):
        assert not any(value in text for value in (*SECRET.values(), "10.9.8.7", str(data_folder)))
    assert 'href="/settings"' in configured.get("/").text


@pytest.mark.parametrize(
    ("address", "accept", "served"),
    [
        ("/settings", "*/*", "text/html"),
        ("/settings?format=json", "text/html", "application/json"),
        ("/settings?format=html", "application/json", "text/html"),
        ("/settings", "application/json;q=0.5, text/html;q=0.4", "application/json"),
        ("/settings", "image/png", "application/problem+json"),
        ("/settings", "text/html;q=0, image/png", "application/problem+json"),
        ("/settings?format=png", "*/*", "application/problem+json"),
    ],
)
def test_page_or_json(address: str, accept: str, served: str, configured: FlaskClient) -> None:
    assert configured.get(address, headers={"Accept": accept}).mimetype == served


def test_a_finding_leads_to_where_its_errors_are_reported(client: FlaskClient, data_folder: Path) -> None:
    form = "https://git.example/issues/new?title={id}"
    app = create_app(Settings.read({"KG_DATA": str(data_folder), "KG_REPORT": form}))
    page = "/page/finding/debulking-2021-30"
    assert 'href="https://git.example/issues/new?title=finding%2Fdebulking-2021-30"' in app.test_client().get(page).text
    assert "Report an error" not in client.get(page).text
