"""``/id``, ``/data``, ``/graph``, ``/function``, ``/questions``: what the canonical IRIs lead to on this host.

An IRI names a thing, not a document: 303 leads on to a document that describes it (https://www.w3.org/TR/cooluris/).
Addresses are made for the host and the prefix of the request; the IRIs inside the documents stay canonical.
"""

from flask import Blueprint, Response, abort, redirect, url_for

from api.data.resources import GoneError, gone, read_resource, resolve
from api.http.negotiation import choose
from api.http.responses import HTML, JSON, respond, respond_data, respond_query
from api.http.serving import engine, served
from api.sparql.graph_store import exists
from kg.engine import FORMATS, Format
from kg.prefixes import GRAPH
from kg.read.description import describe, describe_by_graph

#: The formats of data, each under its extension; the first is the default.
DATA: dict[str, Format] = {
    **{name: FORMATS[name] for name in ("ttl", "jsonld", "nt", "rdf", "trig")},
    "json": JSON,
}

blueprint = Blueprint("linked_data", __name__)
blueprint.register_error_handler(GoneError, gone)


@blueprint.get("/id/<kind>/<slug>")
def identify(kind: str, slug: str) -> Response:
    """Lead to the page of a thing, or to its data, whichever the client prefers."""
    resolve(kind, slug)
    format_ = choose(HTML, *DATA.values())
    if format_ is HTML:
        return see_other(url_for("entity_pages.page", kind=kind, slug=slug))
    return see_other(url_for("linked_data.data", kind=kind, name=f"{slug}.{format_.extension}"))


@blueprint.get("/function/<name>")
def function(name: str) -> Response:
    """Lead to what is said of a function that queries may call."""
    return identify("function", name)


@blueprint.get("/questions")
def questions() -> Response:
    """Lead to the list of the questions."""
    return see_other(url_for("entity_pages.kind", kind="question"))


@blueprint.get("/questions/<slug>")
def question(slug: str) -> Response:
    """Lead to a question by its short address."""
    return identify("question", slug)


@blueprint.get("/graph/<path:name>")
def graph(name: str) -> Response:
    """Lead to the content of a named graph."""
    if not exists(GRAPH + name):
        abort(404, f"there is no graph {name!r}")
    return see_other(url_for("graph_store.read", graph=GRAPH + name))


@blueprint.get("/snapshot/<version>")
def snapshot(version: str) -> Response:
    """Lead to the description of the dataset, from the snapshot that is served."""
    if version != served().version:
        abort(404, f"the snapshot {version} is not served here; {served().version} is")
    return see_other(url_for("well_known.void"))


@blueprint.get("/data/<kind>/<name>")
def data(kind: str, name: str) -> Response:
    """Return the description of a thing: in the format of the extension, without one in that of ``Accept``."""
    slug, dot, extension = name.partition(".")
    if dot and extension not in DATA:
        abort(404, f"there is no format {extension!r}; there are {', '.join(DATA)}")
    resolve(kind, slug)
    format_ = DATA[extension] if dot else choose(*DATA.values())
    response = _describe(kind, slug, format_)
    if not dot:
        response.headers["Content-Location"] = url_for(
            "linked_data.data", kind=kind, name=f"{slug}.{format_.extension}"
        )
    return response


def see_other(address: str) -> Response:
    """Lead on to a document (RFC 9110, section 15.4.4)."""
    response = redirect(address, 303)
    response.headers["Vary"] = "Accept"
    return response  # type: ignore[return-value]


def _describe(kind: str, slug: str, format_: Format) -> Response:
    version = served().version
    if format_ is JSON:
        return respond_data(lambda: read_resource(kind, slug), format_=JSON)
    if not format_.names_graphs:
        return respond_query(describe(kind, slug, version), (format_,))

    def write() -> bytes:
        queries = describe_by_graph(engine(), kind, slug, version)
        return b"".join(engine().answer(query, (format_,)).read() for query in queries)

    return respond(format_, write)
