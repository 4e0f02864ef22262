from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.build.figures import find_figures, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thirty-nine patients on 41 upper extremities", ["39", "41"]),
        ("59 ± 11.4 years", ["59", "11.4"]),
        ("7 (5–10) years", ["7", "5", "10"]),
        ("[range, 0-10)", ["0", "10"]),
        ("Twenty-five out of 56 (44.6%)", ["25", "56", "44.6"]),
        ("1,290 of 5218", ["1290", "5218"]),
        ("20210624", ["20210624"]),
        ("PM-Scl and someone", []),
        ("October 25, 2018", ["25", "2018"]),
    ],
)
def test_find_figures(text: str, expected: list[str]) -> None:
    assert [str(figure.value) for figure in find_figures(text)] == expected


@given(st.decimals(min_value=0, max_value=10**6, places=2))
def test_find_a_printed_decimal(number: Decimal) -> None:
    assert number in values(f"a figure of {number:f} in a sentence")


@given(st.integers(min_value=0, max_value=10**9))
def test_find_a_number_with_thousands_separators(number: int) -> None:
    assert values(f"({number:,})") == {Decimal(number)}
