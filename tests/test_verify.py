"""Verification: every figure is looked up in its passage, and every number of a document accounted for."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DATA

from kg.build.dataset import Inputs
from kg.build.records import read_records
from kg.build.verified import READING_NOTE, Text
from kg.curate.locate import Document, digest, locate
from kg.curate.verify import Report, read_documents, verify

TEXT = (DATA / "documents" / "series.txt").read_text(encoding="utf-8")
DOCUMENT = Document("series.txt", TEXT)
Verifier = Callable[[str], Report]


def locator(passage: str) -> str:
    found = locate(DOCUMENT, passage, "Results")
    return f'locator = {{section = "Results", words = {found.words}, sha256 = "{found.sha256}"}}'


@pytest.fixture
def verified(tmp_path: Path) -> Verifier:
    """Verify one record, given its keys, against the small document, and look for uncovered numbers."""

    def run(keys: str) -> Report:
        folder = tmp_path / "seeds"
        folder.mkdir()
        source = f'id = "source/series"\ntype = "Source"\n{locator("A small series")}\n'
        (folder / "series.toml").write_text(f'{source}\n[[findings]]\nid = "finding/series-01"\n{keys}\n')
        (folder / "furniture.tsv").write_text(
            "source\tnumber\treason\twords\tsha256\n"
            + "".join(f"series\t{number}\tpage number\t4\t{digest('page 7 of 9'.split())}\n" for number in (7, 9))
        )
        files = read_records(folder, Inputs().context)
        return verify(files, read_documents(DATA / "documents"), furniture=folder / "furniture.tsv")

    return run


WHOLE = locator("Forty patients ... 2 weeks")


@pytest.mark.parametrize(
    "keys",
    [
        f'value = 10\nnumerator = 4\ndenominator = 40\nreported = "(10%)"\n{WHOLE}',
        f'followUp = {{value = 2, unit = "wk"}}\nstatement = "Four of 40 had an infection."\n{WHOLE}',
        f'numerator = 4\nderived = [{{figure = "numerator", operation = "sum", operand = [3, 1]}}]\n{WHOLE}',
        f"upper = 1\n{locator('All were seen within a week')}",
    ],
    ids=["digits and words", "text", "derived", "article"],
)
def test_figures_that_the_passage_holds_are_confirmed(keys: str, verified: Verifier) -> None:
    report = verified(keys)
    assert (report.problems, report.findings, report.records, report.passages) == ([], 1, 2, 2)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (f"value = 11\n{WHOLE}", "value has 11, which is not in its passage"),
        (f'statement = "5 of 40 had an infection."\n{WHOLE}', "statement has 5, which is not in its passage"),
        (f'dose = {{value = 7, unit = "mg"}}\n{WHOLE}', "dose has 7, which is not in its passage"),
        (f'eventDate = "2018-03"\n{WHOLE}', "eventDate has 2018, which is not in its passage"),
        (f"value = 10\n{locator('A small series')}", "value has 10, which is not in its passage"),
        (
            f'locator = {{section = "x", words = 3, sha256 = "{"0" * 64}"}}',
            "its passage is in none of the documents",
        ),
        (
            f'numerator = 5\nderived = [{{figure = "numerator", operation = "sum", operand = [3, 1]}}]\n{WHOLE}',
            "numerator is not the sum of 3, 1",
        ),
        (
            f'numerator = 8\nderived = [{{figure = "numerator", operation = "sum", operand = [3, 5]}}]\n{WHOLE}',
            "numerator has 5, which is not in its passage",
        ),
    ],
)
def test_figures_that_the_passage_does_not_hold_are_reported(keys: str, problem: str, verified: Verifier) -> None:
    assert problem in [found.problem for found in verified(keys).problems]


def test_numbers_that_no_record_accounts_for_are_listed(verified: Verifier) -> None:
    """40 and 10 are in the record; Four, three, one and 2 are not; 7 and 9 are page furniture."""
    report = verified(f"value = 10\ndenominator = 40\n{WHOLE}")
    assert [found.number for found in report.uncovered] == ["four", "three", "one", "2"]
    assert report.furniture == 2


def test_the_projects_records_are_borne_out_by_their_sources(documents: Path) -> None:
    inputs = Inputs()
    report = verify(
        read_records(inputs.seeds, inputs.context),
        read_documents(documents),
        furniture=inputs.seeds / "furniture.tsv",
    )
    assert (report.problems, report.uncovered) == ([], [])
    assert report.findings > 600
    assert report.figures > 400


@pytest.mark.parametrize("name", ["series.txt", "NEW_series.txt"])
def test_figures_without_a_passage_are_confirmed_by_the_note_on_their_source(name: str, tmp_path: Path) -> None:
    (tmp_path / "series.toml").write_text(NOTED)
    files = read_records(tmp_path, Inputs().context)
    note = Document(name, "seen: abstract whole. Forty patients; OR 2.5 (1.2-5.0, p<0.001) for ulcers; 12 of 40.")
    report = verify(files, [], [note])
    assert [(problem.record, problem.problem) for problem in report.problems] == [
        ("finding/series-02", "numerator has 13, which is not in the note on its source")
    ]
    assert report.confirmed == {"finding/series-01": Text(READING_NOTE, note.sha256)}
    assert verify(files, [], [Document("other.txt", note.raw)]).missing == ["finding/series-01", "finding/series-02"]


NOTED = """
id = "source/series"
type = "Source"
locator = [{section = "Title"}]

[[findings]]
id = "finding/series-01"
value = 2.5
lower = 1.2
upper = 5.0
interval = "ci95"
pValueBelow = 0.001
locator = {section = "Results"}
statement = "Ulcers was associated with it (odds ratio 2.5, 95% confidence interval 1.2 to 5)."

[[findings]]
id = "finding/series-02"
numerator = 13
denominator = 40
locator = {section = "Results"}
"""


def test_statements_are_not_the_words_of_the_sources(documents: Path) -> None:
    """No statement, definition or description shares nine words in a row with a source."""
    inputs, run = Inputs(), 9
    held = {
        " ".join(document.words[start : start + run])
        for document in read_documents(documents)
        for start in range(len(document.words) - run + 1)
    }
    for file in read_records(inputs.seeds, inputs.context):
        for record in file.records():
            for key in ("statement", "definition", "description", "aim", "statedHypothesis"):
                words = Document("", str(record.get(key, ""))).words
                runs = {" ".join(words[start : start + run]) for start in range(len(words) - run + 1)}
                assert not runs & held, (record["id"], key, runs & held)


def test_every_furniture_number_has_its_reason() -> None:
    lines = (Inputs().seeds / "furniture.tsv").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w-]+\t[\d.]+\t[^\t]{5,}\t\d+\t[0-9a-f]{64}", line) for line in lines[1:])
