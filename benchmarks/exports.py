"""``python -m benchmarks.exports``: every export of the snapshot, its size and time; prints a Markdown table.

Each is written in a process of its own; its peak of memory is given less that of a process that only has the engine.
"""

import multiprocessing
import resource
import time
from pathlib import Path

from kg.export import EXPORTS, Extract
from kg.read.labels import Labels
from kg.snapshot import Snapshot


def main(data: Path) -> None:
    """Measure each export, and print."""
    version, counts = (snapshot := Snapshot.open(data)).version, snapshot.counts
    print(f"snapshot {version}: {counts['findings']} findings, {counts['triples']:,} triples\n")
    print("| format | MB | s | MB of memory |\n| --- | --- | --- | --- |")
    _, _, idle = in_process(data, "")
    for name in EXPORTS:
        size, seconds, peak = in_process(data, name)
        print(f"| {name} | {size / 1e6:.2f} | {seconds:.2f} | {(peak - idle) / 1000:.0f} |", flush=True)


def in_process(data: Path, name: str) -> tuple[int, float, int]:
    """Return size in bytes, seconds, and peak of memory in KiB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (data, name))


def measure(data: Path, name: str) -> tuple[int, float, int]:
    """Write an export. The engine is loaded before; the time includes the import of the libraries of a format."""
    snapshot = Snapshot.open(data)
    engine = snapshot.engine()
    started = time.perf_counter()
    chunks = EXPORTS[name].write(Extract(Labels(engine), snapshot=snapshot)) if name else iter(())
    size = sum(map(len, chunks))
    return size, time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(Path("build"))
