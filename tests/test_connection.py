"""Requests over a bare socket: those of `raw_requests.py`, and several in a row."""

import json
import socket

import pytest
from raw_requests import ALLOWED, CHUNKED, GET, HOSTS, LAST, POST, REFUSED, host


def send(address: str, *parts: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return status, headers and body of each answer, until the connection is closed."""
    name, port = address.removeprefix("http://").split(":")
    with socket.create_connection((name, int(port)), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        try:
            for part in parts:
                connection.sendall(part)
            while part := connection.recv(65536):
                received += part
        except (ConnectionResetError, BrokenPipeError):  # closed while what was sent had not been read
            pass
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answers.append((int(head.split()[1]), head, rest[:length]))
        received = rest[length:]
    return answers


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_a_problem(name: str, server: str) -> None:
    data, status, kind, _ = REFUSED[name]
    answers = send(server, data)
    assert len(answers) == 1
    code, head, body = answers[0]
    problem = json.loads(body)
    assert (code, problem["status"], problem["type"]) == (status, status, f"/problems/{kind}")
    assert problem["detail"]
    assert b"Content-Type: application/problem+json" in head
    assert b"\r\nConnection: close" in head
    for program in (b"waitress", b"python", b"\r\nserver:"):
        assert program not in head.lower() + body.lower()


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_that_no_link_can_have_is_a_problem(name: str, server: str) -> None:
    answers = send(server, host(HOSTS[name])[:-2] + b"Connection: close\r\n\r\n")
    assert [status for status, _, _ in answers] == [400]
    assert json.loads(answers[0][2])["type"] == "/problems/bad-request"


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_answered(name: str, server: str) -> None:
    assert [status for status, _, _ in send(server, ALLOWED[name])] == [200]


def test_a_request_may_come_byte_by_byte(server: str) -> None:
    query = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + LAST + b"X: a\r\n\r\n"
    assert [status for status, _, _ in send(server, *(bytes([byte]) for byte in query))] == [200]


def test_the_host_of_the_request_line_goes_before_that_of_the_header(server: str) -> None:
    ((_, _, body),) = send(server, b"GET http://y/robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Sitemap: http://y/sitemap.xml" in body


def test_without_a_host_links_have_the_address_of_the_server(server: str) -> None:
    ((_, _, body),) = send(server, b"GET /robots.txt HTTP/1.0\r\n\r\n")
    assert f"Sitemap: {server}/sitemap.xml".encode() in body


def test_requests_in_a_row_are_answered_in_their_order(server: str) -> None:
    row = GET + b"\r\n" + POST + b"Content-Length: 6\r\n\r\nASK {}" + b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
    row += CHUNKED + LAST + b"\r\n"
    assert [status for status, _, _ in send(server, row + b"garbage\r\n\r\n")] == [200, 200, 404, 200, 400]


def test_the_limit_of_a_body_is_the_applications_own_where_it_can_be(server: str) -> None:
    status, _, body = send(server, POST + b"Connection: close\r\nContent-Length: 1048577\r\n\r\n" + b"#" * 1048577)[0]
    assert (status, json.loads(body)["type"]) == (413, "http://x/problems/content-too-large")
