"""The service under attack: every hostile query costs its own request at most, and nobody else anything."""

import contextlib
import http.client
import itertools
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from conftest import MIXED_VALUES, ROOT, free_port, running, service, wait_for

from api.http.admission import QUEUE
from api.http.limits import MAX_CONNECTIONS
from api.runtime import RESERVED
from api.webs import WEBS
from kg.build.dataset import Inputs
from kg.build.snapshot import build
from kg.engine import FORMATS, RESULTS, Query
from kg.engine.forking import Pause
from kg.engine.isolated import IsolatedEngine, Limits
from kg.engine.workers import KEPT
from kg.errors import (
    BusyError,
    ClientDisconnectedError,
    EngineFaultError,
    MemoryLimitError,
    QueryError,
    SizeLimitError,
    TimeLimitError,
)
from kg.snapshot import DATASET, EXPORTED, Snapshot

NESTED = "SELECT * WHERE " + "{" * 2200 + "}" * 2200
COLLECTIONS = "SELECT * {" + "(" * 160 + "1" + ")" * 160 + " ?p ?o }"
CARTESIAN = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?d"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
EVERYTHING = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
MIXED = f"SELECT * {{ VALUES ?x {{ {MIXED_VALUES} }} }} ORDER BY ?x"
SMALL = "ASK { ?s ?p ?o }"


@pytest.fixture(scope="module")
def workers(small: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The address of three workers over a small snapshot, with 256 MiB for a query."""
    with zygote(small, tmp_path_factory.mktemp("zygote") / "s.sock", 3) as address:
        yield address


@contextlib.contextmanager
def zygote(snapshot: Snapshot, address: Path, number: int) -> Iterator[Path]:
    how = str(number), str(256 * 2**20), "union", "rewrite"
    command = [sys.executable, "-m", "kg.engine.zygote", str(address), *how]
    process = subprocess.Popen([*command, str(snapshot.path / DATASET)], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        while not address.exists():
            assert process.poll() is None
            time.sleep(0.01)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (NESTED, MemoryLimitError),
        (COLLECTIONS, TimeLimitError),
        (CARTESIAN, QueryError),
        (ENDLESS, TimeLimitError),
        (MIXED, EngineFaultError),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", QueryError),
    ],
    ids=["nested braces", "nested collections", "sorted product", "endless count", "sorted mixture", "service"],
)
def test_a_hostile_query_costs_its_own_worker_only(text: str, error: type[QueryError], workers: Path) -> None:
    engine = IsolatedEngine(workers, Limits(seconds=1))
    with pytest.raises(error):
        engine.answer(Query(text), RESULTS).read()
    assert b"true" in engine.answer(Query(SMALL), RESULTS).read()


def test_a_long_answer_breaks_off_at_the_time_limit_and_raises(workers: Path) -> None:
    answer = IsolatedEngine(workers, Limits(seconds=1)).answer(Query(EVERYTHING), RESULTS)
    with pytest.raises(TimeLimitError):
        for _ in answer.chunks:
            pass


def test_a_long_answer_breaks_off_at_the_size_limit_and_raises(workers: Path) -> None:
    answer = IsolatedEngine(workers, Limits(answer=10 * 2**20)).answer(Query(EVERYTHING), RESULTS)
    received = 0
    with pytest.raises(SizeLimitError):
        for chunk in answer.chunks:
            received += len(chunk)
    assert 9 * 2**20 < received <= 10 * 2**20


def test_a_query_is_given_up_when_its_client_goes(workers: Path) -> None:
    asked = itertools.count()
    with pytest.raises(ClientDisconnectedError):  # before the time limit
        IsolatedEngine(workers, Limits(seconds=20)).answer(Query(ENDLESS), RESULTS, lambda: next(asked) >= 3)


def test_an_answer_that_nobody_reads_on_frees_its_worker(workers: Path) -> None:
    engine = IsolatedEngine(workers, Limits(seconds=20))
    for _ in range(6):  # twice as many as there are workers
        chunks = iter(engine.answer(Query(EVERYTHING), RESULTS).chunks)
        next(chunks)
        chunks.close()  # type: ignore[attr-defined]
    assert b"true" in engine.answer(Query(SMALL), RESULTS).read()


def test_giving_up_an_answer_never_ends_the_query_of_another(small: Snapshot, tmp_path: Path) -> None:
    """All of the answer is on its way, so that its one worker could be at work for somebody else already."""
    some = Query("SELECT * { ?s ?p ?o } LIMIT 800")  # more than a chunk, less than a socket holds
    with zygote(small, tmp_path / "s.sock", 1) as address:
        engine = IsolatedEngine(address, Limits(seconds=1))
        chunks = iter(engine.answer(some, RESULTS).chunks)
        next(chunks)
        errors: list[type[BaseException]] = []
        other = threading.Thread(target=lambda: errors.append(error_of(engine, ENDLESS)))
        other.start()
        time.sleep(0.3)
        chunks.close()  # type: ignore[attr-defined]
        other.join()
        assert errors == [TimeLimitError]


def error_of(engine: IsolatedEngine, text: str) -> type[BaseException]:
    with pytest.raises(QueryError) as error:
        engine.answer(Query(text), RESULTS).read()
    return error.type


def test_a_query_whose_client_goes_while_it_waits_is_not_run(small: Snapshot, tmp_path: Path) -> None:
    with zygote(small, tmp_path / "s.sock", 1) as address:
        engine = IsolatedEngine(address, Limits(seconds=1))
        first = threading.Thread(target=error_of, args=(engine, ENDLESS))
        first.start()
        time.sleep(0.2)
        with pytest.raises(ClientDisconnectedError):
            IsolatedEngine(address, Limits(seconds=300)).answer(Query(ENDLESS), RESULTS, lambda: True)
        # If the second ran, this one would wait for longer than it may.
        assert b"true" in engine.answer(Query(SMALL), RESULTS).read()
        first.join()


def test_without_workers_the_service_is_busy(tmp_path: Path) -> None:
    with pytest.raises(BusyError):
        IsolatedEngine(tmp_path / "nobody.sock", Limits(queue=0.1)).answer(Query(SMALL), RESULTS)


def test_connections_are_used_again_and_leave_a_worker_to_others(small: Snapshot, tmp_path: Path) -> None:
    long = Query("SELECT * { ?s ?p ?o } LIMIT 9000")  # more than a socket holds
    with zygote(small, tmp_path / "s.sock", KEPT + 1) as address:
        first, second = IsolatedEngine(address, Limits()), IsolatedEngine(address, Limits(queue=0.5))
        answers = [first.answer(long, RESULTS) for _ in range(KEPT + 1)]
        with pytest.raises(BusyError):
            second.answer(Query(SMALL), RESULTS)
        for answer in answers:
            answer.read()
        wait_until(lambda: len(connected(address)) == KEPT)
        kept = connected(address)
        for engine in (second, first, second):
            assert b"true" in engine.answer(Query(SMALL), RESULTS).read()
        assert kept < connected(address)
        assert len(connected(address)) == KEPT + 1


def test_workers_whose_socket_was_made_anew_are_left(small: Snapshot, tmp_path: Path) -> None:
    with zygote(small, tmp_path / "a.sock", 1) as address, zygote(small, tmp_path / "b.sock", 1) as other:
        engine = IsolatedEngine(address, Limits())
        engine.answer(Query(SMALL), RESULTS)
        assert len(connected(address)) == 1
        other.replace(address)
        engine.answer(Query(SMALL), RESULTS)
        assert len(connected(other)) == 1
        wait_until(lambda: not connected(address))


def connected(address: Path) -> set[str]:
    """Return the numbers of the connections to the workers at an address."""
    rows = (line.split() for line in Path("/proc/net/unix").read_text(encoding="ascii").splitlines())
    return {row[6] for row in rows if row[-1] == str(address) + ".new" and row[5] == "03"}


def test_a_worker_tells_the_rules_that_rewrote_a_query(workers: Path) -> None:
    text = "SELECT ?s { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l FILTER CONTAINS(?l, 'Calcinosis cutis') }"
    assert IsolatedEngine(workers, Limits()).answer(Query(text), RESULTS).rewritten == ("words",)


def test_workers_are_replaced_however_often_they_are_killed(workers: Path) -> None:
    engine = IsolatedEngine(workers, Limits(seconds=5))
    for _ in range(30):
        for worker in children_of(zygote_of(workers)):
            with contextlib.suppress(ProcessLookupError):  # killed the last time, and just taken leave of
                os.kill(worker, signal.SIGKILL)
        assert b"true" in engine.answer(Query(SMALL), (FORMATS["json"],)).read()


def test_a_worker_that_gave_way_is_replaced_after_its_query(small: Snapshot, tmp_path: Path) -> None:
    with zygote(small, tmp_path / "s.sock", 1) as address:
        engine, parent = IsolatedEngine(address, Limits()), zygote_of(address)
        engine.answer(Query(SMALL), RESULTS).read()
        standby, worker = first = children_of(parent)
        engine.answer(Query(SMALL), RESULTS).read()
        assert children_of(parent) == first
        os.setpriority(os.PRIO_PROCESS, worker, os.getpriority(os.PRIO_PROCESS, worker) + 1)
        assert b"true" in engine.answer(Query(SMALL), RESULTS).read()
        wait_until(lambda: children_of(parent) not in (first, [standby]))


def test_a_worker_whose_zygote_ends_while_it_starts_ends_too() -> None:
    code = """if True:
        import os, time
        from kg.engine import forking
        fork = os.fork
        def slow():
            child = fork()
            if child == 0:
                time.sleep(0.3)
            return child
        os.fork = slow
        print(forking.fork(lambda: time.sleep(60)), flush=True)
        os._exit(0)"""
    # Whatever still lives would hold the pipe open.
    assert int(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, timeout=20, check=True).stdout)


def zygote_of(address: Path) -> int:
    found = subprocess.run(["pgrep", "-o", "-f", str(address)], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def children_of(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


# The whole service, over HTTP


def ask(address: str, query: str, timeout: float = 30) -> tuple[int, bytes]:
    body = urllib.parse.urlencode({"query": query}).encode()
    try:
        with urllib.request.urlopen(f"{address}/sparql", body, timeout) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture(scope="module")
def impatient(small_data: Path) -> Iterator[str]:
    """A service that gives a query two seconds and has two workers."""
    with service(small_data, KG_QUERY_TIMEOUT="2", KG_WORKERS="2", KG_QUEUE_TIMEOUT="1") as (address, _):
        yield address


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        (NESTED, 400, "refused"),
        (COLLECTIONS, 400, "refused"),
        (ENDLESS, 503, "query-timeout"),
        (MIXED, 501, "engine-fault"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 400, "refused"),
    ],
)
def test_a_limit_is_a_clear_problem(query: str, status: int, kind: str, impatient: str) -> None:
    code, body = ask(impatient, query)
    problem = json.loads(body)
    assert (code, problem["type"].rpartition("/")[2]) == (status, kind)
    assert kind != "query-timeout" or "(KG_QUERY_TIMEOUT = 2: " in problem["detail"]
    assert kind != "engine-fault" or "write ORDER BY DATATYPE(?x) ?x" in problem["detail"]


def test_an_aborted_answer_never_looks_complete(impatient: str) -> None:
    with pytest.raises(http.client.IncompleteRead):
        ask(impatient, EVERYTHING)


A, B, C = "127.0.0.1", "127.0.0.2", "127.0.0.3"  # addresses of this machine that are three clients


@pytest.fixture(scope="module")
def long_service(small_data: Path) -> Iterator[str]:
    """A service with two workers that gives a query more time, and lets it wait longer, than any of its clients."""
    with service(small_data, KG_QUERY_TIMEOUT="60", KG_WORKERS="2", KG_QUEUE_TIMEOUT="60") as (address, _):
        yield address


@pytest.fixture
def patient(long_service: str) -> str:
    """That service, when the queries of an earlier test have ended."""
    for what in ("running", "waiting"):
        wait_until(lambda name=f"calcikg_queries_{what}": metric(long_service, name) == 0)  # type: ignore[misc]
    return long_service


@contextlib.contextmanager
def flood(address: str, client: str, number: int) -> Iterator[list[socket.socket]]:
    """Send a query that takes all its time, over so many connections of a client, and wait for no answer."""
    request = f"GET /sparql?{urllib.parse.urlencode({'query': ENDLESS})} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    connections = [connect(address, client) for _ in range(number)]
    try:
        for connection in connections:
            connection.sendall(request)
        yield connections
    finally:
        for connection in connections:
            connection.close()


def get(address: str, path: str, client: str) -> tuple[int, bytes]:
    """Return status and body, which must come before the queries of others end by their time limit."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30, source_address=(client, 0))
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()


def query(text: str) -> str:
    return f"/sparql?{urllib.parse.urlencode({'query': text})}"


def metric(address: str, name: str) -> float:
    """Return a figure of /metrics, 0 when it is not there."""
    text = get(address, "/metrics", B)[1].decode()
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + " "))


def test_a_flood_of_one_client_leaves_room_for_another(patient: str) -> None:
    with flood(patient, A, 60):
        wait_until(lambda: metric(patient, "calcikg_queries_waiting") == 59)
        for number in range(20):
            assert get(patient, query(f"ASK {{ ?s ?p ?o }} # {number}"), B)[0] == 200
        assert metric(patient, "calcikg_queries_running") == 1  # the flood was there all the time


def test_connections_of_one_client_are_bounded(patient: str) -> None:
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(patient, A)) for _ in range(2 * MAX_CONNECTIONS + 40)]

        def is_closed(connection: socket.socket) -> bool:
            connection.setblocking(False)
            try:
                return connection.recv(1) == b""
            except BlockingIOError:
                return False
            except ConnectionResetError:
                return True

        wait_until(lambda: sum(map(is_closed, connections)) >= 40)
        assert get(patient, "/healthz", B)[0] == 200


def test_long_queries_of_many_leave_room_for_short_ones(patient: str) -> None:
    """Two more clients than workers each have an endless query under way: look-ups and pages do not wait for them."""
    with contextlib.ExitStack() as stack:
        for number in range(4):
            stack.enter_context(flood(patient, f"127.0.0.{10 + number}", 1))
        wait_until(lambda: metric(patient, "calcikg_queries_waiting") == 2)
        for number in range(10):
            assert get(patient, query(f"ASK {{ ?s ?p ?o }} # {number}"), B)[0] == 200
            assert get(patient, f"/page/{('site/hand', 'treatment/excision')[number % 2]}", C)[0] == 200
        assert metric(patient, "calcikg_queries_running") == 2
    wait_until(lambda: metric(patient, "calcikg_queries_running") == 0)


def test_while_the_queue_is_full_all_else_is_served(patient: str) -> None:
    cached, misses = f"{SMALL} # in every cache", 'calcikg_cache_total{result="miss"}'
    before = metric(patient, misses)

    def cached_by_both() -> bool:
        """Ask over connections opened together, which both web processes take; each has a cache of its own."""
        host = patient.removeprefix("http://")  # the cache knows by which name it was asked
        # The start page reads its numbers once in each process; then the process misses once.
        first = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"
        second = f"GET {query(cached)} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connections = [connect(patient) for _ in range(20)]
        for connection in connections:
            with connection:
                connection.sendall((first + second).encode())
                answers = b"".join(iter(partial(connection.recv, 65536), b""))
                assert answers.count(b"HTTP/1.1 200") == 2
        return metric(patient, misses) - before >= 2

    wait_until(cached_by_both)
    held = QUEUE // 2
    with flood(patient, A, held + 1), flood(patient, C, QUEUE - held + 1):
        wait_until(lambda: metric(patient, "calcikg_queries_waiting") == QUEUE)
        status, body = get(patient, query(ENDLESS), B)  # which is tried for a second before
        assert status == 503
        assert json.loads(body)["detail"].startswith(f"{QUEUE} queries are already waiting (KG_QUEUE_TIMEOUT = 60: ")
        for path in ("/", "/healthz", "/readyz", "/metrics", query(cached)):
            for _ in range(5):
                assert (path, get(patient, path, B)[0]) == (path, 200)
    wait_until(lambda: metric(patient, "calcikg_queries_waiting") == 0)
    assert get(patient, query("ASK { ?x ?y ?z }"), B)[0] == 200


def test_what_happens_to_queries_is_counted(small_data: Path) -> None:
    """Each thing is made to happen once; where a query's answer had begun it counts as well."""
    limits = {"KG_QUERY_TIMEOUT": "4", "KG_QUERY_MEMORY": "256", "KG_QUERY_ANSWER": "1", "KG_RATE": "1"}
    with service(small_data, KG_WORKERS="2", **limits) as (address, _):

        def stopped(cause: str) -> float:
            return metric(address, f'calcikg_queries_stopped_total{{cause="{cause}"}}')

        def sent(text: str) -> int:
            wait_until(lambda: metric(address, "calcikg_queries_running") == 0)
            for _ in range(50):
                status, _ = get(address, query(text), A)
                if status != 429:
                    return status
                time.sleep(0.1)
            raise TimeoutError

        version = served_version(address)
        assert metric(address, f'calcikg_snapshot_info{{version="{version}"}}') == 1
        assert metric(address, "calcikg_cache_bytes") == 0
        assert sent(SMALL) == 200
        assert 0 < metric(address, "calcikg_cache_bytes") < 1000
        restarts = metric(address, "calcikg_worker_restarts_total")
        assert sent(ENDLESS) == 503
        assert stopped("time") == 1
        assert sent(MIXED) == 501
        assert stopped("fault") == 1
        with pytest.raises(http.client.IncompleteRead):
            sent(EVERYTHING)
        assert stopped("size") == 1
        assert sent(CARTESIAN) == 503
        assert stopped("memory") + stopped("time") == 2
        with flood(address, B, 1):
            wait_until(lambda: metric(address, "calcikg_queries_running") == 1)
        wait_until(lambda: stopped("client") == 1)
        wait_until(lambda: metric(address, "calcikg_worker_restarts_total") >= restarts + 3)
        refusals = 'calcikg_problems_total{kind="too-many-requests"}'
        before = metric(address, refusals)
        assert [get(address, query(SMALL), C)[0] for _ in range(6)].count(429) == metric(address, refusals) - before > 0


def test_a_client_that_goes_away_frees_its_worker(impatient: str) -> None:
    host, port = impatient.removeprefix("http://").split(":")
    for _ in range(8):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET /sparql?{urllib.parse.urlencode({'query': ENDLESS})} HTTP/1.1\r\n\r\n".encode())
            time.sleep(0.05)
    assert ask(impatient, SMALL)[0] == 200


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\nASK",
    ],
    ids=["headers", "body"],
)
def test_slow_senders_are_closed_and_harm_nobody(beginning: bytes, sluggish: str) -> None:
    slow = [connect(sluggish) for _ in range(60)]
    for connection in slow:
        connection.sendall(beginning)
    assert ask(sluggish, SMALL)[0] == 200
    for _ in range(4):  # a byte now and then is no way to stay
        time.sleep(0.5)
        for connection in slow:
            with contextlib.suppress(OSError):
                connection.sendall(b"X")
    for connection in slow:
        connection.settimeout(30)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1000) == b""
        connection.close()


def test_slow_readers_are_closed_and_harm_nobody(sluggish: str) -> None:
    query = urllib.parse.urlencode({"query": EVERYTHING})
    slow = [connect(sluggish) for _ in range(3)]
    for connection in slow:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    time.sleep(0.5)
    assert ask(sluggish, SMALL)[0] in (200, 429)
    with urllib.request.urlopen(sluggish + "/readyz", timeout=30) as response:
        assert response.status == 200
    wait_until(lambda: ask(sluggish, SMALL)[0] == 200)
    for connection in slow:
        connection.close()


def connect(address: str, client: str = "127.0.0.1") -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), source_address=(client, 0))


@pytest.fixture(scope="module")
def sluggish(small_data: Path) -> Iterator[str]:
    """A service behind a proxy that gives a client one second to send its request or to take on its answer."""
    limits = {"KG_CLIENT_TIMEOUT": "1", "KG_QUERY_TIMEOUT": "3", "KG_WORKERS": "4"}
    with service(small_data, KG_TRUSTED_PROXY="127.0.0.1", **limits) as (address, _):
        yield address


def test_a_trusted_proxy_tells_who_the_client_is(sluggish: str, impatient: str) -> None:
    def endpoint(address: str) -> str:
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.org", "X-Forwarded-For": "192.0.2.1"}
        forwarded["X-Forwarded-Prefix"] = "/kg"
        query = urllib.parse.urlencode({"query": "nonsense"})
        request = urllib.request.Request(f"{address}/sparql?{query}", headers=forwarded)
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(request)
        return str(json.loads(error.value.read())["type"])

    assert endpoint(impatient) == f"{impatient}/problems/query-syntax"
    assert endpoint(sluggish) == "https://example.org/kg/problems/query-syntax"


def test_the_end_is_graceful(small_data: Path) -> None:
    """A query that runs when the service is told to end gets its answer, here that its time is up."""
    with service(small_data, KG_QUERY_TIMEOUT="2") as (address, process):
        slow: list[int] = []
        asking = threading.Thread(target=lambda: slow.append(ask(address, ENDLESS)[0]))
        asking.start()
        time.sleep(0.3)
        process.terminate()
        assert process.wait(timeout=30) == 0
        asking.join()
        assert slow == [503]


#: The children of a zygote: workers for one query, for short ones and for kept connections, and what stands by.
FAMILY = 1 + RESERVED + KEPT * WEBS + 1


def name(address: str, time: int) -> tuple[int, bytes]:
    """Ask for the name in the file by a query that no cache answers."""
    return ask(address, f"SELECT * {{ ?s <urn:name> ?name }} # {time}")


@contextlib.contextmanager
def serving_file(file: Path, stdout: int | None = None) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """A service of a file, with its supervisor; a busy machine loads the file slowly."""
    file.write_text("<urn:a> <urn:name> 'first' .")
    arguments = ("-m", "kg.cli", "serve", "--port", "{port}", "--dataset", str(file))
    with running(*arguments, KG_WORKERS="1", KG_QUEUE_TIMEOUT="60", stdout=stdout) as (address, process):
        yield address, process


def zygotes_of(supervisor: int) -> list[int]:
    """Return the zygote; just after the death of one also its workers, which end."""
    found = subprocess.run(
        ["pgrep", "-P", str(supervisor), "-f", "zygote"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def family_of(supervisor: int, dead: set[int]) -> tuple[int, set[int]]:
    """Return the zygote and its children, once all are there and none is one of the dead."""
    found: list[tuple[int, set[int]]] = []

    def is_whole() -> bool:
        zygotes = set(zygotes_of(supervisor)) - dead
        found[:] = [(zygote, set(children_of(zygote)) - dead) for zygote in zygotes if len(zygotes) == 1]
        return any(len(children) == FAMILY for _, children in found)

    wait_until(is_whole)
    return found[0]


def test_when_a_zygote_dies_another_process_takes_its_place_and_loads_nothing(tmp_path: Path) -> None:
    file = tmp_path / "names.ttl"
    with serving_file(file) as (address, process):
        file.unlink()
        dead: set[int] = set()
        for first_children in (False, False, True, False):
            zygote, children = family_of(process.pid, dead)
            if first_children:  # what stands by is replaced, and so are the workers
                for child in children:
                    os.kill(child, signal.SIGKILL)
                dead |= children
                assert family_of(process.pid, dead)[0] == zygote
            os.kill(zygote, signal.SIGKILL)
            dead.add(zygote)
            # A worker that had taken the request dies with its zygote: that request is lost, the next is not.
            assert name(address, zygote)[0] in (200, 503)
            assert b"first" in name(address, -zygote)[1]


def test_when_what_stands_by_dies_with_its_zygote_the_dataset_is_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "names.ttl"
    with serving_file(file) as (address, process):
        file.write_text("<urn:a> <urn:name> 'second' .")
        (zygote,) = zygotes_of(process.pid)
        os.killpg(zygote, signal.SIGKILL)
        wait_until(lambda: zygotes_of(process.pid) not in ([zygote], []))
        assert b"second" in name(address, zygote)[1]


@pytest.mark.parametrize("taken_over", [False, True])
def test_nothing_outlives_a_supervisor_that_is_killed(taken_over: bool, tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours) as alive, serving_file(tmp_path / "names.ttl", stdout=theirs) as (_, process):
        os.close(theirs)
        if taken_over:
            zygote, _ = family_of(process.pid, set())
            os.kill(zygote, signal.SIGKILL)
            family_of(process.pid, {zygote})
        process.kill()
        # The end is there when the last one that holds the pipe has ended.
        assert select.select([alive], [], [], 60)[0]
        assert alive.read() == ""


def test_a_pause_doubles_as_long_as_what_it_delays_ends_at_once() -> None:
    pause = Pause(0.5)
    assert [pause.after(0.9) for _ in range(8)] == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5]
    assert [pause.after(seconds) for seconds in (1.1, 0.9)] == [0, 0.01]


def test_a_new_snapshot_is_taken_up_and_a_damaged_one_refused(small_inputs: Inputs, small_copy: Path) -> None:
    """Requests keep being answered, each from one snapshot, while snapshots change under the service."""
    data, first = small_copy, Snapshot.open(small_copy)
    record = small_inputs.seeds / "series.toml"
    with service(data) as (address, _):
        assert served_version(address) == first.version
        record.write_text(record.read_text().replace("Excision is used", "Excision is tried"))
        second = build(data, small_inputs)
        wait_until(lambda: served_version(address) == second.version)
        damaged = second.path.with_name("0123456789ab")
        shutil.copytree(second.path, damaged)
        (damaged / DATASET).write_text("nothing\n")
        (data / "current").unlink()
        (data / "current").symlink_to(damaged.relative_to(data))
        time.sleep(1)
        assert served_version(address) == second.version
        assert ask(address, SMALL)[0] == 200


def test_exports_are_written_while_the_service_answers(small_copy: Path) -> None:
    snapshot = Snapshot.open(small_copy)
    exports, before = snapshot.exported, served_exports(snapshot)
    shutil.rmtree(snapshot.path / EXPORTED)
    with service(small_copy) as (address, _):
        wait_until(lambda: snapshot.exported == exports)
        assert served_version(address) == snapshot.version
    assert served_exports(snapshot) == before


def served_exports(snapshot: Snapshot) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (snapshot.path / EXPORTED).iterdir()}


def served_version(address: str) -> str:
    with urllib.request.urlopen(address + "/readyz", timeout=10) as response:
        return str(json.load(response)["snapshot"])


def wait_until(happened: Callable[[], bool]) -> None:
    for _ in range(600):
        if happened():
            return
        time.sleep(0.1)
    raise TimeoutError


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("this is no Turtle")
    command = [sys.executable, "-m", "kg.cli", "serve", "--port", "0", "--dataset", str(broken)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"{broken} cannot be loaded" in ended.stderr
    assert "line 1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_nothing_in_the_working_folder_is_imported(tmp_path: Path) -> None:
    for name in ("kg", "api", "queue", "json", "flask", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('of somebody else')")
    (tmp_path / "one.ttl").write_text("<#s> <#p> 'a' .")
    port = free_port()
    command = [Path(sys.executable).with_name("kg"), "serve", "--port", port, "--workers", "1", "--dataset", "one.ttl"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process)
        address = f"http://127.0.0.1:{port}/sparql?query=SELECT*%7B%3Fs%3Fp%3Fo%7D&format=json"
        with urllib.request.urlopen(address) as answer:
            (row,) = json.loads(answer.read())["results"]["bindings"]
        assert row["s"]["value"] == f"{(tmp_path / 'one.ttl').as_uri()}#s"
    finally:
        process.terminate()
        process.wait(timeout=30)
