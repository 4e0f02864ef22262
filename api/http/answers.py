"""An engine's answer as an HTTP response: from the cache, as a 304, or from a worker."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from flask import Response, current_app, request

from api.http.cache import Cache
from api.http.gate import admit
from api.http.metrics import CACHE
from api.http.serving import Served, served
from kg.engine import Answer, Engine, Format, Query
from kg.read.labels import Labels

#: What may answer otherwise the next time: such answers have no tag and are not kept.
_VOLATILE = frozenset({"RAND", "NOW", "UUID", "STRUUID", "SERVICE"})


def respond(query: Query, formats: Sequence[Format]) -> Response:
    """Answer a query; 304 when the client holds that very answer already (RFC 9110, section 13.1.2).

    The tag is made from the snapshot and the request, so a held answer is confirmed without asking the engine.
    """
    cache: Cache = current_app.extensions["cache"]
    key = ascii((served().version, query, [row.name for row in formats]))
    kept = cache.get(key)
    tag = kept.tag if kept else _let_in(key, query)

    def make() -> Response:
        if not kept:
            return _stream(query, formats, key, tag)
        CACHE.labels("hit").inc()
        # A stream has no Content-Length: its header stays the same, whether it is kept or not.
        return _response(kept.answer.format, iter(kept.answer.chunks) if kept.streamed else kept.answer.chunks)

    return tagged(tag, make)


class _Admitted(Engine):
    """The engine for queries of our own: each takes a place, as a query of the client who asks does."""

    def __init__(self, here: Served, client: str, gone: Callable[[], bool] | None) -> None:
        self._here, self._client, self._gone = here, client, gone
        self.missing = here.engine.missing

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        leave = self._here.places.take(self._client, gone or self._gone)
        try:
            answer = self._here.engine.answer(query, formats, gone or self._gone)
            return Answer(answer.format, (answer.read(),))
        finally:
            leave()


class _OfRequest(Engine):
    """The engine that answers whichever request is being served."""

    missing = ()

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        return engine().answer(query, formats, gone)


def engine() -> Engine:
    """Return the engine for queries of our own for this request; it may be used while the answer is being sent."""
    return _Admitted(served(), request.remote_addr or "", request.environ.get("waitress.client_disconnected"))


def labels() -> Labels:
    """Return the labels of the snapshot that answers this request."""
    return _labels(served().version)


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _labels(version: str) -> Labels:
    return Labels(_OfRequest())


def tagged(tag: str | None, make: Callable[[], Response]) -> Response:
    """Answer under an entity tag: 304 when the client holds it (RFC 9110, section 13.1.2), else what is made."""
    held = tag is not None and request.if_none_match.contains_weak(tag)  # proxies weaken tags
    response = Response(status=304) if held else make()
    if tag is not None:
        response.set_etag(tag)
    response.headers["Vary"] = "Accept"
    return response


def tag_of(content: str | bytes) -> str:
    """Return the entity tag of an answer from the snapshot that is served, by its content or by what tells that."""
    digest = hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()
    return f"{served().version}-{digest[:20]}"


def content_type(format_: Format) -> str:
    """Return the media type of a format, with the character set where it is text."""
    kind = format_.media_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _let_in(key: str, query: Query) -> str | None:
    """Let a query in, and return the tag of its answer; None when asked again it may have another.

    An answer that is kept needs neither: its query has been let in, and its tag is known.
    """
    if admit(query.text).words & _VOLATILE:
        return None
    return tag_of(key)


def _stream(query: Query, formats: Sequence[Format], key: str, tag: str | None) -> Response:
    here = served()
    gone = request.environ.get("waitress.client_disconnected")
    leave = here.places.take(request.remote_addr or "", gone)
    try:
        answer = here.engine.answer(query, formats, gone)
    except BaseException:
        leave()
        raise
    whole = isinstance(answer.chunks, tuple)
    if whole:
        leave()  # its worker is free, however slowly the client reads
    if tag is not None:
        CACHE.labels("miss").inc()
        cache: Cache = current_app.extensions["cache"]
        answer = cache.keep(key, tag, answer)
    response = _response(answer.format, answer.chunks)
    if not whole:
        response.call_on_close(leave)
    return response


def _response(format_: Format, chunks: Iterable[bytes]) -> Response:
    return Response(chunks, content_type=content_type(format_))
