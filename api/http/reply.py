"""Answers a REST request from the snapshot that is served: from the cache, as a 304, or by making it."""

import json
from collections.abc import Callable, Iterator

from flask import Response, current_app, request, url_for

from api.http.answers import content_type, tag_of, tagged
from api.http.cache import Cache, Kept
from api.http.metrics import CACHE
from api.http.negotiation import choose
from api.http.serving import served
from kg.engine import Answer, Format
from kg.read.labels import Json

JSON = Format("json", "application/json", "json", "results")
JSON_LD = Format("jsonld", "application/ld+json", "jsonld", "results")
CSV = Format("csv", "text/csv", "csv", "results")
TSV = Format("tsv", "text/tab-separated-values", "tsv", "results")
#: What becomes of an answer in a table format.
Table = Callable[[Json, str], str]


def reply(make: Callable[[], Json], table: Table | None = None, format_: Format | None = None) -> Response:
    """Answer with what ``make`` returns; lists also as tables, written by ``table``. ``format_`` leaves no choice."""
    format_ = format_ or choose(request, (JSON, JSON_LD) if table is None else (JSON, JSON_LD, CSV, TSV))
    key = ascii((served().version, request.url, format_.name))
    tag = tag_of(key)

    def answer() -> Response:
        kept = _kept(key) or _make(key, tag, format_, make, table)
        response = Response(kept.answer.chunks, content_type=content_type(format_))
        response.headers.extend(("Link", link) for link in kept.links)
        if format_ in (CSV, TSV):
            name = f"{request.path.rpartition('/')[2]}.{format_.extension}"
            response.headers.set("Content-Disposition", "attachment", filename=name)
        return response

    return tagged(tag, answer)


def _kept(key: str) -> Kept | None:
    kept = _cache().get(key)
    CACHE.labels("hit" if kept else "miss").inc()
    return kept


def _make(key: str, tag: str, format_: Format, make: Callable[[], Json], table: Table | None) -> Kept:
    body = make()
    links = tuple(_links(body, format_))
    answer = _cache().keep(key, tag, Answer(format_, (_write(body, format_, table),)), links)
    return Kept(tag, answer, streamed=False, links=links)


def _cache() -> Cache:
    cache: Cache = current_app.extensions["cache"]
    return cache


def _write(body: Json, format_: Format, table: Table | None) -> bytes:
    if format_ in (CSV, TSV):
        assert table is not None
        return table(body, "," if format_ is CSV else "\t").encode()
    if format_ is JSON_LD:
        body = {"@context": url_for("rest.context", _external=True), **body}
    return (json.dumps(body, ensure_ascii=False) + "\n").encode()


def _links(body: Json, format_: Format) -> Iterator[str]:
    """Yield what ``Link`` headers say: where the list goes on, and what the keys of plain JSON mean."""
    if "next" in body:
        yield f'<{body["next"]}>; rel="next"'
    if format_ is JSON:
        context = url_for("rest.context", _external=True)
        yield f'<{context}>; rel="http://www.w3.org/ns/json-ld#context"; type="{JSON_LD.media_type}"'
