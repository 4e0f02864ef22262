"""``/sparql``: the query operation of the SPARQL 1.1 Protocol."""

from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, request

from api.http.complexity import check_graphs
from api.http.negotiation import formats, graph_formats, wants_page
from api.http.problems import problem
from api.http.responses import respond_query
from api.pages import workbench
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
    texts = [*request.values.getlist("query"), *([request.get_data().decode()] if direct else [])]
    if not sent and not texts:
        return _without_query()
    if len(texts) != 1:
        return problem("bad-request", f"there are {len(texts)} query parameters; the protocol wants exactly one")
    query = Query(
        texts[0],
        _graphs("default-graph-uri"),
        _graphs("named-graph-uri"),
        request.base_url,
    )
    return respond_query(query, formats())


def _refuse() -> Response | None:
    """Refuse updates, bodies that are neither a form nor a query, and what is not UTF-8."""
    body = request.get_data()  # before the form is looked at, which would use the body up
    if request.mimetype in _UPDATES or "update" in request.values:
        return problem("update-refused", "SPARQL updates are not served; the dataset is built, not changed")
    if request.method in ("POST", "QUERY") and request.mimetype not in (_FORM, _DIRECT):
        sent = request.mimetype or "no media type"
        return problem("unsupported-media-type", f"the body is sent as {sent}; a query is sent as {_DIRECT} or {_FORM}")
    if request.content_encoding:
        return problem(
            "unsupported-media-type", f"the body is sent as {request.content_encoding}; it is taken as it is"
        )
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset != "utf-8":  # SPARQL 1.1 Protocol, section 2.1.3
        return problem("unsupported-media-type", f"the body is sent in {charset}; a query is sent in UTF-8")
    written = body if request.mimetype == _DIRECT else unquote_to_bytes(body)
    if not (_is_text(unquote_to_bytes(request.query_string)) and _is_text(written)):
        return problem("bad-request", "the request holds bytes that are not UTF-8")
    return None


def _is_text(sent: bytes) -> bool:
    """Tell whether bytes are UTF-8; Flask would replace what is not, without a word."""
    try:
        sent.decode()
    except UnicodeDecodeError:
        return False
    return True


def _without_query() -> Response:
    if wants_page():
        return workbench.page()
    text = read_query("service-description", endpoint=request.base_url)
    return respond_query(Query(text), graph_formats())


def _graphs(name: str) -> tuple[str, ...] | None:
    iris = request.values.getlist(name)
    other = "named-graph-uri" if name == "default-graph-uri" else "default-graph-uri"
    check_graphs(len(iris))
    # A protocol dataset replaces the whole dataset: naming one kind of graph empties the other.
    return tuple(iris) if iris or other in request.values else None
