"""``/api/v1``: the graph as JSON and tables, described by OpenAPI 3.1."""

from api.rest import evidence, explain, network, questions, records, search
from api.rest.blueprint import blueprint, make_app

#: The modules whose operations the blueprint has.
OPERATIONS = (evidence, explain, network, questions, records, search)

__all__ = ["OPERATIONS", "blueprint", "make_app"]
