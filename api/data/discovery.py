"""How programs find the dataset: its description, typed links, and what crawlers read.

FAIR Signposting (signposting.org/FAIR) links each resource to the dataset: level 1 is the ``Link`` headers (RFC 8288),
level 2 the links of all resources of the dataset at ``/linkset`` (RFC 9264).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request, url_for

from api.data import schema_org
from api.data.linked_data import DATA, see_other
from api.http.negotiation import choose, graph_formats
from api.http.responses import respond, respond_query
from api.http.serving import described, labels, served
from kg.engine import FORMATS, Format, Query
from kg.prefixes import BASE, ID
from kg.queries import read_query
from kg.read.description import Description
from kg.read.entities import first
from kg.read.findings import find_findings

blueprint = Blueprint("discovery", __name__)

LINKSET_JSON = Format("json", "application/linkset+json", "json", "results")
LINKSET = Format("txt", "application/linkset", "txt", "results")
_XML = Format("xml", "application/xml", "xml", "results")
_TEXT = Format("txt", "text/plain", "txt", "results")
_SCHEMA = "https://schema.org/"
#: The most addresses of one sitemap (sitemaps.org, protocol 0.9).
MOST_ADDRESSES = 50_000
#: The pages on the dataset as a whole.
_WHOLE = ("pages.start", "pages.about", "methods_pages.methods", "methods_pages.glossary")


@dataclass(frozen=True)
class Link:
    """A typed link (RFC 8288): its relation, its target, and the media type found there."""

    rel: str
    href: str
    type: str = ""

    def header(self, anchor: str = "") -> str:
        """Return the link as a header writes it."""
        parameters = {"rel": self.rel, "type": self.type, "anchor": anchor}
        return "; ".join([f"<{self.href}>", *(f'{name}="{value}"' for name, value in parameters.items() if value)])


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Return the description of the dataset (VoID, section 7.2)."""
    return respond_query(Query(read_query("void")), graph_formats())


@blueprint.get("/version/<name>")
def version(name: str) -> Response:
    """Redirect from a version of the dataset to the description, if it is the one that is served."""
    description = described()
    if description is None or first(description.version, "identifier") != f"{BASE}version/{name}":
        abort(404, f"version {name} is not served here")
    return see_other(url_for("discovery.void"))


@blueprint.get("/snapshot/<version>")
def snapshot(version: str) -> Response:
    """Redirect from a snapshot to the description of the dataset, if it is the one that is served."""
    if version != served().version:
        abort(404, f"snapshot {version} is not served here; {served().version} is")
    return see_other(url_for("discovery.void"))


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages on the dataset and of every entity, or the parts of a list too long for one file."""

    def make() -> str:
        here, findings = labels(), find_findings(labels(), {})
        if len(_WHOLE) + len(here.entities) + findings.total <= MOST_ADDRESSES:
            names = [*here.entities, *findings.all()]
            return _sitemap([*_whole(), *_page_addresses(sorted(names))])
        parts = ["entities", *(str(start) for start in range(0, findings.total, MOST_ADDRESSES))]
        addresses = [url_for("discovery.sitemap_part", part=part, _external=True) for part in parts]
        return render_template("sitemap_index.xml", addresses=addresses) + "\n"

    return respond(_XML, make)


@blueprint.get("/sitemap/<part>.xml")
def sitemap_part(part: str) -> Response:
    """List a part of the pages: those of findings from a place on, or those of all other entities."""
    if part != "entities" and not (part.isascii() and part.isdigit() and len(part) < 10):
        abort(404, "the parts of the sitemap are listed in /sitemap.xml")

    def make() -> str:
        if part == "entities":
            return _sitemap([*_whole(), *_page_addresses(sorted(labels().entities))])
        return _sitemap(_page_addresses(find_findings(labels(), {}).part(MOST_ADDRESSES, start=int(part))))

    return respond(_XML, make)


def _whole() -> list[str]:
    return [url_for(endpoint, _external=True) for endpoint in _WHOLE]


def _page_addresses(iris: Iterable[str]) -> list[str]:
    start = url_for("pages.start", _external=True)
    return [f"{start}page/{iri.removeprefix(ID)}" for iri in iris]


def _sitemap(addresses: Sequence[str]) -> str:
    return render_template("sitemap.xml", addresses=addresses) + "\n"


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers from sending endless queries (RFC 9309), and show them the sitemap."""
    return respond(_TEXT, lambda: render_template("robots.txt") + "\n")


@blueprint.get("/linkset")
def linkset() -> Response:
    """Return the links of the dataset's resources, as JSON or as text by ``Accept`` or ``?format=``."""
    format_ = choose(LINKSET_JSON, LINKSET)

    def make() -> Any:
        description = described()
        links = {
            url_for(endpoint, _external=True): links_of(description) if description else []
            for endpoint, links_of in _RESOURCES.items()
        }
        return _as_json(links) if format_ is LINKSET_JSON else _as_text(links)

    return respond(format_, make)


def register(app: Flask) -> None:
    """Add ``Link`` headers to the answers of an application."""
    app.after_request(_add_links)


def _start_links(description: Description) -> list[Link]:
    """Return the links of the landing page."""
    return [
        Link("cite-as", BASE.rstrip("/")),
        Link("type", f"{_SCHEMA}AboutPage"),
        Link("type", f"{_SCHEMA}Dataset"),
        Link("author", first(description.version, "creator")),
        _licence(description),
        Link("item", url_for("exports.dataset", _external=True), FORMATS["nq"].media_type),
        Link("item", url_for("sparql.answer", _external=True)),
        *(
            Link("describedby", url_for("discovery.void", format=name, _external=True), FORMATS[name].media_type)
            for name in ("ttl", "jsonld", "rdf")
        ),
        *(
            Link("linkset", url_for("discovery.linkset", format=row.name, _external=True), row.media_type)
            for row in (LINKSET_JSON, LINKSET)
        ),
    ]


def _file_links(description: Description) -> list[Link]:
    """Return the links of the dataset's file."""
    return [_collection(), Link("type", f"{_SCHEMA}DataDownload"), _licence(description)]


def _service_links(description: Description) -> list[Link]:
    """Return the links of the SPARQL endpoint; without a query it describes itself (RFC 8631)."""
    endpoint = url_for("sparql.answer", _external=True)
    return [
        _collection(),
        Link("type", f"{_SCHEMA}WebAPI"),
        _licence(description),
        Link("service-desc", endpoint, FORMATS["ttl"].media_type),
    ]


def _description_links(description: Description) -> list[Link]:
    """Return the links of the description of the dataset."""
    return [Link("describes", url_for("pages.start", _external=True), "text/html"), _licence(description)]


def _page_links(description: Description) -> list[Link]:
    """Return the links of an entity's page."""
    kind, slug = (request.view_args or {}).values()
    iri = f"{ID}{kind}/{slug}"
    type_ = schema_org.TYPES.get((labels().get(iri) or {}).get("type", ""), "DefinedTerm")
    return [
        Link("cite-as", iri),
        Link("type", f"{_SCHEMA}AboutPage"),
        *([Link("type", _SCHEMA + type_)] if kind in schema_org.TERMS else []),
        *(
            Link(
                "describedby",
                url_for("linked_data.data", kind=kind, name=f"{slug}.{row.extension}", _external=True),
                row.media_type,
            )
            for row in DATA.values()
            if row.kind == "graph"
        ),
        _licence(description),
        _collection(),
    ]


def _collection() -> Link:
    return Link("collection", url_for("pages.start", _external=True), "text/html")


def _licence(description: Description) -> Link:
    return Link("license", first(description.dataset, "license"))


#: What makes the links of the resources of the dataset as a whole, by endpoint.
_RESOURCES: dict[str, Callable[[Description], list[Link]]] = {
    "pages.start": _start_links,
    "exports.dataset": _file_links,
    "sparql.answer": _service_links,
    "discovery.void": _description_links,
}
_LINKED = _RESOURCES | {"entity_pages.page": _page_links}


def _add_links(response: Response) -> Response:
    endpoint = request.endpoint or ""
    if (
        endpoint not in _LINKED
        or response.status_code >= 400
        or (endpoint == "sparql.answer" and (request.method in ("POST", "QUERY") or "query" in request.args))
    ):
        return response  # the last is an answer of the service, which is signposted itself
    if served().has_files():
        headers = _headers(endpoint, request.url_root, request.path, served().version)
        response.headers.extend(("Link", header) for header in headers)
    return response


@lru_cache(maxsize=256)  # making addresses costs as much as a small query
def _headers(endpoint: str, root: str, path: str, version: str) -> tuple[str, ...]:
    """Return the headers of a resource under a host and prefix, from a snapshot: they depend on nothing else."""
    description = described()
    return tuple(link.header() for link in _LINKED[endpoint](description)) if description else ()


def _as_json(resources: dict[str, list[Link]]) -> Any:
    contexts = []
    for anchor, links in resources.items():
        targets: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        for link in links:
            targets[link.rel].append({"href": link.href, **({"type": link.type} if link.type else {})})
        contexts.append({"anchor": anchor, **targets})
    return {"linkset": contexts}


def _as_text(resources: dict[str, list[Link]]) -> str:
    return ",\n".join(link.header(anchor) for anchor, links in resources.items() for link in links) + "\n"
