"""The embedded engine: pyoxigraph, in memory, in this process."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyoxigraph as ox

from kg.engine.base import Answer, Call, Engine, Query
from kg.engine.dataset import view
from kg.engine.formats import Format
from kg.engine.functions import functions_of
from kg.engine.service.federation import RESTORE, federate, restore
from kg.engine.tokens import lower_booleans
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
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
_UNKNOWN_FUNCTION = re.compile(r"custom function <([^>]+)> is not supported")
_PLACE = re.compile(r"^error at (\d+):(\d+): (.*)", re.DOTALL)


class Sink(Protocol):
    """Takes an answer as it is written: its format first, then its bytes."""

    def begin(self, format_: Format) -> None:
        """Take the format that was chosen."""

    def write(self, data: bytes) -> int:
        """Take some bytes; may raise QueryError to stop the answer."""
        ...

    def flush(self) -> None:
        """Pass on what was taken."""


class EmbeddedEngine(Engine):
    """An in-memory store, filled once and only read afterwards.

    With ``union`` the default graph holds every triple of every named graph once: a union made at query time
    would return a triple twice when two graphs hold it, so that COUNT would be wrong. Without, the quads are
    served as they are.
    """

    missing: tuple[str, ...] = ("a process of its own for each query",)

    def __init__(self, quads: Iterable[ox.Quad], *, union: bool = True, call: Call | None = None) -> None:
        """Load quads; ``call`` asks the endpoints that SERVICE names, without it SERVICE is refused."""
        self._store, self._call = ox.Store(), call
        self._store.bulk_extend(
            (quad for named in quads for quad in (named, ox.Quad(named.subject, named.predicate, named.object)))
            if union
            else quads
        )

    @classmethod
    def from_files(cls, paths: Iterable[Path], *, union: bool = True, call: Call | None = None) -> "EmbeddedEngine":
        """Load RDF files of any format, told by their extension."""
        files = list(paths)
        several = len(files) > 1  # blank nodes of two files are different, whatever their labels
        quads = (quad for path in files for quad in ox.parse(path=path, rename_blank_nodes=several))
        return cls(quads, union=union, call=call)

    def __len__(self) -> int:
        """Return the number of quads, those of the default graph included."""
        return len(self._store)

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        """Answer a query, whole (see [kg.engine.base.Engine][])."""
        buffer = _Buffer()
        self.write(query, formats, buffer, self._call)
        return Answer(buffer.format, (buffer.getvalue(),))

    def write(self, query: Query, formats: Sequence[Format], sink: Sink, call: Call | None) -> None:
        """Write the answer to a query, as the engine finds it; raises what [kg.engine.base.Engine][] says.

        ``call`` asks the endpoints that SERVICE names.
        """
        try:
            whole = federate(query, lambda text: self._query(replace(query, text=text)), call)
            _serialise(self._query(whole), formats, sink, query.graph)
        except SyntaxError as error:
            raise _syntax_error(str(error)) from None
        except (ValueError, RuntimeError, OSError) as error:
            raise QueryError(f"the query cannot be evaluated: {error}") from None

    def _query(self, query: Query) -> "ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples":
        """Evaluate a query; a function that nobody knows is an error of its expression (SPARQL 1.1, 17.6).

        The engine would refuse the whole query instead: it is given a function that always fails.
        """
        text, dataset = lower_booleans(query.text), view(self._store, query)
        calls, aggregates = functions_of(query.text)
        functions: dict[ox.NamedNode, Any] = {RESTORE: restore, **calls}
        while True:
            try:
                return dataset.store.query(
                    text,
                    base_iri=query.base,
                    default_graph=dataset.default,
                    named_graphs=dataset.named,
                    custom_functions=functions,
                    custom_aggregate_functions=aggregates,
                )
            except RuntimeError as error:
                found = _UNKNOWN_FUNCTION.search(str(error))
                if found is None or ox.NamedNode(found[1]) in functions:
                    raise
                functions[ox.NamedNode(found[1])] = lambda *_: None


class _Buffer(BytesIO):
    format: Format

    def begin(self, format_: Format) -> None:
        self.format = format_


def _serialise(
    results: "ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples",
    formats: Sequence[Format],
    sink: Sink,
    graph: str | None,
) -> None:
    kind = "graph" if isinstance(results, ox.QueryTriples) else "results"
    chosen = next((row for row in formats if row.kind == kind), None)
    if chosen is None:
        wants = "a graph" if kind == "graph" else "a table or a truth value"
        raise NotAcceptableError(f"the query's answer is {wants}, which has none of the formats asked for")
    sink.begin(chosen)
    if isinstance(results, ox.QueryTriples):
        if graph is not None and chosen.names_graphs:
            name = ox.NamedNode(graph)
            quads = (ox.Quad(found.subject, found.predicate, found.object, name) for found in results)
            ox.serialize(quads, cast(IO[bytes], sink), format=_GRAPHS[chosen.name])
        else:
            results.serialize(cast(IO[bytes], sink), format=_GRAPHS[chosen.name])
    elif isinstance(results, ox.QueryBoolean) and chosen.name in ("csv", "tsv"):
        # SPARQL 1.1 defines CSV and TSV for SELECT only; a bare word is what other endpoints send for ASK.
        sink.write(b"true\n" if results else b"false\n")
    else:
        results.serialize(cast(IO[bytes], sink), format=_RESULTS[chosen.name])
    sink.flush()


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
