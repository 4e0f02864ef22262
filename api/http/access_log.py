"""One JSON line a request: when, who, what, how it ended. No query text, no header, nothing that could be a secret."""

import json
import sys
import time

from flask import Flask, Response, g, request


def register(app: Flask) -> None:
    """Log every request of an application on standard output."""
    app.before_request(_start)
    app.after_request(_log)


def _start() -> None:
    g.begun = time.time()


def _log(response: Response) -> Response:
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(g.begun)),
        "client": request.remote_addr,
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "type": response.mimetype,
        "bytes": response.content_length,
        "milliseconds": round((time.time() - g.begun) * 1000, 1),
        "agent": (request.user_agent.string or "")[:200],
    }
    print(json.dumps(line), file=sys.stdout, flush=True)
    return response
