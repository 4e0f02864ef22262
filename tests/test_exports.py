"""Exports: the same by command and by HTTP, whole or filtered, with validators for caches."""

import csv
import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode, urljoin

import pyoxigraph as ox
import pytest
from click.testing import Result
from conftest import ROOT
from extracts import extract_of
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cli import kg
from test_docs import rows
from test_mappings import read_table
from typer.testing import CliRunner

from api.app import create_app
from api.http.admission import Slots
from api.http.serving import InProcess, Served
from kg.build.dataset import Inputs
from kg.cli import app
from kg.engine import FORMATS, Engine, Query
from kg.engine.embedded import EmbeddedEngine
from kg.errors import FilterError, KgError
from kg.export import EXPORTS, Extract, fhir, kgx, neo4j
from kg.export.network import EDGE_ATTRIBUTES, NODE_ATTRIBUTES
from kg.prefixes import ID, NANOPUB
from kg.read.filters import FILTERS, FINDING_FILTERS
from kg.read.filters import options as filter_options
from kg.read.labels import Json, Labels
from kg.settings import Settings
from kg.snapshot import Snapshot

RUNNER = CliRunner()
AROUND = (("center", "treatment/colchicine"), ("center", "MONDO:0005100"), ("depth", "1"), ("max_level", "5"))


def options(filters: Iterable[tuple[str, str]]) -> list[str]:
    return [word for name, value in filters for word in (f"--{name.replace('_', '-')}", value)]


@pytest.fixture(scope="module")
def command(engine: Engine, data_folder: Path) -> Callable[..., Result]:
    """The command in this process, over an engine that is already loaded."""

    def run(*arguments: object) -> Result:
        with pytest.MonkeyPatch.context() as patch:  # no longer than the command takes: other tests open the whole
            patch.setattr(Snapshot, "engine", lambda _: engine)
            return RUNNER.invoke(app, ["export", *map(str, arguments), "--data", str(data_folder)])

    return run


@pytest.mark.parametrize(
    ("name", "filters"),
    [*((name, ()) for name in EXPORTS), *((name, AROUND) for name in ("nq", "ttl", "gexf", "csv", "nanopub", "sssom"))],
)
def test_the_command_and_the_route_give_the_same(
    name: str,
    filters: tuple[tuple[str, str], ...],
    client: FlaskClient,
    command: Callable[..., Result],
    tmp_path: Path,
) -> None:
    file, address = tmp_path / "export", f"/export/{name}?{urlencode(filters)}"
    assert command(name, "--out", file, *options(filters)).exit_code == 0
    response = client.get(address)
    assert response.data == file.read_bytes() != b""
    assert response.content_type.partition(";")[0] == EXPORTS[name].media_type
    assert response.headers["Content-Disposition"].endswith(f".{EXPORTS[name].extension}")
    assert client.get(address).data == response.data  # the second may come from the cache
    held = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")
    assert client.head(address).headers["ETag"] == response.headers["ETag"]
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_other_filters_have_another_tag_and_another_name(client: FlaskClient) -> None:
    responses = [client.get(f"/export/sssom{query}") for query in ("", "?type=DrugTreatment", "?type=Disease")]
    for header in ("ETag", "Content-Disposition"):
        assert len({response.headers[header] for response in responses}) == 3
    # In which order filters stand makes no difference.
    one, other = (client.get(f"/export/csv?{query}") for query in ("kind=site&kind=outcome", "kind=outcome&kind=site"))
    assert one.headers["ETag"] == other.headers["ETag"]
    assert one.data == other.data


def test_an_export_goes_to_standard_output(data_folder: Path, client: FlaskClient) -> None:
    expected = client.get("/export/sssom?type=Disease").data
    assert kg("export", "sssom", "--type", "Disease", "--data", data_folder).stdout.encode() == expected


def test_a_file_is_complete_or_absent(
    command: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "calcikg.csv"
    file.write_text("as before")

    def broken(_: Extract) -> Iterator[bytes]:
        yield b"half"
        raise KgError("the disk is full")

    monkeypatch.setitem(EXPORTS, "csv", replace(EXPORTS["csv"], write=broken))
    result = command("csv", "--kind", "outcome", "--out", file)
    assert isinstance(result.exception, KgError)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"calcikg.csv": "as before"}


def test_a_link_stays_a_link_and_a_device_a_device(command: Callable[..., Result], tmp_path: Path) -> None:
    target, link = tmp_path / "target.tsv", tmp_path / "link.tsv"
    target.write_text("")
    link.symlink_to(target)
    assert command("sssom", "--out", link).exit_code == 0
    assert link.is_symlink()
    assert target.stat().st_size > 1000
    assert command("sssom", "--out", "/dev/null").exit_code == 0
    assert Path("/dev/null").is_char_device()


def test_unknown_formats_are_refused(client: FlaskClient, data_folder: Path, tmp_path: Path) -> None:
    assert "'docx' is none of" in kg("export", "docx", "--data", data_folder, code=2).stderr
    assert "is not a folder" in kg("export", "nq", "--out", "no/where", "--data", data_folder, code=2).stderr
    told = kg("export", "nq", "--out", tmp_path, "--data", data_folder, code=2).stderr
    assert "is a folder" in " ".join(word for word in told.split() if word != "│")  # in a frame as wide as a terminal
    response = client.get("/export/docx")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


WRONG = {
    "kind": ("headache", "there is no kind of finding 'headache'; there are adverse-effect, "),
    "type": ("Finding", "there is no type of entity 'Finding'; there are AdverseEffect, "),
    "source": ("nobody-1999", "there is no source 'nobody-1999'; there are bernstein-poster, "),
    "center": ("treatment/nothing", "there is no entity 'treatment/nothing'"),
    "without": ("HP:9999999", "there is no entity 'HP:9999999'"),
    "graph": ("nowhere", "there is no graph 'nowhere'; there are entities, "),
    "predicate": ("cures", "there is no relation 'cures'; there are associatedWith, "),
    "direction": ("sideways", "there is no direction 'sideways'; there are decreased, "),
    "max_level": ("9", "max_level is a whole number from 1 to 5, not '9'"),
    "depth": ("2", "depth counts steps from a center; add a center"),
}


@pytest.mark.parametrize(("name", "value", "told"), [(name, *rest) for name, rest in WRONG.items()])
def test_unknown_names_are_named_in_the_error(
    name: str, value: str, told: str, client: FlaskClient, command: Callable[..., Result]
) -> None:
    response = client.get(f"/export/csv?{urlencode({name: value})}")
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert told in response.json["detail"]
    error = command("csv", *options([(name, value)])).exception
    assert isinstance(error, FilterError)
    assert told in str(error)


@pytest.mark.parametrize(
    "query",
    ["colour=red", "max_level=two", "max_level=1&max_level=2", "depth=-1&center=site/hand", "depth=1e3", "kind=",
     "type=%00", "center=%3Cscript%3E", "graph=http://example.org/%22%3E", "direction=Denied",
     "source=study/nowaczyk-2022"],
)  # fmt: skip
def test_bad_filters_are_problems(query: str, client: FlaskClient) -> None:
    response = client.get(f"/export/json?{query}")
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert len(response.json["detail"]) < 1000


@given(filters=st.dictionaries(st.sampled_from([one.name for one in FILTERS]), st.text(max_size=12), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_any_filter_is_answered(filters: dict[str, str], client: FlaskClient) -> None:
    assert client.get("/export/json", query_string=filters).status_code in (200, 400)


def test_an_error_is_a_sentence(data_folder: Path) -> None:
    done = kg("export", "csv", "--kind", "headache", "--data", data_folder, code=1)
    assert done.stdout == ""
    assert done.stderr.startswith("there is no kind of finding 'headache'")


def chosen(snapshot: Snapshot, engine: Engine, *filters: tuple[str, str]) -> list[Json]:
    return list(extract_of(snapshot, engine, *filters).read_findings())


def test_filters_on_findings(snapshot: Snapshot, engine: Engine) -> None:
    """Each filter selects what REST or SPARQL select; several values are alternatives, several filters conditions."""
    every = chosen(snapshot, engine)
    assert len(every) == snapshot.counts["findings"]

    def where(test: Callable[[Json], bool]) -> list[object]:
        return [one["id"] for one in every if test(one)]

    def found(*filters: tuple[str, str]) -> list[object]:
        return [one["id"] for one in chosen(snapshot, engine, *filters)]

    assert found(("kind", "mechanism"), ("kind", "indication")) == where(
        lambda one: one["kind"] in ("mechanism", "indication")
    )
    for name in ("debulking-2021", "source/debulking-2021", f"{ID}source/debulking-2021"):
        assert found(("source", name)) == where(lambda one: one["source"]["id"] == "source/debulking-2021")
    assert found(("max_level", "3")) == where(lambda one: one["evidence_level"]["rank"] <= 3)
    assert found(("predicate", "treats"), ("predicate", "ckg:prevents")) == where(
        lambda one: one["predicate"] in ("treats", "prevents")
    )
    assert found(("direction", "denied")) == where(lambda one: "negated" in one)
    assert found(("direction", "none")) == where(lambda one: not {"negated", "direction"} & one.keys())
    assert found(("direction", "worsened")) == where(
        lambda one: one.get("direction") == "worsened" and "negated" not in one
    )
    assert found(("kind", "outcome"), ("source", "debulking-2021"), ("direction", "improved")) == where(
        lambda one: (
            (one["kind"], one["source"]["id"], one.get("direction")) == ("outcome", "source/debulking-2021", "improved")
        )
    )
    assert found(("graph", "source/zanatta-2020")) == where(lambda one: one["source"]["id"] == "source/zanatta-2020")
    directions = filter_options(Labels(engine), "direction")
    assert sorted(one for name in directions for one in found(("direction", name))) == sorted(where(lambda _: True))


def ends(finding: Json) -> set[str]:
    return {finding[end]["id"] for end in ("subject", "object") if end in finding}  # type: ignore[index]


def test_filters_on_entities(snapshot: Snapshot, engine: Engine) -> None:
    drugs = extract_of(snapshot, engine, ("type", "DrugTreatment"))
    assert {node.type for node in drugs.network.nodes} == {"DrugTreatment"}
    treatments = extract_of(snapshot, engine, ("type", "Treatment"))
    assert {"DrugTreatment", "SurgicalTreatment"} < {node.type for node in treatments.network.nodes}
    ids = {node.id for node in drugs.network.nodes}
    assert [one["id"] for one in drugs.read_findings()] == [
        one["id"] for one in chosen(snapshot, engine) if ends(one) & ids
    ]
    left = extract_of(snapshot, engine, ("without", "treatment/colchicine"), ("without", "MONDO:0005100"))
    gone = {"treatment/colchicine", "disease/systemic-sclerosis"}
    assert not gone & {node.id for node in left.network.nodes}
    assert len(left.network.nodes) == len(extract_of(snapshot, engine).network.nodes) - 2
    assert not any(ends(one) & gone for one in left.read_findings())


def steps(snapshot: Snapshot, engine: Engine, center: str, depth: int) -> set[str]:
    """Walk along all edges of the whole network, in either direction."""
    reached, edges = {center}, extract_of(snapshot, engine).network.edges
    for _ in range(depth):
        reached |= {end for edge in edges for end in (edge.source, edge.target) if {edge.source, edge.target} & reached}
    return reached


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_around_a_center(depth: int, snapshot: Snapshot, engine: Engine) -> None:
    near = extract_of(snapshot, engine, ("center", "treatment/colchicine"), ("depth", str(depth)))
    ids = {node.id for node in near.network.nodes}
    assert ids == steps(snapshot, engine, "treatment/colchicine", depth)
    whole = extract_of(snapshot, engine).network.edges
    assert [edge.id for edge in near.network.edges] == [edge.id for edge in whole if {edge.source, edge.target} <= ids]
    assert [one["id"] for one in near.read_findings()] == [
        one["id"] for one in chosen(snapshot, engine) if ends(one) <= ids
    ]


def test_centers_join_and_types_limit_what_is_around(snapshot: Snapshot, engine: Engine) -> None:
    two = extract_of(snapshot, engine, ("center", "treatment/colchicine"), ("center", "HP:0025520"))
    assert {node.id for node in two.network.nodes} == steps(snapshot, engine, "treatment/colchicine", 1) | steps(
        snapshot, engine, str(two.labels.find("HP:0025520")).removeprefix(ID), 1
    )
    limited = extract_of(snapshot, engine, ("center", "treatment/colchicine"), ("type", "AdverseEffect"))
    assert [node.id for node in limited.network.nodes] == ["adverse-effect/diarrhea", "treatment/colchicine"]


def test_relations_limit_the_hierarchy_too(snapshot: Snapshot, engine: Engine) -> None:
    parts = extract_of(snapshot, engine, ("predicate", "partOf"))
    assert {edge.predicate for edge in parts.network.edges} == {"partOf"}
    assert {node.group for node in parts.network.nodes} == {"site", "population"}
    treating = extract_of(snapshot, engine, ("predicate", "treats"))
    assert {edge.predicate for edge in treating.network.edges} == {"treats"}
    ids = {end for edge in treating.network.edges for end in (edge.source, edge.target)}
    assert {node.id for node in treating.network.nodes} == ids
    ours = extract_of(snapshot, engine, ("source", "debulking-2021"))
    assert {edge.predicate for edge in ours.network.edges if edge.axiom} == {"subtypeOf"}


def test_nanopublications_of_some_findings_are_those_of_all(client: FlaskClient) -> None:
    some, every = (client.get(f"/export/nanopub{query}").data for query in ("?direction=denied", ""))
    heads = {quad.graph_name for quad in ox.parse(some, format=ox.RdfFormat.TRIG) if "#Head" in str(quad.graph_name)}
    assert len(heads) == len(client.get("/export/csv?direction=denied").data.splitlines()) - 1
    assert set(ox.parse(some, format=ox.RdfFormat.TRIG)) < set(ox.parse(every, format=ox.RdfFormat.TRIG))


def test_mappings_of_some_entities(client: FlaskClient) -> None:
    some, every = (client.get(f"/export/sssom{query}").data.decode().splitlines() for query in ("?type=Disease", ""))
    subjects = {line.partition("\t")[0] for line in some if line.startswith("ckgid:")}
    assert subjects
    assert {subject.partition("/")[0] for subject in subjects} == {"ckgid:disease", "ckgid:subtype"}
    assert set(some) - set(every) == set()
    assert next(line for line in some if not line.startswith("#")).startswith("subject_id\t")


def test_the_list_of_exports(client: FlaskClient) -> None:
    response = client.get("/export", headers={"Accept": "application/json"})
    assert [row["name"] for row in response.json["formats"]] == list(EXPORTS)
    for row in response.json["formats"]:
        made = EXPORTS[row["name"]]
        assert (row["keeps"], row["loses"], row["meaning"]) == (made.keeps, made.loses, made.meaning)
        assert urljoin(response.request.url, row["address"]).endswith(f"/export/{row['name']}")
    below = client.get("/export", environ_overrides={"SCRIPT_NAME": "/kg"})
    assert (below.data, below.headers["ETag"]) == (response.data, response.headers["ETag"])
    assert response.json["filters"][: len(FINDING_FILTERS)] == [one.name for one in FINDING_FILTERS]
    assert {one.name for one in FILTERS} | {"certainty", "study_design"} <= set(response.json["filters"])


def test_keeps_and_loses_are_sentences() -> None:
    for row in EXPORTS.values():
        assert re.fullmatch(r"[A-Z].+\.", row.keeps), row.name
        assert re.fullmatch(r"[A-Z].*\.", row.loses), row.name
        assert not row.meaning.endswith(".")
    assert {row.family for row in EXPORTS.values()} == {"rdf", "network", "table", "evidence", "references", "mappings"}


def test_help_names_every_format() -> None:
    shown = kg("export", "--help").stdout
    assert {name for name, row in EXPORTS.items() if name not in shown} == set()


def test_n_quads_are_the_files_of_the_snapshot(client: FlaskClient, snapshot: Snapshot) -> None:
    assert client.get("/export/nq").data == b"".join(path.read_bytes() for path in snapshot.quads)


def test_the_nanopublications_are_one_trig_document(client: FlaskClient, engine: Engine) -> None:
    quads = list(ox.parse(client.get("/export/nanopub").data, format=ox.RdfFormat.TRIG))
    heads = {quad.graph_name for quad in quads if str(quad.graph_name).endswith("#Head>")}
    query = "SELECT ?f { ?f a <https://w3id.org/calcikg/ontology/Finding> }"
    assert len(heads) == len(engine.answer(Query(query), (FORMATS["csv"],)).read().split())  # header: the index


def test_every_trusty_uri_leads_to_its_nanopublication(client: FlaskClient) -> None:
    quads = ox.parse(client.get("/export/nanopub").data, format=ox.RdfFormat.TRIG)
    codes = sorted({quad.graph_name.value.removeprefix(NANOPUB).removesuffix("#Head") for quad in quads} - {""})
    for code in [code for code in codes if "#" not in code]:
        response = client.get(f"/np/{code}")
        assert response.content_type == "application/trig"
        assert f"@prefix this: <{NANOPUB}{code}> .".encode() in response.data
    held = client.get(f"/np/{code}", headers={"If-None-Match": response.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")
    assert client.get(f"/np/{code[:-1]}").status_code == 404


def test_mappings_are_exported_as_curated(whole_client: FlaskClient, tmp_path: Path) -> None:
    exported = tmp_path / "exported.sssom.tsv"
    exported.write_bytes(whole_client.get("/export/sssom").data)
    written = read_table(Inputs().ontology / "mappings" / "calcikg.sssom.tsv")
    read = read_table(exported)
    assert read.df.to_dict("records") == written.df.to_dict("records")
    assert read.metadata == written.metadata


def test_plain_files_have_no_exports() -> None:
    bare = Served("files", EmbeddedEngine([]), None, Slots(1, 1))
    client = create_app(Settings.read({"KG_RATE": "0"}), InProcess(bare)).test_client()
    for path in ("/export/nq", "/export/nanopub", "/np/RA", "/releases"):
        assert client.get(path).status_code == 404


def test_the_documentation_has_the_table() -> None:
    text = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    assert rows(text, "| format | is |") == [[row.name, row.meaning, row.keeps, row.loses] for row in EXPORTS.values()]
    assert rows(text, "| filter |") == [[one.name, one.meaning, one.example] for one in FILTERS]
    for heading, attributes in (("| of a node |", NODE_ATTRIBUTES), ("| of an edge |", EDGE_ATTRIBUTES)):
        assert rows(text, heading) == [[name, one.meaning] for name, one in attributes.items()]


@pytest.mark.parametrize("module", [kgx, neo4j, fhir])
def test_omissions_name_keys_and_are_documented(module: ModuleType, engine: Engine) -> None:
    schema = Labels(engine).schema
    known = {key.name for key in schema.keys} | {column.name for column in schema.columns}
    listed = {*module.OMITTED, *getattr(module, "_RENAMED", ()), *getattr(module, "ELEMENTS", ())}
    assert listed - known == set()
    name = module.__name__.rpartition(".")[2]
    documented = rows((ROOT / "docs" / "exports.md").read_text(encoding="utf-8"), "| format | key |")
    assert {key: reason for format_, key, reason in documented if format_ == name} == module.OMITTED


def test_the_command_line_starts_without_the_libraries_of_formats() -> None:
    heavy = "{'igraph', 'numpy', 'pandas', 'pyarrow', 'pydantic', 'rdflib', 'scipy', 'xlsxwriter'}"
    script = f"import sys, kg.cli; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_table_leaves_empty_what_a_source_does_not_say(whole_client: FlaskClient) -> None:
    table = whole_client.get("/export/csv?figure=yes").text
    written = {row["id"]: row for row in csv.DictReader(io.StringIO(table))}
    pages = [whole_client.get("/api/v1/findings?figure=yes&limit=500").json]
    while "next" in pages[-1]:
        pages.append(whole_client.get(pages[-1]["next"]).json)
    findings = [one for page in pages for one in page["items"]]
    assert written.keys() == {one["id"] for one in findings}
    for key in ("significant", "adjusted"):
        said = {one["id"]: str(one[key]).lower() for one in findings if key in one}
        assert said
        assert {id_: row[key] for id_, row in written.items() if row[key]} == said
    assert {row["negated"] for row in written.values()} <= {"true", "false"}
