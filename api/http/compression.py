"""Compresses what pages load: scripts, styles, and the JSON of the workbench.

Answers from the dataset are not compressed: their tags are strong, which means that they name the exact bytes.
"""

import gzip
from functools import lru_cache

from flask import Response, request

_ENDPOINTS = frozenset({"static", "swagger.static", "workbench.vocabulary", "workbench.library"})
_TYPES = frozenset({"text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"})
#: Shorter responses fit in one packet anyway.
_MINIMUM = 1000


def compress(response: Response) -> Response:
    """Compress a response for a client that accepts gzip; its tag becomes weak, as it names two forms of the bytes."""
    if request.endpoint not in _ENDPOINTS or response.mimetype not in _TYPES or response.status_code not in (200, 304):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 304 or request.method == "HEAD" or not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) >= _MINIMUM:
        response.set_data(_compressed(content))
        response.headers["Content-Encoding"] = "gzip"
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)
    return response


@lru_cache(maxsize=64)  # there are few such files, and none is large
def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
