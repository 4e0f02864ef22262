"""``python -m benchmarks.routes SMALL LARGE``: every REST route and kind of page over two data folders; prints a table.

Each folder is served by `kg serve` with nothing cached, one after the other, and each route asked three times by one
client; the median counts, of one that takes over five seconds the first. Nobody waits longer than 45 s: such a route
has the status 0. Pages are those of the entities with the most findings. What a web process reads once is measured
apart: the first answer.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.client import timed
from benchmarks.systems import descendants

RUNS, SLOW, PATIENCE = 3, 5.0, 45.0
_START = 900  # seconds that a large dataset may take to be served
#: The entity of each kind that most findings are about, or the source, population or pooled result with most of them.
_LARGEST = """PREFIX ckg: <https://w3id.org/calcikg/ontology/>
SELECT ?one (COUNT(*) AS ?number) WHERE { ?finding a ckg:Finding ; ckg:about|ckg:source|ckg:population ?one }
GROUP BY ?one ORDER BY DESC(?number) ?one"""
_OTHERS = """PREFIX ckg: <https://w3id.org/calcikg/ontology/>
SELECT ?one WHERE { { ?one a ?class . VALUES ?class { ckg:Disagreement ckg:Finding ckg:Study } }
  UNION { ?one ckg:considers ?finding FILTER(STRSTARTS(STR(?one), "https://w3id.org/calcikg/id/pooled/")) } }
GROUP BY ?one ORDER BY DESC(COUNT(*)) ?one"""
_API = (
    "entities", "entities?q=calcinosis", "entities?type=Treatment", "findings", "findings?about={treatment}",
    "findings?kind=outcome&max_level=2", "findings?limit=500", "sources", "mappings", "disagreements", "pooled",
    "evidence-map", "gaps", "graph?center={treatment}&depth=2", "paths?from={treatment}&to=outcome/pain", "questions",
    "questions/infection-after-calcinosis-surgery", "stats", "search?q=thiosulfat", "search?q=calcinosis",
    "compare?treatment={treatment}&treatment=treatment/colchicine",
)  # fmt: skip
_PAGES = (
    "/", "/search?q=calcinosis", "/summary", "/summary/prevalence", "/summary/risk-factors", "/evidence-map",
    "/evidence-map?by=site", "/compare?treatment={treatment}&treatment=treatment/colchicine", "/compare", "/downloads",
    "/explorer", "/explorer?center={treatment}", "/explorer.svg?center={treatment}", "/explorer/node?id={treatment}",
    "/pictures/prevalence.svg", "/pictures/treatments.svg", "/page", "/page/finding", "/page/finding?about={treatment}",
    "/sitemap.xml", "/linkset", "/.well-known/void", "/releases", "/workbench/vocabulary", "/workbench/questions",
    "/ontology", "/data/{treatment}.ttl", "/data/{finding}.ttl", "/data/{source}.json",
)  # fmt: skip
HEAD = ["route", "small, ms", "large, ms", "ratio", "small, kB", "large, kB"]
Measured = tuple[int, float, int]


def main(small: Path, large: Path) -> None:
    """Measure both, and print."""
    with served(small) as address:
        routes = list(dict.fromkeys(routes_of(address)))
        one = measure(address, routes)
    with served(large) as address:
        other = measure(address, routes)
    print("|", " | ".join(HEAD), "|\n|", " | ".join(["---"] * len(HEAD)), "|")
    for route in sorted(routes, key=lambda route: -other[route][1] / one[route][1]):
        print("|", " | ".join(row(route, one[route], other[route])), "|")


def row(route: str, one: Measured, other: Measured) -> list[str]:
    """Return the cells of a route; one that fails has its status in place of its time."""
    times = [f"{each[1] * 1000:.0f}" + (f" ({each[0]})" if each[0] != HTTPStatus.OK else "") for each in (one, other)]
    return [f"`{route}`", *times, f"{other[1] / one[1]:.1f}", f"{one[2] / 1000:.0f}", f"{other[2] / 1000:.0f}"]


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve a data folder until the block ends; tell on standard error how long it took, and the memory in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = f"Supervisor(Settings.read(), '127.0.0.1', {port}).run()"
    # The supervisor gives up after two minutes, which sixteen million triples exceed.
    patience = f"from api import supervisor; supervisor._START = {_START}"
    code = f"{patience}; from api.supervisor import Supervisor; from kg.settings import Settings; {start}"
    environment = {"KG_DATA": str(data), "KG_RATE": "0", "KG_CACHE": "0.00001", "KG_CLIENT_TIMEOUT": "300"}
    with timed() as taken:
        process = subprocess.Popen([sys.executable, "-c", code], env=os.environ | environment)
        wait(f"127.0.0.1:{port}", process)
    note(f"{data}: ready after {taken[0]:.1f} s")
    try:
        yield f"127.0.0.1:{port}"
        for child in (process.pid, *descendants(process.pid)):
            note(f"{memory(child)}")
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait(host: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a service is ready."""
    give_up = time.monotonic() + _START
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if ask(host, "/readyz")[0] == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise OSError("the service does not start")


def measure(host: str, routes: Sequence[str]) -> dict[str, Measured]:
    """Ask each route; return its status, median seconds and bytes."""
    for _ in range(2):  # one for each web process
        note(f"first answer: {ask(host, '/page/finding')[1]:.1f} s")
    found = {}
    for route in routes:
        runs: list[Measured] = []
        while len(runs) < RUNS and not (runs and runs[-1][1] > SLOW):
            runs.append(ask(host, route))
        found[route] = runs[-1][0], statistics.median(seconds for _, seconds, _ in runs), runs[-1][2]
        note(f"{route}: {found[route]}")
    return found


def ask(host: str, route: str) -> Measured:
    """Ask a route; return status, seconds and bytes. A client that waits in vain has status 0."""
    connection = http.client.HTTPConnection(host, timeout=PATIENCE)
    try:
        with timed() as taken:
            connection.request(
                "GET", quote(route, safe="/?&=:%+,"), headers={"Accept": "text/html, application/json, */*;q=0.1"}
            )
            answer = connection.getresponse()
            size = len(answer.read())
        return answer.status, taken[0], size
    except (TimeoutError, http.client.HTTPException):
        return 0, PATIENCE, 0
    finally:
        connection.close()


def routes_of(host: str) -> Iterator[str]:
    """Yield the routes, with the largest entity of each kind."""
    ids = [one for query in (_LARGEST, _OTHERS) for one in select(host, query)]
    largest: dict[str, str] = {}
    for one in ids:
        largest.setdefault(one.partition("/")[0], one)
    for route in (*(f"/api/v1/{name}" for name in _API), *_PAGES):
        yield route.format(**largest)
    for kind, one in sorted(largest.items()):
        yield f"/page/{kind}"
        yield f"/page/{one}"
        detail = {"source": "sources", "finding": "findings", "pooled": "pooled", "disagreement": "disagreements"}
        name, slug = detail.get(kind), one.partition("/")[2]
        yield f"/api/v1/{name}/{slug}" if name else f"/api/v1/entities/{one}"


def select(host: str, query: str) -> list[str]:
    """Return the ids that a query selects."""
    connection = http.client.HTTPConnection(host, timeout=PATIENCE)
    connection.request("GET", f"/sparql?query={quote(query)}", headers={"Accept": "application/sparql-results+json"})
    rows = json.loads(connection.getresponse().read())["results"]["bindings"]
    return [urlsplit(one["one"]["value"]).path.partition("/id/")[2] for one in rows]


def memory(process: int) -> str:
    """Return the peak of resident memory of a process in MB, with the end of its command."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:60]
    return f"{int(fields['VmHWM'].split()[0]) / 1000:.0f} MB at most, {command!r}"


def note(text: str) -> None:
    """Tell what is under way."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
