"""How well a finding supports its relation, and what its edge says: never more than the finding."""

import tomllib
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox
import pytest

from kg.build.dataset import Inputs
from kg.engine import Engine
from kg.prefixes import ID, ONTOLOGY

#: The rules from a finding to its edge, which need no closure.
RULES = ("05-statistic", "40-standing", "42-result-level", "45-edges", "50-edge-figures", "55-edge-people")
FINDING = {
    "id": "finding/x-01",
    "type": "OutcomeFinding",
    "source": "source/x",
    "subject": "treatment/a",
    "predicate": "hasOutcome",
    "object": "outcome/b",
    "level": "ocebm-4",
}
PEOPLE = {"id": "population/many", "type": "Population", "sampleSize": "30"}
SOME = {"id": "population/some", "type": "Population", "sampleSize": "7", "partOf": "population/many"}
PATIENT = {"id": "population/one", "type": "Population", "sampleSize": "1"}


class Rules:
    """Applies the rules to a few findings."""

    def __init__(self) -> None:
        inputs = Inputs()
        self._context = inputs.context
        self._rules = [(inputs.ontology / "rules" / f"{name}.rq").read_text(encoding="utf-8") for name in RULES]
        self._ontology = [
            ox.Quad(quad.subject, quad.predicate, quad.object)
            for quad in ox.parse(path=inputs.ontology / "calcikg.ttl")
        ]

    def apply(self, *changes: str) -> ox.Store:
        """Return what follows from findings that differ from FINDING in some keys, as TOML."""
        store = ox.Store()
        store.extend(self._ontology)
        for number, change in enumerate(changes, start=1):
            finding = {**FINDING, "id": f"finding/x-{number:02}", **tomllib.loads(change)}
            level = ox.NamedNode(ONTOLOGY + str(finding.pop("level")))  # which another rule gives
            store.add(ox.Quad(ox.NamedNode(ID + str(finding["id"])), ox.NamedNode(ONTOLOGY + "evidenceLevel"), level))
            self._add(store, {key: _written(value) for key, value in finding.items()})
        for population in (PEOPLE, SOME, PATIENT):
            self._add(store, population)
        for rule in self._rules:
            triples = store.query(rule, use_default_graph_as_union=True)
            store.extend([ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples])  # type: ignore[union-attr]
        return store

    def _add(self, store: ox.Store, record: dict[str, Any]) -> None:
        quads = self._context.to_quads(record, "https://example.org/g")
        store.extend([ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads])


def _written(value: Any) -> Any:
    """Write numbers as the reader of records does, so that they keep their digits."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def terms(store: ox.Store, subject: str, property_: str) -> set[str]:
    quads = store.quads_for_pattern(ox.NamedNode(ID + subject), ox.NamedNode(ONTOLOGY + property_), None)
    return {quad.object.value.removeprefix(ONTOLOGY).removeprefix(ID) for quad in quads}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ("", "stated"),
        ('direction = "improved"', "stated"),
        ('direction = "worsened"', "stated"),
        ('population = "population/many"', "stated"),
        ('certainty = "probable"', "hedged"),
        ('certainty = "possible"', "hedged"),
        ('certainty = "uncertain"', "hypothetical"),
        ('certainty = "hypothesis"', "hypothetical"),
        ('certainty = "intention"', "intended"),
        ('population = "population/one"', "singlePatient"),
        ("sampleSize = 1", "singlePatient"),
        ('population = "population/one"\ncertainty = "possible"', "hedged"),
        ('direction = "improved"\nmeasure = "proportion"\nvalue = 15\nunit = "%"', "minority"),
        ('direction = "improved"\nmeasure = "proportion"\nvalue = 85\nunit = "%"', "stated"),
        ('direction = "improved"\nmeasure = "proportion"\nvalue = 60\nlower = 40\nupper = 75\nunit = "%"', "stated"),
        ('direction = "improved"\nmeasure = "proportion"\nvalue = 45\nlower = 30\nupper = 60\nunit = "%"', "minority"),
        ('direction = "worsened"\nstatistic = "share"\nnumerator = 3\ndenominator = 30', "minority"),
        ('direction = "improved"\nstatistic = "median"\nvalue = 3\nunit = "{score}"', "stated"),
        ('direction = "improved"\nfrequency = "rare"', "minority"),
        ('direction = "improved"\nfrequency = "occasional"', "minority"),
        ('direction = "improved"\nfrequency = "usual"', "stated"),
        ('measure = "incidence"\nvalue = 2\nunit = "%"', "stated"),  # it occurs, however seldom
        ('circumstance = ["indication/c"]', "conditional"),
        ('underTreatment = ["treatment/c"]', "conditional"),
        ('cointervention = ["treatment/c"]', "conditional"),
        ('condition = "in winter"', "conditional"),
        ('condition = "in winter"\ncertainty = "probable"', "hedged"),
        ('direction = "unchanged"', "noEffect"),
        ('direction = "noDifference"', "noEffect"),
        ('direction = "unproven"', "notProven"),
        ('direction = "notReported"', "withoutResult"),
        ("negated = true", "denied"),
        ('negated = true\ncertainty = "possible"', "denied"),
    ],
)
def test_a_finding_has_the_weakest_standing_that_anything_gives(change: str, standing: str, rules: Rules) -> None:
    store = rules.apply(change)
    assert terms(store, "finding/x-01", "standing") == {standing}
    supports = ox.NamedNode(ONTOLOGY + standing), ox.NamedNode(ONTOLOGY + "supportsEdge")
    [makes_edge] = store.quads_for_pattern(*supports, None)
    edges = list(store.quads_for_pattern(None, ox.NamedNode(ONTOLOGY + "supportedBy"), None))
    assert bool(edges) == (makes_edge.object.value == "true")
    assert terms(store, "treatment/a", "hasOutcome") == ({"outcome/b"} if standing == "stated" else set())


def test_a_null_result_on_the_whole_takes_its_parts_along_in_the_same_people_only(rules: Rules) -> None:
    part = 'direction = "improved"\npopulation = "population/many"'
    whole = 'direction = "noDifference"\npopulation = "population/many"'
    elsewhere = 'direction = "improved"\npopulation = "population/some"'
    harm = 'direction = "worsened"\npopulation = "population/many"'
    store = rules.apply(part, whole, elsewhere, harm)
    assert terms(store, "finding/x-01", "standing") == {"noEffect"}
    assert terms(store, "finding/x-03", "standing") == {"stated"}
    assert terms(store, "finding/x-04", "standing") == {"stated"}, "that some were harmed stands"


def test_a_null_result_at_another_time_takes_no_part_along(rules: Rules) -> None:
    def seen(direction: str, months: int) -> str:
        follow_up = f'followUp = {{id = "finding/x#{months}", value = "{months}"}}'
        return f'direction = "{direction}"\npopulation = "population/many"\n{follow_up}'

    store = rules.apply(seen("improved", 12), seen("noDifference", 24), seen("improved", 24))
    assert terms(store, "finding/x-01", "standing") == {"stated"}
    assert terms(store, "finding/x-03", "standing") == {"noEffect"}


def test_every_finding_of_the_graph_has_one_standing(whole_engine: Engine) -> None:
    query = "SELECT (COUNT(?one) AS ?number) { ?finding ckg:predicate ?any OPTIONAL { ?finding ckg:standing ?one } }"
    numbers = [row["number"] for row in rows(whole_engine, query + " GROUP BY ?finding")]
    assert len(numbers) > 600
    assert set(numbers) == {1}


def test_an_edge_has_one_direction_and_says_what_stands_behind_it(rules: Rules) -> None:
    store = rules.apply(
        'direction = "improved"\npopulation = "population/many"',
        'direction = "improved"\npopulation = "population/many"\nrestates = "finding/x-01"',
        'direction = "improved"\npopulation = "population/some"\ncertainty = "possible"\nlevel = "ocebm-3"',
        'direction = "worsened"\npopulation = "population/one"',
    )
    better, worse = (f"treatment/a#hasOutcome/outcome/b/{direction}" for direction in ("improved", "worsened"))
    assert terms(store, better, "supportedBy") == {f"finding/x-0{number}" for number in (1, 2, 3)}
    assert terms(store, worse, "supportedBy") == {"finding/x-04"}
    assert [terms(store, better, name) for name in ("findingCount", "resultCount", "sourceCount", "peopleCount")] == [
        {"3"}, {"2"}, {"1"}, {"30"},
    ]  # fmt: skip
    assert terms(store, better, "edgeStanding") == {"stated"}
    assert terms(store, better, "edgeCertainty") == {"possible"}
    assert terms(store, better, "bestEvidenceLevel") == {"ocebm-3"}
    assert terms(store, worse, "edgeStanding") == {"singlePatient"}
    assert terms(store, worse, "edgeDirection") == {"worsened"}


def test_what_is_only_planned_supposed_or_not_reported_has_no_level(rules: Rules) -> None:
    store = rules.apply(
        'direction = "improved"\ncertainty = "intention"\nlevel = "ocebm-2"',
        'direction = "improved"\nlevel = "ocebm-4"',
        'direction = "improved"\ncertainty = "possible"\nlevel = "ocebm-5"',
        'direction = "worsened"\ncertainty = "hypothesis"\nlevel = "ocebm-2"',
        'direction = "notReported"\nlevel = "ocebm-2"',
        'negated = true\ncertainty = "uncertain"\nlevel = "ocebm-2"',
    )
    levels = [terms(store, f"finding/x-0{number}", "resultLevel") for number in range(1, 7)]
    assert levels == [set(), {"ocebm-4"}, {"ocebm-5"}, set(), set(), set()]
    better, worse = (f"treatment/a#hasOutcome/outcome/b/{direction}" for direction in ("improved", "worsened"))
    assert [terms(store, edge, "bestEvidenceLevel") for edge in (better, worse)] == [{"ocebm-4"}, set()]
    assert terms(store, better, "resultCount") == {"2"}


def rows(engine: Engine, query: str) -> Iterable[Any]:
    return engine.select(f"PREFIX ckg: <{ONTOLOGY}> BASE <{ID}> {query}")


def test_no_plain_relation_rests_on_less_than_a_statement(whole_engine: Engine) -> None:
    """Each plain relation between two entities that a claim can make has a finding that states it, or an axiom."""
    unfounded = rows(
        whole_engine,
        """
        SELECT ?subject ?predicate ?object {
          ?predicate ckg:statedBy ?kind .
          ?subject ?predicate ?object .
          FILTER NOT EXISTS {
            ?finding ckg:subject ?subject ; ckg:predicate ?predicate ; ckg:object ?object ; ckg:standing ckg:stated .
          }
          FILTER NOT EXISTS {
            ?finding ckg:subject ?object ; ckg:predicate ?predicate ; ckg:object ?subject ; ckg:standing ckg:stated .
          }
          FILTER(?predicate != ckg:occursAt)  # what occurs at a part occurs at the whole
        }
        """,
    )
    assert list(unfounded) == []


def test_every_finding_with_an_object_makes_an_edge_or_says_why_not(whole_engine: Engine) -> None:
    lost = rows(
        whole_engine,
        """
        SELECT ?finding {
          ?finding ckg:object ?object .
          OPTIONAL { ?finding ckg:standing ?standing . ?standing ckg:supportsEdge ?supports }
          FILTER(COALESCE(?supports, true) && NOT EXISTS { ?edge ckg:supportedBy ?finding })
        }
        """,
    )
    assert list(lost) == []


@pytest.mark.parametrize(
    "relation",
    [
        "disease/calcinosis hasOutcome outcome/spontaneous-improvement",  # few improve
        "treatment/calcinosis-excision prevents complication/any-complication",  # an aim
        "risk-factor/steroid-reduction associatedWith disease/calcinosis-cutis",  # one patient
        "treatment/surgical-treatment-of-calcinosis hasOutcome outcome/partial-improvement",  # of one form, in 7 people
        "treatment/calcinosis-debulking hasOutcome outcome/range-of-motion",  # 15 % improved, 85 % unchanged
        "treatment/wound-care hasOutcome outcome/wound-healing",  # one patient
        "treatment/allograft hasOutcome outcome/wound-depth",  # one patient, with other care
        "treatment/diltiazem hasOutcome outcome/calcinosis-improvement",  # hedged, as those that follow
        "treatment/bisphosphonate hasOutcome outcome/calcinosis-improvement",
        "treatment/rituximab hasOutcome outcome/calcinosis-improvement",
        "treatment/intravenous-immunoglobulin hasOutcome outcome/calcinosis-improvement",
        "treatment/immunosuppressive-therapy prevents phenotype/ongoing-calcification",  # an aim
    ],
)
def test_what_the_first_documents_do_not_state_is_no_plain_relation(relation: str, engine: Engine) -> None:
    subject, predicate, object_ = relation.split()
    [edge] = rows(
        engine,
        f"""SELECT (COUNT(?edge) AS ?edges) (COUNT(?plain) AS ?drawn) {{
          ?edge ckg:edgeFrom <{subject}> ; ckg:edgePredicate ckg:{predicate} ; ckg:edgeTo <{object_}> .
          OPTIONAL {{ <{subject}> ?plain <{object_}> . FILTER(?plain = ckg:{predicate}) }}
        }}""",
    )
    assert edge["edges"] > 0, "the findings make an edge, which says how well they support it"
    assert edge["drawn"] == 0


def test_success_after_excision_is_found_by_the_treatment(whole_engine: Engine) -> None:
    """Factors of success name the treatment whose result they modify: 67 findings had it in free text."""
    [found] = rows(
        whole_engine,
        """SELECT (COUNT(DISTINCT ?f) AS ?n) {
          ?f a ckg:PrognosisFinding ; ckg:about <treatment/calcinosis-excision> ; ckg:source <source/kingsley-clinic> .
        }""",
    )
    assert found["n"] >= 67
