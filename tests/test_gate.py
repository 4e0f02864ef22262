"""The gate and the places: what is let in, and how many at once."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.http import serving
from api.http.admission import QUEUE, QUEUE_SHARE, ClientBusyError, SharedMemory, Slots
from api.http.complexity import LIMITS, Limit, check_complexity, measure_complexity
from api.http.serving import InProcess, Served
from kg.engine import Engine
from kg.engine.tokens import _TOKEN
from kg.errors import BusyError, ClientDisconnectedError, RefusedError
from kg.settings import Settings
from kg.snapshot import Snapshot


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <urn:x> {}' }",
        'SELECT * { ?s ?p """a " SERVICE "" <urn:x>""" }',
        "SELECT * { ?s ?p 'it\\'s SERVICE' } # SERVICE <urn:x> {}",
        "PREFIX service: <urn:SERVICE#> SELECT ?SERVICE { ?SERVICE service:SERVICE service: . _:service a service:x }",
        'SELECT * { ?s ?p "x"@service }',
        "SELECT * { ?a ?b ?c FILTER(?a<?b && ?c>?a) }",
    ],
)
def test_a_keyword_that_is_none_is_not_taken_for_one(text: str) -> None:
    assert "SERVICE" not in check_complexity(text).words


#: For each limit a query that holds so many of what it counts, and little of anything else.
MADE: dict[str, Callable[[int], str]] = {
    "tokens": lambda n: "SELECT * { FILTER(?x IN (" + "1 " * (n - 11) + ")) }",
    "depth": lambda n: "ASK " + "{" * n + "}" * n,
    "joined": lambda n: "ASK { " + "?s ?p ?o . " * n + "}",
    "patterns": lambda n: "ASK {" + " UNION ".join("{ ?s ?p ?o }" for _ in range(n)) + "}",
    "operations": lambda n: "ASK { FILTER(?x" + " || ?x" * (n - 1) + ") }",
    "rows": lambda n: "ASK { VALUES ?x {" + " 1" * n + "} }",
    "graphs": lambda n: "ASK " + "FROM <urn:x> " * n + "{ }",
}


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.counted)
def test_a_query_may_hold_so_much_and_no_more(limit: Limit) -> None:
    made = MADE[limit.counted]
    assert getattr(check_complexity(made(limit.most)), limit.counted) == limit.most
    with pytest.raises(RefusedError, match=f"more {limit.meaning} than the {limit.most:,} allowed"):
        check_complexity(made(limit.most + 1))


def test_a_request_may_name_so_many_graphs_and_no_more(client: FlaskClient) -> None:
    assert client.post("/sparql", data=naming(1000)).status_code == 200
    refused = client.post("/sparql", data=naming(1001))
    assert refused.status_code == 400
    assert "more graphs in FROM and FROM NAMED, or as parameters than the 1,000 allowed" in refused.json["detail"]


def naming(number: int) -> dict[str, object]:
    return {"query": "ASK {}", "default-graph-uri": [f"urn:{index}" for index in range(number)]}


@pytest.mark.parametrize(
    ("pattern", "patterns", "joined"),
    [
        ("", 1, 1),
        ("?s ?p ?o .", 1, 1),
        ("?s ?p 1.5, 'x', true ; a ?c ;; .", 4, 4),
        ("[] ?p [ ?q 1 ; a ?c ]", 3, 3),
        ("?s ?p (1 [] ?x)", 7, 7),
        ("?s <p>/<q>|^<r>* ?o", 2, 2),
        ("?s (<p>/<q>)* ?o", 6, 6),
        ("{ ?s ?p ?o } UNION { ?s ?p ?o, 2 } UNION { ?s ?p ?o } ?s ?p ?o", 5, 3),
        ("{ ?s ?p ?o } { ?s ?p ?o } OPTIONAL { ?s ?p ?o } GRAPH ?g { ?s ?p ?o } MINUS { ?s ?p ?o }", 5, 5),
        ("FILTER(?x = 1 / 2) FILTER NOT EXISTS { ?s ?p ?o } BIND(STR(?x) AS ?y) FILTER <f>(?x)", 1, 1),
        ("VALUES (?x ?y) { (1 2) (3 4) } ?s ?p ?o", 2, 2),
        ("{ SELECT ?x (COUNT(*) AS ?n) (SUM(?y) AS ?m) { ?x ?p ?y } GROUP BY ?x (STR(?y) AS ?z) } ?x ?q ?n", 2, 2),
        ("?s ?p ?o {| ?q 1 |}", 3, 3),
    ],
)
def test_triple_patterns_are_counted(pattern: str, patterns: int, joined: int) -> None:
    counts = measure_complexity(f"CONSTRUCT {{ ?s ?p ?o . ?s ?q ?o }} WHERE {{ {pattern} }}", 1000)
    assert (counts.patterns, counts.joined) == (patterns, joined)


def test_who_waits_when_the_service_ends_is_told(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Slots(1, 60)
    leave, ending = places.take("another"), threading.Event()
    monkeypatch.setattr(serving, "ENDING", ending)
    source = InProcess(Served("ending", snapshot.engine(), None, places))
    client = create_app(Settings.read({"KG_RATE": "0"}), source).test_client()
    threading.Timer(0.1, ending.set).start()
    answer = client.get("/sparql?query=ASK{}")
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (503, "ending")
    assert "Retry-After" in answer.headers
    leave.free()


def test_rows_of_values_are_counted() -> None:
    text = "SELECT * { VALUES (?x ?y) { (1 -2) (3.5 UNDEF) } } VALUES ?x { <a> 'b' true UNDEF }"
    assert measure_complexity(text, 1000).rows == 5  # UNDEF for itself is a keyword


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(st.sampled_from([*"{}()[].;,?x|/^*+!<>~\"'", " UNION ", " VALUES ", " SELECT ", "<p>", " 1.5 "])).map(
            "".join
        ),
    )
)
def test_any_text_is_looked_at(text: str) -> None:
    counts = measure_complexity(text, 1000)
    assert counts.joined <= counts.patterns <= 2 * counts.tokens <= 2 * len(text)


@pytest.mark.parametrize("text", ["a-" * 500_000, "a." * 500_000, '"""\\' * 200_000, "(" * 10**6, "<" * 10**6])
def test_a_look_ends_at_the_limit_of_tokens(text: str) -> None:
    """Were a token read again from each of its characters, this would take hours."""
    assert measure_complexity(text, 50_000).tokens == 50_001


@pytest.mark.parametrize("text", [" " * 10**6, "#\n" * 500_000, " \t# x\n" * 100_000])
def test_a_run_of_spaces_and_comments_is_one_step(text: str) -> None:
    assert measure_complexity(text + "ASK" + text + "{}", 50_000).tokens == 3
    assert len(list(_TOKEN.finditer(text))) == 1


def test_a_look_ends_at_the_limit_of_depth() -> None:
    assert measure_complexity("(" * 10**6, 50_000, 64).tokens == 65


@pytest.mark.parametrize("shared", [False, True])
def test_no_client_holds_the_last_place(shared: bool, tmp_path: Path) -> None:
    path = tmp_path / "places" if shared else None
    places = Slots(3, 0.05, path)
    same = Slots(3, 0.05, path) if path else places  # as another process would open it
    first, second = places.take("a"), same.take("a")
    with pytest.raises(ClientBusyError, match="you already have 2 queries running"):
        places.take("a")
    other = same.take("b")
    with pytest.raises(BusyError, match="no slot became free within"):
        places.take("c")
    first.free()
    places.take("c").free()
    second.free()
    other.free()
    places.take("a").free()


def test_several_clients_together_leave_the_short_slots_free() -> None:
    places = Slots(2, 0.05)
    long = [places.take("a"), places.take("b")]
    first = places.take("c", short=True)
    with pytest.raises(BusyError):
        places.take("c", short=True)  # of which one client may have one
    second = places.take("d", short=True)
    assert (first.short, second.short, *(slot.short for slot in long)) == (True, True, False, False)
    first.free()
    places.penalise("c")  # the query was not short
    with pytest.raises(BusyError):
        places.take("c", short=True)
    places.take("e", short=True).free()
    long[0].free()
    assert not places.take("c", short=True).short


def test_a_query_waits_for_a_place() -> None:
    places = Slots(1, 5)
    leave = places.take("a")
    threading.Timer(0.1, leave.free).start()
    places.take("b").free()


def test_the_queue_is_bounded_for_all_and_for_one() -> None:
    """Who finds no room in it is refused at once, not after its patience."""
    places = Slots(2, 60)
    with ThreadPoolExecutor(QUEUE) as pool:
        leave = [places.take("a"), places.take("b")]
        pool.map(lambda _: places.take("a").free(), range(QUEUE_SHARE))
        wait_until(lambda: places.waiting() == QUEUE_SHARE)
        with pytest.raises(ClientBusyError, match=f"you already have {QUEUE_SHARE} queries waiting"):
            places.take("a")
        pool.map(lambda name: places.take(str(name)).free(), range(QUEUE - QUEUE_SHARE))
        wait_until(lambda: places.waiting() == QUEUE)
        with pytest.raises(BusyError, match=f"{QUEUE} queries are already waiting"):
            places.take("c")
        for slot in leave:
            slot.free()
    assert (places.taken(), places.waiting()) == (0, 0)


def test_whoever_waits_longest_of_one_client_does_not_hold_up_another() -> None:
    places = Slots(3, 60)
    leave = [places.take("a"), places.take("a")]
    with ThreadPoolExecutor(8) as pool:
        pool.map(lambda _: places.take("a").free(), range(8))
        wait_until(lambda: places.waiting() == 8)
        places.take("b").free()
        for slot in leave:
            slot.free()


def test_processes_whose_threads_hold_one_file_and_wait_for_another_are_in_no_deadlock(tmp_path: Path) -> None:
    code = f"""
import threading
from pathlib import Path
from api.http.admission import SharedMemory
def work(shared):
    for _ in range(3000):
        with shared:
            number = int.from_bytes(shared.bytes[:], "big") + 1
            shared.bytes[:] = number.to_bytes(8, "big")
threads = [threading.Thread(target=work, args=(SharedMemory(8, Path({str(tmp_path)!r}, name)),)) for name in "aabb"]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    for name in "ab":
        assert int.from_bytes(SharedMemory(8, tmp_path / name).bytes[:], "big") == 12_000


def test_who_goes_while_waiting_leaves_the_queue() -> None:
    places = Slots(2, 60)
    leave = places.take("a")
    with pytest.raises(ClientDisconnectedError):
        places.take("a", lambda: places.waiting() == 1)
    assert places.waiting() == 0
    leave.free()


def wait_until(happened: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happened():
            return
        time.sleep(0.01)
    raise TimeoutError


def test_a_place_held_for_a_process_that_has_ended_is_free(tmp_path: Path) -> None:
    path = tmp_path / "places"
    code = f"from api.http.admission import Slots; from pathlib import Path; Slots(2, 1, Path({str(path)!r})).take('a')"
    subprocess.run([sys.executable, "-c", code], check=True)
    places = Slots(2, 0.05, path)
    assert places.taken() == 0
    places.take("a")
    assert places.taken() == 1


@pytest.mark.parametrize(
    "path",
    [
        "/sparql?query=ASK{}",
        "/data/site/hand.trig",
        "/data/site/hand.ttl",
        "/graph-store?graph=https://w3id.org/calcikg/graph/entities",
        "/export/sssom?center=site/hand",
        "/api/v1/findings",
        "/page/site/hand",
    ],
)
def test_whatever_asks_the_engine_needs_a_place(path: str, snapshot: Snapshot, engine: Engine) -> None:
    places = Slots(1, 0.01)
    served = Served("no-place", engine, snapshot.path, places)
    client = create_app(Settings.read({"KG_RATE": "0"}), InProcess(served)).test_client()
    leave = places.take("another")
    assert client.get(path).status_code == 503
    leave.free()
    assert client.get(path).status_code == 200
