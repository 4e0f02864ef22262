"""What was pooled of the findings, and what was not, with the reasons."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.engine import Row
from kg.prefixes import ID, contract
from kg.queries import Parameter
from kg.read.certainty import read_profiles, read_ratings_of
from kg.read.entities import Properties, first
from kg.read.labels import Json, Labels, drop_empty, local

_FIGURES = {
    "unit": "estimateUnit",
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
    "people": "peopleCount",
}
#: The ends of the IRIs of what a finding gives to pool.
_RESULTS = ("#exact-interval", "#interval-of-share", "#effect", "#difference")
#: What the figures of a study come from, by the method; counts that are not printed come from shares.
_BASES = {
    "clopperPearson": "counts",
    "groupCounts": "counts",
    "groupMeans": "means",
    "printedInterval": "interval",
    "printedPValue": "p-value",
}


def find_pooled(labels: Labels, about: str | None = None) -> list[str]:
    """Return the IRIs of the pooled results, all or those on an entity and its kinds; those of most studies first."""
    given: dict[str, Parameter] = {"about": about} if about else {}
    return [row["pooled"] for row in labels.select("read/pooled-list", **given)]


def read_pooled(labels: Labels, iris: Sequence[str], most: int | None = None) -> list[Json]:
    """Return pooled results by their IRIs, in this order.

    Figures are in the ``unit`` of each; I² is in per cent. Each has its ``studies``: findings with the counts, or the
    effect and standard error, that were pooled, and the ``basis`` of these. ``omitted`` are the findings that answer
    the question, too, and were left out: the reasons, and the findings whose people they may share. ``certainty`` has
    its signals by domain, ``ratings`` what curators recorded on its question.

    Where there are more than ``most`` studies or omitted findings, those with the best evidence levels are given, and
    ``study_count`` or ``omitted_count`` is the number of all.
    """
    if not iris:
        return []
    pooled: defaultdict[str, defaultdict[str, defaultdict[str, list[Any]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in labels.select("read/pooled", pooled=iris):
        pooled[row["pooled"]][row["analysis"]][contract(row["property"]).rpartition(":")[2]].append(row["value"])
    behind = _read_behind(labels, iris)
    shown = {(iri, role): behind[iri, role][:most] for iri in iris for role in ("input", "omits")}
    studies = read_studies(labels, {one for iri in iris for one in shown[iri, "input"]})
    omitted = _read_omitted(labels, iris, {one for iri in iris for one in shown[iri, "omits"]})
    profiles, ratings = read_profiles(labels, iris), read_ratings_of(labels, iris)
    return [
        _result(labels, iri, pooled[iri], shown[iri, "input"], studies)
        | {"omitted": [omitted[iri, one] for one in sorted(shown[iri, "omits"])]}
        | {"certainty": profiles.get(iri, []), "ratings": ratings.get(iri, [])}
        | {
            name: len(behind[iri, role])
            for name, role in (("study_count", "input"), ("omitted_count", "omits"))
            if len(behind[iri, role]) > len(shown[iri, role])
        }
        for iri in iris
    ]


def read_studies(labels: Labels, findings: Iterable[str]) -> dict[tuple[str, str], Json]:
    """Return what findings give that have a figure to pool, by the IRI of each and the measure, such as share."""
    results = [finding + part for finding in sorted(findings) for part in _RESULTS]
    rows = labels.select("read/pooled-studies", result=results) if results else []
    return {(row["finding"], local(row["measure"])): _study(labels, row) for row in rows}


def read_refusals(labels: Labels, about: str) -> list[Json]:
    """Return the questions on an entity and its kinds for which nothing was pooled, with the reasons."""
    refusals: dict[str, Json] = {}
    for row in labels.select("read/refusals", about=about):
        question = _question(labels, {name: [value] for name, value in row.items()})
        refusal = refusals.setdefault(row["refusal"], question | {"reasons": []})
        refusal["reasons"].append({"id": local(row["reason"]), "meaning": row["meaning"]})
    return list(refusals.values())


def study_name(study: Mapping[str, Any]) -> str:
    """Return what a study of a pooled result is called: its source, and the year unless the name has it."""
    label, year = str(study["source"]["label"]), str(study.get("year", ""))
    return label if year in label else f"{label}, {year}"


def _result(
    labels: Labels,
    iri: str,
    analyses: Mapping[str, Properties],
    inputs: Iterable[str],
    studies: Mapping[tuple[str, str], Json],
) -> Json:
    whole = analyses[iri]
    measure = first(whole, "effectMeasure")
    return {
        **labels.reference(iri),
        "sentence": first(whole, "plainWords"),
        **_question(labels, whole, "question"),
        "in_common": [*_common(labels, whole.get("inCommon", ())), *whole.get("inCommonInWords", ())],
        **_figures(whole),
        "computed_with": sorted(whole["computedWith"]),
        "studies": [studies[finding, local(measure)] for finding in sorted(inputs)],
        "sensitivity": [_sensitivity(labels, name, part) for name, part in sorted(analyses.items()) if name != iri],
    }


def _study(labels: Labels, row: Row) -> Json:
    basis = "shares" if row["share"] else _BASES[local(row["method"])]
    keys = ("estimate", "lower", "upper", "people", "events", "total", "effect", "error")
    return _finding(labels, row) | {"basis": basis, **{key: row[key] for key in keys if key in row}}


def _finding(labels: Labels, row: Row) -> Json:
    """Return the id of a finding, its source and the year of that."""
    year = {"year": row["year"]} if "year" in row else {}
    return {"id": row["finding"].removeprefix(ID), "source": labels.reference(row["source"]), **year}


def _read_behind(labels: Labels, iris: Sequence[str]) -> Mapping[tuple[str, str], list[str]]:
    """Return the findings that are an ``input`` of each pooled result, and those that it ``omits``, the best first."""
    behind: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in labels.select("read/pooled-findings", pooled=iris):
        behind[row["pooled"], row["role"]].append(row["finding"])
    return behind


def _read_omitted(labels: Labels, iris: Sequence[str], findings: Iterable[str]) -> Mapping[tuple[str, str], Json]:
    """Return findings that pooled results leave out, by the IRIs of the result and of the finding."""
    omitted: dict[tuple[str, str], Json] = {}
    given = sorted(findings)
    for row in labels.select("read/pooled-omissions", pooled=iris, finding=given) if given else ():
        fresh = _finding(labels, row) | {"reasons": [], "overlaps_with": []}
        finding = omitted.setdefault((row["pooled"], row["finding"]), fresh)
        if "reason" in row:
            finding["reasons"].append({"id": local(row["reason"]), "meaning": row["meaning"]})
        else:
            finding["overlaps_with"].append(row["overlapping"].removeprefix(ID))
    return omitted


def _common(labels: Labels, iris: Sequence[str]) -> list[str]:
    """Return the labels of terms and entities."""
    return sorted(labels.label(iri) or iri for iri in iris)


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
    return drop_empty(
        {
            "method": local(method),
            "measure": local(first(properties, "effectMeasure")),
            **{key: first(properties, name) for key, name in _FIGURES.items()},
        }
    )


def _sensitivity(labels: Labels, iri: str, properties: Properties) -> Json:
    omitted, level, design, subtype, region = (
        first(properties, name) for name in ("omits", "atLevel", "ofDesign", "inSubtype", "inRegion")
    )
    return _figures(properties) | drop_empty(
        {
            "iri": iri,
            "studies": first(properties, "inputCount"),
            "without": omitted and omitted.removeprefix(ID),
            "at_level": level and labels.level(level),
            "of_design": design and local(design),
            "in_subtype": subtype and labels.reference(subtype),
            "in_region": region and labels.term(region),
            "printed_only": first(properties, "printedOnly"),
        }
    )
