"""The seam between the project and whatever answers SPARQL: text in, serialised answer out."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from kg.prefixes import PREFIXES


@dataclass(frozen=True)
class Format:
    """A serialisation: of a table or truth value (``results``), or of a ``graph``, which some formats can name."""

    name: str
    media_type: str
    extension: str
    kind: Literal["results", "graph"]
    names_graphs: bool = False


_FORMATS = (
    # SPARQL 1.1 Query Results JSON, XML, CSV and TSV
    Format("json", "application/sparql-results+json", "srj", "results"),
    Format("xml", "application/sparql-results+xml", "srx", "results"),
    Format("csv", "text/csv", "csv", "results"),
    Format("tsv", "text/tab-separated-values", "tsv", "results"),
    # RDF 1.1
    Format("ttl", "text/turtle", "ttl", "graph"),
    Format("nt", "application/n-triples", "nt", "graph"),
    Format("jsonld", "application/ld+json", "jsonld", "graph"),
    Format("rdf", "application/rdf+xml", "rdf", "graph"),
    Format("trig", "application/trig", "trig", "graph", names_graphs=True),
    Format("nq", "application/n-quads", "nq", "graph", names_graphs=True),
)

#: Every format by name, in order of preference.
FORMATS: dict[str, Format] = {row.name: row for row in _FORMATS}
#: Formats for SELECT and ASK; the first is the default.
RESULTS: tuple[Format, ...] = tuple(row for row in _FORMATS if row.kind == "results")
#: Formats for CONSTRUCT and DESCRIBE; the first is the default.
GRAPHS: tuple[Format, ...] = tuple(row for row in _FORMATS if row.kind == "graph")

#: Sends a query to a SERVICE endpoint, given by its IRI; returns the name of a results format and the answer in it.
ServiceClient = Callable[[str, str], tuple[str, bytes]]
#: A literal or IRI as a plain Python value.
Value = str | int | float | bool
#: A solution by the names of its variables; unbound variables are absent.
Row = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """A query with the dataset that the protocol asks for (SPARQL 1.1 Protocol, section 2.1.4).

    ``default_graphs`` and ``named_graphs`` are IRIs; None leaves the dataset to the query and the engine.
    ``base`` is the IRI that relative ones are resolved against, unless the query has a BASE.
    ``graph`` names the graph that CONSTRUCT or DESCRIBE returns, in formats that can name one (TriG, N-Quads);
    without it, that is the default graph of the document.
    ``quads``, in N-Quads, are the dataset in place of the engine's own.
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    base: str | None = None
    graph: str | None = None
    quads: str | None = None


@dataclass(frozen=True)
class Answer:
    """A serialised answer: its format, its bytes in chunks, and the rules by which its query was rewritten.

    The chunks are a tuple when the answer is complete; else a generator, and closing it cancels the query.
    """

    format: Format
    chunks: tuple[bytes, ...] | Generator[bytes, None, None]
    rewritten: tuple[str, ...] = ()

    def read(self) -> bytes:
        """Return the whole answer."""
        return b"".join(self.chunks)


class Engine(ABC):
    """Answers SPARQL queries over one dataset."""

    #: Protections against hostile queries that are not in force, in words; empty when all are.
    missing: tuple[str, ...]

    @abstractmethod
    def answer(self, query: Query, formats: Sequence[Format], disconnected: Callable[[], bool] | None = None) -> Answer:
        """Answer in the first of ``formats`` that suits the query.

        ``disconnected`` returns True once the client is no longer there; an engine that can stop then does.
        Raises QuerySyntaxError for text that does not parse, NotAcceptableError when no format suits, QueryError for
        anything else that the query's author has to change, BusyError when no worker is free, ClientDisconnectedError
        when the client disconnects. If the answer breaks off, its chunks raise, so that it never looks complete.
        """

    def check_own(self) -> None:  # noqa: B027 (most engines answer all queries as the standard says)
        """Raise UnsupportedError when the engine is not to be asked queries of our own."""

    def select(self, text: str) -> list[Row]:
        """Return the solutions of a SELECT as rows of plain Python values."""
        return read_rows(self.evaluate(text, "json"))

    def evaluate(self, text: str, format_: str) -> bytes:
        """Return the whole answer to a query in the format of that name."""
        return self.answer(Query(text), (FORMATS[format_],)).read()


def read_rows(answer: bytes) -> list[Row]:
    """Read SPARQL JSON results: numbers and booleans as such, everything else as text, ill-typed numbers too.

    >>> read_rows(b'{"head": {}, "results": {"bindings": [{"n": {"type": "literal", "value": "44.6",'
    ...     b' "datatype": "http://www.w3.org/2001/XMLSchema#decimal"}}]}}')
    [{'n': 44.6}]
    """
    bindings = json.loads(answer)["results"]["bindings"]
    return [{name: _value(**term) for name, term in binding.items()} for binding in bindings]


def _value(value: str, datatype: str = "", **_: Any) -> Value:
    try:
        match datatype.removeprefix(PREFIXES["xsd"]):
            case "integer":
                return int(value)
            case "decimal":
                number = Decimal(value)
                return int(number) if number == number.to_integral_value() else float(number)
            case "double":
                return float(value)
            case "boolean":
                return value == "true"
    except (ValueError, ArithmeticError):  # such as "two"^^xsd:integer, which RDF allows
        pass
    return value
