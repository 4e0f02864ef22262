"""``/mcp``: the Model Context Protocol by streamable HTTP, without sessions: each POST has its answer as JSON."""

import asyncio
import threading
from functools import cache
from typing import Any

from a2wsgi import ASGIMiddleware
from flask import Flask, current_app, request
from werkzeug import Response

from api.http.problems import Pages

blueprint = Pages("mcp", __name__)

_PATIENCE = 10.0  # seconds for the protocol to be there


@blueprint.post("/mcp")
def answer() -> Response:
    """Answer a message of the protocol."""
    # The protocol's library is large, and most services are never asked by it.
    from api.mcp.server import REQUEST

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    token = REQUEST.set(request.environ)
    try:
        return Response.from_app(_serving(app), request.environ, buffered=True)
    finally:
        REQUEST.reset(token)


@cache
def _serving(app: Flask) -> Any:
    """Return the protocol over an application, on an event loop of this process."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from api.mcp.server import make_server

    manager = StreamableHTTPSessionManager(
        make_server(app)._lowlevel_server,
        json_response=True,
        stateless=True,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
    )
    loop, there = asyncio.new_event_loop(), threading.Event()

    async def run() -> None:
        async with manager.run():
            there.set()
            await asyncio.Event().wait()

    def keep() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())

    threading.Thread(target=keep, daemon=True, name="mcp").start()
    if not there.wait(_PATIENCE):
        raise RuntimeError("the protocol did not start")
    handle: Any = manager.handle_request
    return ASGIMiddleware(handle, loop=loop)
