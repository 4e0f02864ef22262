"""Reads what a snapshot says as plain data, the shapes of the REST API, by query files alone."""
