"""``/downloads``: what can be taken away; ``/download/dataset.nq``: the dataset in one file (RFC 9110: ranges)."""

from flask import Blueprint, Response, abort, render_template, send_file

from api.serving import served
from kg.engine import FORMATS
from kg.export import EXPORTS
from kg.snapshot import DATASET

blueprint = Blueprint("downloads", __name__)


@blueprint.get("/downloads")
def page() -> str:
    """List every export, and the dataset in one file with its size and digest."""
    snapshot = served().snapshot
    size = (snapshot.path / DATASET).stat().st_size if snapshot else 0
    return render_template("downloads.html", snapshot=snapshot, exports=EXPORTS, size=size, file=DATASET)


@blueprint.get(f"/download/{DATASET}")
def dataset() -> Response:
    """Send the file, or the part of it that is asked for; its tag is its SHA-256."""
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "plain files are served, and no snapshot; ask /graph-store for their content")
    return send_file(
        snapshot.path / DATASET,
        mimetype=FORMATS["nq"].media_type,
        as_attachment=True,
        etag=snapshot.manifest["files"][DATASET],
    )
