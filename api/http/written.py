"""Answers that our own code writes: kept, and tagged by their content."""

from collections.abc import Callable

from flask import Response, current_app, request

from api.http.answers import content_type, tag_of, tagged
from api.http.cache import Cache, Kept
from api.http.metrics import CACHE
from api.http.serving import served
from kg.engine import Answer, Format

HTML = Format("html", "text/html", "html", "results")


def written(format_: Format, write: Callable[[], bytes]) -> Response:
    """Answer with what ``write`` returns, or 304.

    The tag is made from the content, not from the snapshot alone: a page also changes with the program that makes it.
    """
    cache: Cache = current_app.extensions["cache"]
    key = ascii((served().version, request.url, format_.name, "written"))
    kept = cache.get(key)
    CACHE.labels("hit" if kept else "miss").inc()
    if kept is None:
        content = write()
        tag = tag_of(content)
        kept = Kept(tag, cache.keep(key, tag, Answer(format_, (content,))), streamed=False)
    return tagged(kept.tag, lambda: Response(kept.answer.chunks, content_type=content_type(format_)))
