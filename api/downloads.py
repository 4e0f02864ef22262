"""``/download/dataset.nq``: the dataset whole, in one file (RFC 9110: ranges, validators)."""

from flask import Blueprint, Response, abort, send_file

from api.serving import served
from kg.engine import FORMATS
from kg.snapshot import DATASET

blueprint = Blueprint("downloads", __name__)


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
