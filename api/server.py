"""A web process: waitress over a socket that the supervisor opened.

waitress receives a request whole before a thread takes it and buffers what a thread sends, so that a slow client holds
no thread. What it does not limit is limited here: requests that trickle in, and answers that trickle out. At SIGTERM no
new connection is accepted, and running requests finish first. What waitress itself refuses is a problem, too, and so
are requests that could be read in two ways (RFC 9112).
"""

import logging
import re
import signal
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask, WSGITask

from api.app import create_app
from api.http.admission import QUEUE, client_key
from api.http.limits import MAX_CONNECTIONS, MAX_HEADERS
from api.http.parser import Parser
from api.http.problems import bare_problem
from api.http.serving import ENDING
from api.runtime import RESERVED
from kg.settings import Settings

#: Seconds for running requests at the end, and for the answers that say why the others were stopped.
DRAIN = 13.0
_ANSWERS = 2.0
#: Further threads, beside those of queries that run or wait, for requests that need no worker.
_OTHERS = 4
_TICK = 0.5
_MIB = 2**20
#: A path below which a proxy may serve the application.
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
#: The problems that waitress finds by itself, by their status.
_KINDS = {
    413: "content-too-large",
    431: "headers-too-large",
    500: "internal",
    501: "transfer-encoding",
}


def serve(listener: socket.socket) -> None:
    """Serve until SIGTERM."""
    settings = Settings.read()
    server = make_server(create_app(settings), listener, settings)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait is what a queue is for
    ends = []

    def end(*_: object) -> None:
        ends.append(time.monotonic() + DRAIN)
        server.pull_trigger()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C reaches the whole group; the supervisor passes it on
    watch = Watch(server, settings.client_timeout)
    while not ends:
        turn(server, watch)
    server.del_channel()  # listens no more; the socket stays open for the other processes
    for last, until in ((False, ends[0]), (True, ends[0] + _ANSWERS)):
        if last:
            ENDING.set()
        while time.monotonic() < until and any(is_busy(channel) for channel in server.active_channels.values()):
            turn(server, watch)


def make_server(app: Flask, listener: socket.socket, settings: Settings) -> BaseWSGIServer:
    """Make a server over a listening socket."""
    server = create_server(
        app,
        sockets=[listener],
        threads=settings.workers + RESERVED + QUEUE + _OTHERS,
        backlog=1024,
        connection_limit=1000,
        channel_timeout=settings.client_timeout,
        cleanup_interval=5,
        channel_request_lookahead=1,  # so that a disconnect is noticed while the request runs
        max_request_header_size=MAX_HEADERS,
        max_request_body_size=settings.max_body + _MIB,  # the application refuses the rest, with a problem
        outbuf_high_watermark=4 * _MIB,
        ident=None,
        server_name=_name(listener),
        **_proxy(settings.trusted_proxy),
        asyncore_use_poll=True,
    )
    # Outside what waitress does with the proxy's headers: there the address is still that of the proxy itself.
    server.application = Prefixed(server.application, settings.trusted_proxy)
    server.channel_class = Channel
    return server


def _proxy(address: str) -> dict[str, object]:
    """Return the options by which waitress believes the headers of a proxy, and drops those of others."""
    headers = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
    return {"trusted_proxy": address, "trusted_proxy_headers": headers} if address else {}


def _name(listener: socket.socket) -> str:
    """Return the host of a socket, as an address writes it: the one that a request without a Host stands for."""
    host: str = listener.getsockname()[0]
    return f"[{host}]" if ":" in host else host


def turn(server: BaseWSGIServer, watch: "Watch") -> None:
    """Let the server do what is due, and close connections that are too slow."""
    server.asyncore.loop(timeout=_TICK, map=server._map, use_poll=True, count=1)
    watch.close_slow()


def is_busy(channel: object) -> bool:
    """Tell whether a connection has a running request, or an answer that is not sent yet."""
    return bool(channel.requests or channel.total_outbufs_len)  # type: ignore[attr-defined]


class Watch:
    """Closes connections that have been in the middle of a request or of an answer for too long."""

    def __init__(self, server: BaseWSGIServer, patience: float) -> None:
        self._server, self._patience = server, patience
        self._since: dict[object, tuple[str, float]] = {}
        self._next = 0.0

    def close_slow(self) -> None:
        """Close them; does nothing until the next tick is due."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _TICK
        before, self._since = self._since, {}
        for channel in list(self._server.active_channels.values()):
            state = _state(channel)
            if not state:
                continue
            known, since = before.get(channel, (state, now))
            self._since[channel] = (state, since if known == state else now)
            if now - self._since[channel][1] > self._patience:
                channel.handle_close()


def _state(channel: object) -> str:
    if channel.request is not None:  # type: ignore[attr-defined]
        return "receiving"
    if channel.total_outbufs_len > channel.adj.outbuf_high_watermark:  # type: ignore[attr-defined]
        return "sending"
    return ""


class Prefixed:
    """A WSGI application below the path that its proxy gives in ``X-Forwarded-Prefix``, so that links lead back."""

    def __init__(self, application: WSGIApplication, proxy: str) -> None:
        """Believe the address ``proxy``; an empty one believes nobody, ``*`` anybody."""
        self._application, self._proxy = application, proxy

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as if mounted below the prefix; the proxy has taken it off the path."""
        prefix = environ.pop("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
        if self._proxy and self._proxy in ("*", environ.get("REMOTE_ADDR")) and _PREFIX.fullmatch(prefix):
            environ["SCRIPT_NAME"] = prefix
        return self._application(environ, start_response)


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers a request that does not reach the application."""

    def execute(self) -> None:
        """Send the problem and close, as it is not known where the next request would begin."""
        error, limits = self.request.error, self.channel.adj
        details = {
            413: f"the body is larger than {limits.max_request_body_size - _MIB:,} bytes (KG_MAX_BODY)",
            431: f"the request line and headers, or the trailers, exceed {limits.max_request_header_size:,} bytes",
        }
        kind = _KINDS.get(error.code, "bad-request")
        self.status, headers, body = bare_problem(kind, details.get(error.code, str(error.body)))
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Task(WSGITask):  # type: ignore[misc]
    """Answers a request; sends the headers together with the first of the body."""

    def write(self, data: bytes) -> None:
        """Send a part of the body."""
        if self.wrote_header:
            super().write(data)
        else:
            with self.channel.held():
                super().write(data)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection of a client; one too many of it is closed at once, unless the client is the trusted proxy."""

    parser_class = Parser
    task_class = Task
    error_task_class = ProblemTask
    #: What is held back, to be sent at once; None when nothing is.
    _held: list[bytes] | None = None
    _sends = False

    def __init__(self, server: BaseWSGIServer, connection: socket.socket, address: Any, *rest: Any, **options: Any):
        """Take a connection; ``address`` is a tuple whose first part is that of the client."""
        super().__init__(server, connection, address, *rest, **options)
        self.client = client_key(address[0])
        proxy = self.adj.trusted_proxy
        if (
            proxy not in ("*", address[0])
            and sum(channel.client == self.client for channel in server.active_channels.values()) > MAX_CONNECTIONS
        ):
            self.handle_close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold back what is written in the block, and send it at its end."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            self.write_soon(b"".join(held))

    def write_soon(self, data: Any) -> int:
        """Send bytes, or a file, or hold them back."""
        if self._held is None:
            return int(super().write_soon(data))
        self._held.append(data)
        return len(data)

    def writable(self) -> bool:
        """Tell whether the main thread should send.

        While another thread sends it may not, and it would ask in a loop. Whoever leaves it something wakes it up.
        """
        return not self._sends and bool(super().writable())

    def _flush_some(self, do_close: bool = True) -> bool:
        self._sends = True
        try:
            return bool(super()._flush_some(do_close))
        finally:
            self._sends = False
