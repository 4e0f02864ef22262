"""An engine's answer as an HTTP response: from the cache, as a 304, or from a worker."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from flask import Response, current_app, request

from api.cache import Cache, Kept
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
    volatile = bool(admit(query.text).words & _VOLATILE)
    tag = _tag(served().version, query, formats)
    if not volatile and request.if_none_match.contains_weak(tag):  # section 13.1.2: proxies weaken tags
        response = Response(status=304)
    else:
        response = _answer(query, formats, None if volatile else tag)
    if not volatile:
        response.set_etag(tag)
    response.headers["Vary"] = "Accept"
    return response


def content_type(format_: Format) -> str:
    """Return the media type of a format, with the character set where it is text."""
    kind = format_.media_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _answer(query: Query, formats: Sequence[Format], tag: str | None) -> Response:
    cache: Cache = current_app.extensions["cache"]
    if tag is not None:
        kept = cache.get(tag)
        CACHE.labels("hit" if kept else "miss").inc()
        if kept:
            return Response(kept.body, content_type=content_type(kept.format))
    here = served()
    leave = here.places.take(request.remote_addr or "")
    try:
        answer = here.engine.answer(query, formats, request.environ.get("waitress.client_disconnected"))
    except BaseException:
        leave()
        raise
    response = Response(answer.chunks, content_type=content_type(answer.format))
    if isinstance(answer.chunks, tuple):
        leave()  # the answer is whole: its worker is free, however slowly the client reads
        if tag is not None:
            cache.put(tag, Kept(answer.format, answer.read()))
    else:
        response.call_on_close(leave)
    return response


def _tag(version: str, query: Query, formats: Sequence[Format]) -> str:
    key = [version, *dataclasses.astuple(query), [row.name for row in formats]]
    return f"{version}-{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:20]}"
