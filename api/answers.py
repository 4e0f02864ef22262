"""An engine's answer as an HTTP response, with its validator (RFC 9110, section 8.8)."""

import hashlib
import json
from collections.abc import Sequence

from flask import Response, request

from api.gate import admit
from api.serving import served
from kg.engine import Format, Query


def respond(query: Query, formats: Sequence[Format]) -> Response:
    """Answer a query; 304 when the client holds that very answer already.

    The tag is made from the snapshot and the request, so a held answer is confirmed without asking the engine.
    """
    here = served()
    tag = _tag(here.version, query, formats)
    if tag in request.if_none_match:
        response = Response(status=304)
    else:
        admit(query.text)
        leave = here.places.take(request.remote_addr or "")
        try:
            answer = here.engine.answer(query, formats, request.environ.get("waitress.client_disconnected"))
        except BaseException:
            leave()
            raise
        response = Response(answer.chunks, content_type=content_type(answer.format))
        if isinstance(answer.chunks, tuple):
            leave()  # the answer is whole: its worker is free, however slowly the client reads
        else:
            response.call_on_close(leave)
    response.set_etag(tag)
    response.headers["Vary"] = "Accept"
    return response


def content_type(format_: Format) -> str:
    """Return the media type of a format, with the character set where it is text."""
    kind = format_.media_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _tag(version: str, query: Query, formats: Sequence[Format]) -> str:
    key = [version, query.text, query.default_graphs, query.named_graphs, [row.name for row in formats]]
    return f"{version}-{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:20]}"
