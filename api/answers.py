"""An engine's answer as an HTTP response: from the cache, as a 304, or from a worker."""

import hashlib
from collections.abc import Iterable, Sequence

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
    tag = kept.tag if kept else _tag(key, query)
    if tag is not None and request.if_none_match.contains_weak(tag):  # section 13.1.2: proxies weaken tags
        response = Response(status=304)
    elif kept:
        CACHE.labels("hit").inc()
        # A stream has no Content-Length: its header stays the same, whether it is kept or not.
        response = _response(kept.answer.format, iter(kept.answer.chunks) if kept.streamed else kept.answer.chunks)
    else:
        response = _ask(query, formats, key, tag)
    if tag is not None:
        response.set_etag(tag)
    response.headers["Vary"] = "Accept"
    return response


def content_type(format_: Format) -> str:
    """Return the media type of a format, with the character set where it is text."""
    kind = format_.media_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _tag(key: str, query: Query) -> str | None:
    """Let a query in, and return the tag of its answer; None when asked again it may have another.

    An answer that is kept needs neither: its query has been let in, and its tag is known.
    """
    if admit(query.text).words & _VOLATILE:
        return None
    return f"{served().version}-{hashlib.sha256(key.encode()).hexdigest()[:20]}"


def _ask(query: Query, formats: Sequence[Format], key: str, tag: str | None) -> Response:
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
