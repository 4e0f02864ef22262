"""The limits that users can meet, each with its current value, its setting and the problems that it causes."""

from collections.abc import Callable
from dataclasses import dataclass

from api.http import complexity
from api.http.admission import QUEUE, QUEUE_SHARE
from api.http.forms import MAX_FIELDS
from kg.settings import SETTINGS, Settings

#: Bytes that request line and headers may have.
MAX_HEADERS = 16 * 1024
#: Connections that a client may have open to a web process, of the thousand that it accepts.
MAX_CONNECTIONS = 128
_MIB = 2**20


@dataclass(frozen=True)
class Limit:
    """A limit: its setting (empty when it is fixed), its value, what it bounds, and the problems beyond it."""

    setting: str
    value: float
    meaning: str
    problems: tuple[str, ...]


# Settings that describe the machine (folders, addresses) limit no user, and are not shown.
_SET: dict[str, tuple[Callable[[Settings], float], tuple[str, ...]]] = {
    "KG_QUERY_TIMEOUT": (lambda settings: settings.query_timeout, ("query-timeout",)),
    "KG_QUERY_MEMORY": (lambda settings: settings.query_memory / _MIB, ("query-memory",)),
    "KG_QUERY_ANSWER": (lambda settings: settings.query_answer / _MIB, ("answer-too-large",)),
    "KG_SHORT_TIMEOUT": (lambda settings: settings.short_timeout, ("busy",)),
    "KG_QUEUE_TIMEOUT": (lambda settings: settings.queue_timeout, ("busy", "too-many-queries")),
    "KG_WORKERS": (lambda settings: settings.workers, ("busy", "too-many-queries")),
    "KG_RATE": (lambda settings: settings.rate, ("too-many-requests",)),
    "KG_BODY_RATE": (lambda settings: settings.body_rate / _MIB, ("too-many-requests",)),
    "KG_CLIENT_TIMEOUT": (lambda settings: settings.client_timeout, ()),
    "KG_MAX_BODY": (lambda settings: settings.max_body / _MIB, ("content-too-large",)),
}
FIXED = (
    Limit("", QUEUE, "queries that may wait for a free worker", ("busy",)),
    Limit("", QUEUE_SHARE, "queries of one client that may wait for a free worker", ("too-many-queries",)),
    Limit("", MAX_CONNECTIONS, "connections of one client to each of the two web processes", ()),
    Limit("", MAX_FIELDS, "fields of a form", ("bad-request",)),
    Limit("", MAX_HEADERS, "bytes of a request's first line and headers", ("headers-too-large",)),
    *(Limit("", limit.most, limit.meaning, ("refused",)) for limit in complexity.LIMITS),
)


def limits(settings: Settings) -> tuple[Limit, ...]:
    """Return all limits with their current values."""
    rows = [(row, *_SET[row.name]) for row in SETTINGS if row.name in _SET]
    return (*(Limit(row.name, value(settings), row.meaning, kinds) for row, value, kinds in rows), *FIXED)


def note(settings: Settings, problem: str) -> str:
    """Return the settings behind a kind of problem, to be added to its detail; empty when there are none.

    >>> note(Settings.read({}), "query-timeout")
    ' (KG_QUERY_TIMEOUT = 30: seconds that one query may take)'
    """
    settings_ = [
        f"{row.setting} = {row.value:g}: {row.meaning}"
        for row in limits(settings)
        if problem in row.problems
        if row.setting
    ]
    return f" ({'. '.join(settings_)})" if settings_ else ""
