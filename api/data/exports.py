"""``/export/FORMAT``: the snapshot, or a part of it, in one piece; ``/np/CODE``: one nanopublication."""

from collections.abc import Generator, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, jsonify, request, send_file, url_for

from api.http.answers import content_type, engine, labels, tag_of, tagged
from api.http.cache import Cache
from api.http.metrics import CACHE
from api.http.serving import served
from kg.engine import Answer, Format
from kg.export import EXPORTS, Export, Extract, Filters
from kg.export.kept import kept_export
from kg.export.nanopub import read_nanopublication, read_nanopublications
from kg.prefixes import ID, NANOPUB
from kg.read.filters import FILTERS
from kg.snapshot import Snapshot

blueprint = Blueprint("exports", __name__)

_NONE = "there are no exports where plain files are served"
_TOLD = ("name", "media_type", "extension", "family", "meaning", "keeps", "loses")


@blueprint.get("/export")
def exports() -> Response:
    """List the formats, with what each of them keeps and loses."""
    if served().snapshot is None:
        abort(404, _NONE)

    def make() -> Response:
        return jsonify(
            {
                "filters": [one.name for one in FILTERS],
                "formats": [
                    {
                        **{name: getattr(row, name) for name in _TOLD},
                        "address": url_for("exports.export", name=row.name, _external=True),
                    }
                    for row in EXPORTS.values()
                ],
            }
        )

    return tagged(tag_of(f"exports {request.host_url}"), make)


@blueprint.get("/export/<name>")
def export(name: str) -> Response:
    """Stream an export of what fits the filters; 304 when the client holds it already."""
    row, here = EXPORTS.get(name), served()
    if row is None:
        abort(404, f"there is no export {name!r}; there are {', '.join(EXPORTS)}")
    if here.snapshot is None:
        abort(404, _NONE)
    filters = Filters.read(request.args.items(multi=True))
    extract = _extract(here.snapshot, filters)
    if filters:
        extract.check()
    tag = tag_of(ascii(("export", name, filters.pairs)))
    part = f"-{tag.rpartition('-')[2][:8]}" if filters else ""

    def make() -> Response:
        file = None if filters else kept_export(extract.snapshot, row.name)
        response = _send(row, file, tag) if file else _write(row, extract, tag)
        name = f"calcikg-{here.version}{part}.{row.extension}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    return tagged(tag, make)


@blueprint.get("/np/<code>")
def resolve(code: str) -> Response:
    """Return the nanopublication of a trusty URI, in TriG."""
    here = served()
    found = _named(here.version).get(code) if here.snapshot else None
    if found is None:
        abort(404, f"there is no nanopublication {code} here")
    return tagged(f"{here.version}-{code}", lambda: Response(found, content_type=EXPORTS["nanopub"].media_type))


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _named(version: str) -> Mapping[str, bytes]:
    """Return every nanopublication by its code; they are made when the first one is asked for."""
    assert version == served().version
    made = read_nanopublications(engine())
    return {each.iri.removeprefix(NANOPUB): each.to_trig() for each in made}


def nanopublication(slug: str) -> bytes | None:
    """Return a finding as a nanopublication, in TriG; None when there is no finding of this slug."""
    here = served()
    found = read_nanopublication(engine(), f"{ID}finding/{slug}") if here.snapshot else None
    return found.to_trig() if found else None


def _extract(snapshot: Snapshot, filters: Filters) -> Extract:
    """Return what is exported; its queries are asked for as the client reads, when the request is over."""
    admitted = engine()
    return Extract(snapshot, admitted, labels().with_engine(admitted), filters)


def _send(row: Export, file: Path, tag: str) -> Response:
    """Send the file that was made with the snapshot, or the part of it that is asked for."""
    format_ = Format(row.name, row.media_type, row.extension, "graph")
    return send_file(file, mimetype=content_type(format_), etag=tag)


def _write(row: Export, extract: Extract, tag: str) -> Response:
    cache: Cache = current_app.extensions["cache"]
    kept = cache.get(tag)
    CACHE.labels("hit" if kept else "miss").inc()
    if kept:
        return Response(iter(kept.answer.chunks), content_type=content_type(kept.answer.format))
    chunks = row.write(extract)
    first = next(chunks, b"")  # what may go wrong goes wrong here, while there is still a status to be sent
    format_ = Format(row.name, row.media_type, row.extension, "graph")
    answer = cache.keep(tag, tag, Answer(format_, _chain(first, chunks)))
    return Response(iter(answer.chunks), content_type=content_type(format_))


def _chain(first: bytes, rest: Iterator[bytes]) -> Generator[bytes, None, None]:
    yield from chain((first,), rest)
