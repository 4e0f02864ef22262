"""``/api/v1``: the graph as plain JSON and tables (contract, section 7), described by OpenAPI 3.1."""

from api.rest import (
    comparing,
    context,
    disagreements,
    evidence,
    explaining,
    mappings,
    network,
    questions,
    records,
    searching,
)
from api.rest.blueprint import blueprint, make_app

#: The modules whose operations the blueprint has.
OPERATIONS = (comparing, context, disagreements, evidence, explaining, mappings, network, questions, records, searching)

__all__ = ["OPERATIONS", "blueprint", "make_app"]
