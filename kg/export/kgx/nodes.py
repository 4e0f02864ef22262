"""Entities as nodes of Biolink."""

from collections.abc import Iterator, Sequence

from kg.export.batches import batches
from kg.export.kgx.rows import Cells, to_curie
from kg.read.entities import first, read_properties
from kg.read.labels import Labels

# Biolink's own columns for these take one value each, but for xref; ours may have several.
_MATCHES = {
    "xref": "exactMatch",
    "exact_matches": "exactMatch",
    "close_matches": "closeMatch",
    "broad_matches": "broadMatch",
    "narrow_matches": "narrowMatch",
    "related_matches": "relatedMatch",
}
NODE_COLUMNS = ("id", "category", "name", "description", "synonym", *_MATCHES, "iri", "type", "size")


def read_nodes(labels: Labels, iris: Sequence[str]) -> Iterator[Cells]:
    """Yield a node for each entity that has a category of Biolink, in order; only a batch is held at once.

    Its identifier is our own: an exact match says that a term may stand for it elsewhere, not that the two are one.
    """
    for batch in batches(iris):
        written = read_properties(labels.engine, batch)
        rows = labels.select("export/biolink-categories", entity=batch)
        categories = {row["entity"]: to_curie(row["category"]) for row in rows}
        for iri in (iri for iri in batch if iri in categories):  # findings and disagreements have none
            entity, texts = labels.entities[iri], written[iri]
            yield {
                "id": to_curie(iri),
                "category": [categories[iri]],
                "name": entity["label"],
                "description": first(texts, "definition") or first(texts, "description"),
                "synonym": sorted(map(str, texts.get("altLabel", ()))),
                **{column: sorted(map(to_curie, texts.get(name, ()))) for column, name in _MATCHES.items()},
                "iri": iri,
                "type": entity["type"],
                "size": labels.sizes.get(iri),
            }
