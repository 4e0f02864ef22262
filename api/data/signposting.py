"""FAIR Signposting: typed links from each resource to the dataset it belongs to (signposting.org/FAIR, RFC 8288).

Level 1 is the ``Link`` headers, level 2 the same links of all resources together at ``/linkset`` (RFC 9264).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, Response, request, url_for

from api.data import schema_org
from api.http.negotiation import choose
from api.http.responses import respond
from api.http.serving import described, labels, served
from kg.engine import FORMATS, Format
from kg.prefixes import BASE, ID
from kg.read.description import Description
from kg.read.entities import first

blueprint = Blueprint("signposting", __name__)

LINKSET_JSON = Format("json", "application/linkset+json", "json", "results")
LINKSET = Format("txt", "application/linkset", "txt", "results")
_SCHEMA = "https://schema.org/"
#: The formats in which an entity is described.
_DATA = tuple(FORMATS[name] for name in ("ttl", "jsonld", "nt", "rdf", "trig"))
_DATASET = BASE.rstrip("/")


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


def _start(description: Description) -> list[Link]:
    """Return the links of the landing page."""
    return [
        Link("cite-as", _DATASET),
        Link("type", f"{_SCHEMA}AboutPage"),
        Link("type", f"{_SCHEMA}Dataset"),
        Link("author", str(first(description.version, "creator"))),
        _licence(description),
        Link("item", url_for("downloads.dataset", _external=True), FORMATS["nq"].media_type),
        Link("item", url_for("sparql.answer", _external=True)),
        *(
            Link("describedby", url_for("well_known.void", format=name, _external=True), FORMATS[name].media_type)
            for name in ("ttl", "jsonld", "rdf")
        ),
        *(
            Link("linkset", url_for("signposting.linkset", format=row.name, _external=True), row.media_type)
            for row in (LINKSET_JSON, LINKSET)
        ),
    ]


def _file(description: Description) -> list[Link]:
    """Return the links of the dataset's file."""
    return [_collection(), Link("type", f"{_SCHEMA}DataDownload"), _licence(description)]


def _service(description: Description) -> list[Link]:
    """Return the links of the SPARQL endpoint; without a query it describes itself (RFC 8631)."""
    here = url_for("sparql.answer", _external=True)
    return [
        _collection(),
        Link("type", f"{_SCHEMA}WebAPI"),
        _licence(description),
        Link("service-desc", here, FORMATS["ttl"].media_type),
    ]


def _metadata(description: Description) -> list[Link]:
    """Return the links of the description of the dataset."""
    return [Link("describes", url_for("pages.start", _external=True), "text/html"), _licence(description)]


def _page(description: Description) -> list[Link]:
    """Return the links of an entity's page."""
    start, arguments = url_for("pages.start", _external=True), request.view_args or {}
    name = "{kind}/{slug}".format_map(arguments)
    type_ = labels().entities.get(ID + name, {}).get("type")
    return [
        Link("cite-as", ID + name),
        Link("type", f"{_SCHEMA}AboutPage"),
        *([Link("type", _SCHEMA + schema_org.TYPES.get(str(type_), "DefinedTerm"))] if _is_term(arguments) else []),
        *(Link("describedby", f"{start}data/{name}.{row.extension}", row.media_type) for row in _DATA),
        _licence(description),
        _collection(),
    ]


def _is_term(arguments: dict[str, str]) -> bool:
    return arguments["kind"] in schema_org.TERMS


def _collection() -> Link:
    return Link("collection", url_for("pages.start", _external=True), "text/html")


def _licence(description: Description) -> Link:
    return Link("license", str(first(description.dataset, "license")))


#: The resources of the dataset as a whole that have links, by endpoint.
_RESOURCES: dict[str, Callable[[Description], list[Link]]] = {
    "pages.start": _start,
    "downloads.dataset": _file,
    "sparql.answer": _service,
    "well_known.void": _metadata,
}
_PAGES = {"entity_pages.page": _page}


def register(app: Flask) -> None:
    """Give the answers of all resources that have links their ``Link`` headers."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    endpoint = request.endpoint or ""
    if endpoint in _RESOURCES | _PAGES and response.status_code < 400:
        headers = _headers(endpoint, request.url_root, request.path, served().version)
        response.headers.extend(("Link", header) for header in headers)
    return response


@lru_cache(maxsize=256)  # to make addresses costs as much as a small query
def _headers(endpoint: str, root: str, path: str, version: str) -> tuple[str, ...]:
    """Return the headers of a resource under a host and prefix, from a snapshot: they depend on nothing else."""
    description = described()
    return tuple(link.header() for link in (_RESOURCES | _PAGES)[endpoint](description)) if description else ()


@blueprint.get("/linkset")
def linkset() -> Response:
    """Return the links of the dataset's resources, as JSON or as text by ``Accept`` or ``?format=``."""
    chosen = choose(LINKSET_JSON, LINKSET)

    def make() -> Any:
        description = described()
        resources = {
            url_for(endpoint, _external=True): links(description) if description else []
            for endpoint, links in _RESOURCES.items()
        }
        return _as_json(resources) if chosen is LINKSET_JSON else _as_text(resources)

    return respond(chosen, make)


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
