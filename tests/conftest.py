"""Fixtures, built on each other: the dataset as built, an engine over it, the application, a server."""

import csv
import fcntl
import gc
import hashlib
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import first_documents
import hypothesis
import made_up_evidence
import pyoxigraph as ox
import pytest
from browsing import Visitor, chromium
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

import kg.build.snapshot as kg_build
from api.app import create_app
from kg.build.current import is_current
from kg.build.dataset import Dataset, Inputs, read_dataset
from kg.build.snapshot import build
from kg.engine import FORMATS, Engine, Query
from kg.export.prebuilt import write_exports
from kg.queries import read_questions
from kg.rdf import graph_of
from kg.settings import Settings
from kg.snapshot import DATASET, Snapshot

# How long a machine takes says nothing of the code: no test depends on it. A run tries the same examples as any other;
# with KG_EXAMPLES=1000 it tries others, and as many where a test does not say how many.
EXAMPLES = int(os.environ.get("KG_EXAMPLES", "0"))
hypothesis.settings.register_profile(
    "patient", deadline=None, max_examples=EXAMPLES or 50, derandomize=not EXAMPLES, database=None
)
hypothesis.settings.load_profile("patient")

# Reasoners run for seconds: what Java gains by its second compiler and by several collectors would come later.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

#: The checkout.
ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
#: Numbers and strings on which the engine breaks down when it sorts them, in this order.
MIXED_VALUES = "9 '12' '16' 3 '18' 5 13 15 '2' 1 '10' '8' '6' '0' '4' '14' '20' 19 11 7 17"
#: More quads than a small dataset has, with the ontology.
SMALL = 40_000
#: Texts of the sources, for those who hold them; `.ci/run` says where they are.
DOCUMENTS = os.environ.get("KG_DOCUMENTS", "")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many processes as processors: each collects the tests and loads the snapshots anew."""
    return os.cpu_count() or 1


def pytest_collection_finish() -> None:
    """Leave out what was imported when Python searches for unreachable objects, and let it search seldom."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the crash suite tried, whichever process tried it."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "tried":
                terminalreporter.write_line(str(value))


class Client(FlaskClient):
    """A client that reads each answer whole, and so closes the file that it comes from."""

    def open(self, *args: Any, buffered: bool = True, **parts: Any) -> Any:
        return super().open(*args, buffered=buffered, **parts)


# The project's own dataset, for tests of the data. It grows with every source.


@pytest.fixture(scope="session")
def whole_folder() -> Path:
    """The folder of the project's own snapshot; `make test` builds it before the tests start."""
    folder = ROOT / "build"
    if not is_current(folder):
        build(folder)
    write_exports(Snapshot.open(folder))
    return folder


@pytest.fixture(scope="session")
def whole(whole_folder: Path) -> Snapshot:
    return Snapshot.open(whole_folder)


@pytest.fixture(scope="session")
def whole_engine(whole_folder: Path) -> Engine:
    return engine_of(whole_folder)


@pytest.fixture(scope="session")
def whole_client(whole_folder: Path) -> FlaskClient:
    return client_of(whole_folder)


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """The project's own records, as they are written."""
    return read_dataset(Inputs())


@pytest.fixture(scope="session")
def derived(whole: Snapshot) -> list[ox.Quad]:
    """The project's own records with the ontology and all that follows from them, as the snapshot has them."""
    return [quad for quad in ox.parse(path=whole.path / DATASET) if graph_of(quad) != "synthesis"]


# The dataset of the first five documents, for tests of the code. It stays as it is.


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a snapshot of the first documents, which a run builds if records or code have changed."""
    folder = ROOT / ".pytest_cache" / "d" / "first-documents"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        inputs = first_documents.cut(tmp_path_factory.mktemp("first-documents"))
        if not is_current(folder, inputs):
            write_exports(build(folder, inputs))
    return folder


@pytest.fixture(scope="session")
def snapshot(data_folder: Path) -> Snapshot:
    return Snapshot.open(data_folder)


@pytest.fixture(scope="session")
def engine(data_folder: Path) -> Engine:
    return engine_of(data_folder)


@pytest.fixture(scope="session")
def answers(engine: Engine) -> dict[str, list[list[str]]]:
    """The rows that answer each competency question by these documents, without their header."""
    found = {}
    for question in read_questions():
        text = engine.answer(Query(question.text), (FORMATS["csv"],)).read().decode()
        found[question.slug] = list(csv.reader(io.StringIO(text)))[1:]
    return found


@pytest.fixture(scope="session")
def client(data_folder: Path) -> FlaskClient:
    return client_of(data_folder)


def client_of(data: Path) -> FlaskClient:
    return app_of(data).test_client()


def engine_of(data: Path) -> Engine:
    """Return the engine of the application: a process loads a snapshot once."""
    engine: Engine = app_of(data).extensions["source"].current().engine
    return engine


@cache
def app_of(data: Path) -> Flask:
    """Return the application over the snapshot of a data folder."""
    app = create_app(Settings.read({"KG_DATA": str(data), "KG_RATE": "0", "KG_BODY_RATE": "0"}))
    app.test_client_class = Client
    return app


@pytest.fixture(scope="session")
def documents() -> Path:
    """The folder with the texts of the sources; a test that needs them says loudly that they are missing."""
    if not DOCUMENTS:
        pytest.skip("KG_DOCUMENTS is not set: the records are not compared with the texts of their sources")
    return Path(DOCUMENTS)


@pytest.fixture(scope="session")
def server(data_folder: Path) -> Iterator[str]:
    """The address of a real server."""
    with service(data_folder) as (address, _):
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser, server: str) -> Iterator[Visitor]:
    """Someone with a browser at the server; whatever went wrong on a page fails the test."""
    someone = Visitor(browser, server)
    yield someone
    someone.close()
    assert someone.wrong == []


def service(
    data: Path, stdout: int | None = None, *, fills_store: bool = False, **environment: str
) -> "AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]":
    """Run what `kg serve` runs, but without a look at whether the snapshot is that of the project's own records.

    It leaves no store on disk behind, from which the next service would answer first, unless it is told to: to fill one
    takes longer than what most tests ask.
    """
    code = f"""if True:
        from api.supervisor import Supervisor
        from kg.settings import Settings
        from kg.snapshot import Snapshot
        if not {fills_store}:
            Snapshot.write_store = lambda _: None
        raise SystemExit(Supervisor(Settings.read(), '127.0.0.1', {{port}}).run())"""
    return running("-c", code, stdout=stdout, KG_DATA=str(data), **environment)


@contextmanager
def running(
    *arguments: str, stdout: int | None = None, **environment: str
) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """Run a server by Python on a free port, which takes the place of ``{port}``, until the block ends."""
    port = free_port()
    command = [sys.executable, *(argument.replace("{port}", port) for argument in arguments)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "KG_RATE": "0", "KG_BODY_RATE": "0", **environment},
        stdout=stdout,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(timeout=30)


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended before it was ready"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


@contextmanager
def shared(factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """Yield a folder of all processes that run the tests; the first that comes fills it."""
    base = factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / name


@pytest.fixture(scope="session", autouse=True)
def documented_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have builds in this process document each ontology once, which takes a third of a small build.

    The example on the page is a finding of the dataset that was built first.
    """
    document = kg_build.document

    def copy_documents(staging: Path, quads: Sequence[ox.Quad]) -> None:
        if len(quads) > SMALL:  # its page has examples and counts of its own
            document(staging, quads)
            return
        lines = sorted(str(quad.triple) for quad in quads if graph_of(quad) == "ontology")
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        with shared(tmp_path_factory, f"documented-{digest}") as folder:
            if not folder.exists():
                part = folder.with_suffix(".part")
                part.mkdir(exist_ok=True)
                document(part, quads)
                part.rename(folder)
            shutil.copytree(folder, staging, dirs_exist_ok=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kg_build, "document", copy_documents)
        yield


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small snapshot, not to be changed."""
    with shared(tmp_path_factory, "small") as folder:
        if not folder.exists():
            write_exports(build(folder / "build", copy_small_inputs(folder)))
    return folder / "build"


@pytest.fixture(scope="session")
def small(small_data: Path) -> Snapshot:
    return Snapshot.open(small_data)


@pytest.fixture
def small_copy(small_data: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the small snapshot as ``small_inputs`` give it."""
    return shutil.copytree(small_data, tmp_path / "data", symlinks=True)


@pytest.fixture(scope="session")
def pooled_client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The application over a small dataset with a pooled result that was rated, and with retired ids."""
    with shared(tmp_path_factory, "pooled") as folder:
        if not folder.exists():
            build(folder / "build", made_up_evidence.change(copy_small_inputs(folder)))
    return client_of(folder / "build")


@pytest.fixture
def small_inputs(tmp_path: Path) -> Inputs:
    """A small, whole dataset in a folder of the test's own, with mappings of its own."""
    return copy_small_inputs(tmp_path)


def copy_small_inputs(folder: Path) -> Inputs:
    shutil.copytree(DATA / "seeds" / "good", folder / "seeds")
    ontology = folder / "ontology"
    shutil.copytree(Inputs().ontology, ontology)
    (ontology / "mappings" / "calcikg.sssom.tsv").unlink()
    for unused in ("chebi", "hp"):  # a build with them takes longer
        (ontology / "imports" / f"{unused}.ttl").unlink()
    shutil.copyfile(DATA / "good.sssom.tsv", ontology / "mappings" / "good.sssom.tsv")
    return Inputs(seeds=folder / "seeds", ontology=ontology)
