"""Pooled results on the pages: the lines of their forest plots."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from api.http.serving import labels
from api.pages.pictures.forest import Axis, Row, axis_of, forest
from kg.prefixes import ID, ONTOLOGY
from kg.read.findings import read_findings

#: What an analysis by another model is called.
_MODELS = {"randomEffectsLogit": "by the model of two steps", "normalInterval": "with a normal interval"}


def pooled_rows(pooled: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pooled result with its forest plot: the studies, the result, and the sensitivity analyses."""
    names = {one["id"]: _name(one) for one in read_findings(labels(), [ID + one["id"] for one in pooled["studies"]])}
    lines = [_study(one, names[one["id"]]) for one in pooled["studies"]]
    lines.append(Row("Pooled (random effects)", "pooled", *_figures(pooled)))
    if "prediction_lower" in pooled:
        lines.append(Row("Prediction interval", "prediction", pooled["prediction_lower"], pooled["prediction_upper"]))
    lines += [Row(_part(one, names), "sensitivity", *_figures(one)) for one in pooled["sensitivity"]]
    axis = axis_for(pooled)
    details = "n of N" if pooled["unit"] == "%" else "people"
    return {
        **pooled,
        "plot": forest(lines, pooled["label"], axis, details),
        "details": details,
        "lines": [(line, axis.figures(line)) for line in lines],
    }


def axis_for(pooled: Mapping[str, Any]) -> Axis:
    """Return the axis on which a pooled result is drawn."""
    return axis_of(pooled.get("unit", ""), labels().terms[ONTOLOGY + pooled["measure"]])


def _study(study: Mapping[str, Any], name: str) -> Row:
    kind, _, slug = study["id"].partition("/")
    if "events" in study:
        details = f"{'≈ ' if study['basis'] == 'shares' else ''}{study['events']} of {study['total']}"
    else:
        details = f"{study['people']:,}" if "people" in study else ""
    address = url_for("entity_pages.page", kind=kind, slug=slug)
    return Row(name, "study", *_figures(study), details, address)


def _part(part: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what a sensitivity analysis is called."""
    if "without" in part:
        return f"without {names[part['without']]}"
    if "at_level" in part:
        return f"level {part['at_level']['rank']} only"
    if "printed_only" in part:
        return "figures as printed only"
    return _MODELS[part["method"]]


def _figures(result: Mapping[str, Any]) -> tuple[float, float, float]:
    return result["lower"], result["upper"], result["estimate"]


def _name(finding: Mapping[str, Any]) -> str:
    source = finding["source"]
    return str(source["label"]) + (f", {source['year']}" if "year" in source else "")
