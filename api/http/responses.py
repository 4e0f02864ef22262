"""Makes every answer an HTTP response: cached in memory, with an entity tag, and 304 when the client has it already.

``respond`` is for what our own code writes, ``respond_data`` for plain data in the formats of the REST API,
``respond_query`` for a query, ``respond_stream`` for what is made while it is sent, ``respond_file`` for a file.
"""

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Response, current_app, request, send_file, url_for

from api.http.complexity import check_complexity
from api.http.metrics import CACHE_BYTES, count_look_up
from api.http.negotiation import choose
from api.http.serving import Served, begin, served
from kg.engine import Answer, Format, Query

HTML = Format("html", "text/html", "html", "results")
JSON = Format("json", "application/json", "json", "results")
JSON_LD = Format("jsonld", "application/ld+json", "jsonld", "results")
CSV = Format("csv", "text/csv", "csv", "results")
TSV = Format("tsv", "text/tab-separated-values", "tsv", "results")

#: Writes plain data as a table, its cells divided by a comma or a tabulator.
Table = Callable[[Any, str], str]

#: Words of queries whose answer may differ the next time: it gets no tag and is not cached.
_VOLATILE = frozenset({"RAND", "NOW", "UUID", "STRUUID", "SERVICE"})

#: A single part in bytes, from its first to its last, or the last so many (RFC 9110, section 14.1.2).
_RANGE = re.compile(r"bytes=\s*(\d+-\d*|-\d+)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Cached:
    """A whole answer with its entity tag and its links, and whether it came as a stream."""

    tag: str
    answer: Answer
    links: tuple[str, ...] = ()
    streamed: bool = False

    def sent(self) -> Answer:
        """Return the answer to send: that of a stream has no known length again, so that its header is the same."""
        chunks = self.answer.chunks
        return replace(self.answer, chunks=(chunk for chunk in chunks)) if self.streamed else self.answer

    def to_response(self) -> Response:
        """Return a response."""
        response = _response(self.answer.format, self.answer.chunks)
        response.headers.extend(("Link", link) for link in self.links)
        return response


class Cache:
    """Whole answers by all that they depend on, bounded in bytes; the least recently used go first."""

    def __init__(self, size: int) -> None:
        """Hold ``size`` bytes of keys and answers at most, each pair a sixteenth of that at most."""
        self._size, self._largest = size, size // 16
        self._answers: OrderedDict[str, tuple[int, Cached]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        CACHE_BYTES.set(0)  # not what a process held that this one replaces

    def __contains__(self, key: str) -> bool:
        """Tell whether there is an answer."""
        return key in self._answers

    def look_up(self, key: str) -> Cached | None:
        """Return an answer, if it is there, and count whether it is."""
        cached = self.get(key)
        count_look_up(cached is not None)
        return cached

    def get(self, key: str) -> Cached | None:
        """Return an answer, if it is there."""
        with self._lock:
            if (entry := self._answers.get(key)) is None:
                return None
            self._answers.move_to_end(key)
            return entry[1]

    def put(self, key: str, cached: Cached) -> None:
        """Hold an answer, unless it is too large."""
        size = len(key) + sum(map(len, cached.answer.chunks))
        if size > self._largest:
            return
        with self._lock:
            if key in self._answers:
                return
            self._answers[key] = size, cached
            self._bytes += size
            while self._bytes > self._size:
                _, (oldest, _) = self._answers.popitem(last=False)
                self._bytes -= oldest
            CACHE_BYTES.set(self._bytes)

    def collect(self, key: str, tag: str, answer: Answer) -> Answer:
        """Return the answer to send in place of this one: it is held once the last of it was sent."""
        if not isinstance(answer.chunks, tuple):
            return replace(answer, chunks=self._collect(key, tag, answer, answer.chunks))
        self.put(key, Cached(tag, answer))
        return answer

    def _collect(
        self, key: str, tag: str, answer: Answer, chunks: Generator[bytes, None, None]
    ) -> Generator[bytes, None, None]:
        """Pass chunks on, and hold them at their end; an answer that breaks off, or is given up, has none."""
        parts: list[bytes] = []
        left = self._largest
        with closing(chunks):
            for chunk in chunks:
                left -= len(chunk)
                if left >= 0:
                    parts.append(chunk)
                else:
                    parts.clear()
                yield chunk
        if left >= 0:
            self.put(key, Cached(tag, replace(answer, chunks=tuple(parts)), streamed=True))


def respond(format_: Format, make: Callable[[], Any], *, depends_on: object = None) -> Response:
    """Answer with what ``make`` returns: bytes, text, or plain data to be written as JSON.

    It is made once for each snapshot, address and format, and for whatever else it ``depends_on``.
    """
    return _respond(format_, lambda: (_encode(make()), ()), depends_on)


def respond_data(make: Callable[[], Any], table: Table | None = None, format_: Format | None = None) -> Response:
    """Answer with plain data as JSON or JSON-LD, and as CSV or TSV where there is a ``table`` to write them.

    ``format_`` leaves the client no choice.
    """
    chosen = format_ or choose(JSON, JSON_LD, *((CSV, TSV) if table else ()))

    def write() -> tuple[bytes, tuple[str, ...]]:
        data = make()
        links = tuple(_links(data, chosen))
        if table and chosen in (CSV, TSV):
            return table(data, "," if chosen is CSV else "\t").encode(), links
        return _encode({"@context": _context(), **data} if chosen is JSON_LD else data), links

    response = _respond(chosen, write, None)
    if chosen in (CSV, TSV):
        name = f"{request.path.rpartition('/')[2]}.{chosen.extension}"
        response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def respond_query(query: Query, formats: Sequence[Format]) -> Response:
    """Answer a query, in the first of the formats that fits its kind of answer."""
    key = query_key(served(), _cache(), query, formats)
    return _stream(key, lambda: begin(query, formats))


def query_key(here: Served, cache: Cache, query: Query, formats: Sequence[Format]) -> str | None:
    """Return the key of the answer to a query; None when the answer may differ the next time.

    Raises RefusedError for a query that is too complex; that of a cached answer was checked before.
    """
    key = _key(here, query, [row.name for row in formats])
    volatile = key not in cache and not _VOLATILE.isdisjoint(check_complexity(query.text).words)
    return None if volatile else key


def respond_stream(format_: Format, make: Callable[[], Iterator[bytes]], key: object) -> Response:
    """Answer with chunks that are made while they are sent, under a tag of the snapshot and the ``key``.

    The key covers all that the answer depends on, so that 304 is answered without making it.
    """

    def start() -> tuple[Answer, Callable[[], None]]:
        chunks = make()
        first = next(chunks, b"")  # errors are raised here, while a status can still be sent
        return Answer(format_, _chain(first, chunks)), lambda: None

    return _stream(_key(served(), key, format_.name), start)


def respond_file(path: Path, format_: Format, tag: str, name: str) -> Response:
    """Send a file to be saved under a name, or the part requested (RFC 9110, section 14).

    Units other than bytes, several parts at once and what is no range are ignored, as the standard allows or asks.
    """
    if not _RANGE.fullmatch(request.headers.get("Range", "")):
        request.environ.pop("HTTP_RANGE", None)
    response = send_file(path, format_.media_type, as_attachment=True, download_name=name, etag=tag)
    response.content_type = content_type(format_)  # send_file adds a character set to all of XML
    response.headers["Vary"] = "Accept"
    return response


def tag_of(here: Served, content: str | bytes) -> str:
    """Return the entity tag of an answer from a snapshot, by its content or by its key."""
    digest = hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()
    return f"{here.version}-{digest[:20]}"


def rewriting(answer: Answer) -> list[tuple[str, str]]:
    """Return the header that names the rules by which a query was rewritten, if it was."""
    return [("Query-Rewritten", ", ".join(answer.rewritten))] if answer.rewritten else []


def content_type(format_: Format) -> str:
    """Return the media type of a format, with the character set where it is text."""
    kind = format_.media_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _respond(format_: Format, write: Callable[[], tuple[bytes, tuple[str, ...]]], depends_on: object) -> Response:
    """Answer with bytes and links; the tag is that of the bytes, which change with the program, too."""
    key = _key(served(), request.url, format_.name, depends_on)
    cached = _cache().look_up(key)
    if cached is None:
        content, links = write()
        cached = Cached(tag_of(served(), content), Answer(format_, (content,)), links)
        _cache().put(key, cached)
    return _tagged(cached.tag, cached.to_response)


def _stream(key: str | None, make: Callable[[], tuple[Answer, Callable[[], None]]]) -> Response:
    """Answer with what ``make`` returns, and call its second part when all is sent; without a key nothing is cached."""
    tag = tag_of(served(), key) if key else None

    def start() -> Response:
        answer, close = start_answer(_cache(), key, tag, make)
        response = _response(answer.format, answer.chunks)
        response.headers.extend(rewriting(answer))
        response.call_on_close(close)
        return response

    return _tagged(tag, start)


def start_answer(
    cache: Cache, key: str | None, tag: str | None, make: Callable[[], tuple[Answer, Callable[[], None]]]
) -> tuple[Answer, Callable[[], None]]:
    """Return the answer that is cached under a key, or what ``make`` returns, cached once the last of it was sent.

    The second part is to be called when all is sent. Without a key nothing is cached.
    """
    if key and (cached := cache.look_up(key)):
        return cached.sent(), lambda: None
    answer, close = make()
    return (cache.collect(key, tag, answer) if key and tag else answer), close


def _chain(first: bytes, rest: Iterator[bytes]) -> Generator[bytes, None, None]:
    yield first
    yield from rest


def _tagged(tag: str | None, make: Callable[[], Response]) -> Response:
    """Answer under an entity tag: 304 when the client has it (RFC 9110, section 13.1.2), else what ``make`` returns."""
    unchanged = tag is not None and request.if_none_match.contains_weak(tag)  # proxies weaken tags
    response = Response(status=304, content_type="") if unchanged else make()
    if tag is not None:
        response.set_etag(tag)
    response.headers["Vary"] = "Accept"
    return response


def _response(format_: Format, chunks: Iterable[bytes]) -> Response:
    return Response(chunks, content_type=content_type(format_))


def _key(here: Served, *depends_on: object) -> str:
    return ascii((here.version, *depends_on))


def _cache() -> Cache:
    cache: Cache = current_app.extensions["cache"]
    return cache


def _encode(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) + "\n").encode()


def _context() -> str:
    return url_for("rest.context", _external=True)


def _links(data: Any, format_: Format) -> Iterator[str]:
    """Yield the ``Link`` headers: the next page of a list, and the JSON-LD context of plain JSON."""
    if "next" in data:
        yield f'<{data["next"]}>; rel="next"'
    if format_ is JSON:
        yield f'<{_context()}>; rel="http://www.w3.org/ns/json-ld#context"; type="{JSON_LD.media_type}"'
