import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.curate.locate import Document, Locator, digest, locate, normalise
from kg.errors import LocateError

TEXT = """Results: Thirty-nine patients had surgery on 41 upper
extremities.  Median follow-up was 22 months (range, 13-60 months). Range of motion improved in 15%."""
DOCUMENT = Document("text", TEXT)


def test_locator_is_the_digest_of_the_normalised_words() -> None:
    words = "median follow up was 22 months"
    expected = Locator("Results", 6, hashlib.sha256(words.encode()).hexdigest())
    assert locate(DOCUMENT, "Median follow-up ... 22 months", "Results") == expected
    assert locate(DOCUMENT, "Median follow-up was 22 months", "Results") == expected


def test_locate_takes_the_shortest_passage() -> None:
    assert locate(DOCUMENT, "range ... 15%").words == normalise("Range of motion improved in 15%").__len__()


@pytest.mark.parametrize(
    ("quotation", "problem"),
    [
        ("no such words ... 15%", "is not in text"),
        ("Results ... no such words", "is not in text"),
        ("months", "give more words"),
        (" ... ", "has no words to search for"),
        ("Results ...", "has no words to search for"),
    ],
)
def test_locate_refuses(quotation: str, problem: str) -> None:
    document = Document("text", TEXT + " Two months later.")
    if quotation == "months":
        quotation = "months ... range of"
        document = Document("text", "months of range of x, months in range of y")
    with pytest.raises(LocateError, match=problem):
        locate(document, quotation)


@given(st.text(), st.sampled_from(["\n", "  ", "\t", " -- ", "\u00a0", " • "]))
def test_a_passage_is_found_however_the_text_is_wrapped(around: str, gap: str) -> None:
    passage = "thirty nine patients had surgery".split()
    wrapped = Document("wrapped", f"{around} {gap.join(passage).upper()} {around}")
    assert wrapped.find(Locator("", len(passage), digest(passage)))


@given(st.text())
def test_normalisation_is_idempotent(text: str) -> None:
    words = normalise(text)
    assert normalise(" ".join(words)) == words
