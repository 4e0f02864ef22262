"""``/sparql`` and ``/graph-store``: SPARQL 1.1 Protocol, queries, and Graph Store HTTP Protocol, for reading."""

from flask import Blueprint, Response, abort, request

from api.data.resources import has_graph
from api.http.complexity import check_graphs
from api.http.forms import FORM, decode_percent
from api.http.lean import FAILED
from api.http.negotiation import formats, graph_formats, wants_page
from api.http.problems import problem
from api.http.responses import respond_query
from api.http.serving import served
from api.pages import workbench
from kg.engine import Query
from kg.queries import read_query

blueprint = Blueprint("sparql", __name__)

_DIRECT = "application/sparql-query"
_UPDATE = "application/sparql-update"
#: All triples of the dataset that a query has.
_ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def answer() -> Response:
    """Answer a query sent in the URL, in a form or as the body."""
    if failed := request.environ.get(FAILED):
        raise failed
    _check_request()
    sent = request.method in ("POST", "QUERY")
    direct = sent and request.mimetype == _DIRECT
    # Parameters may be in the form and in the address; two queries are one too many.
    texts = [*request.values.getlist("query"), *([_text(request.get_data())] if direct else [])]
    if not sent and not texts:
        return _without_query()
    if len(texts) != 1:
        return problem("bad-request", f"there are {len(texts)} query parameters; give exactly one")
    query = Query(texts[0], _graphs("default-graph-uri"), _graphs("named-graph-uri"), request.base_url)
    return respond_query(query, formats())


@blueprint.get("/graph-store")
def read_graph() -> Response:
    """Return the default graph (``?default``) or a named graph (``?graph=IRI``), which TriG and N-Quads name."""
    names = request.args.getlist("graph")
    if len(names) + ("default" in request.args) != 1:
        return problem("bad-request", "name the graph: either ?default or one ?graph=IRI")
    accepted = graph_formats()
    if not names:
        return respond_query(Query(_ALL), accepted)
    query = Query(_ALL, default_graphs=(names[0],), named_graphs=(), graph=names[0])
    if not has_graph(names[0]):
        abort(404, f"there is no graph {names[0]}")
    return respond_query(query, accepted)


def _check_request() -> None:
    """End the request for an update, for a body that is neither a form nor a query, and for what is not UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    unsupported = ""
    if request.method in ("POST", "QUERY") and request.mimetype not in (FORM, _DIRECT, _UPDATE):
        unsupported = f"the body is {request.mimetype or 'without a media type'}; send a query as {_DIRECT} or {FORM}"
    elif request.content_encoding:
        unsupported = f"the body is encoded as {request.content_encoding}; send it without Content-Encoding"
    elif charset != "utf-8":  # SPARQL 1.1 Protocol, section 2.1.3
        unsupported = f"the body is in {charset}; send a query in UTF-8"
    if unsupported:
        abort(problem("unsupported-media-type", unsupported))
    _text(decode_percent(request.query_string))
    if request.mimetype == _UPDATE or "update" in request.values:
        abort(problem("update-refused", "SPARQL updates are not supported; the dataset is built, not changed"))


def _text(sent: bytes) -> str:
    """Return bytes as text; Flask would silently replace those that are not UTF-8."""
    try:
        return sent.decode()
    except UnicodeDecodeError:
        abort(problem("bad-request", "the request has bytes that are not UTF-8"))


def _without_query() -> Response:
    if wants_page():
        served().check()
        return workbench.page()
    text = read_query("service-description", endpoint=request.base_url)
    return respond_query(Query(text), graph_formats())


def _graphs(name: str) -> tuple[str, ...] | None:
    iris = request.values.getlist(name)
    other = "named-graph-uri" if name == "default-graph-uri" else "default-graph-uri"
    check_graphs(len(iris))
    # A dataset in the request replaces the whole dataset: naming one kind of graph empties the other.
    return tuple(iris) if iris or other in request.values else None
