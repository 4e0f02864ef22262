"""Reads what a snapshot says as plain data: the shapes of the REST API (contract, section 7), by query files alone."""

from pathlib import Path

#: The JSON-LD context of the shapes: what their keys mean.
CONTEXT = Path(__file__).parent / "context.jsonld"
