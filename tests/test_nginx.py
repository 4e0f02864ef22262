"""`docs/nginx.conf` in front of a real server: what it lets pass, what it refuses, whom it closes."""

import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import ROOT

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CONFIGURATION = (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8")
SMALL = "/sparql?" + urllib.parse.urlencode({"query": "ASK { ?s ?p ?o }", "format": "json"})
LARGE = "/sparql?" + urllib.parse.urlencode({"query": "SELECT * { ?s ?p ?o } LIMIT 20000", "format": "csv"})
PATIENCE = 1  # seconds that the adapted configuration gives slow clients and a silent backend
ENOUGH = 60  # seconds after which a test gives up
POST = (
    b"POST /sparql HTTP/1.1\r\nHost: example.org\r\n"
    b"Content-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\n"
)

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is missing: docs/nginx.conf is not tested")


def adapted(backend: str, port: int, folder: Path) -> str:
    """Return the configuration for a user without rights, without TLS, for impatient tests.

    Every replacement has to hit, so that the file cannot change without this being noticed.
    """
    changes = {
        r"^user .*;$": "user root root;" if os.geteuid() == 0 else "",
        r"^pid .*;$": f"pid {folder}/nginx.pid;",
        r"^worker_processes .*;$": "worker_processes 1;",
        r"^worker_rlimit_nofile .*$": "",
        r"worker_connections \d+;": "worker_connections 256;",
        r"access_log \S+ calcikg;": f"access_log {folder}/access.log calcikg;",
        r"error_log \S+ error;": f"error_log {folder}/error.log error;",
        r"/var/lib/nginx/": f"{folder}/",
        r"^ +listen \[::\].*$": "",
        r"listen 80;": f"listen unix:{folder}/80.sock;",
        r"listen 443 ssl( http2)?": rf"listen 127.0.0.1:{port}",
        r"^ +ssl_.*;.*$": "",
        r"server 127\.0\.0\.1:8080;": f"server {backend};",
        r"rate=10r/s": "rate=1r/s",
        r"client_(header|body)_timeout 10s;": rf"client_\1_timeout {PATIENCE}s;",
        r"proxy_read_timeout 40s;": f"proxy_read_timeout {PATIENCE}s;",
    }
    text = CONFIGURATION
    for old, new in changes.items():
        text, hits = re.subn(old, new, text, flags=re.MULTILINE)
        assert hits, f"docs/nginx.conf has no {old}"
    # nginx has temporary paths for protocols that it is not used for here; the packaged ones are not ours to write.
    others = "".join(f"{name}_temp_path {folder}/{name};" for name in ("fastcgi", "scgi", "uwsgi"))
    return text.replace("http {", "http { " + others, 1)


@contextlib.contextmanager
def nginx(backend: str, folder: Path) -> Iterator[int]:
    """Run nginx before a backend; yield its port."""
    assert NGINX
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(adapted(backend, port, folder), encoding="utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(file), "-e", str(folder / "start.log"), "-g", "daemon off;"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[str]") -> None:
    for _ in range(100):
        if process.poll() is not None:
            pytest.fail(f"nginx does not start: {process.communicate()[1]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nginx does not listen on {port}")


@pytest.fixture(scope="module")
def proxy(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx in front of the real server."""
    with nginx(server.removeprefix("http://"), tmp_path_factory.mktemp("nginx")) as port:
        yield port


# Each test is a client of its own: Linux has all of 127.0.0.0/8 on the loopback.


@contextlib.contextmanager
def connection(port: int, client: str) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(client, 0))
    with contextlib.closing(opened):
        yield opened


class Answer:
    """An answer, read whole."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()


def ask(
    port: int, client: str, target: str = SMALL, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    with connection(port, client) as opened:
        sent = {"Host": "example.org", "Content-Type": "application/sparql-query", **(headers or {})}
        opened.request("POST" if body is not None else "GET", target, body, sent)
        return Answer(opened.getresponse())


def assert_problem(answer: Answer, status: int) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(answer.body)["status"] == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_query_passes_with_safe_headers_that_come_once(proxy: int) -> None:
    answer = ask(proxy, "127.0.0.10")
    assert (answer.status, json.loads(answer.body)["boolean"]) == (200, True)
    assert answer.headers["Server"] == "nginx"
    assert answer.headers["ETag"]
    once = ("X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "Access-Control-Allow-Origin")
    assert {name: len(answer.headers.get_all(name, [])) for name in once} == dict.fromkeys(once, 1)
    assert ask(proxy, "127.0.0.10", "/sparql", b"ASK { ?s ?p ?o }").status == 200


def test_a_large_answer_is_the_same_compressed_or_not(proxy: int) -> None:
    plain = ask(proxy, "127.0.0.11", LARGE)
    packed = ask(proxy, "127.0.0.11", LARGE, headers={"Accept-Encoding": "gzip"})
    assert (plain.status, packed.status, packed.headers["Content-Encoding"]) == (200, 200, "gzip")
    assert len(plain.body) > 2**20 > len(packed.body)
    assert len(gzip.decompress(packed.body)) == len(plain.body)


def test_an_error_of_the_service_passes_unchanged(proxy: int) -> None:
    answer = ask(proxy, "127.0.0.12", "/sparql", b"SELECT")
    assert_problem(answer, 400)
    assert json.loads(answer.body)["type"].endswith("/problems/query-syntax")


def test_metrics_are_not_public(proxy: int) -> None:
    assert_problem(ask(proxy, "127.0.0.13", "/metrics"), 404)


def test_a_flood_of_one_client_is_refused_and_another_is_answered(proxy: int) -> None:
    with connection(proxy, "127.0.0.20") as opened:
        answers = []
        for _ in range(60):
            opened.request("GET", SMALL, headers={"Host": "example.org", "X-Forwarded-For": f"192.0.2.{len(answers)}"})
            answers.append(Answer(opened.getresponse()))
    assert {answer.status for answer in answers} == {200, 429}
    refused = next(answer for answer in answers if answer.status == 429)
    assert_problem(refused, 429)
    assert refused.headers.get_all("Retry-After") == ["1"]
    assert ask(proxy, "127.0.0.21").status == 200


def test_a_client_may_have_four_requests_in_flight(proxy: int) -> None:
    with contextlib.ExitStack() as stack:
        pending = [stack.enter_context(raw(proxy, "127.0.0.22")) for _ in range(4)]
        for waiting in pending:
            waiting.sendall(POST)
        time.sleep(PATIENCE / 4)
        assert_problem(ask(proxy, "127.0.0.22"), 429)
        assert ask(proxy, "127.0.0.23").status == 200


def raw(port: int, client: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), ENOUGH, (client, 0))


def slow_header(port: int, client: str) -> int:
    """Send a header that never ends, one byte at a time; return how many were taken before the end."""
    sent = 0
    with raw(port, client) as opened:
        opened.settimeout(PATIENCE / 5)
        with contextlib.suppress(ConnectionError):
            opened.sendall(b"GET / HTTP/1.1\r\nHost: example.org\r\nX-Slow: ")
            while sent < 5 * ENOUGH:
                opened.sendall(b"x")
                sent += 1
                with contextlib.suppress(TimeoutError):
                    if not opened.recv(1024):
                        break
    return sent


def slow_body(port: int, client: str) -> None:
    """Begin a body and stop, until the connection is closed."""
    with raw(port, client) as opened, contextlib.suppress(ConnectionError):
        opened.sendall(POST + b"ASK {")
        while opened.recv(1024):
            pass


def test_slow_clients_are_closed_while_others_are_answered(proxy: int) -> None:
    with ThreadPoolExecutor(24) as pool:
        headers = [pool.submit(slow_header, proxy, "127.0.0.30") for _ in range(20)]
        bodies = [pool.submit(slow_body, proxy, "127.0.0.31") for _ in range(4)]
        assert [ask(proxy, "127.0.0.32").status for _ in range(5)] == [200] * 5
        assert all(1 < header.result() < 5 * ENOUGH for header in headers)  # not at once, but in the end
        for body in bodies:
            body.result()


def test_a_body_that_is_too_large_is_refused(proxy: int) -> None:
    assert_problem(ask(proxy, "127.0.0.40", "/sparql", b"#" * (2**20 + 1)), 413)


def test_another_name_gets_nothing(proxy: int) -> None:
    with pytest.raises(ConnectionResetError):
        ask(proxy, "127.0.0.41", headers={"Host": "example.net"})


def test_a_service_that_is_away_is_a_problem(tmp_path: Path) -> None:
    with nginx(f"127.0.0.1:{free_port()}", tmp_path) as port:
        answer = ask(port, "127.0.0.1")
    assert_problem(answer, 502)
    assert answer.headers["Retry-After"] == "5"


def test_a_service_that_is_silent_is_a_problem(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        nginx(f"127.0.0.1:{silent.getsockname()[1]}", tmp_path) as port,
    ):
        answer = ask(port, "127.0.0.1")
    assert_problem(answer, 504)
    assert answer.headers["Retry-After"] == "30"


def test_what_a_client_claims_about_the_way_it_came_is_dropped(tmp_path: Path) -> None:
    claims = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Proto", "Forwarded")
    heads: list[bytes] = []

    def listen(listener: socket.socket) -> None:
        with listener.accept()[0] as caller:
            heads.append(caller.recv(4096))
            caller.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = stack.enter_context(nginx(f"127.0.0.1:{listener.getsockname()[1]}", tmp_path))
        listener.settimeout(ENOUGH)
        backend = threading.Thread(target=listen, args=[listener])
        backend.start()
        ask(port, "127.0.0.1", headers=dict.fromkeys(claims, "/evil"))
        backend.join()
    sent = dict(line.split(": ", 1) for line in heads[0].decode().split("\r\n")[1:] if line)
    forwarded = {name: value for name, value in sent.items() if name in claims}
    assert forwarded == {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "example.org",
    }


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_an_answer_that_breaks_off_does_not_look_complete(coding: str, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"

    def answer_half(listener: socket.socket) -> None:
        with listener.accept()[0] as caller:
            caller.recv(4096)
            caller.sendall(head + b"1000\r\n" + b"x" * 4096 + b"\r\n")

    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = stack.enter_context(nginx(f"127.0.0.1:{listener.getsockname()[1]}", tmp_path))
        backend = threading.Thread(target=answer_half, args=[listener])
        backend.start()
        with pytest.raises(http.client.IncompleteRead):
            ask(port, "127.0.0.1", headers={"Accept-Encoding": coding})
        backend.join()
