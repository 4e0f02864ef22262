"""The services that the suites are asked of."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from w3c.manifest import read_case
from w3c.services import InProcess, OverSocket, Service, protocol_data, read, serving
from w3c.suites import entries


@pytest.fixture(scope="session")
def in_process() -> InProcess:
    return InProcess()


@pytest.fixture(scope="session")
def over_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OverSocket]:
    cases = [read_case(entry) for entry in entries("evaluation")]
    files = {path for case in cases for path in (*case.data, *case.named, *case.around)}
    quads = [quad for path in sorted(files) for quad in read(path, ox.NamedNode(path.as_uri()))]
    with serving([*quads, *protocol_data()], tmp_path_factory.mktemp("w3c")) as service:
        yield service


@pytest.fixture(scope="session", params=["in_process", "over_socket"])
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.getfixturevalue(request.param)
    return found
