"""What it costs to have another engine answer: publishing, the library questions, a look-up, a page.

    python -m benchmarks.remote [DATA]

Each engine is started empty on loopback, filled by `kg publish`, and asked by `kg serve --engine` in one process; the
embedded engine is measured beside it, in the same run.
"""

import os
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from api.app import create_app
from benchmarks.client import timed
from kg.engine import FORMATS, Engine, Query
from kg.engine.http import Credentials
from kg.errors import KgError
from kg.publish import publish
from kg.queries import read_questions
from kg.settings import Settings
from kg.snapshot import Snapshot
from tests.engines import CREDENTIALS, ENGINES, find

_PORT = 18320
_LOOK_UP = 'SELECT ?s WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> "colchicine"@en }'
_PAGE = "/page/treatment/colchicine"
_RUNS = 20
HEAD = ["engine", "publish, s", "triples", "questions equal", "refused", "questions, s", "look-up, ms", "page, ms"]


def main(data: Path = Path("build")) -> None:
    """Measure, and print a table."""
    snapshot = Snapshot.open(data)
    print("|", " | ".join(HEAD), "|\n|", " | ".join(["---"] * len(HEAD)), "|")
    expected, seconds = answers(engine_of(data, ""))
    show("embedded", "", "", len(expected), 0, f"{seconds:.1f}", *times(data, ""))
    for name, start in ENGINES.items():
        if find(name) is None:
            print(f"{name} is not installed", file=sys.stderr)
            continue
        with TemporaryDirectory() as folder, start(Path(folder), _PORT) as address:
            with timed() as taken:
                done = publish(snapshot, address, Credentials(*CREDENTIALS.values()))
            found, seconds = answers(engine_of(data, address))
            equal = sum(found[slug] == rows for slug, rows in expected.items())
            refused = sum(rows is None for rows in found.values())
            spent = f"{taken[0]:.0f}", f"{done.triples:,}"
            show(name, *spent, f"{equal} of {len(expected)}", refused, f"{seconds:.1f}", *times(data, address))
            for slug in (slug for slug in expected if found[slug] != expected[slug]):
                print(f"{name}: {slug}", file=sys.stderr)
    print(f"load: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", file=sys.stderr)


def engine_of(data: Path, address: str) -> Engine:
    """Return the engine that the application would ask."""
    engine: Engine = create_app(settings(data, address)).extensions["source"].current().engine
    return engine


def settings(data: Path, address: str) -> Settings:
    """Return the settings of a service whose cache is too small for any answer."""
    return Settings.read(
        {"KG_DATA": str(data), "KG_ENGINE": address, "KG_RATE": "0", "KG_CACHE": "0.00001", **CREDENTIALS}
    )


def answers(engine: Engine) -> tuple[dict[str, Counter[bytes] | None], float]:
    """Return the rows of each question, in any order, and the seconds that all took; None for one that is refused."""
    found = dict[str, Counter[bytes] | None]()
    with timed() as taken:
        for question in read_questions():
            try:
                answer = engine.answer(Query(question.text), (FORMATS["csv"],)).read()
                found[question.slug] = Counter(answer.splitlines())
            except KgError:
                found[question.slug] = None
    return found, taken[0]


def times(data: Path, address: str) -> tuple[str, str]:
    """Return the median milliseconds of a look-up and of a page, once the labels are read; a page may be refused."""
    app = create_app(settings(data, address))
    client, engine = app.test_client(), app.extensions["source"].current().engine
    look_up = median(lambda: engine.answer(Query(_LOOK_UP), (FORMATS["json"],)).read())
    answered = client.get(_PAGE).status_code == HTTPStatus.OK
    return look_up, median(lambda: client.get(_PAGE).data) if answered else "refused"


def median(do: Callable[[], object]) -> str:
    """Return the median milliseconds of a call, after one that is not counted."""
    do()
    runs = []
    for _ in range(_RUNS):
        with timed() as taken:
            do()
        runs += taken
    return f"{statistics.median(runs) * 1000:.1f}"


def show(*cells: object) -> None:
    """Print a row."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
