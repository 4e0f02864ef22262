"""Entities: their names, hierarchy and mappings, and the edges that findings give them; sources and studies."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from kg.engine import Engine
from kg.prefixes import ONTOLOGY, contract
from kg.queries import Parameter, read_query
from kg.read.labels import Json, Labels, drop_empty, local
from kg.read.listing import Listing
from kg.read.schema import key_name, kind_of, shape_quantity

#: What records say of a resource: values by the name of the property.
Properties = Mapping[str, list[Any]]

#: The classes whose entities have findings about them, by the first part of the ids.
CLASSES = {
    "disease": "Disease",
    "subtype": "DiseaseSubtype",
    "autoantibody": "Autoantibody",
    "marker": "Marker",
    "site": "AnatomicalSite",
    "treatment": "Treatment",
    "outcome": "Outcome",
    "complication": "Complication",
    "adverse-effect": "AdverseEffect",
    "risk-factor": "RiskFactor",
    "indication": "Indication",
    "diagnostic": "Diagnostic",
    "phenotype": "Phenotype",
}
#: The classes of disagreements, by what each kind is called.
CONTRASTS = {"disagreement": f"{ONTOLOGY}Disagreement", "apparent": f"{ONTOLOGY}ApparentDisagreement"}
#: Most disagreements of a kind that an entity names.
_MOST_CONTRASTS = 200
_HIERARCHY = {"subtypeOf": ("subtype_of", "subtypes"), "partOf": ("part_of", "parts")}
_SOURCE_TEXTS = (
    "title", "authors", "container", "year", "volume", "issue", "pages", "published", "epub", "doi", "pmid", "pmcid",
    "trialNumber", "url", "affiliation", "claimedLevel", "aim", "statedHypothesis", "studyPeriodStart",
    "studyPeriodEnd", "description", "note",
)  # fmt: skip
_SOURCE_LISTS = {"centres": "centre", "read_at": "readAt", "keywords": "keyword", "mesh_headings": "meshHeading"}
_SOURCE_ENTITIES = ("scope", "primaryOutcome", "secondaryOutcome", "reportsStudy", "cites")
_SOURCE_TERMS = ("designFeature",)
_QUANTITIES = ("women", "men", "aged")
_MAPPING_IDENTIFIERS = ("subject_id", "predicate_id", "object_id", "mapping_justification")


def find_entities(labels: Labels, filters: Mapping[str, Parameter]) -> Listing:
    """Return the entities that fit all filters."""
    return Listing(labels.engine, read_query("read/entities", **filters))


def read_entity(labels: Labels, iri: str) -> Json:
    """Return an entity with its hierarchy, mappings, edges and numbers of findings."""
    properties = read_properties(labels.engine, [iri])[iri]
    return drop_empty(
        {
            **labels.reference(iri),
            "synonyms": sorted(properties.get("altLabel", ())),
            "definition": first(properties, "definition"),
            "description": first(properties, "description"),
            "note": first(properties, "note"),
            "size": labels.sizes.get(iri),
            "limbs": first(properties, "limbs"),
            **_quantities(labels, properties),
            "diseases": [labels.reference(value) for value in sorted(properties.get("ofDisease", ()))],
            "comorbidities": [labels.reference(value) for value in sorted(properties.get("comorbidity", ()))],
            "includes_diseases": [labels.reference(value) for value in sorted(properties.get("includesDisease", ()))],
            "countries": [labels.term(value) for value in sorted(properties.get("country", ()))],
            "shares_people_with": [
                labels.reference(row["other"]) for row in labels.select("read/shared-people", entity=iri)
            ],
            **_hierarchy(labels, iri),
            "mappings": _mappings(labels, iri),
            "edges": _edges(labels, iri),
            "findings": {
                kind_of(local(row["kind"])): row["findings"] for row in labels.select("read/kinds-about", entity=iri)
            },
            **_contrasts(labels, iri),
            "source": next((labels.reference(value) for value in properties.get("describedIn", ())), None),
        }
    )


def _contrasts(labels: Labels, iri: str) -> Json:
    """Return the disagreements, real and apparent, of findings about an entity, and the numbers of all of each kind."""
    numbers, named = dict[str, int](), list[str]()
    for kind, class_ in CONTRASTS.items():
        listing = Listing(labels.engine, read_query("read/disagreements", about=iri, kind=class_))
        found = listing.part(_MOST_CONTRASTS)
        numbers[kind] = len(found) if len(found) < _MOST_CONTRASTS else listing.total
        named += found
    return {
        "disagreements": [labels.reference(one) for one in sorted(named)],
        "disagreement_counts": {kind: number for kind, number in numbers.items() if number},
    }


def read_overview(labels: Labels, type_: str) -> list[Json]:
    """Return the entities of a class, by name, in the order of their labels.

    Each is a reference with ``definition`` (or, without one, its description), ``findings``, the number of findings
    about it or its descendants, and ``best_level``, the best of those with a result.
    """
    entities = [
        {
            **labels.reference(row["entity"]),
            "definition": row.get("definition", row.get("description")),
            "findings": row["findings"],
            "best_level": labels.levels.get(row["best"]),
        }
        for row in labels.select("read/overview", type=ONTOLOGY + type_)
    ]
    return sorted(entities, key=lambda one: one["label"].lower())


def read_mappings(labels: Labels, filters: Mapping[str, Parameter]) -> dict[str, Json]:
    """Return the mappings that fit all filters, by IRI, in the columns of SSSOM."""
    return {
        row["mapping"]: {
            key: contract(value) if key in _MAPPING_IDENTIFIERS else value
            for key, value in row.items()
            if key != "mapping"
        }
        for row in labels.select("read/mapping-set", **filters)
    }


def find_sources(labels: Labels) -> Listing:
    """Return the sources that have findings."""
    return Listing(labels.engine, read_query("read/sources"))


def read_sources(labels: Labels, iris: Sequence[str]) -> list[Json]:
    """Return sources or studies with their bibliographic facts and number of findings."""
    properties = read_properties(labels.engine, iris)
    counts = {row["source"]: row["findings"] for row in labels.select("read/source-counts", source=iris)}
    return [_source(labels, iri, properties[iri], counts.get(iri)) for iri in iris]


def read_properties(engine: Engine, iris: Sequence[str]) -> Mapping[str, Properties]:
    """Return what records say of resources: by IRI, then by the name of the property."""
    found: defaultdict[str, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    if iris:
        for row in engine.select(read_query("read/records", subject=iris)):
            name = contract(row["property"]).rpartition(":")[2]
            found[row["subject"]][name].append(row["value"])
    return found


def first(properties: Properties, name: str) -> Any:
    """Return the value of a property that has at most one; None when it has none."""
    return next(iter(properties.get(name, ())), None)


def read_edge(labels: Labels, row: Mapping[str, Any]) -> Json:
    """Return an edge: its ends, relation and direction, and what stands behind it."""
    return drop_empty(
        {
            "iri": row["edge"],
            "from": labels.reference(row["from"]),
            "predicate": local(row["predicate"]),
            "to": labels.reference(row["to"]),
            "direction": local(row["direction"]) if "direction" in row else None,
            "directness": local(row["directness"]) if "directness" in row else None,
            "standing": local(row["standing"]),
            "findings": row["findings"],
            "results": row["results"],
            "sources": row["sources"],
            "people": row.get("people"),
            "best_level": labels.level(row["level"]) if "level" in row else None,
        }
    )


def _quantities(labels: Labels, properties: Properties) -> Json:
    """Return the figures of a population that are quantities, each with its parts."""
    nodes = {name: node for name in _QUANTITIES if (node := first(properties, name))}
    parts = read_properties(labels.engine, list(nodes.values())) if nodes else {}
    return {name: shape_quantity(parts[node]) for name, node in nodes.items()}


def _hierarchy(labels: Labels, iri: str) -> Json:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for row in labels.select("read/hierarchy", entity=iri):
        found[_HIERARCHY[local(row["relation"])][row["below"]]].append(labels.reference(row["other"]))
    return dict(found)


def _mappings(labels: Labels, iri: str) -> list[Json]:
    return [
        drop_empty(
            {
                "id": contract(row["other"]),
                "iri": row["other"],
                "label": row.get("label"),
                "predicate": contract(row["predicate"]),
                "justification": contract(row["justification"]),
                "comment": row.get("comment"),
            }
        )
        for row in labels.select("read/mappings", entity=iri)
    ]


def _edges(labels: Labels, iri: str) -> list[Json]:
    rows = {row["edge"]: row for row in labels.select("read/edges", entity=iri)}  # twice, if it leads to itself
    return [read_edge(labels, row) for row in rows.values()]


def _source(labels: Labels, iri: str, properties: Properties, findings: int | None) -> Json:
    design, read = first(properties, "studyDesign"), first(properties, "readFrom")
    return drop_empty(
        {
            **labels.reference(iri),
            **{key_name(name): first(properties, name) for name in _SOURCE_TEXTS},
            "study_design": design and local(design),
            "read_from": read and local(read),
            **{key_name(name): sorted(map(local, properties.get(name, ()))) for name in _SOURCE_TERMS},
            **{key: sorted(properties.get(name, ())) for key, name in _SOURCE_LISTS.items()},
            **{
                key_name(name): [labels.reference(value) for value in sorted(properties.get(name, ()))]
                for name in _SOURCE_ENTITIES
            },
            "findings": findings,
        }
    )
