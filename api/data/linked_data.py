"""``/id``, ``/data``, ``/graph``, ``/function``, ``/questions``: where the canonical IRIs lead on this host.

An IRI names an entity, not a document: 303 redirects to a document about it (https://www.w3.org/TR/cooluris/).
Addresses are made for the host and the prefix of the request; the IRIs inside the documents stay canonical.
"""

from flask import Blueprint, Response, abort, redirect, request, url_for

from api.data.resources import has_graph, read_resource, resolve
from api.http.negotiation import choose, is_first_choice
from api.http.responses import HTML, JSON, respond, respond_data, respond_query
from api.http.serving import engine, served
from kg.engine import FORMATS, Format
from kg.errors import NotAcceptableError
from kg.prefixes import GRAPH
from kg.read.description import describe, describe_by_graph

#: The formats of data, by extension; the first is the default.
DATA: dict[str, Format] = {
    **{name: FORMATS[name] for name in ("ttl", "jsonld", "nt", "rdf", "trig")},
    "json": JSON,
}

blueprint = Blueprint("linked_data", __name__)


@blueprint.get("/id/<kind>/<slug>")
def identify(kind: str, slug: str) -> Response:
    """Redirect to the page of a resource, or to its data, whichever the client prefers."""
    resolve(kind, slug)
    format_ = _choose(HTML, *DATA.values())
    return see_other(
        url_for("entity_pages.page", kind=kind, slug=slug) if format_ is HTML else _address(kind, slug, format_)
    )


@blueprint.get("/function/<name>")
def function(name: str) -> Response:
    """Redirect to the page or the data of a function that queries may call."""
    return identify("function", name)


@blueprint.get("/questions")
def questions() -> Response:
    """Redirect to the list of the questions."""
    return see_other(url_for("entity_pages.kind", kind="question"))


@blueprint.get("/questions/<slug>")
def question(slug: str) -> Response:
    """Redirect to the page or the data of a question."""
    return identify("question", slug)


@blueprint.get("/graph/<path:name>")
def graph(name: str) -> Response:
    """Redirect to the content of a named graph."""
    if not has_graph(GRAPH + name):
        abort(404, f"there is no graph {name!r}")
    return see_other(url_for("sparql.read_graph", graph=GRAPH + name))


@blueprint.get("/data/<kind>/<name>")
def data(kind: str, name: str) -> Response:
    """Return the description of a resource in the format of the extension, or else of ``Accept``."""
    slug, dot, extension = name.partition(".")
    if dot and extension not in DATA:
        abort(404, f"there is no format {extension!r}; there are {', '.join(DATA)}")
    resolve(kind, slug)
    if dot:
        return _describe(kind, slug, DATA[extension])
    format_ = _choose(*DATA.values())
    response = _describe(kind, slug, format_)
    response.headers["Content-Location"] = _address(kind, slug, format_)
    return response


def see_other(address: str) -> Response:
    """Redirect to a document (RFC 9110, section 15.4.4)."""
    response = redirect(address, 303)
    response.headers["Vary"] = "Accept"
    return response  # type: ignore[return-value]


def _choose(*offered: Format) -> Format:
    """Return the best format offered; TriG only to a client whose first choice it is, or that takes no other.

    In TriG the description is in named graphs. Comunica prefers N-Quads, then TriG, and queries the default graph.
    """
    best = choose(*offered)
    if not best.names_graphs or "format" in request.args or is_first_choice(best):
        return best
    try:
        return choose(*(row for row in offered if not row.names_graphs))
    except NotAcceptableError:
        return best


def _address(kind: str, slug: str, format_: Format) -> str:
    return url_for("linked_data.data", kind=kind, name=f"{slug}.{format_.extension}")


def _describe(kind: str, slug: str, format_: Format) -> Response:
    version = served().version
    if format_ is JSON:
        return respond_data(lambda: read_resource(kind, slug), format_=JSON)
    if not format_.names_graphs:
        return respond_query(describe(kind, slug, version), (format_,))

    def make() -> bytes:
        queries = describe_by_graph(engine(), kind, slug, version)
        return b"".join(engine().answer(query, (format_,)).read() for query in queries)

    return respond(format_, make)
