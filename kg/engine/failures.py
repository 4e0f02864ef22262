"""Query errors as JSON, on their way from a worker to a web process."""

from typing import Any

from kg import errors
from kg.errors import QueryError


def write_error(error: QueryError) -> dict[str, Any]:
    """Return an error as JSON: the name of its class, and the arguments to make it with."""
    return {"error": type(error).__name__, "arguments": error.args}


def read_error(written: dict[str, Any]) -> QueryError:
    """Return the error that `write_error` wrote."""
    error = getattr(errors, written["error"])(*written["arguments"])
    assert isinstance(error, QueryError)
    return error
