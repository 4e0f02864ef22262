"""Conditional requests, parts and media types: one answer of each kind, which all routes treat alike."""

import pytest
from flask.testing import FlaskClient

from kg.export import EXPORTS

#: An address for each way in which an answer is made.
ADDRESSES = (
    "/",
    "/about",
    "/methods",
    "/api/v1/entities?limit=1",
    "/api/v1/openapi.json",
    "/data/site/hand",
    "/data/site/hand.json",
    "/data/site/hand.trig",
    "/download/dataset.nq",
    "/export/csv",
    "/export/csv?kind=outcome",
    "/graph-store?default&format=nt",
    "/healthz",
    "/ontology.ttl",
    "/page/site/hand",
    "/releases",
    "/settings",
    "/sparql?query=ASK%7B%7D",
    "/sparql?query=SELECT(NOW()AS%3Fnow)%7B%7D",
    "/static/style.css",
    "/.well-known/void",
)
#: What a 304 repeats of its 200 (RFC 9110, section 15.4.5), beside the date.
REPEATED = ("Cache-Control", "Content-Location", "ETag", "Expires", "Vary")


@pytest.mark.parametrize("address", ADDRESSES)
def test_if_match_is_obeyed_everywhere(address: str, client: FlaskClient) -> None:
    for sent in (
        {"If-Match": '"x"'},
        {"If-Match": '"x"', "If-None-Match": "*"},
        {"If-Match": '"x"', "Range": "bytes=0-1"},
    ):
        refused = client.get(address, headers=sent)
        assert (refused.status_code, refused.mimetype) == (412, "application/problem+json")
        assert refused.json["type"].endswith("/problems/precondition-failed")
    assert client.get(address, headers={"If-Match": "*"}).status_code == 200
    if tag := client.get(address).headers.get("ETag"):
        assert client.get(address, headers={"If-Match": f'"x", {tag}'}).status_code == 200
        assert client.get(address, headers={"If-Match": f"W/{tag}"}).status_code == 412  # weak tags never match


def test_if_match_leaves_other_problems_alone(client: FlaskClient) -> None:
    assert client.get("/nowhere", headers={"If-Match": '"x"'}).status_code == 404
    assert client.get("/sparql?query=ASK", headers={"If-Match": '"x"'}).status_code == 400


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_304_repeats_what_its_200_says(address: str, client: FlaskClient) -> None:
    whole = client.get(address)
    if not (tag := whole.headers.get("ETag")):
        return
    confirmed = client.get(address, headers={"If-None-Match": tag})
    assert (confirmed.status_code, confirmed.data) == (304, b"")
    assert [confirmed.headers.get(name) for name in REPEATED] == [whole.headers.get(name) for name in REPEATED]


@pytest.mark.parametrize("name", EXPORTS)
def test_a_media_type_has_its_character_set_once(name: str, client: FlaskClient) -> None:
    kind = EXPORTS[name].media_type
    expected = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    assert client.head(f"/export/{name}").headers["Content-Type"] == expected


@pytest.mark.parametrize("address", ["/download/dataset.nq", "/export/csv"])
@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=0-1", "bytes=x", "bytes", "bytes=-", "0-1"])
def test_ranges_that_are_not_served_are_ignored(asked: str, address: str, client: FlaskClient) -> None:
    part = client.get(address, headers={"Range": asked})
    assert part.status_code == 200
    assert part.data == client.get(address).data
    assert client.get(address, headers={"Range": "Bytes=1-"}).status_code == 206


def test_scripts_of_other_origins_may_read_what_a_part_is(client: FlaskClient) -> None:
    exposed = client.get("/download/dataset.nq", headers={"Range": "bytes=0-1"}).headers[
        "Access-Control-Expose-Headers"
    ]
    assert {"Content-Range", "ETag"} <= set(exposed.split(", "))


JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("address", "default"),
    [
        ("/sparql?query=ASK%7B%7D", "application/sparql-results+json"),
        ("/data/site/hand", "text/turtle"),
        ("/graph-store?default", "text/turtle"),
        ("/api/v1/entities?limit=1", "application/json"),
        ("/settings", "text/html"),
        ("/releases", "text/html"),
        ("/ontology", "text/html"),
    ],
)
def test_headers_of_java_get_the_default_format(address: str, default: str, client: FlaskClient) -> None:
    for accept in (JAVA, "*", "*;q=.9", "*/*;q=.9", f"image/png, {default};Q=.9", " * ; q = 1"):
        assert client.get(address, headers={"Accept": accept}).mimetype == default, accept
    assert client.get(address, headers={"Accept": "*;q=.0"}).status_code == 406


def test_a_client_that_reads_the_default_graph_gets_the_description_in_it(client: FlaskClient) -> None:
    comunica = "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,text/turtle;q=0.6,*/*;q=0.1"
    assert client.get("/id/site/hand", headers={"Accept": comunica}).headers["Location"] == "/data/site/hand.jsonld"
    assert client.get("/data/site/hand", headers={"Accept": comunica}).mimetype == "application/ld+json"
    for first in ("application/trig, text/turtle;q=0.9", "application/n-quads, application/trig;q=0.5"):
        assert client.get("/id/site/hand", headers={"Accept": first}).headers["Location"] == "/data/site/hand.trig"
    assert client.get("/data/site/hand?format=trig", headers={"Accept": comunica}).mimetype == "application/trig"
