"""``/downloads``, ``/download``, ``/export`` and ``/np``: the dataset or a part of it, in one piece."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Response, abort, render_template, request

from api.http.problems import Pages
from api.http.responses import HTML, JSON, respond, respond_file, respond_stream, tag_of
from api.http.serving import engine, labels, once_per_snapshot, served
from kg.engine import FORMATS, Format
from kg.export import EXPORTS, Export, Extract, Filters
from kg.export.nanopub import read_nanopublications
from kg.export.prebuilt import listed, prebuilt
from kg.prefixes import NANOPUB
from kg.read.filters import all_filters
from kg.snapshot import DATASET, Snapshot

blueprint = Pages("exports", __name__)

#: The families of formats, by the programs that read them.
_FAMILIES = {
    "table": "Tables: Excel, pandas, R",
    "network": "Networks: Cytoscape, Gephi, networkx, Neo4j, KGX",
    "evidence": "Evidence: FHIR, nanopublications",
    "references": "References: Zotero, EndNote, LaTeX, pandoc",
    "rdf": "RDF: triple stores and linked data",
    "mappings": "Mappings to other vocabularies",
}
#: How a format is opened, where one line does it.
_EXAMPLES = {
    "csv": 'pandas.read_csv("calcikg.csv")',
    "parquet": 'pandas.read_parquet("calcikg.parquet")',
    "xlsx": 'pandas.read_excel("calcikg.xlsx")',
    "graphml": 'networkx.read_graphml("calcikg.graphml")',
    "gexf": "Gephi: File, Open",
    "cx2": "Cytoscape: File, Import, Network from File",
    "cyjs": "Cytoscape: File, Import, Network from File",
    "dot": "dot -Kneato -n -Tsvg calcikg.dot -o calcikg.svg",
    "json": 'networkx.node_link_graph(json.load(open("calcikg.json")), edges="edges")',
    "kgx": "kgx validate --input-format tsv nodes.tsv edges.tsv",
    "ttl": 'rdflib.Graph().parse("calcikg.ttl")',
    "nq": 'rdflib.Dataset().parse("calcikg.nq")',
    "nt": 'rdflib.Graph().parse("calcikg.nt")',
    "csljson": "pandoc -f csljson -t plain --citeproc calcikg.json",
    "ris": "Zotero: File, Import",
    "bibtex": "pandoc -f bibtex -t plain --citeproc calcikg.bib",
    "sssom": "sssom validate calcikg.sssom.tsv",
}

#: What the list of exports states about each.
_KEYS = ("name", "media_type", "extension", "family", "meaning", "keeps", "loses")


@blueprint.get("/downloads")
def downloads() -> Response:
    """List every export with its size, its digest, and how to fetch, make and open it."""
    snapshot = served().snapshot

    def make() -> str:
        families = {
            words: [_row(snapshot, row) for row in EXPORTS.values() if snapshot and row.family == family]
            for family, words in _FAMILIES.items()
        }
        return render_template("downloads.html", snapshot=snapshot, families=families)

    return respond(HTML, make, depends_on=bool(snapshot and snapshot.exported))


@blueprint.get(f"/download/{DATASET}")
def dataset() -> Response:
    """Send the dataset as one file, or the part requested; its tag is its SHA-256."""
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "plain files are served, not a snapshot; /graph-store has their content")
    return respond_file(snapshot.path / DATASET, FORMATS["nq"], snapshot.manifest["files"][DATASET], DATASET)


@blueprint.get("/export")
def formats() -> Response:
    """List the formats, with what each of them keeps and loses."""
    _snapshot()
    return respond(JSON, _list)


@blueprint.get("/export/<name>")
def export(name: str) -> Response:
    """Send an export of what the filters select."""
    row, snapshot = EXPORTS.get(name), _snapshot()
    if row is None:
        abort(404, f"there is no export {name!r}; there are {', '.join(EXPORTS)}")
    filters = Filters.read(request.args.items(multi=True), all_filters(labels()))
    # Its queries are sent while the client reads, when the request is over: hence an engine that knows the client.
    extract = Extract(labels().with_engine(engine()), filters, snapshot=snapshot)
    if filters:
        extract.check()
    format_ = _format(row)
    if not filters and (file := prebuilt(snapshot, row.name)):
        return respond_file(file, format_, tag_of(served(), f"export {name}"), _file_name(row))
    key = ascii(filters.pairs)
    response = respond_stream(format_, lambda: row.write(extract), ("export", key))
    if response.status_code == 200:
        part = sha256(key.encode()).hexdigest()[:8] if filters else ""
        response.headers.set("Content-Disposition", "attachment", filename=_file_name(row, part))
    return response


@blueprint.get("/np/<code>")
def resolve(code: str) -> Response:
    """Return the nanopublication of a trusty URI, in TriG."""
    content = _nanopublications().get(code) if served().snapshot else None
    if content is None:
        abort(404, f"there is no nanopublication {code} here")
    return respond(_format(EXPORTS["nanopub"]), lambda: content)


@once_per_snapshot
def _nanopublications() -> Mapping[str, bytes]:
    """Return every nanopublication by its code; they are made when the first one is requested."""
    return {each.iri.removeprefix(NANOPUB): each.to_trig() for each in read_nanopublications(engine())}


def _row(snapshot: Snapshot, export: Export) -> dict[str, object]:
    found = listed(snapshot, export.name)
    made = {"bytes": found[0].stat().st_size, "sha256": found[1]} if found else {}
    return {"export": export, "example": _EXAMPLES.get(export.name), **made}


def _list() -> Any:
    return {
        "filters": [one.name for one in all_filters(labels())],
        "formats": [
            {
                **{key: getattr(row, key) for key in _KEYS},
                "address": f"export/{row.name}",  # relative, so that the list is the same below every host and prefix
            }
            for row in EXPORTS.values()
        ],
    }


def _snapshot() -> Snapshot:
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "there are no exports where plain files are served")
    return snapshot


def _format(row: Export) -> Format:
    return Format(row.name, row.media_type, row.extension, "graph")


def _file_name(row: Export, part: str = "") -> str:
    """Return the name to save an export under: that of the format is in it where another has the same extension."""
    shared = [other for other in EXPORTS.values() if other.extension == row.extension]
    name = row.name if len(shared) > 1 and row.name != row.extension else ""
    return "-".join(filter(None, ("calcikg", name, served().version, part))) + f".{row.extension}"
