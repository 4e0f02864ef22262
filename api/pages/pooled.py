"""Pooled results on the pages: the lines of their forest plots."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from api.http.serving import labels
from api.pages.pictures.intervals import Row, forest
from kg.prefixes import ID
from kg.read.findings import read_findings


def pooled_rows(pooled: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pooled proportion with its forest plot: the studies, the result, and the sensitivity analyses."""
    names = {one["id"]: _name(one) for one in read_findings(labels(), [ID + one["id"] for one in pooled["studies"]])}
    lines = []
    for study in pooled["studies"]:
        counts = f"{'≈ ' * study.get('from_share', False)}{study['events']} of {study['total']}"
        kind, _, slug = study["id"].partition("/")
        address = url_for("entity_pages.page", kind=kind, slug=slug)
        bounds = study["lower"], study["upper"], study["estimate"]
        lines.append(Row(names[study["id"]], "study", *bounds, counts, address))
    lines.append(Row("Pooled (random effects)", "pooled", pooled["lower"], pooled["upper"], pooled["estimate"]))
    if "prediction_lower" in pooled:
        further = pooled["prediction_lower"], pooled["prediction_upper"]
        lines.append(Row("Prediction interval", "prediction", *further))
    for part in pooled["sensitivity"]:
        if "without" in part:
            label = f"without {names[part['without']]}"
        elif "at_level" in part:
            label = f"level {part['at_level']['rank']} only"
        elif "counted_only" in part:
            label = "counts as printed only"
        else:
            label = "by the model of two steps"
        lines.append(Row(label, "sensitivity", part["lower"], part["upper"], part["estimate"]))
    title = f"Pooled proportion, {pooled['subject']['label']}: {pooled['object']['label']}"
    people = sum(study["total"] for study in pooled["studies"])
    return {**pooled, "people": people, "plot": forest(lines, title), "lines": lines}


def _name(finding: Mapping[str, Any]) -> str:
    source = finding["source"]
    return str(source["label"]) + (f", {source['year']}" if "year" in source else "")
