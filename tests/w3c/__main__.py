"""Runs the suites and prints what came of each folder.

KG_W3C=FOLDER PYTHONPATH=.:tests python -m w3c
"""

import os
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from w3c.manifest import read_entries
from w3c.services import SUITES
from w3c.suites import is_left_out, part_of

COLUMNS = ("passed", "expected failures", "updates refused", "left out", "failed")


class Outcomes:
    """Gathers what came of each test, under both services."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcomes = dict(report.user_properties).get("outcomes", {}) if report.when == "call" else {}
        for id_, outcome in outcomes.items():
            self.found[id_].add(outcome)


def main() -> int:
    """Run, print a table in Markdown, and return the exit code of the run."""
    if SUITES is None:
        sys.exit("KG_W3C is not set: the W3C test suites are not run")
    os.environ["KG_W3C_SOCKET"] = "1"  # before the fixtures are imported
    outcomes = Outcomes()
    imported = "ignore::pytest.PytestAssertRewriteWarning"  # conftest.py, which the services need, has imported plugins
    options = ["--quiet", "-W", imported, *sys.argv[1:]]
    code = pytest.main([str(Path(__file__).parent), *options], plugins=[outcomes])
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in read_entries(SUITES):
        found = outcomes.found[entry.id]
        if is_left_out(entry):
            column = "left out"
        elif found == {"passed"}:
            column = "updates refused" if part_of(entry) == "update" else "passed"
        else:
            column = "expected failures" if found == {"expected failure"} else "failed"
        table[entry.folder][column] += 1
    table["all"] = sum(table.values(), Counter())
    print(f"| folder | tests | {' | '.join(COLUMNS)} |\n|{' --- |' * (len(COLUMNS) + 2)}")
    for folder, counts in table.items():
        print(f"| {folder} | {counts.total()} | {' | '.join(str(counts[column] or '') for column in COLUMNS)} |")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
