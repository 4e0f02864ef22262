"""What is kept, and for how long; an answer that is streamed is kept like one that is whole."""

from collections.abc import Callable, Generator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.http.admission import Slots
from api.http.responses import Cache, Cached
from api.http.serving import InProcess, Served
from kg.engine import FORMATS, Answer, Engine, Format, Query
from kg.errors import TimeLimitError
from kg.settings import Settings

JSON = FORMATS["json"]


def keep(cache: Cache, key: str, *chunks: bytes) -> None:
    cache.put(key, Cached("tag", Answer(JSON, chunks)))


def stream(*chunks: bytes, error: Exception | None = None) -> Answer:
    def pieces() -> Generator[bytes, None, None]:
        yield from chunks
        if error:
            raise error

    return Answer(JSON, pieces())


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(64)
    for key in "abcdefghijklmnop":
        keep(cache, key, b"xxx")
    assert cache.get("a")
    keep(cache, "q", b"xxx")
    assert cache.get("a")
    assert cache.get("b") is None


def test_an_answer_that_is_too_large_with_its_key_is_not_kept() -> None:
    cache = Cache(64)
    keep(cache, "a", b"xxxx")
    keep(cache, "bc", b"xxx")
    assert cache.get("a") is cache.get("bc") is None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.lists(st.binary(max_size=9), max_size=9)), max_size=60))
def test_no_more_is_kept_than_allowed(puts: list[tuple[str, list[bytes]]]) -> None:
    cache = Cache(100)
    for key, chunks in puts:
        keep(cache, key, *chunks)
    assert sum(1 + len(kept.answer.read()) for key in "abcdef" if (kept := cache.get(key))) <= 100


@given(st.lists(st.binary(max_size=9), max_size=9))
def test_a_streamed_answer_is_kept_as_a_whole_one_would_be(chunks: list[bytes]) -> None:
    streamed, whole = Cache(16 * 20), Cache(16 * 20)
    assert streamed.collect("a", "tag", stream(*chunks)).read() == b"".join(chunks)
    keep(whole, "a", *chunks)
    kept, expected = streamed.get("a"), whole.get("a")
    assert (kept and kept.answer) == (expected and expected.answer)


class Stub(Engine):
    """Answers as it is told, and counts how often."""

    missing = ()

    def __init__(self, make: Callable[[], Answer]) -> None:
        self.asked, self._make = 0, make

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        self.asked += 1
        return self._make()


@pytest.fixture
def ask() -> Callable[[Stub, int], list[bytes]]:
    """Ask an engine for the same answer twice, and read so many chunks of each; return what was read."""

    def ask_(engine: Stub, chunks: int) -> list[bytes]:
        source = InProcess(Served("v", engine, None, Slots(2, 1)))
        client = create_app(Settings.read({"KG_CACHE": "0.01"}), source).test_client()
        read = []
        for _ in range(2):
            with client.get("/sparql?query=ASK{}", buffered=False) as response:
                read.append(b"".join(chunk for _, chunk in zip(range(chunks), response.iter_encoded(), strict=False)))
        return read

    return ask_


Ask = Callable[[Stub, int], list[bytes]]


def test_a_streamed_answer_is_asked_for_once(ask: Ask) -> None:
    engine = Stub(lambda: stream(b"a", b"b"))
    assert ask(engine, 3) == [b"ab", b"ab"]
    assert engine.asked == 1


@pytest.mark.parametrize("make", [lambda: stream(b"a", b"b"), lambda: Answer(JSON, (b"ab",))], ids=["stream", "whole"])
def test_an_answer_has_the_same_header_whether_it_is_kept_or_not(make: Callable[[], Answer]) -> None:
    engine = Stub(make)
    source = InProcess(Served("v", engine, None, Slots(2, 1)))
    client = create_app(Settings.read({}), source).test_client()
    first, again = (client.get("/sparql?query=ASK{}", buffered=True) for _ in range(2))
    assert engine.asked == 1
    assert list(first.headers) == list(again.headers)


def test_a_streamed_answer_that_is_too_large_is_asked_for_again(ask: Ask) -> None:
    engine = Stub(lambda: stream(b"a" * 400, b"b" * 400))
    assert ask(engine, 3) == [b"a" * 400 + b"b" * 400] * 2
    assert engine.asked == 2


def test_an_answer_that_its_client_gives_up_is_not_kept(ask: Ask) -> None:
    engine = Stub(lambda: stream(b"a", b"b"))
    assert ask(engine, 1) == [b"a", b"a"]
    assert engine.asked == 2


def test_an_answer_that_breaks_off_is_not_kept() -> None:
    cache = Cache(10_000)
    broken = cache.collect("a", "tag", stream(b"a", error=TimeLimitError("too long")))
    with pytest.raises(TimeLimitError):
        broken.read()
    assert cache.get("a") is None
