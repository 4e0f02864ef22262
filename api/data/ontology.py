"""``/ontology``, its terms, and the JSON-LD context of the records."""

from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request, url_for

from api.data.linked_data import see_other
from api.http.negotiation import choose
from api.http.responses import HTML, JSON_LD, respond, respond_query
from api.http.serving import engine, once_per_snapshot, served
from kg.engine import FORMATS, Format, Query, Row
from kg.prefixes import GRAPH, ONTOLOGY
from kg.queries import read_query
from kg.snapshot import CONTEXT

#: The formats of the ontology as data, by extension.
FORMS: dict[str, Format] = {name: FORMATS[name] for name in ("ttl", "rdf", "jsonld", "nt")}
_ALL = Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", default_graphs=(GRAPH + "ontology",), named_graphs=())

blueprint = Blueprint("ontology", __name__)


@blueprint.get("/ontology/", endpoint="namespace")
@blueprint.get("/ontology")
def whole() -> Response:
    """Return the ontology: its documentation, or the ontology itself, by ``Accept`` or ``?format=``."""
    return _serve(choose(HTML, *FORMS.values()))


@blueprint.get("/ontology.<extension>")
def fixed(extension: str) -> Response:
    """Return the ontology in one format."""
    if extension not in FORMS and extension != "html":
        abort(404, f"the ontology is served as {', '.join(FORMS)} and html")
    return _serve(FORMS.get(extension, HTML))


@blueprint.get("/ontology/<name>")
def term(name: str) -> Response:
    """Lead to a term inside the ontology."""
    if all(row["term"] != ONTOLOGY + name for row in _terms()):
        abort(404, f"there is no term {name!r} in the ontology")
    return see_other(url_for("ontology.whole", _anchor=name, format=request.args.get("format")))


@blueprint.get("/context.jsonld")
@blueprint.get("/ontology/context.jsonld")
def context() -> Response:
    """Return the JSON-LD context of the records."""
    path = _file(CONTEXT)
    if path is None:
        abort(404, "there is no snapshot, so there is no context")
    return respond(JSON_LD, path.read_bytes)


def _serve(format_: Format) -> Response:
    """Serve the file that the build made, or else what the graph says."""
    if path := _file(f"ontology.{format_.extension}"):
        return respond(format_, path.read_bytes)
    if format_ is HTML:
        return respond(HTML, _list)
    return respond_query(_ALL, (format_,))


def _list() -> str:
    return render_template("ontology.html", terms=_terms(), prefix=ONTOLOGY, forms=FORMS)


@once_per_snapshot
def _terms() -> list[Row]:
    return engine().select(read_query("read/definitions"))


def _file(name: str) -> Path | None:
    """Return a file of the snapshot, if there is one of this name."""
    snapshot = served().snapshot
    path = snapshot.path / name if snapshot else None
    return path if path and path.is_file() else None
