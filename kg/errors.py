"""Every error that the library raises on purpose.

KgError                  one clear sentence; the command line prints it, the API turns it into a problem
├── RecordsError         the records, the ontology or the mappings break a rule (carries the violations)
├── LocateError          a passage is not in the text, or stands there more than once
├── SnapshotError        a snapshot is missing or damaged
├── BuildBusyError       another build holds the lock
├── LoadError            a file cannot be loaded, or what was loaded is damaged
├── FilterError          an export is limited to something that is not there
├── BusyError            no worker was free in time
├── ClientGoneError      whoever asked has gone
└── QueryError           a query that cannot be answered
    ├── QuerySyntaxError it does not parse (carries line and column)
    ├── NotAcceptableError  its answer does not exist in any of the formats asked for
    ├── TimeLimitError   its time was up
    ├── SizeLimitError   its answer is larger than an answer may be
    ├── RefusedError     it asks for what is not done here, or for more of it than is allowed
    ├── ServiceError     an endpoint that it calls by SERVICE cannot be asked
    │   └── ServiceRefusedError  or may not be asked
    └── MemoryLimitError it needed more memory than it may have, or broke the engine
"""

from collections.abc import Sequence
from dataclasses import dataclass


class KgError(Exception):
    """An error that a user can act on; its text is one sentence without a traceback."""


@dataclass(frozen=True, order=True)
class Violation:
    """One broken rule: where it stands, what is wrong and what would be right."""

    file: str
    line: int
    record: str
    problem: str
    repair: str

    def __str__(self) -> str:
        """Return ``file:line: record: problem. repair``, the form that editors can jump to."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.record}: {self.problem}. {self.repair}."


class RecordsError(KgError):
    """The input of a build breaks at least one rule."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(sorted(set(violations)))
        super().__init__("\n".join(map(str, self.violations)))


class LocateError(KgError):
    """The passage asked for is not in the text, or is not the only one."""


class SnapshotError(KgError):
    """There is no snapshot at the place given, or its files differ from its manifest."""


class BuildBusyError(KgError):
    """Another process is building into the same folder."""


class LoadError(KgError):
    """A file cannot be loaded beside the dataset, or what was loaded is missing or damaged."""


class QueryError(KgError):
    """A query that cannot be answered, through the fault of its author."""


class QuerySyntaxError(QueryError):
    """The text is not SPARQL; line and column count from 1."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        self.problem, self.line, self.column = problem, line, column
        super().__init__(f"line {line}, column {column}: {problem}")


class NotAcceptableError(QueryError):
    """The query's kind of answer (table, truth value or graph) has none of the formats asked for."""


class FilterError(KgError):
    """A filter of an export names what is not there, or is no filter."""


class BusyError(KgError):
    """No worker was free in time."""


class ClientGoneError(KgError):
    """Whoever asked has gone; the worker was stopped."""


class TimeLimitError(QueryError):
    """The query's time was up; its process has been ended."""


class SizeLimitError(QueryError):
    """The answer is larger than an answer may be."""


class RefusedError(QueryError):
    """A query asks for something that this service does not do, or for more of it than is allowed."""


class ServiceError(QueryError):
    """An endpoint that the query calls by SERVICE did not answer."""


class ServiceRefusedError(ServiceError):
    """An endpoint that the query calls by SERVICE may not be called."""


class MemoryLimitError(QueryError):
    """The query's process died: it needed more memory than it may have, or broke the engine."""
