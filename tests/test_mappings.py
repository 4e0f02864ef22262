"""The mappings are valid SSSOM, and step around the traps of the vocabularies."""

import io
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.build.dataset import Dataset, Inputs
from kg.prefixes import BASE, EXTERNAL, PREFIXES, contract, expand
from kg.rdf import graph_of

if TYPE_CHECKING:
    from sssom.util import MappingSetDataFrame

PATH = Inputs().ontology / "mappings" / "calcikg.sssom.tsv"


def read_table(file: Path | io.StringIO) -> "MappingSetDataFrame":
    """Read mappings by the library, which no other test waits for: it takes two seconds to import."""
    from sssom.parsers import parse_sssom_table

    return parse_sssom_table(file if isinstance(file, io.StringIO) else str(file))


def faults(table: "MappingSetDataFrame") -> list[str]:
    """Return what the library finds wrong with mappings."""
    from sssom.validators import validate

    reports = validate(table, fail_on_error=False)
    return [result.message for report in reports.values() for result in report.results]


@pytest.fixture(scope="module")
def table() -> "MappingSetDataFrame":
    return read_table(PATH)


@pytest.fixture(scope="module")
def rows(table: "MappingSetDataFrame") -> list[dict[str, str]]:
    return table.df.to_dict("records")


def test_the_mapping_set_is_valid_sssom(table: "MappingSetDataFrame") -> None:
    assert faults(table) == []


def test_prefixes_agree_with_the_one_place(table: "MappingSetDataFrame") -> None:
    declared = table.converter.bimap
    assert declared.items() <= (PREFIXES | EXTERNAL).items()


def test_every_entity_has_a_row_and_no_other_has(rows: list[dict[str, str]], dataset: Dataset) -> None:
    entities = {
        contract(quad.subject.value)
        for quad in dataset.quads
        if graph_of(quad) == "entities" and quad.predicate.value == expand("rdf:type")
    }
    contrasts = {name for name in entities if name.startswith("ckgid:disagreement/")}
    assert {row["subject_id"] for row in rows} == entities - contrasts


def test_every_identifier_and_label_is_in_our_files(rows: list[dict[str, str]]) -> None:
    """Read here by other means than the build reads them."""
    imports = Inputs().ontology / "imports"
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for path in imports.glob("*.ttl"):
        for quad in ox.parse(path=path):
            if quad.predicate.value == expand("rdfs:label"):
                labels[contract(quad.subject.value)].add(quad.object.value)
    for line in (imports / "terms.tsv").read_text(encoding="utf-8").splitlines()[2:]:
        curie, label, _ = line.split("\t")
        labels[curie].add(label)
    mapped = [row for row in rows if row["object_id"] != "sssom:NoTermFound"]
    strange = [row["object_id"] for row in mapped if row["object_label"] not in labels[row["object_id"]]]
    assert strange == []


#: The nanopublication schema and its extensions, under the prefixes that their own tools use.
UNREGISTERED = {"np", "npx"}


def test_prefixes_are_those_of_the_bioregistry() -> None:
    import bioregistry

    for prefix in sorted((PREFIXES | EXTERNAL).keys() - UNREGISTERED):
        namespace, resource = (PREFIXES | EXTERNAL)[prefix], bioregistry.get_resource(prefix)
        if namespace.startswith(BASE):
            assert resource is None, f"the registry has another vocabulary of the prefix {prefix}"
        else:
            assert resource, f"{prefix} is not in the registry"
            assert namespace in resource.get_uri_prefixes(), prefix


def test_every_identifier_has_the_form_that_the_bioregistry_gives(rows: list[dict[str, str]]) -> None:
    import bioregistry

    external = {row["object_id"] for row in rows if row["object_id"] != "sssom:NoTermFound"}
    wrong = [curie for curie in sorted(external) if not bioregistry.is_valid_curie(bioregistry.normalize_curie(curie))]
    assert len(external) > 300
    assert wrong == []


def test_the_service_lists_the_mapping_set_as_an_sssom_table(
    whole_client: FlaskClient, rows: list[dict[str, str]]
) -> None:
    pages, link = [], "/api/v1/mappings?limit=500"
    while link:
        pages.append(whole_client.get(link + "&format=tsv").text)
        link = whole_client.get(link).json.get("next")
    listed = [row for page in pages for row in read_table(io.StringIO(page)).df.to_dict("records")]
    assert Counter(key(row) for row in listed) == Counter(key(row) for row in rows)
    assert pages[0].splitlines()[0].split("\t")[:5] == list(rows[0])[:5]


def key(row: dict[str, str]) -> tuple[str, ...]:
    columns = ("subject_id", "predicate_id", "object_id", "object_label", "mapping_justification")
    return tuple("" if row.get(name) != row.get(name) else str(row.get(name) or "") for name in columns)


@pytest.mark.parametrize(
    ("query", "column", "value"),
    [
        ("subject=site/hand", "subject_id", "ckgid:site/hand"),
        ("object=UBERON:0002398", "object_id", "UBERON:0002398"),
        ("object=http://purl.obolibrary.org/obo/UBERON_0002398", "object_id", "UBERON:0002398"),
        ("object=sssom:NoTermFound", "object_id", "sssom:NoTermFound"),
        ("predicate=skos:narrowMatch", "predicate_id", "skos:narrowMatch"),
    ],
)
def test_mappings_are_found_by_each_column(
    query: str, column: str, value: str, whole_client: FlaskClient, rows: list[dict[str, str]]
) -> None:
    items = whole_client.get(f"/api/v1/mappings?limit=500&{query}").json["items"]
    assert {item[column] for item in items} == {value}
    assert len(items) == sum(row[column] == value for row in rows)


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
