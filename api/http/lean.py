"""A fast path for most requests: ``GET /sparql`` with a query and nothing else, and ``GET /healthz``.

It is without what Flask does for any route, and asks and answers by the same functions as the routes in [api.sparql][]
and [api.http.monitoring][]. Whatever else a request has, and whatever goes wrong, is left to those routes.
"""

import time
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.http import parse_etags, quote_etag
from werkzeug.sansio.utils import get_current_url, get_host
from werkzeug.wsgi import ClosingIterator

from api.http import metrics
from api.http.admission import COUNTED, RateLimiter
from api.http.forms import decode_percent
from api.http.headers import PUBLIC
from api.http.metrics import STARTED
from api.http.monitoring import ALIVE, HEALTH
from api.http.negotiation import accepted_formats
from api.http.responses import Cache, content_type, query_key, rewriting, start_answer, tag_of
from api.http.serving import Source, ask, disconnected
from kg.engine import Query

PATH = "/sparql"
#: Set in the environment of a request that went wrong here: the error, which the route reports.
FAILED = "calcikg.failed"

_PARAMETER = "query="
#: Headers that mean something to other routes, or need more than is done here.
_OTHERS = ("HTTP_IF_MATCH", "HTTP_CONTENT_ENCODING", "CONTENT_TYPE", "CONTENT_LENGTH")


class Lean:
    """A WSGI application before a Flask application, which takes the requests for it that need nothing of Flask."""

    def __init__(self, application: WSGIApplication, app: Flask, *, access_log: bool) -> None:
        """Pass on to ``application``, the way into ``app``, what is not answered here."""
        self._application, self._access_log = application, access_log
        self._source: Source = app.extensions["source"]
        self._cache: Cache = app.extensions["cache"]
        self._rate: RateLimiter = app.extensions["rate"]
        self._healthy = [*PUBLIC.items(), ("Content-Type", "application/json"), ("Content-Length", str(len(ALIVE)))]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass the request on to the application, with the error if there is one."""
        if not _is_plain(environ):
            return self._application(environ, start_response)
        started = environ[STARTED] = time.perf_counter()
        if environ["PATH_INFO"] == HEALTH:
            self._count(environ, HTTPStatus.OK, "application/json", len(ALIVE), started)
            start_response("200 OK", self._healthy)
            return (ALIVE,)
        text = _query(environ["QUERY_STRING"])
        if text is None:
            return self._application(environ, start_response)
        try:
            environ[COUNTED] = True
            self._rate.spend(environ.get("REMOTE_ADDR", ""))
            return self._answer(text, environ, start_response, started)
        except Exception as error:  # whatever it is, the route reports it
            environ[FAILED] = error
            return self._application(environ, start_response)

    def _answer(
        self, text: str, environ: WSGIEnvironment, start_response: StartResponse, started: float
    ) -> Iterable[bytes]:
        here, formats = self._source.current(), accepted_formats(environ.get("HTTP_ACCEPT", "*/*"))
        query = Query(text, base=_base(environ["wsgi.url_scheme"], environ["HTTP_HOST"], environ["SCRIPT_NAME"]))
        key = query_key(here, self._cache, query, formats)
        tag = tag_of(here, key) if key else None
        headers = [*PUBLIC.items(), ("Vary", "Accept"), *([("ETag", quote_etag(tag))] if tag else [])]
        if tag and parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(tag):  # proxies weaken tags
            self._count(environ, HTTPStatus.NOT_MODIFIED, "", None, started)
            start_response("304 NOT MODIFIED", headers)
            return ()
        client, gone = environ.get("REMOTE_ADDR", ""), disconnected(environ)
        answer, close = start_answer(self._cache, key, tag, lambda: ask(here, client, gone, query, formats))
        size = sum(map(len, answer.chunks)) if isinstance(answer.chunks, tuple) else None
        headers += [("Content-Type", content_type(answer.format)), *rewriting(answer)]
        if size is not None:
            headers.append(("Content-Length", str(size)))
        self._count(environ, HTTPStatus.OK, answer.format.media_type, size, started)
        start_response("200 OK", headers)
        return ClosingIterator(answer.chunks, [close])

    def _count(
        self, environ: WSGIEnvironment, status: HTTPStatus, media_type: str, size: int | None, started: float
    ) -> None:
        seconds = time.perf_counter() - started
        metrics.count(environ["PATH_INFO"], status.value, seconds)
        if self._access_log:
            metrics.log(environ, status.value, media_type, size, seconds)


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Tell whether a request may be answered here, by its path and method and what it does not have."""
    return (
        environ["PATH_INFO"] in (PATH, HEALTH)
        and environ["REQUEST_METHOD"] == "GET"
        and not any(environ.get(header) for header in _OTHERS)
    )


def _query(parameters: str) -> str | None:
    """Return the query that is the only parameter; None when there are others, or it cannot be read."""
    if not parameters.startswith(_PARAMETER) or "&" in parameters:
        return None
    try:
        return decode_percent(parameters[len(_PARAMETER) :].replace("+", " ").encode("latin-1")).decode()
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=256)
def _base(scheme: str, host: str, root: str) -> str:
    """Return the address that relative IRIs of a query are resolved against, as Flask writes it."""
    return get_current_url(scheme, get_host(scheme, host), root, PATH)
