"""``/sparql``: the query operation of the SPARQL 1.1 Protocol."""

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from api.answers import respond
from api.negotiation import formats, graph_formats, wants_page
from api.problems import problem
from kg.engine import Query
from kg.queries import read_query

blueprint = Blueprint("sparql", __name__)

_FORM = "application/x-www-form-urlencoded"
_DIRECT = "application/sparql-query"
_UPDATES = ("application/sparql-update",)


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def answer() -> Response:
    """Answer a query sent in the URL, in a form or as the body."""
    refusal = _refuse()
    if refusal is not None:
        return refusal
    sent = request.method in ("POST", "QUERY")
    direct = sent and request.mimetype == _DIRECT
    # A form may leave some parameters in the address, so both are looked at; two queries are one too many.
    parameters = request.args if direct else CombinedMultiDict([request.args, request.form])
    texts = [_body()] if direct else parameters.getlist("query")
    if not sent and not texts:
        return _without_query()
    if len(texts) != 1:
        return problem("bad-request", f"there are {len(texts)} query parameters; the protocol wants exactly one")
    query = Query(
        texts[0],
        _graphs(parameters, "default-graph-uri"),
        _graphs(parameters, "named-graph-uri"),
        request.base_url,
    )
    return respond(query, formats(request))


def _refuse() -> Response | None:
    """Refuse updates, and bodies that are neither a form nor a query."""
    if request.mimetype in _UPDATES or "update" in request.form or "update" in request.args:
        return problem("update-refused", "SPARQL updates are not served; the dataset is built, not changed")
    if request.method in ("POST", "QUERY") and request.mimetype not in (_FORM, _DIRECT):
        sent = request.mimetype or "no media type"
        return problem("unsupported-media-type", f"the body is sent as {sent}; a query is sent as {_DIRECT} or {_FORM}")
    return None


def _body() -> str:
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}"  # not UTF-8: no query, which the parser says with its place


def _without_query() -> Response:
    if wants_page(request):
        return redirect(url_for("pages.start"), 303)  # type: ignore[return-value]
    text = read_query("service-description", endpoint=request.base_url)
    return respond(Query(text), graph_formats(request))


def _graphs(parameters: "MultiDict[str, str]", name: str) -> tuple[str, ...] | None:
    iris: Sequence[str] = parameters.getlist(name)
    other = "named-graph-uri" if name == "default-graph-uri" else "default-graph-uri"
    # A protocol dataset replaces the whole dataset: naming one kind of graph empties the other.
    return tuple(iris) if iris or other in parameters else None
