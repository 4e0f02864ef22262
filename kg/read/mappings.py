"""The mappings to other vocabularies, in the columns of SSSOM."""

from collections.abc import Mapping

from kg.prefixes import contract
from kg.queries import Parameter, read_query
from kg.read.labels import Json, Labels

_IDENTIFIERS = ("subject_id", "predicate_id", "object_id", "mapping_justification")


def read_mappings(labels: Labels, filters: Mapping[str, Parameter]) -> dict[str, Json]:
    """Return the mappings that fit all filters (``subject_id``, ``predicate_id``, ``object_id``), by IRI, in order."""
    return {
        row["mapping"]: {
            key: contract(str(value)) if key in _IDENTIFIERS else value
            for key, value in row.items()
            if key != "mapping"
        }
        for row in labels.engine.select(read_query("read/mapping-set", **filters))
    }
