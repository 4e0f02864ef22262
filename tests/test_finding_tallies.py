"""How many findings there are: what the build counted is what is counted finding by finding, and each counts once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from test_synthesis import Found, finding, source, synthesis_of
from test_tallies import DISEASE, people, result

from api.pages.findings import FACETS
from api.rest import evidence
from kg.engine import Engine, Row
from kg.paths import ONTOLOGY as ONTOLOGY_FOLDER
from kg.prefixes import ONTOLOGY, expand
from kg.read import facets
from kg.read.entities import read_overview
from kg.read.findings import find_findings
from kg.read.labels import Labels, local

PREFIXES = """PREFIX ckg: <https://w3id.org/calcikg/ontology/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
_PRINTED = ("value", "lower", "upper", "numerator")


@pytest.fixture(scope="module")
def said(whole_engine: Engine) -> Mapping[str, Mapping[str, set[Any]]]:
    """What every finding of the whole dataset says, by the name of the property; of its populations the sizes, too."""
    found: defaultdict[str, defaultdict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for row in whole_engine.select(f"{PREFIXES} SELECT * {{ ?finding a ckg:Finding ; ?property ?value }}"):
        found[row["finding"]][local(row["property"])].add(row["value"])
    for row in whole_engine.select(
        f"{PREFIXES} SELECT ?finding ?kind {{ ?finding a ?kind . ?kind rdfs:subClassOf ckg:Finding }}"
    ):
        found[row["finding"]]["kind"].add(row["kind"])
    for row in whole_engine.select(
        f"{PREFIXES} SELECT ?finding ?size {{ ?finding ckg:population/ckg:sampleSize ?size }}"
    ):
        found[row["finding"]]["size"].add(row["size"])
    return found


def people_of(one: Mapping[str, set[Any]]) -> str:
    return next(iter(one.get("directness", ())), f"{ONTOLOGY}direct")


def only(values: Iterable[Any]) -> Any:
    """Return the one value, if there is any."""
    (value,) = values or (None,)
    return value


def levels_of(one: Mapping[str, set[Any]]) -> tuple[Any, Any]:
    """Return the evidence level of a finding, and that of its result; None where it is an aim or a hypothesis."""
    return only(one["evidenceLevel"]), only(one["resultLevel"])


def tallies(engine: Engine, type_: str) -> list[Row]:
    """Return the tallies of a class, each with its values; with those of two kinds as a set."""
    found: dict[str, Row] = {}
    for row in engine.select(f"{PREFIXES} SELECT * {{ ?tally a ckg:{type_} ; ?property ?value }}"):
        name = local(row["property"])
        values = found.setdefault(row["tally"], {"kinds": frozenset()})
        values |= {"kinds": values["kinds"] | {row["value"]}} if name == "tallyKind" else {name: row["value"]}
    return list(found.values())


def test_each_finding_is_in_one_tally_of_each_entity(whole_engine: Engine, said: Mapping[str, Any]) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    for one in said.values():
        for entity in one["about"] | one["population"]:
            place = (entity if entity in one["about"] else None), (entity if entity in one["population"] else None)
            expected[*place, frozenset(one["kind"]), people_of(one), *levels_of(one)] += 1
    found = Counter()
    for row in tallies(whole_engine, "EntityTally"):
        ends = row.get("tallyAbout"), row.get("tallyPopulation")
        levels = row["tallyLevel"], row.get("tallyResultLevel")
        found[*ends, row["kinds"], row["tallyDirectness"], *levels] += row["findingCount"]
    assert found == expected
    assert any(about and population for about, population, *_ in found)
    assert any(len(kinds) == 2 for _, _, kinds, *_ in found)


def test_each_finding_is_in_one_tally_of_each_cell(whole_engine: Engine, said: Mapping[str, Any]) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    largest: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for row in whole_engine.select(f"{PREFIXES} SELECT ?cell ?finding {{ ?cell ckg:mapsFinding ?finding }}"):
        one = said[row["finding"]]
        direction = f"{ONTOLOGY}denied" if True in one["negated"] else only(one["direction"])
        key = row["cell"], people_of(one), only(one["verdict"]), direction, *levels_of(one)
        expected[key] += 1
        largest[key] = max(largest[key], *one["size"], 0)
    found = {
        (
            row["tallyCell"],
            row["tallyDirectness"],
            row.get("tallyVerdict"),
            row.get("tallyDirection"),
            row["tallyLevel"],
            row.get("tallyResultLevel"),
        ): (row["findingCount"], row.get("largestPopulation", 0))
        for row in tallies(whole_engine, "CellTally")
    }
    assert found == {key: (number, largest[key]) for key, number in expected.items()}


def test_each_finding_is_in_one_tally_of_all(whole_engine: Engine, said: Mapping[str, Any]) -> None:
    case = f"{ONTOLOGY}CaseEvent"
    expected: Counter[tuple[Any, ...]] = Counter()
    for one in said.values():
        kind = case if case in one["kind"] else only(one["kind"])
        printed = any(one[name] for name in _PRINTED), bool(one["numerator"] and one["denominator"])
        expected[kind, people_of(one), *levels_of(one), *printed] += 1
    found: Counter[tuple[Any, ...]] = Counter()
    for row in tallies(whole_engine, "DatasetTally"):
        printed = row["tallyFigure"], row["tallyCounts"]
        levels = row["tallyLevel"], row.get("tallyResultLevel")
        found[only(row["kinds"]), row["tallyDirectness"], *levels, *printed] += row["findingCount"]
    assert found == expected
    assert found.total() == len(said)


@pytest.mark.parametrize("type_", ["Disease", "Treatment", "Marker"])
def test_an_overview_has_the_findings_about_each_and_their_best_level(
    type_: str, whole_engine: Engine, said: Mapping[str, Any]
) -> None:
    labels = Labels(whole_engine)
    levels: defaultdict[str, list[int]] = defaultdict(list)
    numbers: Counter[str] = Counter()
    for one in said.values():
        for entity in one["about"]:
            levels[entity] += [labels.ranks[level] for level in one["resultLevel"]]
            numbers[entity] += 1
    rows = read_overview(labels, type_)
    best = {row["iri"]: row["best_level"] and row["best_level"]["rank"] for row in rows}
    assert {row["iri"]: row["findings"] for row in rows} == {iri: numbers[iri] for iri in best}
    assert best == {iri: min(levels[iri], default=None) for iri in best}


def counted(found: Found, entity: str) -> dict[tuple[bool, bool], int]:
    """Return the numbers of findings of an entity: whether they are about it, and in it, with how many are."""
    numbers: Counter[tuple[bool, bool]] = Counter()
    for node in found.of_type("EntityTally"):
        about, population = (entity in found.all(node, name) for name in ("tallyAbout", "tallyPopulation"))
        if about or population:
            numbers[about, population] += int(found.one(node, "findingCount"))
    return dict(numbers)


def test_a_finding_about_its_population_counts_once() -> None:
    found = synthesis_of(
        DISEASE,
        people("all", 40),
        people("others", 30),
        source(
            "a",
            finding(8, 40, population="population/all"),
            finding(7, 40, subject="population/all", population="population/all"),
            finding(6, 30, subject="population/all", population="population/others"),
        ),
    )
    assert counted(found, "population/all") == {(False, True): 1, (True, True): 1, (True, False): 1}
    assert counted(found, "population/others") == {(False, True): 1}
    assert counted(found, "complication/infection") == {(True, False): 3}


def test_a_case_event_of_a_second_kind_is_one_finding_of_both() -> None:
    outcome = {"id": "outcome/pain", "type": "Outcome", "label": "pain"}
    event = result("patient") | {"type": ["CaseEvent", "OutcomeFinding"]}
    found = synthesis_of(DISEASE, outcome, people("patient", 1), source("a", event, result("patient")))
    numbers = {
        frozenset(found.all(node, "tallyKind")): found.one(node, "findingCount")
        for node in found.of_type("EntityTally")
        if "outcome/pain" in found.all(node, "tallyAbout")
    }
    assert numbers == {frozenset({"OutcomeFinding"}): 1, frozenset({"CaseEvent", "OutcomeFinding"}): 1}
    kinds = {found.one(node, "tallyKind"): found.one(node, "findingCount") for node in found.of_type("DatasetTally")}
    assert kinds == {"CaseEvent": 1, "OutcomeFinding": 1}


def test_an_aspect_of_two_classes_counts_once_on_the_map(whole_client: Any) -> None:
    given = whole_client.get("/api/v1/evidence-map?by=complication").json
    ends = [(cell["treatment"], cell["aspect"]) for cell in given["cells"]]
    assert len(ends) == len(set(ends)) == len(given["treatments"]) * len(given["aspects"])
    assert f"{given['filled']} of {len(ends)} cells" in whole_client.get("/evidence-map?by=complication").text


def test_a_list_of_pooled_results_has_the_best_of_what_is_behind_them(
    whole_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another address than that of the whole list, which may be known.
    monkeypatch.setattr(evidence, "_BEHIND", 2)
    items = whole_client.get("/api/v1/pooled?limit=499").json["items"]
    assert [len(one["studies"]) for one in items] == [2] * len(items)
    assert all(len(one["omitted"]) <= 2 for one in items)
    ranks = {}
    for one in items:
        whole = whole_client.get(f"/api/v1/{one['id']}").json
        assert one.get("study_count", 2) == len(whole["studies"])
        assert one.get("omitted_count", len(one["omitted"])) == len(whole["omitted"])
        for name in ("studies", "omitted"):
            for each in whole[name]:
                level = whole_client.get(f"/api/v1/findings/{each['id'].partition('/')[2]}").json["evidence_level"]
                ranks[each["id"]] = level["rank"]
            best = sorted((each["id"] for each in whole[name]), key=lambda id_: (ranks[id_], id_))[:2]
            assert [each["id"] for each in one[name]] == sorted(best)
    numbers = [whole_client.get(f"/api/v1/{one['id']}").json["studies"] for one in items]
    assert [len(one) for one in numbers] == sorted(map(len, numbers), reverse=True)


_VALUES = ("about", "atSite", "source", "population", "verdict", "studyDesign", "evidenceLevel", "resultLevel")
#: The classes of what the tallies count as something that findings are about.
_ABOUT = "ckg:Disease ckg:DiseaseSubtype ckg:Treatment ckg:Outcome ckg:Complication ckg:AdverseEffect"


def named_by(engine: Engine) -> Mapping[str, set[str]]:
    """Return the entities that each finding names itself, by its keys, or as the disease of its population.

    Under the empty name are those that are counted as something that findings are about.
    """
    named: defaultdict[str, set[str]] = defaultdict(set)
    for row in engine.select(
        f"""{PREFIXES} SELECT DISTINCT ?finding ?entity {{
          {{ ?key rdfs:subPropertyOf ckg:about ; ckg:keyOrder ?order . ?finding ?key ?entity }}
          UNION {{ ?finding ckg:population/ckg:ofDisease ?entity }}
        }}"""
    ):
        named[row["finding"]].add(row["entity"])
    for row in engine.select(f"{PREFIXES} SELECT DISTINCT ?entity {{ VALUES ?class {{ {_ABOUT} }} ?entity a ?class }}"):
        named[""].add(row["entity"])
    return named


def counted_values(
    said: Mapping[str, Mapping[str, set[Any]]], named: Mapping[str, set[str]]
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return how many findings there are by property and value, and how many sources and populations these have."""
    behind: defaultdict[tuple[str, str], tuple[set[Any], set[Any], set[Any]]] = defaultdict(
        lambda: (set(), set(), set())
    )
    for iri, one in said.items():
        pairs = {("", "")} | {(name, value) for name in _VALUES for value in one[name]}
        pairs |= {(expand("rdf:type"), kind) for kind in one["kind"]} | (
            {("value", "")} if any(one[key] for key in _PRINTED) else set()
        )
        for pair in pairs:
            findings, sources, populations = behind[pair]
            findings.add(iri)
            sources.update(one["source"])
            populations.update(one["population"])
    known = set[str]().union(*(named[iri] for iri in said))
    return {
        (name, value): (len(findings), len(sources), len(populations))
        for (name, value), (findings, sources, populations) in behind.items()
        if (name not in ("about", "atSite") or value in known) and (name != "about" or value in named[""])
    }


def test_values_are_tallied_among_all_findings_and_those_about_an_entity_with_many(
    whole_engine: Engine, said: Mapping[str, Mapping[str, set[Any]]]
) -> None:
    text = (ONTOLOGY_FOLDER / "synthesis" / "map" / "60-value-tallies.rq").read_text(encoding="utf-8")
    assert "> 2000)" in text
    declared = text[text.index("PREFIX ") : text.index("CONSTRUCT")]
    asked = f"{declared}SELECT *\nWHERE {{" + text.replace("> 2000)", "> 1000)").partition("\nWHERE {")[2]
    tallied: defaultdict[str, dict[tuple[str, str], tuple[int, int, int]]] = defaultdict(dict)
    for row in whole_engine.select(asked):
        pair = local(row.get("property") or ""), row.get("value") or ""
        tallied[row["among"]][pair] = row["findings"], row["sources"], row["populations"]
    named = named_by(whole_engine)
    assert len(tallied) > 2
    for among, found in tallied.items():
        some = {iri: one for iri, one in said.items() if among == f"{ONTOLOGY}Finding" or among in one["about"]}
        assert found == counted_values(some, named)
    assert {entity for entity in tallied if entity != f"{ONTOLOGY}Finding"} == {
        entity
        for entity, number in Counter(each for one in said.values() for each in one["about"]).items()
        if number > 1000
    }


@pytest.mark.parametrize("by", ["", "source", "population"])
def test_facets_of_all_findings_are_the_same_without_tallies(
    by: str, whole_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = Labels(whole_engine)
    names = [name for name in FACETS if not by or name not in ("figure", "max_level")]

    def read() -> facets.Facets:
        return facets.read_facets(labels, find_findings(labels, {}), {}, names, by and ONTOLOGY + by)

    tallied = read()
    monkeypatch.setattr(facets, "_tallied", lambda _: None)
    assert read() == tallied
    assert all(tallied.values())
