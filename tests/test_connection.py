"""Requests that are none, or two at once, over a bare socket: each is a problem, none reaches the application."""

import json
import socket

import pytest

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


def send(address: str, data: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return status, headers and body of each answer, until the connection is closed."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:  # closed while what was sent had not been read
            pass
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answers.append((int(head.split()[1]), head, rest[:length]))
        received = rest[length:]
    return answers


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"garbage\r\n\r\n", 400, "bad-request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "bad-request"),
        (b"get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad-request"),
        (b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad-request"),
        (GET + b"X: " + b"x" * 20480 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"GET /" + b"x" * 20480 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431, "headers-too-large"),
        (GET + b"no colon\r\n\r\n", 400, "bad-request"),
        (GET + b"Bare: a\nb\r\n\r\n", 400, "bad-request"),
        (b"GET /healthz HTTP/1.1\r\n folded: first\r\n\r\n", 400, "bad-request"),
        (POST + b"Content-Length: -1\r\n\r\n", 400, "bad-request"),
        (POST + b"Content-Length: +4\r\n\r\nASK{", 400, "bad-request"),
        (POST + b"Content-Length: 1" + b"0" * 5000 + b"\r\n\r\n", 400, "bad-request"),
        (POST + b"Content-Length: 10000000\r\n\r\n", 413, "content-too-large"),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "transfer-encoding"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad-request"),
        # Two requests for one, or the other way round (request smuggling)
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET, 400, "bad-request"),
        (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + GET, 400, "bad-request"),
        (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + GET, 501, "transfer-encoding"),
        (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + GET, 400, "bad-request"),
        (POST + b"Content-Length: 6\r\nContent-Length: 5\r\n\r\nASK {}" + GET, 400, "bad-request"),
        (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET, 400, "bad-request"),
        (POST + b"Content-Length : 6\r\n\r\nASK {}" + GET, 400, "bad-request"),
    ],
)
def test_what_is_no_request_is_a_problem(data: bytes, status: int, kind: str, server: str) -> None:
    answers = send(server, data)
    assert len(answers) == 1
    code, head, body = answers[0]
    problem = json.loads(body)
    assert (code, problem["status"], problem["type"]) == (status, status, f"/problems/{kind}")
    assert problem["detail"]
    assert b"Content-Type: application/problem+json" in head
    assert b"\r\nConnection: close" in head
    for name in (b"waitress", b"python", b"\r\nserver:"):
        assert name not in head.lower() + body.lower()


def test_a_request_before_http_1_is_answered(server: str) -> None:
    assert [status for status, _, _ in send(server, b"GET /healthz\r\n\r\n")] == [200]


def test_requests_in_a_row_are_answered_in_their_order(server: str) -> None:
    row = GET + b"\r\n" + POST + b"Content-Length: 6\r\n\r\nASK {}" + b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
    assert [status for status, _, _ in send(server, row + b"garbage\r\n\r\n")] == [200, 200, 404, 400]


def test_the_limit_of_a_body_is_the_applications_own_where_it_can_be(server: str) -> None:
    status, _, body = send(server, POST + b"Connection: close\r\nContent-Length: 1048577\r\n\r\n" + b"#" * 1048577)[0]
    assert (status, json.loads(body)["type"]) == (413, "http://x/problems/content-too-large")
