"""``/api/v1``: the graph as plain JSON and tables (contract, section 7), described by OpenAPI 3.1."""
