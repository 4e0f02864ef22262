"""The mappings, as an SSSOM table (https://mapping-commons.github.io/sssom/)."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.export.extract import Extract
from kg.prefixes import BASE, EXTERNAL, PREFIXES, contract
from kg.queries import read_query

if TYPE_CHECKING:
    from kg.snapshot import Snapshot

_SSSOM = PREFIXES["sssom"]
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_CREATOR = "calcikg contributors"
_REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_BATCH = 200  # entities that one query asks for
# SSSOM has these columns in this order.
_COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_id",
    "mapping_date",
    "comment",
)


def write(extract: Extract) -> Iterator[bytes]:
    """Yield header and rows of the selected entities, sorted; a column in which nothing stands is left out."""
    rows: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for triple in chain.from_iterable(_read(extract)):
        assert isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal)
        value = triple.object.value
        column = triple.predicate.value.removeprefix(_SSSOM)
        rows[triple.subject.value][column] = contract(value) if isinstance(triple.object, ox.NamedNode) else value
    filled = {column for row in rows.values() for column in row}.union(_REQUIRED)
    columns = [column for column in _COLUMNS if column in filled]
    table = sorted([row.get(column, "") for column in columns] for row in rows.values())
    yield "\n".join([*_header(extract.snapshot, table), "\t".join(columns), *map("\t".join, table), ""]).encode()


def _read(extract: Extract) -> Iterator[Iterator[ox.Quad]]:
    """Yield what is said of the mappings; where filters choose entities, of so many at once."""
    batches = range(0, len(extract.entities), _BATCH) if extract.filters else ()
    queries = [read_query("export/mappings", entity=extract.entities[start : start + _BATCH]) for start in batches]
    for query in queries if extract.filters else [read_query("export/mappings")]:
        yield ox.parse(extract.engine.evaluate(query, "nt"), format=ox.RdfFormat.N_TRIPLES)


def _header(snapshot: "Snapshot", table: list[list[str]]) -> Iterator[str]:
    namespaces = PREFIXES | EXTERNAL
    used = {prefix for row in table for cell in row if (prefix := cell.partition(":")[0]) in namespaces}
    yield "# curie_map:"
    for prefix in sorted(used):
        yield f"#   {prefix}: {namespaces[prefix]}"
    yield "# creator_label:"
    yield f"#   - {_CREATOR}"
    yield f"# license: {_LICENCE}"
    yield f"# mapping_set_id: {BASE}mappings"
    yield "# mapping_set_title: Mappings of the calcikg entities to public vocabularies"
    yield f"# mapping_set_version: {json.dumps(snapshot.manifest['calcikg'])}"
