"""The gate and the places: what is let in, and how many at once."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.admission import ClientBusyError, Places
from api.gate import MAX_DEPTH, MAX_TOKENS, admit, look
from kg.errors import BusyError, RefusedError


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
def test_a_keyword_that_is_none_is_let_in(text: str) -> None:
    admit(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT * " + "{" * (MAX_DEPTH + 1), f"nests {MAX_DEPTH + 1} brackets deep"),
        ("ASK { ?s ?p " + "(" * 200 + "1", "nests 201 brackets deep"),
        ("SELECT * { VALUES ?x { " + "1 " * MAX_TOKENS + "} }", "tokens"),
    ],
)
def test_what_is_not_done_here_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        admit(text)


@given(st.text(max_size=300))
def test_any_text_is_looked_at(text: str) -> None:
    assert look(text).tokens <= len(text)


@pytest.mark.parametrize("shared", [False, True])
def test_no_client_holds_the_last_place(shared: bool, tmp_path: Path) -> None:
    path = tmp_path / "places" if shared else None
    places = Places(3, 0.05, path)
    same = Places(3, 0.05, path) if path else places  # as another process would open it
    first, second = places.take("a"), same.take("a")
    with pytest.raises(ClientBusyError, match="you have 2 queries running"):
        places.take("a")
    other = same.take("b")
    with pytest.raises(BusyError, match="all places for queries are taken"):
        places.take("c")
    first()
    places.take("c")()
    second()
    other()
    places.take("a")()


def test_a_query_waits_for_a_place() -> None:
    places = Places(1, 5)
    leave = places.take("a")
    threading.Timer(0.1, leave).start()
    places.take("b")()


def test_a_place_held_for_a_process_that_has_ended_is_free(tmp_path: Path) -> None:
    path = tmp_path / "places"
    code = f"from api.admission import Places; from pathlib import Path; Places(2, 1, Path({str(path)!r})).take('a')"
    subprocess.run([sys.executable, "-c", code], check=True)
    places = Places(2, 0.05, path)
    assert places.taken() == 0
    places.take("a")
    assert places.taken() == 1
