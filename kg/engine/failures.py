"""How an error of a query is told between a worker and a web process."""

from kg.errors import (
    MemoryLimitError,
    NotAcceptableError,
    QueryError,
    QuerySyntaxError,
    RefusedError,
    ServiceError,
    ServiceRefusedError,
    SizeLimitError,
)

#: The errors that a worker tells of, by the kind that stands for each in the frame X.
_ERRORS: dict[str, type[QueryError]] = {
    "format": NotAcceptableError,
    "size": SizeLimitError,
    "memory": MemoryLimitError,
    "refused": RefusedError,
    "service": ServiceError,
    "service-refused": ServiceRefusedError,
    "query": QueryError,
}


def problem_of(error: QueryError) -> dict[str, object]:
    """Return an error as the payload of the frame X."""
    if isinstance(error, QuerySyntaxError):
        return {"kind": "syntax", "problem": error.problem, "line": error.line, "column": error.column}
    kind = next((kind for kind, class_ in _ERRORS.items() if type(error) is class_), "query")
    return {"kind": kind, "problem": str(error)}


def error_of(problem: dict[str, object]) -> QueryError:
    """Return the error that the payload of a frame X tells of."""
    text = str(problem["problem"])
    if problem["kind"] == "syntax":
        return QuerySyntaxError(text, int(str(problem["line"])), int(str(problem["column"])))
    return _ERRORS[str(problem["kind"])](text)
