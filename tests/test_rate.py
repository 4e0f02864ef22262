"""The rate of requests: the arithmetic of the bucket, its table, and the answer to one request too many."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.http.admission import BURST, RateError, RateLimiter
from kg.settings import Settings

START = 1000.0


def let_in(rate: RateLimiter, address: str, now: float) -> bool:
    try:
        rate.spend(address, now)
    except RateError:
        return False
    return True


@settings(deadline=None)
@given(
    rate=st.floats(0.01, 1000),
    waits=st.lists(st.one_of(st.just(0.0), st.floats(0, 0.01), st.floats(0, 10)), max_size=300),
)
def test_a_bucket_lets_in_what_flows_into_it(rate: float, waits: list[float]) -> None:
    """Beside it stands a bucket as in a textbook, with a level that rises with time."""
    buckets, size = RateLimiter(rate), max(1.0, rate * BURST)
    now, level = START, size
    for wait in waits:
        now += wait
        level = min(size, level + wait * rate)
        expected = level >= 1
        if abs(level - 1) > 1e-6:  # else rounding decides
            assert let_in(buckets, "192.0.2.1", now) == expected
        else:
            expected = let_in(buckets, "192.0.2.1", now)
        level -= expected


@settings(deadline=None)
@given(rate=st.floats(0.01, 100), number=st.integers(1, 50))
def test_the_wait_told_is_exact(rate: float, number: int) -> None:
    buckets, now = RateLimiter(rate), START
    while let_in(buckets, "192.0.2.1", now):
        pass
    for _ in range(number):
        with pytest.raises(RateError) as error:
            buckets.spend("192.0.2.1", now)
        assert not let_in(buckets, "192.0.2.1", now + error.value.wait * 0.999 - 1e-6)
        now += error.value.wait
        buckets.spend("192.0.2.1", now)


def test_clients_have_buckets_of_their_own() -> None:
    buckets = RateLimiter(1)
    for _ in range(4):
        buckets.spend("192.0.2.1", START)
    for same in ("192.0.2.1", "::ffff:192.0.2.1"):
        assert not let_in(buckets, same, START)
    assert let_in(buckets, "192.0.2.2", START)


def test_a_client_may_send_so_many_bytes() -> None:
    buckets = RateLimiter(100, burst=1000, unit="bytes")
    buckets.spend("192.0.2.1", START, amount=600)
    buckets.spend("192.0.2.1", START, amount=400)
    with pytest.raises(RateError, match="you may send 100 bytes a second, 1,000 at once") as error:
        buckets.spend("192.0.2.1", START, amount=50)
    assert error.value.retry_after == 1
    buckets.spend("192.0.2.1", START, amount=0)
    buckets.spend("192.0.2.1", START + 0.5, amount=50)


def test_a_network_of_ipv6_is_one_client() -> None:
    buckets = RateLimiter(1)
    assert [let_in(buckets, f"2001:db8::{number}", START) for number in range(5)] == [True] * 4 + [False]
    assert let_in(buckets, "2001:db8:0:1::", START)


def test_the_table_is_bounded_and_remembers_who_sends_most() -> None:
    """Many addresses of others do not free a client that waits, unless they themselves send as much."""
    buckets = RateLimiter(1)
    for _ in range(4):
        buckets.spend("192.0.2.1", START)
    for number in range(20_000):
        buckets.spend(f"10.0.{number >> 8}.{number & 255}", START)
    assert not let_in(buckets, "192.0.2.1", START)
    assert let_in(buckets, "10.0.0.1", START)


def test_processes_count_together(tmp_path: Path) -> None:
    path, each = tmp_path / "rates", 300
    code = f"""
from api.http.admission import RateError, RateLimiter
from pathlib import Path
rate, done = RateLimiter(100, Path({str(path)!r})), 0
for _ in range({each}):
    try:
        rate.spend("192.0.2.1", 1000.0)
        done += 1
    except RateError:
        pass
print(done)
"""
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(process.communicate()[0]) for process in both) == 400


def test_large_bodies_are_counted_before_they_are_read(data_folder: Path) -> None:
    settings = Settings.read({"KG_DATA": str(data_folder), "KG_BODY_RATE": "0.01", "KG_MAX_BODY": "0.1"})
    client = create_app(settings).test_client()
    query = "ASK {} #" + "x" * 90_000
    assert client.post("/sparql", data={"query": query}).status_code == 200
    refused = client.post("/sparql", data={"query": query})
    assert refused.status_code == 429
    assert "bytes a second" in refused.json["detail"]
    assert "KG_BODY_RATE" in refused.json["detail"]
    assert client.get("/sparql", query_string={"query": "ASK {}"}).status_code == 200
    assert client.post("/sparql", data=query, content_type="application/sparql-query").status_code == 429


@pytest.fixture
def limited(data_folder: Path) -> FlaskClient:
    return create_app(Settings.read({"KG_DATA": str(data_folder), "KG_RATE": "0.1"})).test_client()


def test_one_request_too_many_is_told_when_to_come_again(limited: FlaskClient) -> None:
    assert limited.get("/sparql?query=ASK {}").status_code == 200
    refused = limited.get("/sparql?query=ASK {}")
    assert refused.status_code == 429
    assert refused.json["type"].endswith("/problems/too-many-requests")
    assert "0.1 requests a second" in refused.json["detail"]
    assert "KG_RATE" in refused.json["detail"]
    assert 8 <= int(refused.headers["Retry-After"]) <= 10
    for path in ("/graph-store?default", "/.well-known/void", "/api/v1/stats", "/"):
        assert limited.get(path).status_code == 429
    for path in ("/healthz", "/readyz", "/metrics", "/problems/busy", "/static/style.css"):
        with limited.get(path) as response:
            assert response.status_code == 200
    other = {"REMOTE_ADDR": "192.0.2.9"}
    assert limited.get("/sparql?query=ASK {}", environ_base=other).status_code == 200
