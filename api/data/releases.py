"""``/releases``: the snapshots that are at hand, and what changed from one to another."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, abort, render_template
from markupsafe import Markup

from api.http.negotiation import choose
from api.http.problems import Pages
from api.http.responses import HTML, JSON, respond, respond_stream
from api.http.serving import served
from kg.changes import Changelog, read_changelog, read_patch, to_html
from kg.engine import Format
from kg.errors import SnapshotError
from kg.snapshot import Snapshot

blueprint = Pages("releases", __name__)

_PATCH = Format("patch", "application/rdf-patch", "rdfp", "graph")


@blueprint.get("/releases")
def releases() -> Response:
    """List the snapshots, the newest first, with what changed from the one before to the one that is served."""
    snapshots, here = _snapshots(), _here()
    format_ = choose(HTML, JSON)

    def make() -> Any:
        others = [each for each in snapshots if each.version != here.version]
        log = _changelog(others[0].path, here.path) if others else None
        if format_ is HTML:
            return _page(snapshots, log)
        items = [{"version": each.version, "release": each.manifest["calcikg"], **each.counts} for each in snapshots]
        return {"current": here.version, "items": items, "changes": log and log.to_json()}

    return _respond(format_, make)


@blueprint.get("/releases/<old>/<new>")
def changes(old: str, new: str) -> Response:
    """Say what changed between two snapshots: as a page, as JSON, or as an RDF patch."""
    snapshots = {each.version: each for each in _snapshots()}
    for version in (old, new):
        if version not in snapshots:
            abort(404, f"there is no snapshot {version} here; there are {', '.join(snapshots)}")
    format_ = choose(HTML, JSON, _PATCH)

    def make() -> Any:
        log = _changelog(snapshots[old].path, snapshots[new].path)
        return log.to_json() if format_ is JSON else _page([], log)

    if format_ is _PATCH:
        return _or_removed(
            lambda: respond_stream(_PATCH, lambda: read_patch(snapshots[old], snapshots[new]), ("patch", old, new))
        )
    return _respond(format_, make)


def _here() -> Snapshot:
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "there are no releases where plain files are served")
    return snapshot


def _snapshots() -> list[Snapshot]:
    return Snapshot.all(_here().path.parent.parent)


@lru_cache(maxsize=4)
def _changelog(old: Path, new: Path) -> Changelog:
    return read_changelog(Snapshot.read(old), Snapshot.read(new))


def _page(snapshots: list[Snapshot], log: Changelog | None) -> str:
    changes = Markup(to_html(log)) if log else None
    return render_template("releases.html", snapshots=snapshots, log=log, changes=changes)


def _respond(format_: Format, make: Callable[[], Any]) -> Response:
    """Answer with what holds as long as the same snapshots are at hand."""
    versions = [each.version for each in _snapshots()]
    return _or_removed(lambda: respond(format_, make, depends_on=versions))


def _or_removed(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except (FileNotFoundError, SnapshotError):
        abort(404, "a snapshot was removed while it was read: only the newest are kept; try again")
