"""``/downloads``: what can be taken away; ``/download/dataset.nq``: the dataset in one file (RFC 9110: ranges)."""

from flask import Response, abort, render_template

from api.http.problems import Pages
from api.http.responses import respond_file
from api.http.serving import served
from kg.engine import FORMATS
from kg.export import EXPORTS, Export
from kg.export.prebuilt import prebuilt, prebuilt_sha256
from kg.snapshot import DATASET, Snapshot

#: The families of formats, by who takes them.
_FAMILIES = {
    "table": "Tables: Excel, pandas, R",
    "network": "Networks: Cytoscape, Gephi, networkx, Neo4j, KGX",
    "evidence": "Evidence: FHIR, nanopublications",
    "rdf": "RDF: triple stores and linked data",
    "mappings": "Mappings to other vocabularies",
}
#: How a format is opened where one line does it.
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
    "sssom": "sssom validate calcikg.sssom.tsv",
}

blueprint = Pages("downloads", __name__)


@blueprint.get("/downloads")
def page() -> str:
    """List every export with its size, its digest, and how to fetch, make and open it."""
    snapshot = served().snapshot
    families = (
        {
            words: [_row(snapshot, row) for row in EXPORTS.values() if row.family == family]
            for family, words in _FAMILIES.items()
        }
        if snapshot
        else {}
    )
    return render_template("downloads.html", snapshot=snapshot, families=families)


def _row(snapshot: Snapshot, export: Export) -> dict[str, object]:
    file = prebuilt(snapshot, export.name)
    made = {"bytes": file.stat().st_size, "sha256": prebuilt_sha256(snapshot, export.name)} if file else {}
    return {"export": export, "example": _EXAMPLES.get(export.name), **made}


@blueprint.get(f"/download/{DATASET}")
def dataset() -> Response:
    """Send the file, or the part of it that is asked for; its tag is its SHA-256."""
    snapshot = served().snapshot
    if snapshot is None:
        abort(404, "plain files are served, and no snapshot; ask /graph-store for their content")
    return respond_file(snapshot.path / DATASET, FORMATS["nq"], snapshot.manifest["files"][DATASET], DATASET)
