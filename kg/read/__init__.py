"""Reads what a snapshot says as plain data: the shapes of the REST API (contract, section 7), by query files alone."""
