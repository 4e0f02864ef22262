"""Every error that the library raises on purpose.

KgError                      one clear sentence: the command line prints it, the API answers with it
├── RecordsError             the records, the ontology or the mappings break a rule (carries the violations)
├── SettingError             a setting has a value that means nothing
├── LocateError              the passage is missing from the text, or occurs more than once
├── SnapshotError            a snapshot is missing or damaged
├── DataFolderError          the folder for snapshots cannot be written to
├── BuildBusyError           another process is building
├── LoadError                a file cannot be loaded, or a loaded dataset is damaged
├── FilterError              an export filter is invalid or names something unknown
├── BusyError                no worker became free in time
├── ClientDisconnectedError          the client disconnected
├── EngineUnavailableError   the remote engine does not answer, or does not hold the release
├── PublishError             a release did not arrive whole on a remote engine
└── QueryError               the query cannot be answered
    ├── QuerySyntaxError     it does not parse (carries line and column)
    ├── NotAcceptableError   its answer has none of the formats requested
    ├── TimeLimitError       it took too long
    ├── SizeLimitError       its answer is too large
    ├── MemoryLimitError     it needed too much memory, or nests too deeply
    ├── EngineFaultError     it made the engine break down, by a fault of the engine
    ├── UnsupportedError     the remote engine cannot answer it
    ├── RefusedError         it asks for something that is not allowed, or for too much of it
    └── ServiceError         a SERVICE endpoint did not answer
        └── ServiceRefusedError  a SERVICE endpoint is not on the allow list
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class KgError(Exception):
    """An error that the user can act on; its text is one sentence."""

    #: The problem type of an HTTP answer (RFC 9457): the last part of the IRI in ``type``.
    problem: ClassVar[str] = "internal"
    #: Further members of that answer, such as the line of a syntax error.
    members: Mapping[str, Any] = {}


@dataclass(frozen=True, order=True)
class Violation:
    """One broken rule: where, what is wrong, and how to repair it."""

    file: str
    line: int
    record: str
    problem: str
    repair: str

    def __str__(self) -> str:
        """Return ``file:line: record: problem. repair``, a form in which editors find the place."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (place, self.record, f"{self.problem}. {self.repair}.")))


class RecordsError(KgError):
    """The input of a build breaks at least one rule."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(sorted(set(violations)))
        super().__init__(self.violations)

    def __str__(self) -> str:
        """Return every violation on a line of its own."""
        return "\n".join(map(str, self.violations))


class SettingError(KgError, ValueError):
    """An environment variable has a value that means nothing."""


class LocateError(KgError):
    """The passage is missing from the text, or occurs more than once."""


class SnapshotError(KgError):
    """There is no snapshot in the folder, or its files differ from its manifest."""


class DataFolderError(KgError):
    """The folder for snapshots cannot be written to."""


class BuildBusyError(KgError):
    """Another process is building into the same folder."""


class LoadError(KgError):
    """A file cannot be loaded as an external dataset, or a loaded one is missing or damaged."""


class FilterError(KgError):
    """A filter of an export is invalid, or names something that the dataset does not have."""

    problem = "bad-request"


class BusyError(KgError):
    """No worker became free in time."""

    problem = "busy"


class ClientDisconnectedError(KgError):
    """The client disconnected, and its query was stopped."""

    problem = "bad-request"


class EngineUnavailableError(KgError):
    """The remote engine does not answer, or does not hold the release that is served."""

    problem = "engine-unavailable"


class PublishError(KgError):
    """A release did not arrive whole on a remote engine."""


class QueryError(KgError):
    """The query cannot be answered; its author has to change it."""

    problem = "query"


class QuerySyntaxError(QueryError):
    """The text is not SPARQL; line and column count from 1."""

    problem = "query-syntax"

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column = reason, line, column
        self.members = {"line": line, "column": column}

    def __str__(self) -> str:
        """Return the place and the reason."""
        return f"line {self.line}, column {self.column}: {self.reason}"


class NotAcceptableError(QueryError):
    """The answer (a table, a truth value or a graph) has none of the formats requested."""

    problem = "not-acceptable"


class TimeLimitError(QueryError):
    """The query took longer than allowed; its process has been ended."""

    problem = "query-timeout"


class SizeLimitError(QueryError):
    """The answer is larger than allowed."""

    problem = "answer-too-large"


class MemoryLimitError(QueryError):
    """The query needed more memory than allowed, or nests too deeply."""

    problem = "query-memory"


class EngineFaultError(QueryError):
    """The engine broke down on the query, by a fault of its own; its process has ended."""

    problem = "engine-fault"


class UnsupportedError(QueryError):
    """The remote engine cannot answer the query, or would answer it differently."""

    problem = "engine-unsupported"


class RefusedError(QueryError):
    """The query asks for something that is not allowed, or for more of it than is allowed."""

    problem = "refused"


class ServiceError(QueryError):
    """A SERVICE endpoint did not answer."""

    problem = "service"


class ServiceRefusedError(ServiceError):
    """A SERVICE endpoint is not on the allow list."""

    problem = "refused"
