"""The description of the REST API is valid OpenAPI, its examples fit it, and its pages load nothing from elsewhere."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import CHROMIUM
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

API = "/api/v1"


@pytest.fixture(scope="module")
def description(client: FlaskClient) -> dict[str, Any]:
    return client.get(f"{API}/openapi.json").json


def test_the_description_is_valid(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(description).iter_errors()] == []


def test_every_example_fits_its_schema(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        operation = operations["get"]
        content = operation["responses"]["200"]["content"]["application/json"]
        described = [(content["schema"], content["example"])]
        described += [(given["schema"], given["example"]) for given in operation["parameters"] if "example" in given]
        if path == f"{API}/pooled/{{slug}}":  # the first documents have nothing to pool
            assert content["example"]["status"] == 404
            described = described[1:]
        for schema, example in described:
            whole = {**schema, "components": description["components"]}
            errors = [error.message for error in Draft202012Validator(whole).iter_errors(example)]
            assert errors == [], path
        if path != f"{API}/pooled":  # the first documents have nothing to pool
            assert content["example"].get("items", True), f"the example of {path} is an empty list"


def test_operations_are_named_by_what_they_give(description: dict[str, Any]) -> None:
    names = [operations["get"]["operationId"] for operations in description["paths"].values()]
    assert {"findings", "finding", "comparison", "stats"} <= set(names)
    assert len(set(names)) == len(names)


def test_the_index_links_to_every_operation_that_needs_no_name(
    client: FlaskClient, description: dict[str, Any]
) -> None:
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/api/v1[^"]*)"', client.get(f"{API}/").text)]
    assert {client.get(link).status_code for link in links} == {200}
    assert {path for path in description["paths"] if "{" not in path} <= {urlsplit(link).path for link in links}


def test_the_page_to_try_the_api_loads_nothing_from_another_host(server: str, tmp_path: Path) -> None:
    """All other pages are looked at in `test_pages_in_browser`."""
    if not CHROMIUM:
        pytest.skip("chromium is not installed: the pages are not opened")
    # Under another name than localhost, where Swagger UI would leave its validator alone; no other name is known.
    origin = f"http://calcikg.test:{urlsplit(server).port}"
    log = tmp_path / "log.json"
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom",
        "--host-resolver-rules=MAP calcikg.test 127.0.0.1, MAP * ~NOTFOUND", "--virtual-time-budget=20000",
        f"--log-net-log={log}", f"{origin}{API}/swagger",
    ]  # fmt: skip
    page = subprocess.run(command, capture_output=True, check=True, timeout=120, text=True).stdout
    events = [event.get("params", {}) for event in json.loads(log.read_text(encoding="utf-8"))["events"]]
    # What the page asks for; what the browser asks for by itself has no origin.
    asked = {event["url"] for event in events if event.get("initiator") == origin}
    assert asked
    assert {url for url in asked if not url.startswith((f"{origin}/", "data:"))} == set()
    assert "/evidence-map" in page and "What nobody studied" in page  # it has read the description
