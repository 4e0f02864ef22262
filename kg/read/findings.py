"""Findings as JSON: each with the keys that the schema lists."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.prefixes import ID, ONTOLOGY, expand
from kg.queries import Parameter, read_query
from kg.read.filters import FINDING_FILTERS
from kg.read.labels import Json, Labels, drop_empty, local
from kg.read.listing import Listing
from kg.read.schema import Form, kind_of, shape_quantity

Properties = Mapping[str, Sequence[Any]]
#: How direct findings are that stand apart from those on systemic sclerosis, and are never counted with them.
APART = ("mixed", "indirect")
#: The filters that the query for findings has a parameter for; any other is a key.
_PARAMETERS = {one.name for one in FINDING_FILTERS} | {"graph"}
#: Those of them that more than findings fit: the values compared with have figures, too.
_OPEN = {"figure", "direction", "graph"}
_FINDING = f"{ONTOLOGY}Finding"
_TYPE = expand("rdf:type")


def find_findings(labels: Labels, filters: Mapping[str, Parameter]) -> Listing:
    """Return the findings that fit all filters."""
    fixed = {name: value for name, value in filters.items() if name in _PARAMETERS}
    if not fixed.keys() - _OPEN:
        fixed["class" if filters.keys() - {"direction"} else "kind"] = _FINDING
    listing = Listing(labels.engine, read_query("read/findings", **fixed))
    for name in filters.keys() - fixed.keys():
        key = labels.schema[name].iri
        listing = listing.within(read_query("read/findings-by-key", key=key, value=filters[name]))
    return listing


def read_findings(labels: Labels, iris: Sequence[str]) -> list[Json]:
    """Return findings whole, in the order asked for."""
    if not iris:
        return []
    found: defaultdict[str, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    nodes = [key.iri for key in labels.schema.keys if key.form in ("locator", "quantity")]
    for row in labels.select("read/finding-details", finding=iris, key=nodes):
        found[row["subject"]][row["property"]].append(row["value"])
    named = {key.iri for key in labels.schema.keys if key.form == "entity"}
    values = {value for iri in iris for name in named & found[iri].keys() for value in found[iri][name]}
    references = labels.references(values)  # at once, as some are other findings
    return [_finding(labels, iri, found, references) for iri in iris]


def rank_of(finding: Json) -> int:
    """Return the rank of a finding's evidence level: 1 is the best, 5 is opinion."""
    return int(finding["evidence_level"]["rank"])


def split_apart(findings: Iterable[Mapping[str, Any]]) -> tuple[list[Any], list[Any]]:
    """Return findings on people with systemic sclerosis, or where nothing tells, and those on other or mixed groups."""
    apart: tuple[list[Any], list[Any]] = ([], [])
    for finding in findings:
        apart[finding.get("directness") in APART].append(finding)
    return apart


def by_level(finding: Json) -> tuple[int, str]:
    """Return what sorts findings by evidence level, the best first, then by IRI."""
    return rank_of(finding), finding["iri"]


def _finding(labels: Labels, iri: str, found: Mapping[str, Properties], references: Mapping[str, Json]) -> Json:
    shaped: Json = {"id": iri.removeprefix(ID), "iri": iri, "kind": kind_of(local(found[iri][_TYPE][0]))}
    for key in labels.schema.keys:
        match key.form:
            case "exact":
                shaped[key.name] = _exact(found.get(f"{iri}#exact-interval", {}))
            case _ if values := found[iri].get(key.iri):
                ordered = sorted(values) if key.many else values
                read = (_value(labels, key.form, value, found, references) for value in ordered)
                shaped[key.name] = list(read) if key.many else next(read)
    return drop_empty(shaped)


def _value(
    labels: Labels, form: Form, value: Any, found: Mapping[str, Properties], references: Mapping[str, Json]
) -> object:
    """Return a value as JSON has it: plain, or with the parts that its form has."""
    match form:
        case "term":
            return local(value)
        case "level":
            return labels.level(value)
        case "locator":
            said = found[value]
            return {
                part: said[ONTOLOGY + part][0] for part in ("section", "words", "sha256") if ONTOLOGY + part in said
            }
        case "quantity":
            return shape_quantity({local(name): values for name, values in found[value].items()})
        case "entity":
            return dict(references[value])
        case "population":
            size = labels.sizes.get(value)
            return labels.reference(value) | ({} if size is None else {"size": size})
        case "source":
            return labels.reference(value) | labels.works[value]
        case _:
            return value


def _exact(properties: Properties) -> Json:
    """Return the exact interval computed from numerator and denominator, in per cent."""
    parts = {"estimate": "estimate", "lower": "confidenceLower", "upper": "confidenceUpper", "level": "confidenceLevel"}
    return {key: properties[ONTOLOGY + name][0] for key, name in parts.items() if ONTOLOGY + name in properties}
