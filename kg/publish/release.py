"""Loads a snapshot into an engine, checks what has arrived, and only then names the release as one that is whole.

What the engine holds says how far an attempt came, so that the next one goes on there, from any machine. Nobody reads
the release before its name stands in the graph of releases, which one small update writes; the one before it stays, as
services may still read it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from urllib.parse import urlencode

from kg.engine.http import Bounds, Credentials
from kg.engine.remote.engine import LEASE
from kg.engine.remote.protocol import N_TRIPLES, Protocol, check
from kg.engine.remote.releases import ISSUED, NAMED_GRAPH, RELEASE, RELEASES, graph_iri, release_iri
from kg.engine.remote.systems import address
from kg.errors import EngineUnavailableError, PublishError, TimeLimitError
from kg.publish.parts import PART, Graph, cut, digest, parse
from kg.snapshot import Snapshot

Result = TypeVar("Result")

#: Seconds between the removal of a release's name and that of its graphs: then no service asks it any more.
GRACE = 3 * LEASE
_PAUSES = (1.0, 4.0, 15.0)  # seconds before an attempt that failed is made again
_SECONDS = 600.0  # that one request may take
_ASK_GRAPH = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{}> {{ ?s ?p ?o }} }}"
_COUNT = "SELECT (COUNT(*) AS ?triples) WHERE {{ GRAPH <{}> {{ ?s ?p ?o }} }}"
_RELEASES = (
    f"SELECT ?release (MAX(STR(?when)) AS ?issued) WHERE {{ GRAPH <{RELEASES}> {{ ?release <{NAMED_GRAPH}> ?graph "
    f"OPTIONAL {{ ?release <{ISSUED}> ?when }} }} }} GROUP BY ?release"
)


@dataclass(frozen=True)
class Published:
    """What was done: how many triples the release has, and how many of them were sent now."""

    triples: int
    sent: int
    removed: Sequence[str]


def publish(
    snapshot: Snapshot, endpoint: str, credentials: Credentials, tell: Callable[[str], object] = str
) -> Published:
    """Bring a snapshot to the engine whose queries go to an address; ``tell`` is told how far it is.

    Raises PublishError when what arrived differs from what was sent, EngineUnavailableError when the engine does not
    answer or refuses.
    """
    target = Target(endpoint, credentials)
    release = release_iri(snapshot.version)
    if target.whole().get(release):
        return Published(0, 0, ())
    with TemporaryDirectory() as folder:
        tell("reading the snapshot")
        names, graphs = cut(snapshot, Path(folder))
        listed = " ".join(f"<{release}> <{NAMED_GRAPH}> <{name}> ." for name in names)
        target.update(f"INSERT DATA {{ GRAPH <{RELEASES}> {{ {listed} }} }}")
        total, done, sent = sum(graph.triples for graph in graphs), 0, 0
        for graph in graphs:

            def report(triples: int, before: int = done) -> None:
                tell(f"publishing: {before + triples:,} of {total:,} triples")

            sent += target.bring(graph, report)
            done += graph.triples
    now = datetime.now(UTC).isoformat(timespec="seconds")
    target.update(f'INSERT DATA {{ GRAPH <{RELEASES}> {{ <{release}> <{ISSUED}> "{now}" }} }}')
    return Published(total, sent, target.remove_old(release, tell))


class Target:
    """An engine that takes data."""

    def __init__(self, endpoint: str, credentials: Credentials) -> None:
        self._protocol = Protocol(endpoint, credentials)
        self._system = self._protocol.system
        self._update = address(endpoint, self._system, self._system.update)
        self._store = address(endpoint, self._system, self._system.store) if self._system.store else None

    def whole(self) -> dict[str, str]:
        """Return when each release was issued; an empty text for one that is not whole."""
        return {row["release"]: row.get("issued", "") for row in self._protocol.select(_RELEASES)}

    def bring(self, graph: Graph, report: Callable[[int], object]) -> int:
        """Have the engine hold a graph, and check that it does; return how many triples were sent."""
        sent = 0
        for attempt in range(2):
            held = again(lambda: self._count_of(graph.iri))
            if held > graph.triples or attempt:
                self.update(f"CLEAR SILENT GRAPH <{graph.iri}>")
                held = 0
            if held < graph.triples:
                first = held // PART
                for number, part in enumerate(graph.parts(first), first):
                    report(number * PART)
                    self._add(graph.iri, part)
                    sent += part.count(b"\n")
            report(graph.triples)
            if self._arrived(graph):
                return sent
        raise PublishError(f"{graph.iri} did not arrive as it was sent: the engine changes or loses triples")

    def remove_old(self, newest: str, tell: Callable[[str], object]) -> list[str]:
        """Remove all releases but this one and that before it, once nobody reads them any more; return which."""
        issued = self.whole()
        kept = {newest, *sorted((one for one in issued if issued[one] and one != newest), key=issued.__getitem__)[-1:]}
        old = [release for release in issued if release not in kept]
        graphs = {release: self._graphs(release) for release in old}
        for release in old:
            self.update(f"DELETE WHERE {{ GRAPH <{RELEASES}> {{ <{release}> <{ISSUED}> ?when }} }}")
        if any(issued[release] for release in old):
            tell("waiting until no service reads the oldest release")
            time.sleep(GRACE)
        for release in old:
            tell(f"removing {release}")
            for graph in (*graphs[release], release):
                self.update(f"CLEAR SILENT GRAPH <{graph}>")
            self.update(f"DELETE WHERE {{ GRAPH <{RELEASES}> {{ <{release}> <{NAMED_GRAPH}> ?graph }} }}")
        return old

    def update(self, text: str) -> None:
        """Send an update."""
        again(lambda: self._send(self._update, text.encode(), "application/sparql-update"))

    def _graphs(self, release: str) -> list[str]:
        version = release.removeprefix(RELEASE)
        rows = self._protocol.select(
            f"SELECT ?graph WHERE {{ GRAPH <{RELEASES}> {{ <{release}> <{NAMED_GRAPH}> ?graph }} }}"
        )
        return [graph_iri(version, row["graph"]) for row in rows]

    def _add(self, iri: str, part: bytes) -> None:
        """Add triples to a graph; to add them twice is to add them once."""
        if self._store is None:
            self.update(f"INSERT DATA {{ GRAPH <{iri}> {{ {part.decode()} }} }}")
            return
        url = f"{self._store}?{urlencode({'graph': iri})}"
        again(lambda: self._send(url, part, N_TRIPLES))

    def _send(self, url: str, body: bytes, media_type: str) -> None:
        bounds = Bounds(time.monotonic() + _SECONDS)
        reply = self._protocol.http.send("POST", url, body, {"Content-Type": media_type}, bounds)
        check(reply, url, self._system.name)

    def _count_of(self, iri: str) -> int:
        return int(self._protocol.select(_COUNT.format(iri))[0]["triples"])

    def _arrived(self, graph: Graph) -> bool:
        def read() -> bytes:
            return self._protocol.ask(_ASK_GRAPH.format(graph.iri), N_TRIPLES, Bounds(time.monotonic() + _SECONDS))

        return self._count_of(graph.iri) == graph.triples and digest(parse(again(read))) == graph.digest


def again(do: Callable[[], Result]) -> Result:
    """Do something, and again after a pause when the engine does not answer."""
    for pause in _PAUSES:
        try:
            return do()
        except (EngineUnavailableError, TimeLimitError):
            time.sleep(pause)
    return do()
