"""``/graph-store``: the reading half of the SPARQL 1.1 Graph Store HTTP Protocol."""

from flask import Blueprint, Response, abort, request

from api.http.negotiation import graph_formats
from api.http.problems import problem
from api.http.responses import respond_query
from api.http.serving import engine
from kg.engine import FORMATS, Query

blueprint = Blueprint("graph_store", __name__)

_ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@blueprint.get("/graph-store")
def read() -> Response:
    """Return the default graph (``?default``) or a named graph (``?graph=IRI``), which TriG and N-Quads name."""
    names = request.args.getlist("graph")
    if len(names) + ("default" in request.args) != 1:
        return problem("bad-request", "say which graph: either ?default or one ?graph=IRI")
    accepted = graph_formats()
    if not names:
        return respond_query(Query(_ALL), accepted)
    query = Query(_ALL, default_graphs=(names[0],), named_graphs=(), graph=names[0])
    if not exists(names[0]):
        abort(404, f"there is no graph {names[0]}")
    return respond_query(query, accepted)


def exists(graph: str) -> bool:
    """Tell whether there is a named graph of this IRI."""
    query = Query("ASK { ?s ?p ?o }", default_graphs=(graph,), named_graphs=())
    return b"true" in engine().answer(query, (FORMATS["json"],)).read()
