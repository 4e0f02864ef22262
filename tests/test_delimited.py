"""CSV and TSV, wherever they are served, are safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import Client

import api.rest.records
import kg.export.extract
from api.app import create_app
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels
from kg.settings import Settings

TEXTS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1")


@pytest.mark.parametrize(
    ("path", "delimiter"),
    [
        ("/api/v1/findings?limit=7&kind=outcome&format=csv", ","),
        ("/api/v1/findings?limit=7&kind=outcome&format=tsv", "\t"),
        ("/export/csv?kind=outcome", ","),
    ],
)
def test_no_text_is_a_formula_and_numbers_stay_numbers(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, path: str, delimiter: str
) -> None:
    def with_formulas(labels: Labels, iris: Sequence[str]) -> list[Json]:
        findings = read_findings(labels, iris)[: len(TEXTS)]
        changed = {"value": -1.5, "reported": "-1.5"}
        return [{**finding, "statement": text, **changed} for finding, text in zip(findings, TEXTS, strict=True)]

    for module in (api.rest.records, kg.export.extract):
        monkeypatch.setattr(module, "read_findings", with_formulas)
    client = Client(create_app(Settings.read({"KG_DATA": str(data_folder), "KG_RATE": "0"})))
    answer = client.get(path)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline=""), delimiter=delimiter))[: len(TEXTS)]
    assert [row["statement"] for row in rows] == ["'" + text.replace("\r", "\n") for text in TEXTS]
    assert {(row["value"], row["reported"]) for row in rows} == {("-1.5", "-1.5")}
