"""Shapes of queries that Virtuoso 7.2.5 answers wrongly, however they are written: they are refused."""

from collections.abc import Iterator

from kg.engine.remote.brackets import Tokens
from kg.engine.tokens import is_keyword
from kg.errors import UnsupportedError


def refuse_faults(text: str) -> None:
    """Raise UnsupportedError for a query to which Virtuoso would give a wrong answer, and no error.

    >>> refuse_faults("SELECT * { ?s ?p ?o OPTIONAL { ?o ?q ?r BIND(EXISTS { ?r ?q ?s } AS ?back) } }")
    Traceback (most recent call last):
    kg.errors.UnsupportedError: Virtuoso answers EXISTS within BIND within OPTIONAL wrongly
    >>> refuse_faults("CONSTRUCT { ?s ?p ?o } { { BIND(<a> AS ?s) ?s ?p ?o } UNION { ?o ?p ?s } }")
    Traceback (most recent call last):
    kg.errors.UnsupportedError: Virtuoso answers a branch of UNION in CONSTRUCT that begins with BIND or VALUES wrongly
    >>> refuse_faults("SELECT * { { BIND(<a> AS ?s) ?s ?p ?o } UNION { ?s ?p ?o FILTER EXISTS { ?o ?p ?s } } }")
    """
    found = Tokens(text)
    for fault in _faults(found):
        raise UnsupportedError(f"Virtuoso answers {fault} wrongly")


def _faults(found: Tokens) -> Iterator[str]:
    tokens = found.all
    for at in found.where("EXISTS"):
        around = [opening for opening, closing in found.closing.items() if opening < at < closing]
        if all(any(is_keyword(tokens[opening - 1], word) for opening in around) for word in ("BIND", "OPTIONAL")):
            yield "EXISTS within BIND within OPTIONAL"
    if next(found.where("CONSTRUCT"), None) is None:
        return
    for opening, closing in found.closing.items():
        beside = (tokens[opening - 1], *tokens[closing + 1 : closing + 2])
        if any(is_keyword(token, "UNION") for token in beside) and is_keyword(tokens[opening + 1], "BIND", "VALUES"):
            yield "a branch of UNION in CONSTRUCT that begins with BIND or VALUES"
