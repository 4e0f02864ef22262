"""``/api/v1``: the graph as plain JSON and tables (contract, section 7), described by OpenAPI 3.1."""

from api.rest import comparing, context, disagreements, network, questions, records
from api.rest.blueprint import blueprint, make_app

__all__ = ["blueprint", "comparing", "context", "disagreements", "make_app", "network", "questions", "records"]
