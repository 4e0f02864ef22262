"""The seam between the project and whatever answers SPARQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from kg.engine.formats import FORMATS, Format
from kg.engine.rows import Row, read_rows

#: Asks another endpoint (its IRI, the text of a query); returns the name of a results format and the answer in it.
Call = Callable[[str, str], tuple[str, bytes]]


@dataclass(frozen=True)
class Query:
    """A query with the dataset that the protocol asks for (SPARQL 1.1 Protocol, section 2.1.4).

    ``default_graphs`` and ``named_graphs`` are IRIs; None leaves the dataset to the query and the engine.
    ``base`` is the IRI that relative ones are resolved against, unless the query has a BASE.
    ``graph`` names the graph that CONSTRUCT or DESCRIBE gives, in the formats that can name one (TriG, N-Quads);
    without a name it is the default graph of the document.
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    base: str | None = None
    graph: str | None = None


@dataclass(frozen=True)
class Answer:
    """A serialised answer: its format, and its bytes in chunks.

    They are a tuple when the whole answer is there; else a generator, and to close it is to give the rest up.
    """

    format: Format
    chunks: tuple[bytes, ...] | Generator[bytes, None, None]

    def read(self) -> bytes:
        """Return the whole answer."""
        return b"".join(self.chunks)


class Engine(ABC):
    """Answers SPARQL queries over one dataset."""

    #: Protections against hostile queries that are not in force, in words; empty when all are.
    missing: tuple[str, ...]

    @abstractmethod
    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        """Answer in the first of ``formats`` that fits the query's kind of answer.

        ``gone`` tells whether whoever asked has gone: an engine that can stop then gives up.
        Raises QuerySyntaxError for text that does not parse, NotAcceptableError when no format fits,
        QueryError for anything else that the query's author has to change, BusyError when nobody is free to
        answer. An answer that breaks off raises from its chunks, so that it never looks complete.
        """

    def select(self, text: str) -> list[Row]:
        """Return the solutions of a SELECT as rows of plain Python values: numbers as numbers, IRIs as text."""
        return read_rows(self.evaluate(text, "json"))

    def evaluate(self, text: str, format_: str) -> bytes:
        """Return the whole answer to a query in a format, given by its name."""
        return self.answer(Query(text), (FORMATS[format_],)).read()
