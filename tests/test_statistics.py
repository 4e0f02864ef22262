"""The statistics: held against R, against themselves, and at their edges.

The files in tests/data/statistics were written by the R script beside them, with metafor for all that is pooled.
"""

import csv
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import DATA
from hypothesis import assume, given
from hypothesis import strategies as st

from kg.statistics import Count, Pooled, exact_interval, leave_one_out, pool, wilson_interval

FOLDER = DATA / "statistics"
FILES = ("counts.csv", "intervals.csv", "leave-one-out.csv", "pooled.csv")


def rows(name: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def datasets() -> dict[str, list[Count]]:
    found = defaultdict(list)
    for row in rows("counts.csv"):
        found[row["dataset"]].append((int(row["numerator"]), int(row["denominator"])))
    return dict(found)


DATASETS = datasets()


def close(expected: str) -> object:
    """What R printed, to the digits at which two ways of solving for tau² agree."""
    return pytest.approx(float(expected), rel=1e-8, abs=1e-10)


def compare(pooled: Pooled, expected: dict[str, str]) -> None:
    found = {
        "estimate": pooled.estimate,
        "lower": pooled.interval.lower,
        "upper": pooled.interval.upper,
        "tau_squared": pooled.tau_squared,
        "q": pooled.q,
        "i_squared": pooled.i_squared,
        "h": pooled.h,
    }
    if pooled.prediction:
        found |= {"prediction_lower": pooled.prediction.lower, "prediction_upper": pooled.prediction.upper}
    assert found == {name: close(value) for name, value in expected.items() if name in found}
    assert {name for name, value in expected.items() if value} - found.keys() <= {"dataset", "level", "omitted"}


@pytest.mark.parametrize("expected", rows("pooled.csv"), ids=lambda row: f"{row['dataset']}-{row['level']}")
def test_pooled_proportions_are_those_of_metafor(expected: dict[str, str]) -> None:
    compare(pool(DATASETS[expected["dataset"]], float(expected["level"])), expected)


@pytest.mark.parametrize("name", [name for name, counts in DATASETS.items() if len(counts) > 2])
def test_leaving_one_out_is_that_of_metafor(name: str) -> None:
    expected = [row for row in rows("leave-one-out.csv") if row["dataset"] == name]
    found = leave_one_out(DATASETS[name])
    assert [int(row["omitted"]) for row in expected] == list(range(len(found)))
    for pooled, row in zip(found, expected, strict=True):
        compare(pooled, row)


def test_intervals_are_those_of_r() -> None:
    for row in rows("intervals.csv"):
        counts = int(row["numerator"]), int(row["denominator"]), float(row["level"])
        assert exact_interval(*counts) == (close(row["exact_lower"]), close(row["exact_upper"])), counts
        assert wilson_interval(*counts) == (close(row["wilson_lower"]), close(row["wilson_upper"])), counts


def test_the_script_still_writes_these_files(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    has_metafor = rscript and not subprocess.run([rscript, "-e", "library(metafor)"], capture_output=True).returncode
    if not rscript or not has_metafor:
        pytest.skip("R with metafor is not installed: its results are taken from the files of an earlier run")
    subprocess.run([rscript, FOLDER / "make.R", tmp_path], check=True, capture_output=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == list(FILES)
    for name in FILES:
        for ours, theirs in zip(rows(name), rows(name, tmp_path), strict=True):
            assert ours.keys() == theirs.keys()
            for key, value in ours.items():
                assert theirs[key] == value or float(theirs[key]) == close(value), (name, key)


COUNTS = st.integers(1, 10**6).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
LEVELS = st.sampled_from((0.5, 0.9, 0.95, 0.99))
SEVERAL = st.lists(COUNTS, min_size=2, max_size=8)
INTERVALS = pytest.mark.parametrize("interval", [exact_interval, wilson_interval])


def mirrored(count: Count) -> Count:
    return count[1] - count[0], count[1]


@INTERVALS
@given(count=COUNTS, level=LEVELS)
def test_an_interval_holds_its_proportion_and_mirrors_with_it(interval: object, count: Count, level: float) -> None:
    assert callable(interval)
    lower, upper = interval(*count, level)
    assert 0 <= lower <= count[0] / count[1] <= upper <= 1
    assert interval(*mirrored(count), level) == (pytest.approx(1 - upper), pytest.approx(1 - lower))


@INTERVALS
@given(count=COUNTS)
def test_more_events_move_an_interval_up_and_more_certainty_widens_it(interval: object, count: Count) -> None:
    assert callable(interval)
    assume(count[0] < count[1])
    lower, upper = interval(*count)
    assert (lower, upper) <= (interval(count[0] + 1, count[1]).lower, interval(count[0] + 1, count[1]).upper)
    wider = interval(*count, 0.99)
    assert wider.lower <= lower and upper <= wider.upper


@given(counts=SEVERAL, level=LEVELS)
def test_a_pooled_proportion_lies_in_its_intervals_and_mirrors(counts: list[Count], level: float) -> None:
    pooled, mirror = pool(counts, level), pool([mirrored(count) for count in counts], level)
    assert 0 <= pooled.interval.lower <= pooled.estimate <= pooled.interval.upper <= 1
    assert mirror.estimate == pytest.approx(1 - pooled.estimate, abs=1e-9)
    assert mirror.tau_squared == pytest.approx(pooled.tau_squared, rel=1e-6, abs=1e-9)
    assert 0 <= pooled.i_squared < 1 <= pooled.h and pooled.tau_squared >= 0
    assert (pooled.prediction is None) is (len(counts) == 2)
    if pooled.prediction:
        assert pooled.prediction.lower <= pooled.interval.lower <= pooled.interval.upper <= pooled.prediction.upper


@given(counts=SEVERAL, place=st.integers(0, 7))
def test_the_order_of_studies_does_not_matter(counts: list[Count], place: int) -> None:
    turned = counts[place:] + counts[:place]
    assert pool(turned).estimate == pytest.approx(pool(counts).estimate, rel=1e-9)


@given(count=COUNTS, studies=st.integers(2, 6))
def test_studies_that_agree_pool_to_what_each_says(count: Count, studies: int) -> None:
    assume(0 < count[0] < count[1])
    pooled = pool([count] * studies)
    assert pooled.estimate == pytest.approx(count[0] / count[1])
    assert (pooled.tau_squared, pooled.i_squared, pooled.h) == (0, 0, 1)
    assert pooled.interval.lower < pooled.estimate < pooled.interval.upper  # never of width 0, however alike


@pytest.mark.parametrize("counts", [(5, 4), (-1, 4), (0, 0), (3, -3)])
def test_impossible_counts_are_refused(counts: Count) -> None:
    for compute in (lambda: exact_interval(*counts), lambda: wilson_interval(*counts), lambda: pool([(1, 2), counts])):
        with pytest.raises(ValueError, match="is not a proportion"):
            compute()


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_impossible_levels_are_refused(level: float) -> None:
    for compute in (exact_interval, wilson_interval):
        with pytest.raises(ValueError, match="is not a level of confidence"):
            compute(1, 2, level)
    with pytest.raises(ValueError, match="is not a level of confidence"):
        pool([(1, 2), (1, 3)], level)


def test_one_study_is_not_pooled() -> None:
    with pytest.raises(ValueError, match="1 studies; pooling needs at least two"):
        pool([(1, 2)])
    with pytest.raises(ValueError, match="1 studies; pooling needs at least two"):
        leave_one_out([(1, 2), (1, 3)])
