"""The figures of a finding as statistics."""

from typing import Any

from kg.export.fhir.codes import ESTIMATES, STATISTICS, Codes, quantity
from kg.read.labels import Json

_UNNAMED = "bounds as printed; the source does not say of what kind"
_SPREAD = "figure printed after ±; the source does not say of what kind"
_CONFIDENCE = 0.95


def to_statistics(codes: Codes, finding: dict[str, Any]) -> list[Json]:
    """Return the figures as printed, and those before treatment; none are computed, and none are left out.

    How many had the result, out of how many, are people counted alike: ``numberAffected`` and ``knownDataCount``.
    """
    after = _figures(codes, finding, finding)
    if "reported" in finding:
        after["description"] = finding["reported"]
    if "numerator" in finding:
        after["numberAffected"] = finding["numerator"]
    sizes = {"numberOfParticipants": finding.get("sample_size"), "knownDataCount": finding.get("denominator")}
    if given := {key: value for key, value in sizes.items() if value is not None}:
        after["sampleSize"] = given
    if "p_value" in finding:
        estimate = {"type": _estimate(codes, "pValue"), "quantity": quantity(finding["p_value"])}
        after.setdefault("attributeEstimate", []).append(estimate)
    before = _figures(codes, finding, finding["baseline"]) if "baseline" in finding else {}
    if before:
        before["description"] = "before treatment"
    return [_named(codes, finding, statistic) for statistic in (after, before) if statistic]


def _named(codes: Codes, finding: dict[str, Any], statistic: Json) -> Json:
    if "measure" not in finding:
        return statistic
    code = codes.code("statisticCode", finding["measure"])
    return {"statisticType": codes.concept(finding["measure"], STATISTICS, code), **statistic}


def _figures(codes: Codes, finding: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    """Return value and bounds; a bound that stands alone, as in "above 80 %", is a quantity with a comparator."""
    unit, found = finding.get("unit"), dict[str, Any]()
    bounds: dict[str, Any] = {key: figures[key] for key in ("lower", "upper") if key in figures}
    comparator = codes.code("comparatorCode", finding.get("qualifier"))
    if "value" in figures:
        found["quantity"] = quantity(figures["value"], unit)
    elif comparator is not None and len(bounds) == 1:
        found["quantity"] = quantity(bounds.popitem()[1], unit, comparator)
    estimates = []
    if bounds:
        estimates.append(_bounds(codes, finding.get("interval"), bounds, unit))
    if "spread" in figures:
        estimates.append({"type": {"text": _SPREAD}, "quantity": quantity(figures["spread"], unit)})
    if estimates:
        found["attributeEstimate"] = estimates
    if found and "qualifier" in finding:
        found["extension"] = [codes.extension("qualifier", finding["qualifier"])]
    return found


def _bounds(codes: Codes, interval: object, bounds: dict[str, Any], unit: object) -> Json:
    ends = {end: quantity(bounds[key], unit) for end, key in (("low", "lower"), ("high", "upper")) if key in bounds}
    if interval is None:
        return {"type": {"text": _UNNAMED}, "range": ends}
    level = {"level": _CONFIDENCE} if interval == "ci95" else {}
    return {"type": _estimate(codes, interval), **level, "range": ends}


def _estimate(codes: Codes, term: object) -> Json:
    return codes.concept(term, ESTIMATES, codes.code("estimateCode", term))
