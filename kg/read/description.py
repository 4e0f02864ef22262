"""Descriptions as RDF queries of single resources, and what the dataset says of itself."""

from dataclasses import dataclass

from kg.engine import Engine, Query
from kg.prefixes import BASE, FUNCTION, ID
from kg.queries import read_query
from kg.read.entities import Properties, first, read_properties
from kg.read.labels import Json, Labels

#: IRIs of snapshots begin so.
SNAPSHOT = BASE + "snapshot/"
#: IRIs of the documents that describe resources begin so.
DATA = BASE + "data/"
_DATASET = BASE.rstrip("/")


@dataclass(frozen=True)
class Description:
    """The three levels of a dataset's description and the digest of its file, each by the names of its properties."""

    dataset: Properties
    version: Properties
    file: Properties
    checksum: Properties
    publisher: Properties


def read_description(engine: Engine) -> Description:
    """Read what the graph ``metadata`` says of the dataset and of the version that is there."""

    def read(iri: object) -> Properties:
        return read_properties(engine, [str(iri)])[str(iri)]

    dataset = read(_DATASET)
    version = read(first(dataset, "hasCurrentVersion"))
    file = read(first(version, "distribution"))
    return Description(dataset, version, file, read(first(file, "checksum")), read(first(dataset, "publisher")))


def iri_of(kind: str, slug: str) -> str:
    """Return the IRI of an entity, or of a function that queries may call.

    >>> iri_of("site", "hand"), iri_of("function", "pool")
    ('https://w3id.org/calcikg/id/site/hand', 'https://w3id.org/calcikg/function/pool')
    """
    return FUNCTION + slug if kind == "function" else f"{ID}{kind}/{slug}"


def describe(kind: str, slug: str, version: str) -> Query:
    """Return the query for a concise description, its provenance among it; ``version`` is that of the snapshot."""
    return Query(read_query("read/description", **_parts(kind, slug, version)))


def describe_by_graph(engine: Engine, kind: str, slug: str, version: str) -> list[Query]:
    """Return the queries whose answers are together the same description, with each graph by its name."""
    parts = _parts(kind, slug, version)
    iri = parts["entity"]
    graphs = [row["graph"] for row in engine.select(read_query("read/description-graphs", entity=iri))]
    return [
        Query(read_query("read/description-document", **parts)),
        *(Query(read_query("read/description", entity=iri, graph=graph), graph=graph) for graph in graphs),
    ]


def read_functions(engine: Engine) -> dict[str, Json]:
    """Return the functions that queries may call, by IRI."""
    return {
        row["function"]: {
            "id": row["function"].removeprefix(BASE),
            "iri": row["function"],
            "label": row["label"],
            "definition": row["definition"],
        }
        for row in engine.select(read_query("read/functions"))
    }


def read_replacements(labels: Labels, iri: str) -> list[str] | None:
    """Return what takes the place of a retired id; None for one that was never given."""
    rows = labels.select("read/retired", retired=iri)
    return [row["replacement"] for row in rows if "replacement" in row] if rows else None


def _parts(kind: str, slug: str, version: str) -> dict[str, str]:
    return {"entity": iri_of(kind, slug), "document": f"{DATA}{kind}/{slug}", "snapshot": SNAPSHOT + version}
