"""The mappings are valid SSSOM, and step around the traps of the vocabularies."""

from pathlib import Path

import pytest
from sssom.parsers import parse_sssom_table
from sssom.validators import validate

from kg.dataset import Inputs
from kg.prefixes import EXTERNAL, PREFIXES

PATH = Inputs().ontology / "mappings" / "calcikg.sssom.tsv"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return parse_sssom_table(str(PATH)).df.to_dict("records")


def test_the_mapping_set_is_valid_sssom() -> None:
    reports = validate(parse_sssom_table(str(PATH)), fail_on_error=False)
    assert [result.message for report in reports.values() for result in report.results] == []


def test_prefixes_agree_with_the_one_place() -> None:
    lines = PATH.read_text(encoding="utf-8").splitlines()
    declared = dict(line.removeprefix("#   ").split(": ") for line in lines if line.startswith("#   "))
    assert declared.items() <= (PREFIXES | EXTERNAL).items()


def test_no_row_is_given_twice_and_rows_are_sorted(rows: list[dict[str, str]]) -> None:
    keys = [(row["subject_id"], row["predicate_id"], row["object_id"]) for row in rows]
    assert keys == sorted(set(keys))


def test_no_external_term_is_exact_for_two_entities(rows: list[dict[str, str]]) -> None:
    exact = [
        row["object_id"]
        for row in rows
        if row["predicate_id"] == "skos:exactMatch" and row["object_id"] != "sssom:NoTermFound"
    ]
    assert len(exact) == len(set(exact)), sorted(term for term in exact if exact.count(term) > 1)


def test_an_entity_without_a_term_has_no_other_row(rows: list[dict[str, str]]) -> None:
    none = {row["subject_id"] for row in rows if row["object_id"] == "sssom:NoTermFound"}
    assert [row for row in rows if row["subject_id"] in none and row["object_id"] != "sssom:NoTermFound"] == []


@pytest.mark.parametrize(
    ("entity", "predicate", "term"),
    [
        # MONDO's "limited systemic sclerosis" is the form without skin disease, not limited cutaneous sclerosis.
        ("subtype/limited-cutaneous-ssc", None, "MONDO:0016359"),
        # The animal disease.
        ("disease/calcinosis-cutis", None, "MONDO:1014560"),
        # Antibody terms of HP are findings of positivity, not the antibodies.
        ("autoantibody/anticentromere", "skos:exactMatch", "HP:0030873"),
        # "Leg" of UBERON takes in the thigh.
        ("site/lower-leg", "skos:exactMatch", "UBERON:0000978"),
        # Cytoreduction is what tumours undergo.
        ("treatment/calcinosis-debulking", "skos:exactMatch", "MESH:D065426"),
    ],
)
def test_traps_are_avoided(entity: str, predicate: str | None, term: str, rows: list[dict[str, str]]) -> None:
    given = [row["predicate_id"] for row in rows if (row["subject_id"], row["object_id"]) == (f"ckgid:{entity}", term)]
    assert (given == []) if predicate is None else (predicate not in given)


def test_the_slices_name_their_version_and_licence() -> None:
    imports = Inputs().ontology / "imports"
    licences = (imports / "LICENSES.md").read_text(encoding="utf-8")
    for path in imports.glob("*.ttl"):
        assert "owl:versionInfo" in Path(path).read_text(encoding="utf-8"), path.name
        assert path.stem in licences.lower()
