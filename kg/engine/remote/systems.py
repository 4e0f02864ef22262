"""The engines that are known: where each takes data, and what it needs to answer as the standard says."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class System:
    """An engine by its name, with what it needs.

    ``query``, ``update`` and ``store`` are the ends of the paths at which it takes queries, SPARQL Update and the
    Graph Store Protocol; without ``store``, data arrive by SPARQL Update. A ``faithful`` one spells literals as the
    embedded engine does. One with ``only_triples`` answers some queries wrongly: it is asked for the triples that they
    need. One with ``only_sparql`` is asked for no queries of pages, REST or exports.
    """

    name: str
    query: str
    update: str
    store: str | None = None
    faithful: bool = False
    only_triples: bool = False
    only_sparql: bool = False


#: An engine that is recognised by nothing: all at one address, as Neptune and QLever have it.
OTHER = System("the engine", "", "")
SYSTEMS = (
    System("Oxigraph", "/query", "/update", "/store", faithful=True),
    System(
        "Virtuoso",
        "/sparql",
        "/sparql-auth",
        "/sparql-graph-crud-auth",
        only_triples=True,
        only_sparql=True,
    ),
    OTHER,
)


def recognise(server: str, endpoint: str) -> System:
    """Return which engine answers, by the header ``Server`` of an answer and the path of its endpoint.

    >>> recognise("Virtuoso/07.20.3229 (Linux) x86_64-pc-linux-gnu", "http://127.0.0.1:8890/sparql").name
    'Virtuoso'
    """
    path = urlsplit(endpoint).path
    return next(
        (row for row in SYSTEMS if row.name.lower() in server.lower() and path.endswith(row.query or "/")), OTHER
    )


def address(endpoint: str, system: System, end: str) -> str:
    """Return another address of an engine beside that for queries.

    >>> address("http://127.0.0.1:7878/query", SYSTEMS[0], SYSTEMS[0].update)
    'http://127.0.0.1:7878/update'
    """
    url = urlsplit(endpoint)
    return urlunsplit((url.scheme, url.netloc, url.path.removesuffix(system.query) + end, "", ""))
