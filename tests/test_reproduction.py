"""The scripts beside pooled results: run in R and in Python without calcikg, they find the figures again."""

import csv
import math
import re
import runpy
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA, EXAMPLES
from test_synthesis import POOLED, Found, finding, source, synthesis_of

from kg.engine import Engine
from kg.export.reproduction import write_script
from kg.prefixes import ID
from kg.read.labels import Labels
from kg.read.synthesis import find_pooled, read_pooled
from kg.statistics.intervals import Count, Interval
from kg.statistics.normal import Effect, Mean
from kg.statistics.normal import pool as pool_effects
from kg.statistics.proportions import pool

AGREES = "All figures agree."
#: Of the data sets of `tests/data/statistics` those that try the edges: no events, all events, studies that do not
#: differ, one study, or one event, far from the rest, very large and very small studies.
EDGES = (
    "two-equal", "two-apart", "two-none", "two-small", "none-and-few", "all-and-most", "none-and-all", "mostly-none",
    "small-studies", "homogeneous", "heterogeneous", "very-heterogeneous", "one-apart", "one-large", "rare", "tiny",
)  # fmt: skip


def counts() -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {}
    with (DATA / "statistics" / "counts.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["dataset"], []).append((int(row["numerator"]), int(row["denominator"])))
    return {name: found[name] for name in EDGES}


def result(unit: str, interval: Interval, prediction: Interval | None, studies: Any, **figures: float) -> Any:
    """Return what `read_pooled` gives of a result; the name of a study tries what could end a string or a comment."""
    given = {"lower": interval.lower, "upper": interval.upper, **figures}
    if prediction:
        given |= {"prediction_lower": prediction.lower, "prediction_upper": prediction.upper}
    return {
        "iri": f"{ID}pooled/made-up",
        "label": "Made up\rquit(); exit()",
        "sentence": "“Of few” people, 12 %.",
        "computed_with": ["calcikg 0"],
        "unit": unit,
        "studies": [
            {
                "id": f"finding/made-up-{place:02}",
                "source": {"label": 'Müller "first"\\\n'},
                "year": 1999,
                "basis": "counts",
                **one,
            }
            for place, one in enumerate(studies)
        ],
        **{name: round(float(figure), 6 if name == "tau_squared" else 4) for name, figure in given.items()},
    }


def of_counts(counts: list[Count]) -> Any:
    pooled = pool(counts)
    return result(
        "%",
        Interval(*(100 * bound for bound in pooled.interval)),
        pooled.prediction and Interval(*(100 * bound for bound in pooled.prediction)),
        [{"events": events, "total": total} for events, total in counts],
        estimate=100 * pooled.estimate,
        tau_squared=pooled.tau_squared,
    )


def of_effects(effects: list[Effect], unit: str) -> Any:
    pooled: Mean = pool_effects(effects)

    def scale(figure: float) -> float:
        return math.exp(figure) if unit == "1" else figure

    return result(
        unit,
        Interval(*map(scale, pooled.interval)),
        pooled.prediction and Interval(*map(scale, pooled.prediction)),
        [{"effect": round(one.value, 9), "error": round(one.variance**0.5, 9)} for one in effects],
        estimate=scale(pooled.estimate),
        tau_squared=pooled.tau_squared,
    )


RATIOS = [Effect(0.966983846, 0.2335), Effect(1.360976553, 0.0329), Effect(-0.2, 0.09)]


@pytest.fixture(scope="session")
def made_up() -> Mapping[str, Any]:
    """Results that no evidence gave, which try the edges."""
    return {
        **{name: of_counts(found) for name, found in counts().items()},
        "ratios": of_effects(RATIOS, "1"),
        "two-ratios": of_effects(RATIOS[:2], "1"),
        "differences": of_effects([Effect(120.5, 400), Effect(80.25, 225), Effect(310, 900), Effect(95, 100)], "mg"),
        "two-differences": of_effects([Effect(-0.5, 0.04), Effect(-0.25, 0.01)], ""),
    }


@pytest.fixture(scope="session")
def results(whole_engine: Engine) -> Mapping[str, Any]:
    """Every pooled result of the whole dataset."""
    labels = Labels(whole_engine)
    return {one["id"].partition("/")[2]: one for one in read_pooled(labels, find_pooled(labels))}


def test_python_finds_pooled_results_again(
    results: Mapping[str, Any], made_up: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every fourth result, and those at the edges; that the figures of all are right is proved by R below."""
    for name, one in [*[*results.items()][:: 1 if EXAMPLES else 4], *made_up.items()]:
        script = write_script(one, "py")
        assert "kg" not in re.findall(r"^(?:from|import) (\w+)", script, re.MULTILINE)
        path = tmp_path / "reproduce.py"
        path.write_text(script, encoding="utf-8")
        runpy.run_path(str(path))
        said = capsys.readouterr().out
        assert said.splitlines()[-1] == AGREES, (name, said)
        check(said, one)


def test_r_finds_every_pooled_result_again(
    results: Mapping[str, Any], made_up: Mapping[str, Any], tmp_path: Path
) -> None:
    """One R runs all: to start it and to load lme4 takes longer than all scripts together."""
    rscript = shutil.which("Rscript")
    if not rscript:
        pytest.skip("R is not installed: the scripts in R are NOT run")
    every = {**results, **made_up}
    for name, one in every.items():
        (tmp_path / f"{name}.R").write_text(write_script(one, "R"), encoding="utf-8")
    run = 'for (path in list.files()) { cat("==", path, "\\n"); source(path, local = new.env(), encoding = "UTF-8") }'
    done = subprocess.run(
        [rscript, "--vanilla", "-e", run], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    if "there is no package called" in done.stderr:
        pytest.skip("R has no metafor or no lme4: the scripts in R are NOT run")
    assert done.returncode == 0, done.stderr
    said = {part.partition(".R ")[0]: part for part in done.stdout.split("== ")[1:]}
    assert sorted(said) == sorted(every)
    for name, one in every.items():
        assert said[name].splitlines()[-1] == AGREES, said[name]
        check(said[name], one)
        if name in results and one["unit"] == "%":
            mine, theirs = (
                re.search(f"^{who}: mu (.+), tau (.+)$", said[name], re.MULTILINE) for who in ("here", "lme4")
            )
            assert mine and theirs, "lme4 fits every result of the dataset"
            expected = [float(figure) for figure in mine.groups()]
            assert [float(figure) for figure in theirs.groups()] == pytest.approx(expected, abs=2e-3), name


def check(said: str, one: Mapping[str, Any]) -> None:
    """Check that each published figure is there, and that what was computed is it, to a unit of the last digit."""
    lines = re.findall(r"^(\w+): published (\S+), computed (\S+)$", said, re.MULTILINE)
    names = ("estimate", "lower", "upper", "prediction_lower", "prediction_upper", "tau_squared")
    assert [line[0] for line in lines] == [name for name in names if name in one]
    for name, published, computed in lines:
        assert float(published) == pytest.approx(one[name], abs=5.1e-5)
        assert float(computed) == pytest.approx(one[name], abs=1.5e-4)


def test_a_figure_that_is_not_what_its_inputs_give_is_told(
    made_up: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = made_up["ratios"] | {"upper": made_up["ratios"]["upper"] + 0.01}
    path = tmp_path / "wrong.py"
    path.write_text(write_script(wrong, "py"), encoding="utf-8")
    runpy.run_path(str(path))
    assert capsys.readouterr().out.splitlines()[-1] == f"NOT {AGREES[0].lower()}{AGREES[1:]}"


def test_scripts_say_what_they_are_of(made_up: Mapping[str, Any]) -> None:
    found: Found = synthesis_of(source("a", finding(8, 40)), source("b", finding(7, 30)))
    assert found.of_type("PooledProportion") == {POOLED}
    for language in ("R", "py"):
        script = write_script(made_up["two-none"], language)
        assert "\r" not in script and f"{ID}pooled/made-up" in script
        assert all(line.startswith("#") for line in script.splitlines()[:4])
