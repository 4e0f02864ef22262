"""Extracts of the snapshot for tests of exports, and what files must contain: findings by direction and denial."""

import io
import zipfile
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import pyoxigraph as ox

from kg.engine import Engine, Row
from kg.engine.embedded import EmbeddedEngine
from kg.export import EXPORTS, Extract, Filters
from kg.prefixes import expand
from kg.read.filters import all_filters
from kg.read.labels import Labels
from kg.snapshot import Snapshot

#: Findings by direction (empty: none) and whether they are denied.
Counts = Counter[tuple[str, bool]]
_LABEL = expand("rdfs:label")
_COUNTS = """
SELECT ?direction ?negated (COUNT(DISTINCT ?finding) AS ?number)
WHERE {
  ?finding a ckg:Finding .
  FILTER(!%s || EXISTS { ?finding ckg:object ?object })
  OPTIONAL { ?finding ckg:direction ?named }
  BIND(COALESCE(STRAFTER(STR(?named), "/ontology/"), "") AS ?direction)
  BIND(EXISTS { ?finding ckg:negated true } AS ?negated)
}
GROUP BY ?direction ?negated
"""


def extract_of(snapshot: Snapshot, engine: Engine, *given: tuple[str, str]) -> Extract:
    """Return what filters, given as pairs, select from an engine."""
    labels = _labels(engine)
    return Extract(labels, Filters.read(given, all_filters(labels)), snapshot=snapshot)


@lru_cache(maxsize=1)
def _labels(engine: Engine) -> Labels:
    """Return the labels of an engine, which one test after the other asks for."""
    return Labels(engine)


def written(name: str, extract: Extract) -> bytes:
    """Return a whole export."""
    return b"".join(EXPORTS[name].write(extract))


def ask(engine: Engine, text: str) -> list[Row]:
    """Return the rows of a query that uses the prefix of the ontology."""
    return engine.select("PREFIX ckg: <https://w3id.org/calcikg/ontology/>\n" + text)


def counted(engine: Engine, *, with_object: bool) -> Counts:
    """Count findings by direction and denial, by SPARQL: all of them, or those that have an object."""
    rows = ask(engine, _COUNTS % str(with_object).lower())
    return Counter({(row["direction"], row["negated"]): row["number"] for row in rows})


def unpack(archive: bytes) -> dict[str, str]:
    """Return the text files of a ZIP, by their names."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name).decode() for name in packed.namelist()}


def relabelled(snapshot: Snapshot, labels: Mapping[str, str]) -> EmbeddedEngine:
    """Return an engine over the snapshot in which some entities, by IRI, have other labels."""
    quads = (quad for path in snapshot.quads for quad in ox.parse(path=path))
    return EmbeddedEngine(
        ox.Quad(quad.subject, quad.predicate, ox.Literal(labels[quad.subject.value]), quad.graph_name)
        if quad.predicate.value == _LABEL and getattr(quad.subject, "value", "") in labels
        else quad
        for quad in quads
    )
