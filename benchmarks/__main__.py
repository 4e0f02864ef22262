"""``python -m benchmarks``: every system on the same data and queries in one run; prints Markdown tables."""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import owlrl  # type: ignore[import-untyped]
import pyoxigraph as ox
from rdflib import OWL, Graph, URIRef

from benchmarks.client import Connection, Load, rows, timed
from benchmarks.systems import (
    HERE,
    PEERS,
    Data,
    Running,
    UnavailableError,
    descendants,
    ours,
    ours_before,
    ours_cached,
)
from kg.build.dataset import Inputs, read_dataset
from kg.build.infer import axioms
from kg.build.infer import closure as compute_closure
from kg.engine import FORMATS, Query
from kg.engine.embedded import EmbeddedEngine
from kg.prefixes import ID
from kg.snapshot import DATASET

RAW = "raw, in process"
QUERIES = {file.stem: file.read_text(encoding="utf-8") for file in sorted((HERE / "queries").glob("*.rq"))}
CHEAP, MILLION = "1-lookup", "6-million"
CLIENTS = (1, 8, 64)
ROUNDS, PATIENCE = 200, 4.0  # answers of one system to one query, and seconds for all of them
RUNS, SECONDS, MOST = 3, 1.5, 20_000  # of the load: runs, and the bounds of each
Table = list[Sequence[object]]


def main(before: Path | None = None) -> None:
    """Measure and print, part by part; also the service of a checkout of ``before``."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data = Data.prepare(HERE.parent / "build" / "current" / DATASET, folder)
        engine = EmbeddedEngine.from_files([data.quads], union=False)
        systems = [stack.enter_context(ours(data)), stack.enter_context(ours_cached(data))]
        others = {"calcikg before": partial(ours_before, checkout=before)} if before else {}
        for name, start in (others | PEERS).items():
            try:
                systems.append(stack.enter_context(start(data)))
            except UnavailableError as error:
                print(f"{name}: not available ({error})\n")
        note("latency")
        show("Latency", LATENCY, latency(engine, systems))
        note("load")
        show("Requests per second, look-up", ["system", *LOAD], load(engine, systems))
        note("a million rows")
        show("A million rows", MILLION_ROWS, million(engine, systems))
    note("closure")
    show("Closure", CLOSURE, closure())


# --- latency


@dataclass
class Asked:
    """A system with one query: how to ask, what it answered, and the seconds that each answer took."""

    name: str
    ask: Callable[[], tuple[bytes, float]]
    body: bytes = b""
    seconds: list[float] = field(default_factory=list)

    def once(self) -> None:
        """Ask once more, unless the time for it is over."""
        if sum(self.seconds) < PATIENCE:
            self.body, taken = self.ask()
            self.seconds.append(taken)

    def p(self, percent: int) -> float:
        """Return a percentile of the latencies."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, len(self.seconds) * percent // 100)]


LATENCY = ["query", "rows", "system", "answers", "p50 ms", "p99 ms", "p50 to raw", "p99 to raw", "same answer"]


def latency(engine: EmbeddedEngine, systems: Sequence[Running]) -> Table:
    """Ask all systems in turns, so that whatever else the machine does meets all of them."""
    table: Table = []
    for name, query in QUERIES.items():
        if name == MILLION:
            continue
        asked = [Asked(RAW, in_process(engine, query))]
        for system in systems:
            asked.append(Asked(system.name, over_http(system, query)))
        asked.insert(3, Asked("calcikg, 304", conditional(systems[0], query)))
        for one in asked:  # once to warm up
            one.once()
            one.seconds.clear()
        for _ in range(ROUNDS):
            for one in asked:
                one.once()
        raw = asked[0]
        expected = rows(raw.body)
        for one in asked:
            same = "–" if not one.body else agree(expected, rows(one.body), "LIMIT" in query)
            ratios = [f"{one.p(percent) / raw.p(percent):.2f}" for percent in (50, 99)]
            times = [f"{one.p(percent) * 1000:.2f}" for percent in (50, 99)]
            if len(one.seconds) < 100:
                times[1] += " (most)"
            table.append([name, len(expected), one.name, len(one.seconds), *times, *ratios, same])
    return table


def in_process(engine: EmbeddedEngine, query: str) -> Callable[[], tuple[bytes, float]]:
    """Return what asks the engine in this process."""

    def ask() -> tuple[bytes, float]:
        with timed() as taken:
            body = engine.answer(Query(query), (FORMATS["json"],)).read()
        return body, taken[0]

    return ask


def over_http(system: Running, query: str, tag: str | None = None) -> Callable[[], tuple[bytes, float]]:
    """Return what asks a system over a connection of its own."""
    connection = Connection(system.endpoint)
    expected = 304 if tag else 200

    def ask() -> tuple[bytes, float]:
        reply = connection.ask(query, tag)
        if reply.status != expected:
            raise UnavailableError(f"{system.name} answered {reply.status}: {reply.body[:200]!r}")
        return reply.body, reply.seconds

    return ask


def conditional(system: Running, query: str) -> Callable[[], tuple[bytes, float]]:
    """Return what asks a system for an answer that it has given already."""
    return over_http(system, query, Connection(system.endpoint).ask(query).tag)


def agree(expected: Collection[object], got: Collection[object], only_number: bool = False) -> str:
    """Say whether two answers are the same; with LIMIT and no order, whether they are as long."""
    return "yes" if (len(expected) == len(got) if only_number else expected == got) else f"no ({len(got)})"


# --- load

LOAD = [f"{clients} {what}" for clients in CLIENTS for what in ("/s", "to one raw", "refused")]


def load(engine: EmbeddedEngine, systems: Sequence[Running]) -> Table:
    """Keep each system busy in turns; the median of the runs counts, against one thread of the engine.

    More threads of it wait for the interpreter lock, so they would be a poor measure.
    """
    ask = in_process(engine, QUERIES[CHEAP])
    first = systems[0]
    names = [RAW, *(system.name for system in systems), f"{first.name}, all clients from one address"]
    found: dict[tuple[str, int], list[tuple[float, int]]] = {}
    endpoints = [*zip(names[1:], systems, strict=False), (names[-1], first)]
    for clients in CLIENTS:
        for _ in range(RUNS):
            found.setdefault((RAW, clients), []).append((by_threads(ask, clients), 0))
            for name, system in endpoints:
                run = Load(system.endpoint, QUERIES[CHEAP], clients, SECONDS, MOST, own_addresses=name == system.name)
                found.setdefault((name, clients), []).append((run.run(), run.bad))
    raw = statistics.median(rate for rate, _ in found[RAW, 1])
    table: Table = []
    for name in names:
        cells: list[object] = [name]
        for clients in CLIENTS:
            rate = statistics.median(rate for rate, _ in found[name, clients])
            cells += [f"{rate:.0f}", f"{rate / raw:.3f}", sum(bad for _, bad in found[name, clients])]
        table.append(cells)
    return table


def by_threads(ask: Callable[[], object], clients: int) -> float:
    """Return how often a second so many threads can ask."""
    counts = [0] * clients
    give_up = time.perf_counter() + SECONDS

    def client(number: int) -> None:
        while time.perf_counter() < give_up and counts[number] < MOST // clients:
            ask()
            counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    with timed() as taken:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sum(counts) / taken[0]


# --- a million rows

MILLION_ROWS = ["system", "MB", "seconds", "to raw", "peak RSS of a web process, MB", "before, MB"]


def million(engine: EmbeddedEngine, systems: Sequence[Running]) -> Table:
    """Stream a million rows from each system that is quick enough for it."""
    query = QUERIES[MILLION]
    body, raw = in_process(engine, query)()
    table: Table = [[RAW, f"{len(body) / 1e6:.0f}", f"{raw:.2f}", "1.00", "", ""]]
    for number, system in enumerate(systems):
        if system.name in ("rdflib-endpoint", "calcikg, cached"):  # too slow; too large to be kept
            continue
        webs = web_processes(system) if number == 0 else []
        before = [peak(process) for process in webs]
        try:
            size, taken = Connection(system.endpoint).stream(query)
        except OSError as error:
            table.append([system.name, f"broke off: {error}", "", "", "", ""])
            continue
        after = [peak(process) for process in webs]
        memory = [f"{max(values):.0f}" if values else "" for values in (after, before)]
        table.append([system.name, f"{size / 1e6:.0f}", f"{taken:.2f}", f"{taken / raw:.2f}", *memory])
    return table


def web_processes(system: Running) -> list[int]:
    """Return the web processes of our endpoint, their peaks of memory forgotten."""
    below = descendants(system.process.pid)
    webs = [process for process in below if b"api.webs" in Path(f"/proc/{process}/cmdline").read_bytes()]
    for process in webs:
        with suppress(OSError):  # not everybody may
            Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")
    return webs


def peak(process: int) -> float:
    """Return the peak resident memory of a process in MB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))


# --- closure

CLOSURE = ["closure", "seconds", "to owlrl", "relations of records", "same"]


def closure() -> Table:
    """Compute the closure of the build's axioms, by its reasoner and by owlrl."""
    inputs = Inputs()
    given = axioms(read_dataset(inputs).quads)
    rules = sorted((inputs.ontology / "rules" / "closure").glob("*.rq"))
    runs = []
    for _ in range(3):
        with timed() as taken:
            found = compute_closure(given, rules)
        runs += taken
    graph = Graph().parse(data=ox.serialize(given, format=ox.RdfFormat.N_TRIPLES), format="nt")
    with timed() as whole:
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    mine = relations(tuple(str(term) for term in triple) for triple in found)
    theirs = relations(tuple(f"<{term}>" for term in triple) for triple in graph if isinstance(triple[2], URIRef))
    ratio = statistics.median(runs) / whole[0]
    return [
        ["owlrl", f"{whole[0]:.2f}", "1.00", len(theirs), ""],
        ["reasonable and rules", f"{statistics.median(runs):.2f}", f"{ratio:.3f}", len(mine), agree(theirs, mine)],
    ]


def relations(triples: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Return what is said of records, but that each is itself and a thing."""
    trivial = {f"<{OWL.sameAs}>", f"<{OWL.Thing}>"}
    return {triple for triple in triples if triple[0].startswith(f"<{ID}") and not {*triple[1:]} & trivial}


# --- output


def show(title: str, head: Sequence[str], table: Table) -> None:
    """Print a Markdown table."""
    print(f"## {title}\n")
    for cells in (head, ["---"] * len(head), *table):
        print("|", " | ".join(map(str, cells)), "|")
    print(flush=True)


def note(part: str) -> None:
    """Say what is measured now."""
    print(f"measuring: {part} …", file=sys.stderr)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
