from hypothesis import given
from hypothesis import strategies as st

from api.cache import Cache, Kept
from kg.engine import FORMATS

JSON = FORMATS["json"]


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(64)
    for tag in "abcdefghijklmnop":
        cache.put(tag, Kept(JSON, b"xxxx"))
    assert cache.get("a")
    cache.put("q", Kept(JSON, b"xxxx"))
    assert cache.get("a")
    assert cache.get("b") is None


def test_an_answer_that_is_too_large_is_not_kept() -> None:
    cache = Cache(64)
    cache.put("a", Kept(JSON, b"xxxxx"))
    assert cache.get("a") is None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 40)), max_size=60))
def test_no_more_is_kept_than_allowed(puts: list[tuple[str, int]]) -> None:
    cache = Cache(100)
    for tag, size in puts:
        cache.put(tag, Kept(JSON, b"x" * size))
    assert sum(len(kept.body) for tag in "abcdef" if (kept := cache.get(tag))) <= 100
