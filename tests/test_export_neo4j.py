"""The property graph: valid input for the importer of Neo4j, by a reader as strict as its documentation.

The importer is a part of the server and is not run here. The reader follows its documentation,
https://neo4j.com/docs/operations-manual/current/import/: headers, types, quotes, one row a line, unique ids, and
relationships that begin and end at a node.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from extracts import ask, counted, unpack
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.engine import Engine
from kg.export.neo4j import finding_columns, to_csv
from kg.prefixes import ID, ONTOLOGY
from kg.read.schema import Form, Key, Schema

_FIELD = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)?"
    r"(?::(?P<type>ID|LABEL|TYPE|START_ID|END_ID|int|long|double|boolean|string)(?P<array>\[\])?)?"
)
_SPECIAL = {"ID", "LABEL", "TYPE", "START_ID", "END_ID"}
_VALUES = {
    "int": lambda text: bounded(int(text), 2**31),
    "long": lambda text: bounded(int(text), 2**63),
    "double": float,
    "boolean": lambda text: {"true": True, "false": False}[text],
    "string": str,
}

Record = dict[str, Any]


@dataclass(frozen=True)
class Database:
    """What was imported: nodes by their ids, and relationships."""

    nodes: dict[str, Record]
    relationships: list[Record]

    def labelled(self, label: str) -> list[Record]:
        return [node for node in self.nodes.values() if label in node[":LABEL"]]


def bounded(number: int, limit: int) -> int:
    assert -limit <= number < limit
    return number


def read_line(line: str) -> list[str | None]:
    """Read a row: quotes around a whole field, doubled within; an empty field without quotes is no value."""
    cells, position = list[str | None](), 0
    while True:
        if line[position : position + 1] == '"':
            quoted = re.compile(r'"((?:[^"]|"")*)"(?=,|$)').match(line, position)
            assert quoted, f"a quoted field does not end: {line[position:]!r}"
            cells.append(quoted[1].replace('""', '"'))
            position = quoted.end()
        else:
            end = line.find(",", position)
            text = line[position:] if end < 0 else line[position:end]
            assert '"' not in text and text == text.strip(), f"{text!r} would be trimmed, or misread"
            cells.append(text or None)
            position += len(text)
        if position == len(line):
            return cells
        position += 1


def read_sheet(text: str) -> list[Record]:
    """Read a file: header, then rows of as many cells, each of the type that its column has; no row spans lines."""
    assert text.endswith("\n") and "\r" not in text
    header, *lines = text[:-1].split("\n")
    fields = [_FIELD.fullmatch(str(field)) for field in read_line(header)]
    assert all(fields), header
    keys = [field["name"] or f":{field['type']}" for field in fields if field]
    assert len(set(keys)) == len(keys)
    rows = []
    for line in lines:
        cells = read_line(line)
        assert len(cells) == len(keys), line
        row = {}
        for key, field, cell in zip(keys, fields, cells, strict=True):
            assert field
            if cell is None:
                assert field["type"] not in _SPECIAL, line
                continue
            if field["type"] in (None, *_SPECIAL):
                row[key] = cell.split(";") if field["type"] == "LABEL" else cell
            elif field["array"]:
                row[key] = [_VALUES[field["type"]](member) for member in cell.split(";")]
            else:
                row[key] = _VALUES[field["type"]](cell)
        rows.append(row)
    return rows


def import_full(archive: bytes) -> Database:
    """Import an archive by the command that its README gives."""
    files = unpack(archive)
    readme = files.pop("README.txt")
    sheets = re.findall(r"--(nodes|relationships)=(\S+\.csv)", readme)
    assert sorted(name for _, name in sheets) == sorted(files)
    nodes: dict[str, Record] = {}
    relationships = []
    for kind, name in sheets:
        for record in read_sheet(files[name]):
            if kind == "relationships":
                assert re.fullmatch("[A-Z]+(_[A-Z]+)*", record[":TYPE"])
                relationships.append(record)
            else:
                assert record["id"] not in nodes, "an id stands for two nodes"
                assert all(re.fullmatch("[A-Z][A-Za-z]+", label) for label in record[":LABEL"])
                nodes[record["id"]] = record
    assert {record[end] for record in relationships for end in (":START_ID", ":END_ID")} <= set(nodes)
    return Database(nodes, relationships)


@pytest.fixture(scope="module")
def database(client: FlaskClient) -> Database:
    return import_full(client.get("/export/neo4j").data)


def test_directions_and_denials_survive(database: Database, engine: Engine) -> None:
    findings = Counter((node.get("direction", ""), node["negated"]) for node in database.labelled("Finding"))
    assert findings == counted(engine, with_object=False)
    direct: Counter[tuple[str, bool]] = Counter()
    for edge in database.relationships:
        if edge.get("weight"):
            assert edge["weight"] == len(edge["findings"])
            direct[edge.get("direction", ""), edge["negated"]] += edge["weight"]
    assert direct == counted(engine, with_object=True)


def test_a_type_without_a_standing_is_that_of_what_is_stated(database: Database) -> None:
    """A query for a relation by its type alone matches no denial, no null result, no doubt and no hedge."""
    types: dict[str, set[str]] = {}
    for edge in database.relationships:
        if "standing" in edge:
            types.setdefault(edge[":TYPE"], set()).add(edge["standing"])
    for type_, standings in types.items():
        for standing in standings:
            named = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", standing).upper()
            assert type_.startswith(f"{named}_") == (standing not in ("stated", "axiom")), type_
    assert {"TREATS", "HAS_OUTCOME", "DENIED_HAS_OUTCOME", "HEDGED_HAS_OUTCOME", "NO_EFFECT_HAS_OUTCOME"} <= set(types)


def test_every_figure_arrives_as_a_number(database: Database, engine: Engine) -> None:
    columns = {
        "value": "value",
        "lower": "lower",
        "upper": "upper",
        "numerator": "numerator",
        "denominator": "denominator",
    }
    columns |= {"sample_size": "sampleSize", "baseline_value": "baselineValue"}
    for column, property_ in columns.items():
        rows = ask(engine, f"SELECT ?finding ?value {{ ?finding a ckg:Finding ; ckg:{property_} ?value }}")
        stated = {row["finding"].removeprefix(ID): row["value"] for row in rows}
        read = {node["id"]: node[column] for node in database.labelled("Finding") if column in node}
        assert read == stated and stated, column


def test_a_finding_has_its_relationships(database: Database) -> None:
    out = [edge for edge in database.relationships if edge[":START_ID"] == "finding/debulking-2021-20"]
    assert {(edge[":TYPE"], edge[":END_ID"]) for edge in out} == {
        ("SUBJECT", "treatment/calcinosis-debulking"),
        ("OBJECT", "outcome/pain"),
        ("POPULATION", "population/debulking-2021-patients"),
        ("INSTRUMENT", "diagnostic/visual-analogue-scale"),
        ("SITE", "site/hand"),
        ("SITE", "site/upper-limb"),
        ("SOURCE", "source/debulking-2021"),
    }
    finding = database.nodes["finding/debulking-2021-20"]
    assert finding[":LABEL"] == ["Finding", "OutcomeFinding"]
    assert (finding["baseline_value"], finding["value"], finding["upper"], finding["rank"]) == (5, 0, 8, 4)
    assert database.nodes["treatment/colchicine"][":LABEL"] == ["Entity", "Treatment", "DrugTreatment"]
    assert not {"Entity"} & set(database.nodes["source/debulking-2021"][":LABEL"])


def test_the_queries_of_the_readme_name_what_exists(client: FlaskClient, database: Database) -> None:
    readme = unpack(client.get("/export/neo4j").data)["README.txt"].partition("Questions to start with")[2]
    labels = {label for node in database.nodes.values() for label in node[":LABEL"]}
    types = {edge[":TYPE"] for edge in database.relationships}
    properties = {key for record in (*database.nodes.values(), *database.relationships) for key in record}
    assert set(re.findall(r"\(\w*:(\w+)", readme)) <= labels
    assert set(re.findall(r"\[\w*:(\w+)", readme)) <= types
    assert set(re.findall(r"\b[a-z]\.(\w+)", readme)) <= properties
    assert set(re.findall(r"id[:=] ?'([^']+)'", readme.replace(" = ", "="))) <= set(database.nodes)


@pytest.mark.parametrize(
    "query", ["type=DrugTreatment", "direction=denied", "center=treatment/colchicine", "kind=site"]
)
def test_a_part_of_it_can_be_imported(client: FlaskClient, database: Database, query: str) -> None:
    part = import_full(client.get(f"/export/neo4j?{query}").data)
    assert 0 < len(part.labelled("Finding")) < len(database.labelled("Finding"))
    assert all(database.nodes[id_] == node for id_, node in part.nodes.items())


def test_keys_with_several_values_are_arrays() -> None:
    keys = [Key(form, f"{ONTOLOGY}{form}", form, form, form, many=True) for form in get_args(Form)[:5]]
    assert [*finding_columns(Schema(tuple(keys)))] == [
        "text:string[]", "number:double[]", "integer:int[]", "boolean:boolean[]", "term:string[]",
    ]  # fmt: skip


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(
    st.lists(texts | st.none() | st.booleans() | st.floats(allow_nan=False) | st.lists(texts, min_size=1), min_size=1)
)
def test_any_row_can_be_read_back(cells: list[object]) -> None:
    line = to_csv(cells)
    assert next(csv.reader(io.StringIO(line), strict=True)) is not None
    assert len(line.split("\n")) == 2 and "\r" not in line
    read = read_line(line[:-1])
    assert len(read) == len(cells)
    for cell, text in zip(cells, read, strict=True):
        if isinstance(cell, list):
            assert (text or "").count(";") == len(cell) - 1
        elif isinstance(cell, str):
            assert (text or "") == " ".join(cell.split())
