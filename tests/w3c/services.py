"""The services that are put to the test: one in this process, and a real server with its workers."""

import http.client
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import pyoxigraph as ox
from conftest import running

from api.app import create_app
from api.http.admission import Slots
from api.http.serving import Served
from kg.engine.embedded import EmbeddedEngine
from kg.settings import Settings
from w3c.manifest import Case

#: The folder of the suites; without it they are not run.
SUITES = Path(os.environ["KG_W3C"]).resolve() / "sparql" if os.environ.get("KG_W3C") else None
DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True)
class Reply:
    """What a service sends back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers["content-type"].partition(";")[0]


class Service(Protocol):
    """A service whose dataset each test chooses."""

    address: str

    def choose(self, case: Case) -> dict[str, list[str]]:
        """Make the data of a test the dataset; return what a request has to say for that."""
        ...

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
        """Send one request."""
        ...


def ask(service: Service, case: Case, accept: str) -> Reply:
    """Send the query of a test in a form."""
    form = {"query": case.text, **service.choose(case)}
    headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
    return service.send("POST", "/sparql", headers, urlencode(form, doseq=True).encode())


def read(path: Path, name: ox.NamedNode | ox.DefaultGraph = DEFAULT) -> Iterator[ox.Quad]:
    """Read a graph from a file, as the default graph or under a name."""
    for quad in ox.parse(path=path, base_iri=path.as_uri(), rename_blank_nodes=True):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, name)


def protocol_data() -> Iterator[ox.Quad]:
    """Return the named graphs that the protocol suite presumes."""
    for number in (1, 2, 3):
        name = ox.NamedNode(f"http://kasei.us/2009/09/sparql/data/data{number}.rdf")
        yield from read(SUITES / "sparql11" / "protocol" / f"data{number}.nt", name)


class InProcess:
    """The application over an engine in this process, which holds the dataset of one test at a time."""

    address = "http://localhost"

    def __init__(self, quads: Iterable[ox.Quad] = ()) -> None:
        self._places, self._loads = Slots(2, 1), 0
        self._client = create_app(Settings.read({"KG_RATE": "0"}), self).test_client()
        self.load(quads)

    def load(self, quads: Iterable[ox.Quad]) -> None:
        self._loads += 1
        self._served = Served(f"test-{self._loads}", EmbeddedEngine(quads, union=False), None, self._places)

    def current(self) -> Served:
        return self._served

    def choose(self, case: Case) -> dict[str, list[str]]:
        default = [quad for path in case.data for quad in read(path)]
        named = [quad for path in (*case.named, *case.around) for quad in read(path, ox.NamedNode(path.as_uri()))]
        self.load([*default, *named])
        return {}

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
        response = self._client.open(path, method=method, headers=dict(headers), data=body)
        return Reply(
            response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.data
        )


class OverSocket:
    """A server over the data of all tests, each file a named graph: a request says which of them it is about."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)

    def close(self) -> None:
        self._connection.close()

    def choose(self, case: Case) -> dict[str, list[str]]:
        if case.names_its_dataset:
            return {}  # a dataset in the request would take the place of that in the query
        parameters = {"default-graph-uri": case.data, "named-graph-uri": case.named}
        return {name: [path.as_uri() for path in paths] for name, paths in parameters.items()}

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes = b"") -> Reply:
        self._connection.request(method, path, body or None, dict(headers))
        response = self._connection.getresponse()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


@contextmanager
def serving(quads: Iterable[ox.Quad], folder: Path) -> Iterator[OverSocket]:
    """Serve quads as ``kg serve --dataset`` does, until the block ends."""
    file = folder / "dataset.nq"
    ox.serialize(quads, file, format=ox.RdfFormat.N_QUADS)
    with running("-m", "kg.cli", "serve", "--port", "{port}", "--dataset", str(file)) as (address, _):
        service = OverSocket(address)
        try:
            yield service
        finally:
            service.close()
