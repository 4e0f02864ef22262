"""Every rule catches what it is for: the file, the line, the problem and the repair."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import DATA, EXAMPLES
from test_cli import kg

from kg.build.check import check_file, find_violations
from kg.build.dataset import Dataset, Inputs, read_dataset
from kg.build.infer import derive, infer
from kg.build.ontology import read_ontology, read_shapes
from kg.build.records import read_records
from kg.errors import RecordsError, Violation
from kg.prefixes import GRAPH, ID, expand

BAD = DATA / "seeds" / "bad"
_EXPECT = re.compile(r"^# expect: line (\d+) \| (.+?) \| (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    file: str
    line: int
    problem: str
    repair: str

    def is_met_by(self, violation: Violation) -> bool:
        return (
            violation.file.endswith(f"/{self.file}")
            and violation.line == self.line
            and self.problem in violation.problem
            and self.repair in violation.repair
        )


def expected(folder: Path) -> list[Expected]:
    return [
        Expected(path.name, int(line), problem, repair)
        for path in sorted(folder.glob("*.toml"))
        for line, problem, repair in _EXPECT.findall(path.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def unreadable() -> tuple[Violation, ...]:
    with pytest.raises(RecordsError) as error:
        read_records(BAD / "reading", Inputs().context)
    return error.value.violations


@pytest.fixture(scope="module")
def without_mappings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ontology without its mappings, which take longer to read than all else and concern no rule on records."""
    return copy_without_mappings(tmp_path_factory.mktemp("ontology"))


@pytest.fixture(scope="module")
def bad(without_mappings: Path) -> Iterator[Inputs]:
    """Records that break rules, checked one file after the other by an ontology that is read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.build.dataset.read_ontology", cache(read_ontology))
        patch.setattr("kg.build.check.read_shapes", cache(read_shapes))
        yield Inputs(seeds=BAD / "checking", ontology=without_mappings)


@pytest.fixture(scope="module")
def wrong(bad: Inputs) -> list[Violation]:
    dataset, inferred = derive(bad)
    return find_violations(dataset, inferred, bad)


@pytest.mark.parametrize("case", expected(BAD / "reading"), ids=lambda case: case.file)
def test_reading_catches(case: Expected, unreadable: tuple[Violation, ...]) -> None:
    assert any(map(case.is_met_by, unreadable)), "\n".join(map(str, unreadable))


@pytest.mark.parametrize("case", expected(BAD / "checking"), ids=lambda case: case.file)
def test_checking_catches(case: Expected, wrong: list[Violation]) -> None:
    here = [violation for violation in wrong if violation.file.endswith(f"/{case.file}")]
    assert any(map(case.is_met_by, here)), "\n".join(map(str, here))


def test_every_bad_file_says_what_it_is_for() -> None:
    files = {path.name for path in BAD.rglob("*.toml")} - {"entities.toml"}
    assert files == {case.file for folder in BAD.iterdir() for case in expected(folder)}


def test_a_good_dataset_has_nothing_wrong_but_its_missing_mappings(without_mappings: Path) -> None:
    inputs = Inputs(seeds=DATA / "seeds" / "good", ontology=without_mappings)
    dataset, inferred = derive(inputs)
    problems = {violation.problem for violation in find_violations(dataset, inferred, inputs)}
    assert problems == {"it has no mapping, nor a row saying that no term was found"}


def test_mappings_are_held_against_our_files(tmp_path: Path) -> None:
    rows = {
        "hand\thand\tskos:exactMatch\tUBERON:0002398\thand": (
            "UBERON_0002398 'hand', but ontology/imports calls it 'manus'"
        ),
        "hand\thand\tskos:exactMatch\tUBERON:9999999\thand": "but ontology/imports calls it '(nothing)'",
        "finger\tpaw\tskos:exactMatch\tUBERON:0002389\tmanual digit": (
            "its mapping calls it 'paw', but its record 'finger'"
        ),
        "tail\ttail\tskos:exactMatch\tUBERON:0002398\tmanus": "but its record '(no such entity)'",
    }
    inputs = Inputs(seeds=DATA / "seeds" / "good", ontology=map_badly(tmp_path, *rows))
    told = "\n".join(map(str, find_violations(*derive(inputs), inputs)))
    assert [problem for problem in rows.values() if problem not in told] == []


def test_a_mapping_with_an_unknown_prefix_is_not_read(tmp_path: Path) -> None:
    inputs = Inputs(
        seeds=DATA / "seeds" / "good", ontology=map_badly(tmp_path, "hand\thand\tskos:exactMatch\tFOO:1\tx")
    )
    with pytest.raises(RecordsError, match="unknown prefix or column 'FOO'"):
        read_dataset(inputs)


def map_badly(folder: Path, *rows: str) -> Path:
    """Copy the ontology with these rows for its mappings."""
    ontology = copy_without_mappings(folder)
    header = "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification\n"
    lines = "".join(f"ckgid:site/{row}\tsemapv:ManualMappingCuration\n" for row in rows)
    (ontology / "mappings" / "bad.sssom.tsv").write_text(header + lines, encoding="utf-8")
    return ontology


def test_an_edge_needs_a_finding() -> None:
    inputs = Inputs(seeds=DATA / "seeds" / "good")
    whole = read_dataset(inputs)
    edge = ox.Quad(
        ox.NamedNode(ID + "site/hand"),
        ox.NamedNode(expand("ckg:associatedWith")),
        ox.NamedNode(ID + "disease/calcinosis"),
        ox.NamedNode(GRAPH + "entities"),
    )
    dataset = Dataset((*whole.quads, edge), whole.positions)
    found = find_violations(dataset, infer(dataset.quads, inputs.ontology / "rules"), inputs)
    assert any(
        violation.problem == "the edge to disease/calcinosis has no finding behind it"
        and violation.record == "site/hand"
        for violation in found
    )


def copy_without_mappings(folder: Path) -> Path:
    ontology = folder / "ontology"
    shutil.copytree(Inputs().ontology, ontology)
    for path in (ontology / "mappings").iterdir():
        path.unlink()
    return ontology


@pytest.mark.parametrize(
    "path", sorted((BAD / "checking").glob("*.toml"))[:: 1 if EXAMPLES else 4], ids=lambda path: path.stem
)
def test_one_file_alone_gives_what_the_whole_check_finds_in_it(path: Path, bad: Inputs, wrong: list[Violation]) -> None:
    """All but what two files say of findings in a third. Of every fourth file: each rule is tried above."""
    _, alone = check_file(path, bad)
    whole = {violation for violation in wrong if violation.file == f"checking/{path.name}"}
    assert set(alone) <= whole
    spanning = re.compile("no record says whether they disagree|are also on opposite sides")
    assert [violation for violation in whole - set(alone) if not spanning.search(violation.problem)] == []


def test_one_file_is_checked_against_its_verifications_and_wherever_it_stands(
    small_inputs: Inputs, tmp_path: Path
) -> None:
    series = small_inputs.seeds / "series.toml"
    assert check_file(series, small_inputs) == (4, [])
    row = "finding/series-01\tsourceText\tvalue\t" + "\t".join(["a" * 64, "b" * 64, "2026-11-20"])
    header = "finding\tagainst\tcompared\trecord\ttext\tday\n"
    (small_inputs.seeds / "verified.tsv").write_text(header + row + "\n" + row.replace("series", "other") + "\n")
    _, violations = check_file(series, small_inputs)
    assert [violation.problem for violation in violations] == ["changed after it was verified on 2026-11-20"]
    draft = tmp_path / "draft.toml"
    draft.write_text(series.read_text().replace("series", "draft").replace("site/finger", "site/fnger"))
    _, violations = check_file(draft, small_inputs)
    assert {(violation.file, violation.line) for violation in violations} == {("draft.toml", 17)}
    assert any(violation.problem == "refers to site/fnger, which does not exist" for violation in violations)


def test_the_command_checks_one_file() -> None:
    good, bad = DATA / "seeds" / "good", BAD / "checking"
    assert "series.toml: 4 records: no problems" in kg("check", good / "series.toml", "--seeds", good).stdout
    wrong = kg("check", bad / "unit-unknown.toml", "--seeds", bad, code=1).stderr
    assert wrong.splitlines() == [
        "checking/unit-unknown.toml:15: finding/unit-unknown-01: The unit is not a UCUM code that the project uses "
        "(found: percent). Use one of those in docs/records.md."
    ]
