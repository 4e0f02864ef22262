"""Findings as the contract shapes them (section 7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from kg.engine.rows import Value
from kg.prefixes import ID
from kg.queries import Parameter, read_query
from kg.read.labels import Json, Labels, kind_of, local

#: Filters whose value is an entity; the entity stands for what lies below it, too.
ENTITY_FILTERS = ("subject", "object", "about", "source", "population", "site")

Properties = Mapping[str, Sequence[Value]]

# What each key of a finding is made of: a property, and whether it names an entity, a term, or is a plain value.
_KEYS = (
    ("statement", "statement", "value"),
    ("subject", "subject", "entity"),
    ("predicate", "predicate", "term"),
    ("object", "object", "entity"),
    ("negated", "negated", "value"),
    ("population", "population", "population"),
    ("site", "site", "entities"),
    ("laterality", "laterality", "term"),
    ("measure", "measure", "term"),
    ("instrument", "instrument", "term"),
    ("value", "value", "value"),
    ("lower", "lower", "value"),
    ("upper", "upper", "value"),
    ("interval", "interval", "term"),
    ("spread", "spread", "value"),
    ("unit", "unit", "value"),
    ("baseline", "", "baseline"),
    ("numerator", "numerator", "value"),
    ("denominator", "denominator", "value"),
    ("exact_interval", "", "exact"),
    ("sample_size", "sampleSize", "value"),
    ("p_value", "pValue", "value"),
    ("reported", "reported", "value"),
    ("direction", "direction", "term"),
    ("timepoint", "timepoint", "value"),
    ("comparator", "comparator", "value"),
    ("dose", "dose", "value"),
    ("route", "route", "value"),
    ("condition", "condition", "value"),
    ("qualifier", "qualifier", "term"),
    ("certainty", "certainty", "term"),
    ("study_design", "studyDesign", "term"),
    ("evidence_level", "evidenceLevel", "level"),
    ("relays", "relays", "entities"),
    ("event_date", "eventDate", "value"),
    ("follows_event", "followsEvent", "entities"),
    ("note", "note", "value"),
    ("disagreements", "involves", "entities"),
    ("source", "source", "source"),
    ("locator", "locator", "locator"),
    ("verified", "verified", "value"),
)


def find_findings(labels: Labels, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the IRIs of the findings that fit all filters, in order."""
    return [row["finding"] for row in labels.engine.select(read_query("read/findings", **filters))]


def level_rank(finding: Mapping[str, Any]) -> int:
    """Return the rank of a finding's evidence level: 1 is the best, 5 is opinion."""
    rank: int = finding["evidence_level"]["rank"]
    return rank


def read_findings(labels: Labels, iris: Sequence[str]) -> list[Json]:
    """Return findings whole, in the order asked for."""
    if not iris:
        return []
    found: defaultdict[str, defaultdict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for row in labels.engine.select(read_query("read/finding-details", finding=iris)):
        found[row["subject"]][local(row["property"])].append(row["value"])
    return [_finding(labels, iri, found) for iri in iris]


def _finding(labels: Labels, iri: str, found: Mapping[str, Properties]) -> Json:
    properties = found[iri]
    shaped: Json = {"id": iri.removeprefix(ID), "iri": iri, "kind": kind_of(str(labels.entities[iri]["type"]))}
    for key, name, form in _KEYS:
        values = properties.get(name, ())
        match form:
            case "baseline":
                shaped[key] = _baseline(properties)
            case "exact":
                shaped[key] = _exact(found.get(f"{iri}#exact-interval", {}))
            case "entities":
                shaped[key] = [labels.reference(value) for value in sorted(map(str, values))]
            case "locator":
                shaped[key] = {part: found[str(values[0])][part][0] for part in ("section", "words", "sha256")}
            case _ if not values:
                continue
            case "value":
                shaped[key] = values[0]
            case "term":
                shaped[key] = local(values[0])
            case "level":
                shaped[key] = labels.level(values[0])
            case "population":
                size = labels.sizes.get(str(values[0]))
                shaped[key] = labels.reference(values[0]) | ({} if size is None else {"size": size})
            case "source":
                shaped[key] = labels.reference(values[0]) | labels.works[str(values[0])]
            case _:
                shaped[key] = labels.reference(values[0])
    return {key: value for key, value in shaped.items() if value not in ({}, [])}


def _baseline(properties: Properties) -> Json:
    parts = {part: properties.get(f"baseline{part.capitalize()}") for part in ("value", "lower", "upper")}
    return {part: values[0] for part, values in parts.items() if values}


def _exact(properties: Properties) -> Json:
    """Return the exact interval that was computed of numerator and denominator, in per cent."""
    parts = {"estimate": "estimate", "lower": "confidenceLower", "upper": "confidenceUpper", "level": "confidenceLevel"}
    return {key: properties[name][0] for key, name in parts.items() if name in properties}
