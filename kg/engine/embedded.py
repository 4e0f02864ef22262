"""The embedded engine: pyoxigraph, in memory, in this process."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.engine.base import Answer, Query
from kg.engine.formats import Format
from kg.errors import NotAcceptableError, QueryError, QuerySyntaxError

_RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
_PLACE = re.compile(r"^error at (\d+):(\d+): (.*)", re.DOTALL)


class EmbeddedEngine:
    """An in-memory store, filled once and only read afterwards.

    The default graph holds every triple of every named graph once: a union made at query time would return
    a triple twice when two graphs hold it, so that COUNT would be wrong.
    """

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._store = ox.Store()
        self._store.bulk_extend(
            quad for named in quads for quad in (named, ox.Quad(named.subject, named.predicate, named.object))
        )

    @classmethod
    def from_file(cls, path: Path) -> "EmbeddedEngine":
        """Load an N-Quads file."""
        return cls(ox.parse(path=path, format=ox.RdfFormat.N_QUADS))

    def __len__(self) -> int:
        """Return the number of quads, those of the default graph included."""
        return len(self._store)

    def answer(self, query: Query, formats: Sequence[Format]) -> Answer:
        """Answer a query (see [kg.engine.base.Engine][])."""
        try:
            results = self._store.query(
                query.text,
                default_graph=_graphs(query.default_graphs),
                named_graphs=_graphs(query.named_graphs),
            )
            return _serialise(results, formats)
        except SyntaxError as error:
            raise _syntax_error(str(error)) from None
        except (ValueError, RuntimeError, OSError) as error:
            raise QueryError(f"the query cannot be evaluated: {error}") from None


def _graphs(iris: tuple[str, ...] | None) -> list[Any] | None:
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]


def _serialise(
    results: "ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples", formats: Sequence[Format]
) -> Answer:
    kind = "graph" if isinstance(results, ox.QueryTriples) else "results"
    chosen = next((row for row in formats if row.kind == kind), None)
    if chosen is None:
        wants = "a graph" if kind == "graph" else "a table or a truth value"
        raise NotAcceptableError(f"the query's answer is {wants}, which has none of the formats asked for")
    if isinstance(results, ox.QueryTriples):
        body = results.serialize(format=_GRAPHS[chosen.name])
    elif isinstance(results, ox.QueryBoolean) and chosen.name in ("csv", "tsv"):
        # SPARQL 1.1 defines CSV and TSV for SELECT only; a bare word is what other endpoints send for ASK.
        body = b"true\n" if results else b"false\n"
    else:
        body = results.serialize(format=_RESULTS[chosen.name])
    assert body is not None, "without an output file the engine returns bytes"
    return Answer(chosen, iter((body,)))


def _syntax_error(message: str) -> QuerySyntaxError:
    found = _PLACE.match(message)
    if found is None:
        return QuerySyntaxError(message, 1, 1)
    line, column, problem = found.groups()
    return QuerySyntaxError(_readable(problem), int(line), int(column))


def _readable(problem: str) -> str:
    """Say what the parser would have gone on with, leaving out its sets of single characters."""
    if "Prefix not found" in problem:
        return "a prefix is used here that is not declared"
    expected = problem.removeprefix("expected ").removeprefix("one of ").split(", ")
    words = [word for word in expected if re.fullmatch(r"[A-Za-z ]{2,}", word)]
    return f"expected {' or '.join(words[:6])}" if words else "the query cannot go on like this"
