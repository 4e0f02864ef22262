"""What was verified is recorded, and shown of no finding that has changed since."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from conftest import DATA
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from test_cli import kg

from kg.build.dataset import Dataset, Inputs, read_dataset
from kg.build.jsonld import Node
from kg.build.records import read_records
from kg.build.snapshot import build
from kg.build.verified import SOURCE_TEXT, Verification, compared, digest, read_verified, record_verified
from kg.curate.locate import Document, locate
from kg.curate.verify import read_documents, verify
from kg.engine import FORMATS, Query
from kg.errors import RecordsError
from kg.prefixes import ID, ONTOLOGY

DOCUMENTS = DATA / "documents"
TEXT = read_documents(DOCUMENTS)[0]
DAY = date(2026, 11, 20)
ANOTHER_DAY = date(2027, 1, 2)
FOUND = "finding/series-01"
VERIFIED = f"SELECT ?finding ?day ?text ?key {{ ?finding <{ONTOLOGY}verified> ?day ; <{ONTOLOGY}verification> ?is . \
?is a <{ONTOLOGY}Verification> ; <{ONTOLOGY}textSha256> ?text ; <{ONTOLOGY}compared> ?key }} ORDER BY ?key"


@pytest.fixture
def inputs(small_inputs: Inputs) -> Inputs:
    """The small dataset, whose first finding now stands in the small document."""
    found = locate(TEXT, "Forty patients ... (10%)")
    change(small_inputs, r'words = 3, sha256 = "a+"', f'words = {found.words}, sha256 = "{found.sha256}"')
    return small_inputs


def change(inputs: Inputs, pattern: str, replacement: str) -> None:
    """Change the record of the finding."""
    path = inputs.seeds / "series.toml"
    before, found, after = path.read_text(encoding="utf-8").partition(f'id = "{FOUND}"')
    changed, count = re.subn(pattern, replacement, after, count=1)
    assert count
    path.write_text(before + found + changed, encoding="utf-8")


def record(inputs: Inputs, *documents: Document, day: date = DAY) -> list[Verification]:
    files = read_records(inputs.seeds, inputs.context)
    report = verify(files, documents)
    return record_verified(inputs.seeds, files, report.confirmed, report.missing, day)


def test_what_was_found_is_recorded_and_nothing_else(inputs: Inputs) -> None:
    rows = record(inputs, TEXT)
    assert [(row.finding, row.compared, row.text, row.day) for row in rows] == [
        (FOUND, ("denominator", "locator", "numerator", "value"), TEXT.sha256, "2026-11-20")
    ]
    assert [row for _, row in read_verified(inputs.seeds)] == rows
    change(inputs, "value = 10", "value = 11")
    assert record(inputs, TEXT) == []


def test_the_graph_tells_what_was_verified(inputs: Inputs, tmp_path: Path) -> None:
    record(inputs, TEXT)
    keys = ("denominator", "locator", "numerator", "value")
    answer = build(tmp_path / "build", inputs).engine().answer(Query(VERIFIED), (FORMATS["json"],)).read()
    rows = json.loads(answer)["results"]["bindings"]
    assert [[row[name]["value"].removeprefix(ID) for name in ("finding", "day", "text", "key")] for row in rows] == [
        [FOUND, "2026-11-20", TEXT.sha256, key] for key in keys
    ]


@pytest.mark.parametrize(
    ("pattern", "replacement", "holds"),
    [
        ("value = 10", "value = 10.0", False),
        ("denominator = 40\n", "", False),
        ('unit = "%"', 'unit = "mo"', False),
        ('measure = "proportion"', 'measure = "incidence"', False),
        ("measure", 'direction = "increased"\nmeasure', False),
        ('reported = "x"', 'reported = "10%"', False),
        ('section = "Results"', 'section = "Methods"', False),
        ("words = 8", "words = 7", False),
        ("in some", "in 4", False),
        ("in some", "in a few", True),
        ("measure", 'note = "Four more had been seen before."\nmeasure', True),
    ],
)
def test_a_changed_place_or_figure_is_verified_no_more(
    pattern: str, replacement: str, holds: bool, inputs: Inputs
) -> None:
    record(inputs, TEXT)
    change(inputs, pattern, replacement)
    dataset = read_dataset(inputs)
    assert [row.finding for row in dataset.verified] == ([FOUND] if holds else [])
    assert [str(violation) for violation in dataset.outdated] == (
        []
        if holds
        else [
            f"seeds/verified.tsv:2: {FOUND}: changed after it was verified on 2026-11-20."
            " Verify it again with kg verify --record, or delete the row."
        ]
    )


def test_a_row_stays_as_long_as_it_holds_when_its_text_is_not_at_hand(inputs: Inputs) -> None:
    rows = record(inputs, TEXT)
    assert record(inputs, Document("other.txt", "Something else."), day=ANOTHER_DAY) == rows
    assert [row.day for row in record(inputs, TEXT, day=ANOTHER_DAY)] == ["2027-01-02"]
    change(inputs, "value = 10", "value = 12")
    assert record(inputs, day=ANOTHER_DAY) == []


def test_a_finding_that_is_gone_is_outdated(inputs: Inputs) -> None:
    row = record(inputs, TEXT)[0]
    table = inputs.seeds / "verified.tsv"
    table.write_text(
        table.read_text() + "\t".join(["finding/none-01", "sourceText", "locator", row.record, row.text, row.day])
    )
    assert [(found.line, found.problem) for found in read_dataset(inputs).outdated] == [
        (3, "was verified, but there is no such finding")
    ]


SHA256 = "0" * 64
HEADER = "finding\tagainst\tcompared\trecord\ttext\tday"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 0, ""),
        ("finding\trecord", 1, "the columns are not finding, against, compared, record, text, day"),
        (f"{HEADER}\nfinding/a-01\tvalue", 2, "the row has 2 columns, not 6"),
        (f"{HEADER}\n\n", 2, "the row has 0 columns, not 6"),
        (f"{HEADER}\nfinding/a-01\tsourceText\tvalue\tabc\t{SHA256}\t2026-11-20", 2, "'abc' is not a SHA-256"),
        (f"{HEADER}\nfinding/a-01\tsourceText\tvalue\t{SHA256}\t{SHA256}\t20261120", 2, "'20261120' is not a date"),
        (f"{HEADER}\nfinding/a-01\tsourceText\tvalue\t{SHA256}\t{SHA256}\t2026-13-20", 2, "'2026-13-20' is not a date"),
        (
            f"{HEADER}\nfinding/a-01\thearsay\tvalue\t{SHA256}\t{SHA256}\t2026-11-20",
            2,
            "'hearsay' is neither sourceText nor readingNote",
        ),
        (
            HEADER + f"\nfinding/a-01\tsourceText\tvalue\t{SHA256}\t{SHA256}\t2026-11-20" * 2,
            3,
            "the finding has a row already",
        ),
    ],
)
def test_a_table_that_cannot_be_read_is_named_with_its_line(text: str, line: int, problem: str, tmp_path: Path) -> None:
    (tmp_path / "verified.tsv").write_text(text)
    if not problem:
        assert read_verified(tmp_path) == []
        return
    with pytest.raises(RecordsError) as error:
        read_verified(tmp_path)
    assert [(found.line, found.problem) for found in error.value.violations] == [(line, problem)]


figures = st.dictionaries(
    st.sampled_from(["value", "lower", "upper", "numerator", "statement", "unit", "note", "population"]),
    st.decimals(0, 100, places=1).map(str),
)


@given(one=figures, other=figures)
def test_digests_are_equal_when_place_and_figures_are(one: Node, other: Node) -> None:
    def plain(record: Node) -> Node:
        return {key: value for key, value in record.items() if key not in ("note", "population")}

    assert (digest(one) == digest(other)) == (plain(one) == plain(other))
    assert set(compared(one)) == set(one) - {"unit", "note", "population"}


def test_a_locator_without_the_words_of_a_passage_is_not_compared() -> None:
    section = {"section": "Results"}
    assert compared({"value": "10", "locator": section}) == ("value",)
    assert compared({"value": "10", "locator": section | {"sha256": SHA256}}) == ("locator", "value")


def test_the_command_records_and_check_names_what_is_out_of_date(inputs: Inputs) -> None:
    command = ("verify", "--documents", DOCUMENTS, "--seeds", inputs.seeds, "--record")
    assert "1 findings recorded as verified, 1 in all" in kg(*command, code=1).stdout  # two are not in the document
    table = (inputs.seeds / "verified.tsv").read_bytes()
    assert table.decode().splitlines()[1].endswith(date.today().isoformat())
    kg(*command, code=1)
    assert (inputs.seeds / "verified.tsv").read_bytes() == table
    change(inputs, "value = 10", "value = 12")
    told = kg("check", "--seeds", inputs.seeds, code=1).stderr
    assert f"seeds/verified.tsv:2: {FOUND}: changed after it was verified on" in told


def test_no_verification_of_the_project_is_out_of_date(dataset: Dataset) -> None:
    assert dataset.outdated == ()
    assert len(dataset.verified) > 600


def test_the_texts_at_hand_are_among_those_recorded(dataset: Dataset, documents: Path) -> None:
    texts = {row.text for row in dataset.verified if row.against == SOURCE_TEXT}
    assert texts >= {document.sha256 for document in read_documents(documents)}


def test_the_api_tells_of_each_finding_whether_it_was_verified(client: FlaskClient, dataset: Dataset) -> None:
    days = {row.finding: row.day for row in dataset.verified}
    answer = client.get("/api/v1/findings?limit=500").get_json()
    told = {item["id"]: item.get("verified") for item in answer["items"]}
    assert told == {finding: days.get(finding) for finding in told}
    assert set(told.values()) != {None}


def test_the_digest_of_a_text_is_that_of_its_file(tmp_path: Path) -> None:
    """Line ends too: whoever holds the file compares the digest by ``sha256sum``."""
    (tmp_path / "text.txt").write_bytes(b"One\r\nline\r\n")
    document = read_documents(tmp_path)[0]
    assert document.sha256 == "00ea2a4493f95e94f36f8ef8fd388dc2fd2178ff92ffa7025a8d5dffa4944d70"  # sha256sum of GNU
    assert document.words == ["one", "line"]
