"""``python -m benchmarks.rewrite``: queries of shapes that people send, as sent and rewritten; prints a Markdown table.

The shapes are those of the example queries of UniProt, Bgee, Wikidata and the endpoints of the SIB. Both ways are
measured in one run, in turns, in one process: compare ratios, not milliseconds.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kg.engine import FORMATS, Query
from kg.engine.embedded import EmbeddedEngine
from kg.engine.rewrite import Rewriter
from kg.snapshot import Snapshot

ROOT = Path(__file__).parents[1]
QUERIES = {
    file.stem: file.read_text(encoding="utf-8") for file in sorted((ROOT / "benchmarks" / "foreign").glob("*.rq"))
}
#: How often each query is asked, each way.
TURNS = 15
PLAIN = "SELECT ?o { <https://w3id.org/calcikg/id/site/hand> ?p ?o }"


def main() -> None:
    """Measure and print."""
    snapshot = Snapshot.open(ROOT / "build")
    as_sent = EmbeddedEngine.from_files(snapshot.quads)
    rewriting = EmbeddedEngine.from_files(snapshot.quads, rewrite=True)
    started = time.process_time()
    rewriting.prepare()
    print(f"{len(as_sent):,} quads; prepared in {time.process_time() - started:.2f} s of processor time\n")
    print("| query | rules | rows | as sent, ms | first time, ms | then, ms | gain | gain, first time |")
    print("| --- | --- | --: | --: | --: | --: | --: | --: |")
    for name, text in QUERIES.items():
        print("|", " | ".join(measure(name, text, as_sent, rewriting)), "|", flush=True)
    rewriter = Rewriter(as_sent._store, union=True)
    print(f"\na query that needs nothing: {timed(lambda: rewriter.rewrite(PLAIN, None), 10_000) * 1000:.2f} µs")


def measure(name: str, text: str, as_sent: EmbeddedEngine, rewriting: EmbeddedEngine) -> Sequence[str]:
    """Return the row of a query. ``first time`` includes rewriting, which is remembered ``then``."""
    query, formats = Query(text), (FORMATS["tsv"],)
    expected, answer = as_sent.answer(query, formats), rewriting.answer(query, formats)
    rows = sorted(expected.read().splitlines())
    assert rows == sorted(answer.read().splitlines()), name
    before, first, after = list[float](), list[float](), list[float]()
    for _ in range(TURNS):
        before.append(timed(lambda: as_sent.answer(query, formats)))
        unseen = Query(f"{text}# {time.perf_counter_ns()}")
        first.append(timed(partial(rewriting.answer, unseen, formats)))
        after.append(timed(lambda: rewriting.answer(query, formats)))
    sent, new, then = (statistics.median(times) for times in (before, first, after))
    figures = f"{sent:.2f}", f"{new:.2f}", f"{then:.2f}", f"{sent / then:.1f}x", f"{sent / new:.1f}x"
    return name, ", ".join(answer.rewritten) or "none", str(len(rows) - 1), *figures


def timed(ask: Callable[[], object], times: int = 1) -> float:
    """Return the milliseconds that a call takes."""
    started = time.perf_counter()
    for _ in range(times):
        ask()
    return (time.perf_counter() - started) / times * 1000


if __name__ == "__main__":
    main()
