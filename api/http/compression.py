"""Compresses what pages load: scripts, styles, and the words that the workbench completes with.

Answers from the dataset are sent as they are: their tags are strong, and name their very bytes.
"""

import gzip
from functools import lru_cache

from flask import Response, request

_ENDPOINTS = frozenset({"static", "swagger.static", "workbench.vocabulary", "workbench.library"})
_TYPES = frozenset({"text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"})
#: Bytes below which a packet holds it all anyway.
_LEAST = 1000


def squeeze(response: Response) -> Response:
    """Compress a response that a client takes compressed; its tag becomes weak, as it names two forms of the bytes."""
    if request.endpoint not in _ENDPOINTS or response.mimetype not in _TYPES or response.status_code not in (200, 304):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 304 or request.method == "HEAD" or not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) >= _LEAST:
        response.set_data(_squeezed(content))
        response.headers["Content-Encoding"] = "gzip"
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)
    return response


@lru_cache(maxsize=64)  # there are few such files, and none is large
def _squeezed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
