"""An engine's answer as an HTTP response: from the cache, as a 304, or from a worker."""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from flask import Response, current_app, request

from api.cache import Cache
from api.gate import admit
from api.metrics import CACHE
from api.serving import served
from kg.engine import Format, Query

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


def evaluate(query: Query, format_: Format) -> bytes:
    """Return the whole answer to a query of our own. It takes a place, as a query of the client who asks does."""
    return evaluator()(query, format_)


def evaluator() -> Callable[[Query, Format], bytes]:
    """Return what evaluates queries of our own for this request; also later, while its answer is being sent."""
    here, client = served(), request.remote_addr or ""
    gone = request.environ.get("waitress.client_disconnected")

    def answer(query: Query, format_: Format) -> bytes:
        leave = here.places.take(client, gone)
        try:
            return here.engine.answer(query, (format_,), gone).read()
        finally:
            leave()

    return answer


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
