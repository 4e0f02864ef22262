"""The workbench, which people see at ``/sparql``, and the JSON that its script loads."""

from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for

from api.data.resources import functions
from api.http.complexity import check_complexity
from api.http.forms import FORM
from api.http.problems import Pages, problem
from api.http.responses import HTML, JSON, respond
from api.http.serving import described, engine, labels, served
from api.pages import wording
from kg.engine import GRAPHS, RESULTS
from kg.export import style
from kg.prefixes import EXTERNAL, ID, PREFIXES
from kg.queries import read_query
from kg.read.entities import first
from kg.read.findings import find_findings
from kg.read.questions import questions
from kg.read.snippets import snippets

#: The first query of the editor, written like those of the library so that its parameter can be changed.
EXAMPLE = """\
# What are the findings on a treatment, best evidence first?
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
#: The most findings whose ids the editor completes: all, unless they are more than anybody would type.
_FINDINGS = 5_000
_MIB = 2**20

blueprint = Pages("workbench", __name__)


def page() -> Response:
    """Show the editor and the questions of the library; a script runs queries and shows their results."""

    def write() -> str:
        listed = list(questions().values()) if served().snapshot else []
        kinds = sorted({question.notes["kind"] for question in listed})
        return render_template(
            "workbench.html",
            example=EXAMPLE,
            kinds={kind: [one for one in listed if one.notes["kind"] == kind] for kind in kinds},
            formats=(*RESULTS, *(row for row in GRAPHS if not row.names_graphs)),
            settings=_settings(),
            federated=current_app.extensions["settings"].service_allow,
        )

    return respond(HTML, write)


@blueprint.get("/workbench/vocabulary")
def vocabulary() -> Response:
    """Return what the editor completes: prefixes, terms of the ontology, functions, and the labels of entities."""

    def read() -> dict[str, Any]:
        text = read_query("read/completions", **{"described" if served().snapshot else "plain": 1})
        terms = [{"iri": row.pop("term"), **row} for row in engine().select(text)]
        findings = [iri.removeprefix(ID) for iri in find_findings(labels(), {}).part(_FINDINGS)]
        return {
            "prefixes": PREFIXES,
            "namespaces": EXTERNAL,
            "terms": [*terms, *({**one, "kind": "function"} for one in functions().values())],
            # A finding has no label of its own, but its id.
            "entities": {one["id"]: one["label"] for one in labels().entities.values()} | dict.fromkeys(findings, ""),
        }

    return respond(JSON, read)


@blueprint.get("/workbench/questions")
def library() -> Response:
    """Return the SPARQL query of every question, by its slug."""
    return respond(JSON, lambda: {slug: one.text for slug, one in questions().items()} if served().snapshot else {})


@blueprint.post("/workbench/snippets")
def as_snippets() -> Response:
    """Return the code that runs a query, for a shell, for Python and for R."""
    if request.mimetype != FORM:
        return problem("unsupported-media-type", f"send the query as a form ({FORM})")
    texts = request.form.getlist("query")
    if len(texts) != 1:
        return problem("bad-request", f"the form has {len(texts)} fields named query; send exactly one")
    check_complexity(texts[0])  # what would be refused needs no snippet
    return jsonify(snippets(texts[0], url_for("sparql.answer", _external=True)))


def _settings() -> dict[str, Any]:
    """Return what the script needs to know about the service and the dataset."""
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
        "looks": {
            group: {"color": style.node_color(group), "shape": style.node_shape(group)} for group in wording.PLURALS
        },
    }
