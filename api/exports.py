"""``/export/FORMAT``: the snapshot in one piece, in the formats of ``kg export``; ``/np/CODE``: one nanopublication."""

from collections.abc import Generator, Iterator, Mapping
from functools import lru_cache
from itertools import chain

from flask import Blueprint, Response, abort, current_app

from api.answers import content_type, evaluate, tagged
from api.cache import Cache
from api.metrics import CACHE
from api.serving import served
from kg.engine import FORMATS, Answer, Format, Query
from kg.export import EXPORTS, Export
from kg.nanopub import read_nanopublication, read_nanopublications
from kg.prefixes import ID, NANOPUB
from kg.snapshot import Snapshot

blueprint = Blueprint("exports", __name__)


@blueprint.get("/export/<name>")
def export(name: str) -> Response:
    """Stream an export; 304 when the client holds it already."""
    row, here = EXPORTS.get(name), served()
    if row is None:
        abort(404, f"there is no export {name!r}; there are {', '.join(EXPORTS)}")
    if here.snapshot is None:
        abort(404, "there are no exports where plain files are served")
    tag = f"{here.version}-export-{name}"
    snapshot = here.snapshot

    def make() -> Response:
        response = _write(row, snapshot, tag)
        response.headers["Content-Disposition"] = f'attachment; filename="calcikg-{here.version}.{row.extension}"'
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
    made = read_nanopublications(_construct)
    return {each.iri.removeprefix(NANOPUB): each.to_trig() for each in made}


def nanopublication(slug: str) -> bytes | None:
    """Return a finding as a nanopublication, in TriG; None when there is no finding of this slug."""
    here = served()
    found = read_nanopublication(_construct, f"{ID}finding/{slug}") if here.snapshot else None
    return found.to_trig() if found else None


def _write(row: Export, snapshot: Snapshot, tag: str) -> Response:
    cache: Cache = current_app.extensions["cache"]
    kept = cache.get(tag)
    CACHE.labels("hit" if kept else "miss").inc()
    if kept:
        answer = kept.answer
    else:
        chunks = row.write(snapshot, _construct)
        first = next(chunks, b"")  # what may go wrong goes wrong here, while there is still a status to be sent
        format_ = Format(row.name, row.media_type, row.extension, "graph")
        answer = cache.keep(tag, tag, Answer(format_, _chain(first, chunks)))
    return Response(iter(answer.chunks), content_type=content_type(answer.format))


def _chain(first: bytes, rest: Iterator[bytes]) -> Generator[bytes, None, None]:
    yield from chain((first,), rest)


def _construct(text: str) -> bytes:
    return evaluate(Query(text), FORMATS["nt"])
