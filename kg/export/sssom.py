"""The mappings, as an SSSOM table (https://mapping-commons.github.io/sssom/)."""

import json
from collections import defaultdict
from collections.abc import Iterator

import pyoxigraph as ox

from kg.export.extract import Extract, batches
from kg.prefixes import BASE, EXTERNAL, PREFIXES, contract
from kg.queries import read_query

_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_CREATOR = "calcikg contributors"
#: The columns in the order of SSSOM; those that are not required are left out when they are empty.
_COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification", "author_id",
    "mapping_date", "comment",
)  # fmt: skip
_REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")


def write(extract: Extract) -> Iterator[bytes]:
    """Yield header and rows of the selected entities, sorted."""
    rows: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for triple in _read_mappings(extract):
        assert isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal)
        value = triple.object.value
        column = triple.predicate.value.removeprefix(PREFIXES["sssom"])
        rows[triple.subject.value][column] = contract(value) if isinstance(triple.object, ox.NamedNode) else value
    filled = {column for row in rows.values() for column in row}.union(_REQUIRED)
    columns = [column for column in _COLUMNS if column in filled]
    table = sorted([row.get(column, "") for column in columns] for row in rows.values())
    version = extract.snapshot.manifest["calcikg"]
    yield "\n".join([*_header(version, table), "\t".join(columns), *map("\t".join, table), ""]).encode()


def _read_mappings(extract: Extract) -> Iterator[ox.Quad]:
    """Yield the statements about the mappings of the selected entities; without filters, of all."""
    choices = [{"entity": batch} for batch in batches(extract.entities)] if extract.filters else [{}]
    for choice in choices:
        answer = extract.labels.engine.evaluate(read_query("export/mappings", **choice), "nt")
        yield from ox.parse(answer, format=ox.RdfFormat.N_TRIPLES)


def _header(version: str, table: list[list[str]]) -> Iterator[str]:
    namespaces = PREFIXES | EXTERNAL
    yield "# curie_map:"
    for prefix in sorted({cell.partition(":")[0] for row in table for cell in row} & namespaces.keys()):
        yield f"#   {prefix}: {namespaces[prefix]}"
    yield "# creator_label:"
    yield f"#   - {_CREATOR}"
    yield f"# license: {_LICENCE}"
    yield f"# mapping_set_id: {BASE}mappings"
    yield "# mapping_set_title: Mappings of the calcikg entities to public vocabularies"
    yield f"# mapping_set_version: {json.dumps(version)}"
