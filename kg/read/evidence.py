"""The evidence on a treatment: findings with their verdicts, pooled results, refusals to pool, and gaps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from kg.prefixes import ID
from kg.read.entities import Properties, first
from kg.read.evidence_map import gap_reason
from kg.read.findings import by_level, find_findings, read_findings
from kg.read.labels import Json, Labels, drop_empty, local

#: The verdicts that a finding on an effect of a treatment can have, the settled ones first.
VERDICTS = (
    "favourable", "unfavourable", "nullResult", "unprovenBenefit", "unsettled", "changeOnly", "useOnly",
)  # fmt: skip
_POOLED_FIGURES = {
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


def read_evidence(labels: Labels, iri: str) -> Json:
    """Return all findings about a treatment and its subtypes, the best level first, and what is derived from them."""
    findings = read_findings(labels, find_findings(labels, {"about": [iri]}))
    return {
        "counts": labels.select("read/evidence-counts", about=iri)[0],
        "kinds": [
            labels.reference(row["kind"]) | {"findings": row["findings"]}
            for row in labels.select("read/kinds-of", whole=iri)
        ],
        "findings": sorted(findings, key=by_level),
        "pooled": read_pooled(labels, iri),
        "refusals": read_refusals(labels, iri),
        "unstudied": [
            labels.reference(row["aspect"]) | {"findings": row["findings"], "reason": gap_reason(row)}
            for row in labels.select("read/unstudied", treatment=iri)
        ],
    }


def read_cell(labels: Labels, treatment: str, aspect: str) -> list[Json]:
    """Return the findings in a cell of the evidence map, the best level first; none where there is no such cell."""
    rows = labels.select("read/cell", treatment=treatment, aspect=aspect)
    return read_findings(labels, [row["finding"] for row in rows])


def read_events(labels: Labels, source: str) -> list[Json]:
    """Return the events of a source's case in order: each after those that it follows."""
    previous: dict[str, set[str]] = {}
    dates: dict[str, str] = {}
    for row in labels.select("read/events", source=source):
        followed = previous.setdefault(row["event"], set())
        if "after" in row:
            followed.add(row["after"])
        if "date" in row:
            dates[row["event"]] = row["date"]
    placed = dates.keys() | {one for one, before in previous.items() if before} | set().union(*previous.values())
    events = read_findings(labels, _in_order(previous, dates))
    return [event | {"placed": event["iri"] in placed} for event in events]


def read_pooled(labels: Labels, treatment: str) -> list[Json]:
    """Return the pooled proportions on a treatment and its subtypes; proportions and I² are in per cent."""
    pooled: defaultdict[str, defaultdict[str, defaultdict[str, list[Any]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in labels.select("read/pooled", treatment=treatment):
        pooled[row["pooled"]][row["analysis"]][local(row["property"])].append(row["value"])
    return [
        {
            **_question(labels, analyses[whole], "question"),
            **_result(analyses[whole]),
            "sensitivity": [_sensitivity(labels, part) for name, part in sorted(analyses.items()) if name != whole],
        }
        for whole, analyses in sorted(pooled.items())
    ]


def read_refusals(labels: Labels, treatment: str) -> list[Json]:
    """Return the questions on a treatment and its subtypes for which nothing was pooled, with the reasons."""
    refusals: dict[str, Json] = {}
    for row in labels.select("read/refusals", treatment=treatment):
        question = _question(labels, {name: [value] for name, value in row.items()})
        refusal = refusals.setdefault(row["refusal"], question | {"reasons": []})
        refusal["reasons"].append({"id": local(row["reason"]), "meaning": row["meaning"]})
    return list(refusals.values())


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


def _result(properties: Properties) -> Json:
    return drop_empty(
        {
            **{key: first(properties, name) for key, name in _POOLED_FIGURES.items()},
            "inputs": sorted(one.removeprefix(ID) for one in properties.get("input", ())),
        }
    )


def _sensitivity(labels: Labels, properties: Properties) -> Json:
    omitted, level = first(properties, "omits"), first(properties, "atLevel")
    return _result(properties) | drop_empty(
        {"without": omitted and omitted.removeprefix(ID), "at_level": level and labels.level(level)}
    )


def _in_order(previous: Mapping[str, set[str]], dates: Mapping[str, str]) -> Sequence[str]:
    """Return events so that none comes before what it follows; of the others the earliest known date first."""
    known: dict[str, str] = {}

    def earliest(event: str, seen: frozenset[str] = frozenset()) -> str:
        """Return the date of an event, or the latest of what it follows."""
        if event not in known:
            before = [earliest(one, seen | {event}) for one in previous.get(event, ()) if one not in seen]
            known[event] = max([dates.get(event, ""), *before])
        return known[event]

    left, order = sorted(previous), list[str]()
    while left:
        free = [one for one in left if not previous[one] & set(left) - {one}] or left  # a circle is broken anywhere
        chosen = min(free, key=lambda one: (earliest(one), one not in dates, one))
        order.append(chosen)
        left.remove(chosen)
    return order
