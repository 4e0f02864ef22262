"""The path below which a proxy serves the application: ``X-Forwarded-Prefix``, so that links lead back through it."""

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")


class Prefixed:
    """A WSGI application that believes its proxy, and nobody else, which path stands before its own."""

    def __init__(self, application: WSGIApplication, proxy: str) -> None:
        """Believe the address ``proxy``; an empty one believes nobody, ``*`` anybody."""
        self._application, self._proxy = application, proxy

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as if mounted below the prefix; the proxy has taken it off the path."""
        prefix = environ.pop("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
        if self._proxy and self._proxy in ("*", environ.get("REMOTE_ADDR")) and _PREFIX.fullmatch(prefix):
            environ["SCRIPT_NAME"] = prefix
        return self._application(environ, start_response)
