"""What was pooled as the lines of a forest plot: its findings, the pooled share, and what changes it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.pages.pictures.forest import Row


def forest_rows(
    pooled: Mapping[str, Any], findings: Mapping[str, Mapping[str, Any]], page: Callable[[str], str]
) -> Sequence[Row]:
    """Return the lines of a plot; ``findings`` are by id, ``page`` tells the address of an id."""
    rows = []
    for input_ in pooled["inputs"]:
        finding = findings[input_]
        exact, year = finding["exact_interval"], finding["source"].get("year")
        rows.append(
            Row(
                str(finding["source"]["label"]) + (f", {year}" if year else ""),
                "study",
                exact["lower"],
                exact["upper"],
                exact["estimate"],
                f"{finding['numerator']} of {finding['denominator']}",
                page(input_),
            )
        )
    rows.append(Row("Pooled (random effects)", "pooled", pooled["lower"], pooled["upper"], pooled["estimate"]))
    if "prediction_lower" in pooled:
        bounds = pooled["prediction_lower"], pooled["prediction_upper"]
        rows.append(Row("Where a further study may lie", "prediction", *bounds))
    for part in pooled["sensitivity"]:
        label = (
            f"without {findings[part['without']]['source']['label']}"
            if "without" in part
            else f"level {part['at_level']['rank']} only"
        )
        rows.append(Row(label, "sensitivity", part["lower"], part["upper"], part["estimate"]))
    return rows
