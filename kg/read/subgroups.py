"""Subgroups: results of one question that differ by how or where one looked, side by side and without a mean of all."""

from collections import defaultdict
from collections.abc import Sequence

from kg.prefixes import ID, ONTOLOGY
from kg.read.findings import read_findings
from kg.read.labels import Json, Labels
from kg.read.synthesis import read_studies

#: What may differ between subgroups: the method, the circumstances and the site. All else makes another question.
_DIFFERENCES = frozenset({"differentSite", "differentCircumstance"})
#: Subgroups may hold the same people, since there is no mean over them.
_OVERLAPS = frozenset({"sameSource", "samePopulation", "sameStudy", "reviewedStudy"})
#: What tells a study with a result of its own, in the order in which it is told.
_CIRCUMSTANCES = (
    "instrument",
    "site",
    "laterality",
    "condition",
    "circumstance",
    "under_treatment",
    "cointervention",
    "route",
    "comparator",
)
_UNTOLD = "method and site not reported"
_QUESTION = ("subject", "predicate", "object", "direction", "measure", "unit")


def subgroups(labels: Labels, results: Sequence[Json]) -> list[Json]:
    """Return the questions that two or more subgroups answer, each with its ``groups``.

    A group has a ``label``, its ``studies``, and the pooled ``result`` of these; or it is one study by itself.
    ``shared`` tells whether some of the people may be in several groups.
    """
    questions: defaultdict[tuple[object, ...], list[Json]] = defaultdict(list)
    for result in results:
        ends = result["subject"]["id"], result["predicate"], result["object"]["id"], result.get("direction")
        questions[*ends, result["measure"]].append(result)
    found = (_subgroups(labels, same) for same in questions.values())
    return [one for one in found if len(one["groups"]) > 1]


def _subgroups(labels: Labels, results: Sequence[Json]) -> Json:
    chosen: list[Json] = []
    for result in results:
        if all(_is_beside(result, other) for other in chosen):
            chosen.append(result)
    common = set.intersection(*(set(result["in_common"]) for result in chosen))
    looked = _read_looked(labels, [result["studies"][0]["id"] for result in chosen])
    groups = [
        {"label": looked[result["studies"][0]["id"]], "studies": result["studies"], "result": result}
        for result in chosen
    ]
    first = chosen[0]
    return {
        **{key: first[key] for key in _QUESTION if key in first},
        "in_common": sorted(common),
        "groups": [*groups, *_single(labels, chosen)],
        "shared": any(_reasons(one, other) & _OVERLAPS for one in chosen for other in chosen if one is not other),
    }


def _is_beside(result: Json, other: Json) -> bool:
    """Tell whether two results differ by method, circumstances or site alone."""
    return _reasons(result, other) <= _DIFFERENCES | _OVERLAPS


def _reasons(result: Json, other: Json) -> frozenset[str]:
    """Return why what was pooled in one result is no part of the other."""
    inputs = {study["id"] for study in other["studies"]}
    return frozenset(why["id"] for one in result["omitted"] if one["id"] in inputs for why in one["reasons"])


def _single(labels: Labels, results: Sequence[Json]) -> list[Json]:
    """Return studies with a method or site of their own, the largest first; they share nobody with what is pooled.

    Of findings of one source, or in one population, the one on most people is taken.
    """
    reasons: defaultdict[str, set[str]] = defaultdict(set)
    for result in results:
        for finding in result["omitted"]:
            reasons[finding["id"]].update(why["id"] for why in finding["reasons"])
    pooled = {study["id"] for result in results for study in result["studies"]}
    apart = [name for name, why in reasons.items() if name not in pooled and why <= _DIFFERENCES]
    figures = read_studies(labels, [ID + name for name in apart])
    known = {one["id"]: one for one in read_findings(labels, [ID + name for name in apart])} if apart else {}
    studies = [study for (_, measure), study in figures.items() if measure == results[0]["measure"]]
    taken: set[str] = set()
    groups = []
    for study in sorted(studies, key=lambda one: (-one.get("people", 0), one["id"])):
        finding = known[study["id"]]
        people = {study["source"]["id"], str(finding.get("population", {}).get("id"))}
        if not people & taken:
            taken |= people
            groups.append({"label": f"{_looked(labels, finding)}: one study", "studies": [study]})
    return groups


def _read_looked(labels: Labels, findings: Sequence[str]) -> dict[str, str]:
    known = read_findings(labels, [ID + name for name in findings])
    return {finding["id"]: _looked(labels, finding) for finding in known}


def _looked(labels: Labels, finding: Json) -> str:
    """Return how and where one looked for what a finding reports; the findings of a group have that in common."""
    keys = filter(None, map(labels.schema.get, _CIRCUMSTANCES))
    values = [(key.form, value) for key in keys for value in key.values(finding)]
    words = [
        value["label"] if isinstance(value, dict) else labels.terms[ONTOLOGY + value] if form == "term" else str(value)
        for form, value in values
    ]
    return ", ".join(words) or _UNTOLD
