"""What pictures show: prevalence by cohort, odds ratios of risk factors, and people by what results say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.engine import Row
from kg.prefixes import ID, ONTOLOGY
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels, local
from kg.read.synthesis import read_pooled

#: The disease that all evidence is judged by, and what is asked of it.
DISEASE, CALCINOSIS = f"{ID}disease/systemic-sclerosis", f"{ID}disease/calcinosis-cutis"
#: What a risk factor of calcinosis may go with: any kind of it, or that it develops.
_TARGETS = (f"{ID}disease/calcinosis", f"{ID}outcome/calcinosis-development")
#: How an odds ratio is adjusted, by what the finding says; two groups with counts are not.
_ADJUSTED = {True: "adjustedRatio", False: "unadjustedRatio", None: "adjustmentNotTold"}
#: The most figures of one kind, drawn or in a table: those of most people.
MOST = 100


def read_prevalence(labels: Labels) -> Json:
    """Return the prevalence of calcinosis in systemic sclerosis: cohorts, means, and what may be the same people.

    ``counts`` are the numbers of all, of which those of most people are given.
    """
    rows = _merged(labels.select("read/cohort-figures", subject=DISEASE, object=CALCINOSIS))
    parts = {"cohorts": [one for one in rows if not one["overlapping"]]}
    parts["left_out"] = [one for one in rows if one["overlapping"]]
    kept = {name: _largest(found, "total") for name, found in parts.items()}
    pooled = labels.select("read/pooled-on", kind=ONTOLOGY + "PooledProportion", target=CALCINOSIS, subject=DISEASE)
    return {
        **_with_findings(labels, kept),
        "counts": {name: len(found) for name, found in parts.items()},
        "pooled": read_pooled(labels, [row["pooled"] for row in pooled]),
    }


def read_risk_factors(labels: Labels) -> Json:
    """Return the odds ratios of calcinosis: with an interval, without one, and those left out as the same people.

    ``counts`` are the numbers of all, of which those of most people are given.
    """
    rows = _merged(labels.select("read/odds-ratios", target=_TARGETS, disease=DISEASE))
    for one in rows:
        counted = one.get("method") == ONTOLOGY + "groupCounts"
        one["adjustment"] = _ADJUSTED[False if counted else one.get("adjusted")]
    parts = {
        "ratios": [one for one in rows if "estimate" in one and not one["overlapping"]],
        "without_interval": [one for one in rows if "estimate" not in one],
        "left_out": [one for one in rows if "estimate" in one and one["overlapping"]],
    }
    kept = {name: _largest(found, "people") for name, found in parts.items()}
    pooled = labels.select("read/pooled-on", kind=ONTOLOGY + "PooledRatio", target=CALCINOSIS)
    drawn = {one["finding"] for one in kept["ratios"]}
    results = read_pooled(labels, [row["pooled"] for row in pooled])
    return {
        **_with_findings(labels, kept),
        "counts": {name: len(found) for name, found in parts.items()},
        "pooled": [one for one in results if all(ID + study["id"] in drawn for study in one["studies"])],
    }


def read_tallies(labels: Labels, treatment: str | None = None) -> list[Json]:
    """Return the people by verdict: of all treatments, or of the outcomes of one and its kinds; most people first."""
    given = {"treatment": treatment} if treatment else {}
    kind = ONTOLOGY + ("OutcomeTally" if treatment else "TreatmentTally")
    found: defaultdict[str, dict[str, Json]] = defaultdict(dict)
    for row in labels.select("read/tallies", kind=kind, **given):
        about = row.get("object") if treatment else row["treatment"]
        if about:
            parts = {key: row.get(key, 0) for key in ("people", "findings", "unsized", "affected", "among")}
            found[about][local(row["verdict"])] = parts
    tallies = [{"about": labels.reference(iri), "verdicts": verdicts} for iri, verdicts in found.items()]
    return sorted(tallies, key=_most_people)


def _most_people(tally: Any) -> tuple[int, int, str]:
    parts = tally["verdicts"].values()
    return -max(one["people"] for one in parts), -sum(one["findings"] for one in parts), tally["about"]["label"]


def _merged(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return one row for each finding, with all the findings that it overlaps with."""
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = merged.setdefault(row["finding"], {**row, "overlapping": []})
        if "overlapping" in row:
            one["overlapping"].append(row["overlapping"])
    return list(merged.values())


def _largest(rows: Sequence[dict[str, Any]], people: str) -> Sequence[dict[str, Any]]:
    """Return the rows of most people, in their order."""
    largest = sorted(range(len(rows)), key=lambda place: (-rows[place].get(people, 0), place))[:MOST]
    return [rows[place] for place in sorted(largest)]


def _with_findings(labels: Labels, parts: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Put the whole finding in place of its IRI, and those that it overlaps with in place of theirs."""
    rows = [row for found in parts.values() for row in found]
    iris = sorted({iri for row in rows for iri in (row["finding"], *row["overlapping"])})
    findings = {one["iri"]: one for one in read_findings(labels, iris)}
    return {
        name: [
            row | {"finding": findings[row["finding"]], "overlapping": [findings[iri] for iri in row["overlapping"]]}
            for row in found
        ]
        for name, found in parts.items()
    }
