"""Counts the queries that were stopped before their end, by cause."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import Counter

from kg.engine import Answer, Engine, Format, Query
from kg.errors import ClientDisconnectedError, MemoryLimitError, SizeLimitError, TimeLimitError

STOPPED = Counter(
    "calcikg_queries_stopped",
    "Queries stopped before their end: by the limits of time, memory and size, or because the client had gone.",
    ["cause"],
)
_CAUSES: dict[type[BaseException], str] = {
    TimeLimitError: "time",
    MemoryLimitError: "memory",
    SizeLimitError: "size",
    ClientDisconnectedError: "client",
    GeneratorExit: "client",  # nobody takes the rest of the answer
}


class Counted(Engine):
    """An engine whose stopped queries are counted, also those whose answer had begun."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.missing = engine.missing

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        """Answer a query (see [kg.engine.base.Engine][])."""
        with _counting():
            answer = self._engine.answer(query, formats, gone)
        self.missing = self._engine.missing
        return answer if isinstance(answer.chunks, tuple) else Answer(answer.format, _watched(answer.chunks))


def _watched(chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    with _counting():
        yield from chunks


@contextmanager
def _counting() -> Iterator[None]:
    try:
        yield
    except tuple(_CAUSES) as error:
        STOPPED.labels(_CAUSES[type(error)]).inc()
        raise
