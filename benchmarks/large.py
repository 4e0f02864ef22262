"""``python -m benchmarks.large MILLIONS...``: made-up triples served from disk and from memory, as Markdown.

For each number of millions: the time that `kg serve --dataset` takes to load the triples and to start again, the most
memory that a process has then, the size on disk, and some queries over HTTP, without a cache. A hundred million need
30 GB of disk, and no memory of theirs: more than fifteen are only measured on disk.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.triples import BASE, write

PORT = 18310
#: The most millions of triples that are also loaded into memory.
IN_MEMORY = 15
#: How often a query is asked after the first time, if that takes no longer than so many milliseconds.
TURNS, LONGEST = 5, 60_000
QUERIES = {
    "one subject": f"SELECT * {{ <{BASE}study/1234> ?p ?o }}",
    "first page of 50": f"SELECT * {{ ?s a <{BASE}Study> ; <{BASE}title> ?t }} LIMIT 50",
    "join, mean": f"""SELECT (AVG(?v) AS ?mean) (COUNT(*) AS ?n) {{
        ?f <{BASE}treatment> <{BASE}treatment/7> ; <{BASE}share> ?v ;
           <{BASE}in>/<{BASE}country> <{BASE}country/3> }}""",
    "equality filter": f"SELECT * {{ ?s <{BASE}people> ?n ; <{BASE}title> ?t FILTER(?n = 17) }} LIMIT 50",
    "count of a class": f"SELECT (COUNT(*) AS ?n) {{ ?s a <{BASE}Study> }}",
    "top 5 of a group": f"SELECT ?c (COUNT(*) AS ?n) {{ ?s <{BASE}country> ?c }} GROUP BY ?c ORDER BY DESC(?n) LIMIT 5",
    "count of all": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
}


def main(millions: Sequence[int]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        for number in millions:
            file = Path(folder, f"{number}m.nt")
            write(file, number * 10**6)
            print(f"\n## {number} million triples, {file.stat().st_size / 10**9:.2f} GB of N-Triples\n", flush=True)
            columns = {"on disk": measure(file, Path(folder, "data"), "0")}
            if number <= IN_MEMORY:
                columns["in memory"] = measure(file, Path(folder, "data"), "1e9")
            print(f"| | {' | '.join(columns)} |\n| --- |{' --: |' * len(columns)}")
            for row in next(iter(columns.values())):
                print(f"| {row} | {' | '.join(column.get(row, '') for column in columns.values())} |", flush=True)
            file.unlink()


def measure(file: Path, data: Path, in_memory: str) -> dict[str, str]:
    """Return the rows of one way of holding the triples."""
    rows = {}
    with serving(file, data, in_memory) as (process, seconds):
        rows["load, until the first answer, s"] = f"{seconds:.1f}"
        rows["most memory of a process, GB"] = f"{peak(process) / 10**6:.2f}"
    with serving(file, data, in_memory) as (process, seconds):
        rows["next start, s"] = f"{seconds:.1f}"
        if data.exists():
            rows["size on disk, GB"] = f"{sum(path.stat().st_size for path in data.rglob('*')) / 10**9:.2f}"
        for name, query in QUERIES.items():
            rows[f"{name}, ms"] = asked(query)
    shutil.rmtree(data, ignore_errors=True)
    return rows


@contextmanager
def serving(file: Path, data: Path, in_memory: str) -> "Iterator[tuple[subprocess.Popen[bytes], float]]":
    """Serve a file; yield the process, and the seconds until it answered a query."""
    command = [sys.executable, "-m", "kg.cli", "serve", "--port", str(PORT), "--dataset", str(file)]
    limits = {"KG_CACHE": "0.001", "KG_RATE": "0", "KG_QUERY_TIMEOUT": "600", "KG_IN_MEMORY": in_memory}
    started = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **limits, "KG_DATA": str(data)}, stderr=subprocess.DEVNULL)
    try:
        while not answers(QUERIES["one subject"]):
            assert process.poll() is None, "the service ended"
            time.sleep(0.02)
        yield process, time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(query: str) -> bool:
    """Ask a query; tell whether it was answered."""
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{PORT}/sparql?{urllib.parse.urlencode({'query': query})}"
        ) as got:
            got.read()
    except OSError:
        return False
    return True


def asked(query: str) -> str:
    """Return the time of the first answer to a query, and the median of those that follow, in milliseconds."""
    times = list[float]()
    for turn in range(1 + TURNS):
        started = time.perf_counter()
        assert answers(f"{query} # {turn}"), query
        times.append((time.perf_counter() - started) * 1000)
        if sum(times) > LONGEST:
            break
    return f"{times[0]:.1f}, then {statistics.median(times[1:] or times):.1f}"


def peak(process: "subprocess.Popen[bytes]") -> int:
    """Return the most memory, in kilobytes, that a process or one of its children has had."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()[1:]]
    family = {str(process.pid)}
    for _ in range(3):
        family |= {pid for pid, parent in pairs if parent in family}
    highest = 0
    for pid in family:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines() if Path(f"/proc/{pid}").exists() else ():
            highest = max(highest, int(line.split()[1]) if line.startswith("VmHWM") else 0)
    return highest


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or [10])
