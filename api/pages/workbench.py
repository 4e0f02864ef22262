"""The workbench: the page that ``/sparql`` is for people, and the small JSON that its script asks for."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for

from api.data.resources import functions
from api.http.problems import problem
from api.http.responses import HTML, respond
from api.http.serving import described, engine, labels, served
from kg.engine import GRAPHS, RESULTS, Format
from kg.prefixes import EXTERNAL, PREFIXES
from kg.queries import read_query
from kg.read.entities import first
from kg.read.questions import questions
from kg.read.snippets import snippets

#: What the page begins with; a question like those of the library, so that its parameter can be changed.
EXAMPLE = """\
# What was found on a treatment, the best evidence first?
BASE <https://w3id.org/calcikg/id/>
PREFIX ckg: <https://w3id.org/calcikg/ontology/>

SELECT ?finding ?statement ?reported ?direction ?level
WHERE {
  VALUES ?treatment { <treatment/topical-sodium-thiosulfate> }
  ?finding ckg:about ?treatment ;
    ckg:statement ?statement ;
    ckg:evidenceLevel/ckg:rank ?level .
  OPTIONAL { ?finding ckg:reported ?reported }
  OPTIONAL { ?finding ckg:direction ?direction }
}
ORDER BY ?level ?finding
"""
_JSON = Format("json", "application/json", "json", "results")
_FORM = "application/x-www-form-urlencoded"
_MIB = 2**20

blueprint = Blueprint("workbench", __name__)


def page() -> Response:
    """Show an editor, the questions of the library and, once a query has run, its answer."""

    def write() -> bytes:
        asked = list(questions().values()) if served().snapshot else []
        kinds = sorted({question.notes["kind"] for question in asked})
        return render_template(
            "workbench.html",
            example=EXAMPLE,
            kinds={kind: [one for one in asked if one.notes["kind"] == kind] for kind in kinds},
            formats=(*RESULTS, *(row for row in GRAPHS if not row.names_graphs)),
            settings=_settings(),
        ).encode()

    return respond(HTML, write)


@blueprint.get("/workbench/vocabulary")
def vocabulary() -> Response:
    """Return what a query may be written with, and what things are called: the labels of entities, by their ids."""

    def write() -> bytes:
        said = [
            *({"iri": row.pop("term"), **row} for row in engine().select(read_query("read/completions"))),
            *({**one, "kind": "function"} for one in functions().values()),
        ]
        # A finding has no label: it is called by its id.
        every = labels().entities.values()
        called = {str(one["id"]): "" if one["label"] == one["id"] else one["label"] for one in every}
        body = {"prefixes": PREFIXES, "namespaces": EXTERNAL, "terms": said, "entities": called}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    return respond(_JSON, write)


@blueprint.get("/workbench/questions")
def library() -> Response:
    """Return the SPARQL of every question, by its slug."""
    texts = {slug: question.text for slug, question in questions().items()} if served().snapshot else {}
    return respond(_JSON, lambda: json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode())


@blueprint.post("/workbench/snippets")
def as_snippets() -> Response:
    """Return a query as text to paste into a shell, into Python and into R."""
    if request.mimetype != _FORM:
        return problem("unsupported-media-type", f"the query is sent as a form ({_FORM})")
    texts = request.form.getlist("query")
    if len(texts) != 1:
        return problem("bad-request", f"there are {len(texts)} fields named query; one is needed")
    return jsonify(snippets(texts[0], url_for("sparql.answer", _external=True)))


def _settings() -> dict[str, Any]:
    """Return what the script needs to know of the service and of the dataset."""
    limits, snapshot, about = current_app.extensions["settings"], served().snapshot, described()
    return {
        "endpoint": url_for("sparql.answer"),
        "root": url_for("pages.start"),
        "search": url_for("rest.search_names"),
        "vocabulary": url_for("workbench.vocabulary"),
        "questions": url_for("workbench.library"),
        "snippets": url_for("workbench.as_snippets"),
        "graphScript": url_for("static", filename="bundle/workbench-graph.js"),
        "limitsPage": url_for("pages.settings"),
        "seconds": limits.query_timeout,
        "mebibytes": limits.query_answer / _MIB,
        "snapshot": served().version,
        "version": snapshot.manifest["calcikg"] if snapshot else "",
        "title": first(about.dataset, "title") if about else "",
        "license": first(about.dataset, "license") if about else "",
    }
