"""``/releases``: the snapshots that are at hand, and what changed from one to another."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from markupsafe import Markup

from api.http.answers import content_type, tag_of, tagged
from api.http.negotiation import choose
from api.http.serving import served
from kg.changes import Changelog, read_changelog, read_patch, to_html
from kg.engine import Format
from kg.errors import SnapshotError
from kg.snapshot import Snapshot

blueprint = Blueprint("releases", __name__)

_HTML = Format("html", "text/html", "html", "results")
_JSON = Format("json", "application/json", "json", "results")
_PATCH = Format("patch", "application/rdf-patch", "rdfp", "graph")


@blueprint.get("/releases")
def releases() -> Response:
    """List the snapshots, the newest first, with what changed from the one before to the one that is served."""
    known, here = _known(), _here()
    format_ = choose(request, (_HTML, _JSON))

    def make() -> Response:
        others = [each for each in known if each.version != here.version]
        log = _changelog(others[0].path, _here().path) if others else None
        if format_ is _JSON:
            items = [{"version": each.version, "release": each.manifest["calcikg"], **each.counts} for each in known]
            return jsonify(current=here.version, items=items, changes=log and log.to_json())
        return _page(known, log)

    return _reply(format_, make)


@blueprint.get("/releases/<old>/<new>")
def changes(old: str, new: str) -> Response:
    """Say what changed between two snapshots: as a page, as JSON, or as an RDF patch."""
    known = {each.version: each for each in _known()}
    for version in (old, new):
        if version not in known:
            abort(404, f"there is no snapshot {version} here; there are {', '.join(known)}")
    format_ = choose(request, (_HTML, _JSON, _PATCH))

    def make() -> Response:
        if format_ is _PATCH:
            return Response(read_patch(known[old], known[new]))
        log = _changelog(known[old].path, known[new].path)
        return jsonify(log.to_json()) if format_ is _JSON else _page([], log)

    return _reply(format_, make)


def _here() -> Snapshot:
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "there are no releases where plain files are served")
    return snapshot


def _known() -> list[Snapshot]:
    return Snapshot.all(_here().path.parent.parent)


@lru_cache(maxsize=4)
def _changelog(old: Path, new: Path) -> Changelog:
    return read_changelog(Snapshot.read(old), Snapshot.read(new))


def _page(known: list[Snapshot], log: Changelog | None) -> Response:
    told = Markup(to_html(log)) if log else None
    return make_response(render_template("releases.html", snapshots=known, log=log, told=told))


def _reply(format_: Format, make: Callable[[], Response]) -> Response:
    versions = [each.version for each in _known()]
    key = ascii((request.url, format_.name, versions))

    def answer() -> Response:
        try:
            response = make()
        except (FileNotFoundError, SnapshotError):
            abort(404, "a snapshot was removed while it was read: only the newest are kept; ask again")
        response.content_type = content_type(format_)
        return response

    return tagged(tag_of(key), answer)
