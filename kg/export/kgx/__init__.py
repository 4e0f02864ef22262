"""The evidence as a Biolink knowledge graph in KGX TSV (https://github.com/biolink/kgx/blob/master/specification/kgx-format.md).

One edge a finding, so that each keeps its source, direction and figures, and one for each axiom of the hierarchy. Which
category and which relation of Biolink tell what stands in ``ontology/biolink.ttl``.
"""

from collections.abc import Iterator
from itertools import chain

from kg.export.archive import archive
from kg.export.extract import Extract
from kg.export.kgx.edges import EDGE_COLUMNS, read_axioms, read_edges
from kg.export.kgx.nodes import NODE_COLUMNS, read_nodes
from kg.export.kgx.reading import prefixes, readme
from kg.export.kgx.rows import to_header, to_row


def write(extract: Extract) -> Iterator[bytes]:
    """Yield a ZIP of ``edges.tsv``, ``nodes.tsv``, the prefixes for ``kgx transform``, and how to read it all."""
    named = set(extract.entities)

    def edges() -> Iterator[str]:
        yield to_header(EDGE_COLUMNS)
        for edge in chain(read_edges(extract), read_axioms(extract)):
            named.update(edge.named)
            yield to_row(EDGE_COLUMNS, edge.cells)

    def nodes() -> Iterator[str]:  # what edges name is known once they are written
        yield to_header(NODE_COLUMNS)
        for cells in read_nodes(extract.labels, sorted(named)):
            yield to_row(NODE_COLUMNS, cells)

    files = (
        ("edges.tsv", edges()),
        ("nodes.tsv", nodes()),
        ("prefixes.yaml", prefixes(extract.labels)),
        ("README.txt", readme(extract.about)),
    )
    yield from archive(files)
