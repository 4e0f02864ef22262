"""Pooled results on the pages: their forest plots and tables."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import url_for

from api.http.serving import labels
from api.pages import wording
from api.pages.pictures.forest import Axis, Row, axis_of, forest, slim
from kg.prefixes import ID, ONTOLOGY
from kg.read.findings import read_findings
from kg.read.synthesis import study_name

#: What an analysis by another model is called.
_MODELS = {"randomEffectsLogit": "by the model of two steps", "normalInterval": "with a normal interval"}
#: Most findings that were left out on the page of a result.
_OMITTED = 50
#: The orders of studies, each with its name and what it sorts by; the first is the one of a page without a choice.
ORDERS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Any]]] = {
    "year": ("year", lambda study: (study.get("year", 9999), study_name(study))),
    "size": ("number of people", lambda study: (-_size(study), study_name(study))),
    "name": ("name", lambda study: study_name(study).lower()),
}
#: What the figures of a study come from, in words.
BASES = {
    "counts": "both numbers as printed",
    "shares": "count from the printed share and the number of people",
    "interval": "ratio and confidence interval as printed",
    "p-value": "ratio and p-value as printed",
    "means": "means, standard deviations and sizes as printed",
}


def pooled_rows(pooled: Mapping[str, Any], order: str = "year", *, external: bool = False) -> dict[str, Any]:
    """Return a pooled result with its forest plot: the studies, the result, and the sensitivity analyses.

    ``external``: the links of the plot hold outside the pages, too.
    """
    studies = sorted(pooled["studies"], key=ORDERS[order][1])
    names = {one["id"]: study_name(one) for one in studies}
    results = [Row("Pooled (random effects)", "pooled", *_figures(pooled))]
    if "prediction_lower" in pooled:
        results.append(Row("Prediction interval", "prediction", pooled["prediction_lower"], pooled["prediction_upper"]))
    parts = [Row(_part(one, names), "sensitivity", *_figures(one)) for one in pooled["sensitivity"]]
    lines = [*(study_row(one, external=external) for one in studies), *results, *parts]
    axis = axis_for(pooled)
    details = "n of N" if pooled.get("unit") == "%" else "people"
    return {
        **pooled,
        "studies": studies,
        "plot": forest(lines, pooled["label"], axis, details),
        "slim": slim(lines, pooled["label"], axis),
        "details": details,
        "lines": [(line, axis.figures(line)) for line in lines],
    }


def pooled_page(pooled: Mapping[str, Any], order: str) -> dict[str, Any]:
    """Return what the page of a pooled result shows: the plot, and a table each of studies, analyses and omissions."""
    whole = pooled_rows(pooled, order)
    axis = axis_for(pooled)
    lines = {form: [line for line, _ in whole["lines"] if line.form == form] for form in ("prediction", "sensitivity")}
    omitted = pooled["omitted"][:_OMITTED]
    overlapping = (name for one in omitted for name in one["overlaps_with"])
    ids = list(dict.fromkeys([*(one["id"] for one in (*pooled["studies"], *omitted)), *overlapping]))
    known = {one["id"]: one for one in read_findings(labels(), [ID + name for name in ids])}
    rows = [
        {
            **study,
            "finding": known[study["id"]],
            "figures": axis.figures(study_row(study)),
            "basis": BASES[study["basis"]],
        }
        for study in whole["studies"]
    ]
    return {
        "pooled": whole,
        "rows": rows,
        "figures": axis.figures(Row("", "pooled", *_figures(pooled))),
        "prediction": "".join(map(axis.figures, lines["prediction"])),
        "sensitivity": [
            (line.label, analysis, axis.figures(line))
            for line, analysis in zip(lines["sensitivity"], pooled["sensitivity"], strict=True)
        ],
        "omitted": [
            {**one, "finding": known[one["id"]], "overlaps_with": [known[name] for name in one["overlaps_with"]]}
            for one in omitted
        ],
        "omitted_count": len(pooled["omitted"]),
        "method": wording.plain(pooled["method"]),
        "order": order,
        "orders": {name: words for name, (words, _) in ORDERS.items()},
    }


def subgroup_rows(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question that several subgroups answer, with its forest plot: each group, its studies and their mean."""
    lines: list[Row] = []
    for group in question["groups"]:
        result = group.get("result")
        kind, _, slug = result["id"].partition("/") if result else ("", "", "")
        address = url_for("entity_pages.page", kind=kind, slug=slug) if result else None
        lines.append(Row(group["label"][:1].upper() + group["label"][1:], "heading", href=address))
        lines += [study_row(one) for one in sorted(group["studies"], key=ORDERS["year"][1])]
        if result:
            lines.append(Row("Mean of the group", "pooled", *_figures(result)))
    axis = axis_for(question)
    details = "n of N" if question.get("unit") == "%" else "people"
    ends = [question["subject"]["label"], wording.plain(question["predicate"]), question["object"]["label"]]
    title = f"{', '.join(ends)}, by method and site"
    return {
        **question,
        "label": title,
        "plot": forest(lines, title, axis, details),
        "slim": slim(lines, title, axis),
        "details": details,
        "lines": [(line, axis.figures(line)) for line in lines],
    }


def axis_for(pooled: Mapping[str, Any]) -> Axis:
    """Return the axis on which a pooled result is drawn."""
    return axis_of(pooled.get("unit", ""), labels().terms[ONTOLOGY + pooled["measure"]])


def study_row(study: Mapping[str, Any], *, external: bool = False) -> Row:
    """Return the line of a study, with a link to its finding."""
    kind, _, slug = study["id"].partition("/")
    if "events" in study:
        details = f"{'≈ ' if study['basis'] == 'shares' else ''}{study['events']:,} of {study['total']:,}"
    else:
        details = f"{study['people']:,}" if "people" in study else ""
    address = url_for("entity_pages.page", kind=kind, slug=slug, _external=external)
    return Row(study_name(study), "study", *_figures(study), details, address)


def _part(part: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what a sensitivity analysis is called."""
    if "without" in part:
        return f"without {names[part['without']]}"
    if "at_level" in part:
        return f"level {part['at_level']['rank']} only"
    if "of_design" in part:
        return f"{wording.plain(part['of_design'])} only"
    if "in_subtype" in part:
        return f"{part['in_subtype']['label']} only"
    if "in_region" in part:
        return f"{part['in_region']['label']} only"
    if "printed_only" in part:
        return "figures as printed only"
    return _MODELS[part["method"]]


def _size(study: Mapping[str, Any]) -> int:
    return int(study.get("total") or study.get("people") or 0)


def _figures(result: Mapping[str, Any]) -> tuple[float, float, float]:
    return result["lower"], result["upper"], result["estimate"]
