"""What was pooled of the findings, and what was not, with the reasons."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from kg.prefixes import GRAPH, ID, PREFIXES
from kg.read.entities import Properties, first
from kg.read.labels import Json, Labels, drop_empty, local

_RESULT = GRAPH + "synthesis#"
_FIGURES = {
    "estimate": "estimate",
    "lower": "confidenceLower",
    "upper": "confidenceUpper",
    "level": "confidenceLevel",
    "prediction_lower": "predictionLower",
    "prediction_upper": "predictionUpper",
    "tau_squared": "tauSquared",
    "i_squared": "iSquared",
    "q": "cochranQ",
    "formula": "formula",
}


def read_pooled(labels: Labels, about: str | None = None) -> list[Json]:
    """Return the pooled proportions, all or those on an entity and its kinds, those of most studies first.

    Proportions and I² are in per cent. Each has its ``studies``: findings with the counts that were pooled, which are
    printed, or follow from a printed share (``from_share``).
    """
    given = {} if about is None else {"about": about}
    pooled: defaultdict[str, defaultdict[str, defaultdict[str, list[Any]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in labels.select("read/pooled", **given):
        pooled[row["pooled"]][row["analysis"]][local(row["property"])].append(row["value"])
    inputs = sorted({one for iri, analyses in pooled.items() for one in analyses[iri]["input"]})
    counts = {row["finding"]: row for row in labels.select("read/pooled-counts", finding=inputs)} if inputs else {}
    results = [_result(labels, iri, analyses, counts) for iri, analyses in pooled.items()]
    return sorted(results, key=lambda one: (-len(one["studies"]), one["id"]))


def read_refusals(labels: Labels, about: str) -> list[Json]:
    """Return the questions on an entity and its kinds for which nothing was pooled, with the reasons."""
    refusals: dict[str, Json] = {}
    for row in labels.select("read/refusals", about=about):
        question = _question(labels, {name: [value] for name, value in row.items()})
        refusal = refusals.setdefault(row["refusal"], question | {"reasons": []})
        refusal["reasons"].append({"id": local(row["reason"]), "meaning": row["meaning"]})
    return list(refusals.values())


def _result(labels: Labels, iri: str, analyses: Mapping[str, Properties], counts: Mapping[str, Any]) -> Json:
    whole = analyses[iri]
    return {
        "id": iri.removeprefix(_RESULT),
        "iri": iri,
        "label": first(whole, PREFIXES["rdfs"] + "label"),
        **_question(labels, whole, "question"),
        "in_common": [*_common(labels, whole.get("inCommon", ())), *whole.get("inCommonInWords", ())],
        **_figures(whole),
        "studies": [_study(counts[finding]) for finding in sorted(whole["input"])],
        "sensitivity": [_sensitivity(labels, name, part) for name, part in sorted(analyses.items()) if name != iri],
    }


def _study(row: Mapping[str, Any]) -> Json:
    keys = ("events", "total", "estimate", "lower", "upper")
    shaped: Json = {"id": row["finding"].removeprefix(ID), **{key: row[key] for key in keys}}
    return shaped | ({"from_share": True} if row["share"] else {})


def _common(labels: Labels, iris: Sequence[str]) -> list[str]:
    """Return the labels of terms and entities."""
    return sorted(labels.entities[iri]["label"] if iri in labels.entities else labels.terms[iri] for iri in iris)


def _question(labels: Labels, properties: Properties, prefix: str = "") -> Json:
    subject, predicate, target, direction = (
        first(properties, prefix + (name.capitalize() if prefix else name))
        for name in ("subject", "predicate", "object", "direction")
    )
    return drop_empty(
        {
            "subject": labels.reference(subject),
            "predicate": local(predicate),
            "object": labels.reference(target),
            "direction": direction and local(direction),
        }
    )


def _figures(properties: Properties) -> Json:
    method = first(properties, "method")
    return drop_empty({"method": local(method), **{key: first(properties, name) for key, name in _FIGURES.items()}})


def _sensitivity(labels: Labels, iri: str, properties: Properties) -> Json:
    omitted, level = first(properties, "omits"), first(properties, "atLevel")
    return _figures(properties) | drop_empty(
        {
            "iri": iri,
            "studies": first(properties, "inputCount"),
            "without": omitted and omitted.removeprefix(ID),
            "at_level": level and labels.level(level),
            "counted_only": first(properties, "countedOnly"),
        }
    )
