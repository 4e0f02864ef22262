"""The services that the suites are asked of, and how each test of a part is asked."""

import os
from collections.abc import Callable, Iterator

import pyoxigraph as ox
import pytest

from w3c.manifest import Entry, read_case
from w3c.services import SUITES, InProcess, OverSocket, Service, protocol_data, read, serving
from w3c.suites import DEVIATIONS, entries

#: Every test over the socket, too, when it is 1; else some of those that have been asked in process.
ALL = os.environ.get("KG_W3C_SOCKET") == "1"

Each = Callable[[str, Callable[[Entry], None]], None]


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
    if SUITES is None:
        pytest.skip("KG_W3C is not set: the W3C test suites are not run")
    found: Service = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def each(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Each:
    """What asks the tests of a part, one after the other: the known deviations have to fail, and nothing else may.

    In process each test is asked. The same engine answers over a socket, by the same application: a tenth shows that
    answers of every kind come whole through workers and server. What is about HTTP itself is asked whole there, too.
    """
    if SUITES is None:
        pytest.skip("KG_W3C is not set: the W3C test suites are not run")
    is_remote = "over_socket" in request.node.name

    def run(part: str, check: Callable[[Entry], None]) -> None:
        asked = entries(part)
        if is_remote and not ALL and len(asked) > 50:
            asked = asked[::10]
        assert asked
        outcomes, wrong = {}, []
        for entry in asked:
            is_expected = entry.id in DEVIATIONS
            try:
                check(entry)
            except Exception as error:
                outcomes[entry.id] = "expected failure" if is_expected else "failed"
                if not is_expected:
                    error.add_note(f"the test is {entry.id}")
                    wrong.append(error)
            else:
                outcomes[entry.id] = "failed" if is_expected else "passed"
                if is_expected:
                    wrong.append(AssertionError(f"{entry.id} passes, so it is no deviation any more"))
        record_property("outcomes", outcomes)
        if wrong:
            raise ExceptionGroup(f"{len(wrong)} of {len(asked)} tests of {part}", wrong)

    return run
