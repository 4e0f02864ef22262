"""``/export/FORMAT``: the snapshot, or a part of it, in one piece; ``/np/CODE``: one nanopublication."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from api.http.responses import JSON, respond, respond_file, respond_stream, tag_of
from api.http.serving import engine, labels, once_per_snapshot, served
from kg.engine import Format
from kg.export import EXPORTS, Export, Extract, Filters
from kg.export.nanopub import read_nanopublications
from kg.export.prebuilt import prebuilt
from kg.prefixes import NANOPUB
from kg.read.filters import all_filters
from kg.snapshot import Snapshot

blueprint = Blueprint("exports", __name__)

#: What the list of exports says of each.
_KEYS = ("name", "media_type", "extension", "family", "meaning", "keeps", "loses")


@blueprint.get("/export")
def exports() -> Response:
    """List the formats, with what each of them keeps and loses."""
    _snapshot()
    return respond(JSON, _list)


@blueprint.get("/export/<name>")
def export(name: str) -> Response:
    """Send an export of what fits the filters."""
    row, snapshot = EXPORTS.get(name), _snapshot()
    if row is None:
        abort(404, f"there is no export {name!r}; there are {', '.join(EXPORTS)}")
    filters = Filters.read(request.args.items(multi=True), all_filters(labels()))
    extract = _extract(snapshot, filters)
    if filters:
        extract.check()
    format_ = _format(row)
    if not filters and (file := prebuilt(snapshot, row.name)):
        return respond_file(file, format_, tag_of(f"export {name}"), _file_name(row))
    key = ascii(filters.pairs)
    response = respond_stream(format_, lambda: row.write(extract), ("export", key))
    if response.status_code == 200:
        part = sha256(key.encode()).hexdigest()[:8] if filters else ""
        response.headers.set("Content-Disposition", "attachment", filename=_file_name(row, part))
    return response


@blueprint.get("/np/<code>")
def resolve(code: str) -> Response:
    """Return the nanopublication of a trusty URI, in TriG."""
    content = _nanopublications().get(code) if served().snapshot else None
    if content is None:
        abort(404, f"there is no nanopublication {code} here")
    return respond(_format(EXPORTS["nanopub"]), lambda: content)


@once_per_snapshot
def _nanopublications() -> Mapping[str, bytes]:
    """Return every nanopublication by its code; they are made when the first one is asked for."""
    return {each.iri.removeprefix(NANOPUB): each.to_trig() for each in read_nanopublications(engine())}


def _list() -> Any:
    return {
        "filters": [one.name for one in all_filters(labels())],
        "formats": [
            {
                **{key: getattr(row, key) for key in _KEYS},
                "address": url_for("exports.export", name=row.name, _external=True),
            }
            for row in EXPORTS.values()
        ],
    }


def _snapshot() -> Snapshot:
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "there are no exports where plain files are served")
    return snapshot


def _extract(snapshot: Snapshot, filters: Filters) -> Extract:
    """Return what is exported; its queries are asked for as the client reads, when the request is over."""
    return Extract(labels().with_engine(engine()), filters, snapshot=snapshot)


def _format(row: Export) -> Format:
    return Format(row.name, row.media_type, row.extension, "graph")


def _file_name(row: Export, part: str = "") -> str:
    return "-".join(filter(None, ("calcikg", served().version, part))) + f".{row.extension}"
