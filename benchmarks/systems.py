"""The systems that are measured: how each is installed, filled, started on loopback and ended."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pyoxigraph as ox

from benchmarks.client import target
from tests.engines import VIRTUOSO

HERE = Path(__file__).parent
VENV = HERE / ".venv"
PORT = 18300
_START = 120.0  # seconds that a system may take to answer for the first time
_GRAPH = "urn:benchmark"
#: Virtuoso and what it loads; unpacked below the venv, never installed.
_PACKAGES = "virtuoso-opensource-7-bin libldap-2.5-0 libminizip1 libpcre3 libsasl2-2".split()


class UnavailableError(Exception):
    """A system cannot be measured here."""


@dataclass(frozen=True)
class Data:
    """The dataset in files: ``quads`` with the union of its graphs as default graph, ``triples`` the union alone."""

    folder: Path
    quads: Path
    triples: Path

    @classmethod
    def prepare(cls, dataset: Path, folder: Path) -> "Data":
        """Write the files from a snapshot's dataset."""
        named = set(ox.parse(path=dataset))
        union = {ox.Triple(quad.subject, quad.predicate, quad.object) for quad in named}
        data = cls(folder, folder / "union.nq", folder / "union.nt")
        ox.serialize(union, data.triples, format=ox.RdfFormat.N_TRIPLES)
        ox.serialize(
            [*named, *(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in union)],
            data.quads,
            format=ox.RdfFormat.N_QUADS,
        )
        return data


@dataclass(frozen=True)
class Running:
    """A started system: its name, where it answers, and its process."""

    name: str
    endpoint: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def ours(data: Data) -> Iterator[Running]:
    """``kg serve``, its cache of answers too small for any answer: each query reaches a worker."""
    with _serve("calcikg, no cache", data, PORT, {"KG_CACHE": "0.00001"}) as running:
        yield running


@contextmanager
def ours_cached(data: Data) -> Iterator[Running]:
    """``kg serve`` with its default settings: a query asked again is answered from memory."""
    with _serve("calcikg, cached", data, PORT + 5, {}) as running:
        yield running


@contextmanager
def ours_before(data: Data, checkout: Path) -> Iterator[Running]:
    """``kg serve`` of another checkout, with the packages of this one, and without a cache."""
    settings = {"KG_CACHE": "0.00001", "PYTHONPATH": str(checkout.resolve())}
    with _serve("calcikg before, no cache", data, PORT + 6, settings) as running:
        yield running


@contextmanager
def rdflib_endpoint(data: Data) -> Iterator[Running]:
    """rdflib-endpoint, with the store of rdflib in memory."""
    command = [_tool("rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(PORT + 1), str(data.triples)]
    with _started("rdflib-endpoint", command, f"http://127.0.0.1:{PORT + 1}/") as running:
        yield running


@contextmanager
def oxigraph(data: Data) -> Iterator[Running]:
    """The Oxigraph server."""
    folder = data.folder / "oxigraph"
    tool = _tool("oxigraph")
    _run([tool, "load", "--location", str(folder), "--file", str(data.quads)])
    command = [tool, "serve-read-only", "--location", str(folder), "--bind", f"127.0.0.1:{PORT + 2}"]
    with _started("Oxigraph server", command, f"http://127.0.0.1:{PORT + 2}/query") as running:
        yield running


@contextmanager
def virtuoso(data: Data) -> Iterator[Running]:
    """Virtuoso, its default graph named in each request, as it has graphs of its own."""
    root, environment = _unpacked()
    folder = data.folder / "virtuoso"
    folder.mkdir()
    shutil.copy(data.triples, folder)
    settings = folder / "virtuoso.ini"
    settings.write_text(VIRTUOSO.format(folder=folder, port=PORT + 3, isql=PORT + 4), encoding="utf-8")
    command = [str(root / "usr/bin/virtuoso-t"), "-f", "-c", str(settings)]
    endpoint = f"http://127.0.0.1:{PORT + 3}/sparql?default-graph-uri={_GRAPH}"
    with _started("Virtuoso", command, endpoint, environment) as running:
        load = f"DB.DBA.TTLP_MT(file_to_string_output('{folder / data.triples.name}'), '', '{_GRAPH}'); checkpoint;"
        _run([str(root / "usr/bin/isql-vt"), f"127.0.0.1:{PORT + 4}", "dba", "dba", f"exec={load}"], environment)
        yield running


#: The other endpoints.
PEERS: dict[str, Callable[[Data], AbstractContextManager[Running]]] = {
    "rdflib-endpoint": rdflib_endpoint,
    "Oxigraph server": oxigraph,
    "Virtuoso": virtuoso,
}


def descendants(process: int) -> Iterator[int]:
    """Yield the processes below a process."""
    for child in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split():
        yield int(child)
        yield from descendants(int(child))


def _serve(name: str, data: Data, port: int, settings: dict[str, str]) -> AbstractContextManager[Running]:
    command = [sys.executable, "-P", "-m", "kg.cli", "serve", "--port", str(port), "--dataset", str(data.quads)]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KG_")}
    return _started(name, command, f"http://127.0.0.1:{port}/sparql", kept | {"KG_RATE": "0"} | settings)


@contextmanager
def _started(
    name: str, command: Sequence[str], endpoint: str, environment: Mapping[str, str] = os.environ
) -> Iterator[Running]:
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(process, endpoint, name)
        yield Running(name, endpoint, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: "subprocess.Popen[bytes]", endpoint: str, name: str) -> None:
    """Wait until a process answers a query."""
    server = endpoint.split("/", 3)[2]
    give_up = time.monotonic() + _START
    while True:
        try:
            with urlopen(f"http://{server}{target(endpoint, 'ASK { ?s ?p ?o }')}", timeout=10):
                return
        except (URLError, OSError) as error:
            if process.poll() is not None or time.monotonic() > give_up:
                raise UnavailableError(f"{name} does not answer") from error
            time.sleep(0.1)


def _tool(name: str) -> str:
    """Return a program of the peers' own venv, made when it is missing or older than its requirements."""
    requirements, stamp = HERE / "requirements.txt", VENV / "installed"
    if not stamp.exists() or stamp.stat().st_mtime < requirements.stat().st_mtime:
        _run([sys.executable, "-m", "venv", str(VENV)])
        _run([str(VENV / "bin/pip"), "install", "--quiet", "--requirement", str(requirements)])
        stamp.touch()
    return str(VENV / "bin" / name)


def _unpacked() -> tuple[Path, dict[str, str]]:
    """Return the folder with Virtuoso, fetched by apt when it is missing, and the environment that it needs."""
    root = VENV / "debian"
    if not (root / "usr/bin/virtuoso-t").exists():
        if shutil.which("apt-get") is None:
            raise UnavailableError("Virtuoso is taken from Debian")
        root.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", *_PACKAGES], folder=root)
        for package in root.glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(package), str(root)])
    libraries = sorted({str(file.parent) for file in root.rglob("*.so*")})
    return root, {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}


def _run(command: Sequence[str], environment: Mapping[str, str] = os.environ, folder: Path | None = None) -> None:
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"{Path(command[0]).name}: {done.stderr.strip().splitlines()[-1:]}")
