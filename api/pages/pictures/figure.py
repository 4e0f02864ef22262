"""What of a finding can be drawn on a scale: its figure, and what its bounds are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: What bounds are, by their kind, as the key says it beside a bar.
KINDS = {
    "exact": "95 % interval, computed from the counts",
    "ci95": "95 % confidence interval, as printed",
    "range": "range, as printed",
    "iqr": "interquartile range, as printed",
    "sd": "± one standard deviation, as printed",
    "spread": "± as printed; what it is, the source does not say",
    "bounds": "from … to, as printed; what the bounds are, the source does not say",
    "open": "a bound without a value: the arrow goes on",
    "point": "a figure without an interval",
}


@dataclass(frozen=True)
class Figure:
    """A figure: its value, its bounds and what these are; the one before; ``about`` when it is not exact."""

    unit: str
    kind: str
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    before: tuple[float | None, float | None, float | None] | None = None
    about: bool = False

    @property
    def numbers(self) -> list[float]:
        """All numbers that have to find a place on the scale."""
        given = (self.value, self.lower, self.upper, *(self.before or ()))
        return [one for one in given if one is not None]

    @property
    def is_share(self) -> bool:
        """Tell whether it is a share in per cent, which has a scale of its own."""
        return self.unit == "%"


def figure_of(finding: Mapping[str, Any]) -> Figure | None:
    """Return the figure of a finding that can be drawn; None for none, and for a bare number that is no share.

    An exact interval is drawn in place of the figure that is printed: it belongs to the counts that both come from.

    >>> figure_of({"value": 15, "unit": "%"})
    Figure(unit='%', kind='point', value=15, lower=None, upper=None, before=None, about=False)
    >>> figure_of({"upper": 1, "unit": "%", "qualifier": "lessThan"}).kind
    'open'
    >>> figure_of({"value": 22, "lower": 13, "upper": 60, "interval": "range", "unit": "mo"}).kind
    'range'
    >>> figure_of({"value": 13, "unit": "{patient}",
    ...     "exact_interval": {"estimate": 33.3333, "lower": 19.0881, "upper": 50.2172, "level": 95}}).value
    33.3333
    >>> figure_of({"value": 39, "unit": "{patient}"}), figure_of({})
    (None, None)
    """
    if exact := finding.get("exact_interval"):
        return Figure("%", "exact", exact["estimate"], exact["lower"], exact["upper"])
    value, lower, upper = (finding.get(key) for key in ("value", "lower", "upper"))
    unit, baseline = str(finding.get("unit", "")), finding.get("baseline")
    kind = str(finding.get("interval", "bounds"))
    if value is not None and lower is None and upper is None:
        lower, upper, kind = _around(value, finding)
    elif lower is None or upper is None:
        kind = "open"
    if not (value is not None and (unit == "%" or baseline)) and lower is None and upper is None:
        return None
    before = (baseline.get("value"), baseline.get("lower"), baseline.get("upper")) if baseline else None
    if kind == "open" and value is not None and value in (lower, upper):
        value = None  # the value is the bound
    return Figure(unit, kind, value, lower, upper, before, finding.get("qualifier") == "approximately")


def _around(value: float, finding: Mapping[str, Any]) -> tuple[float | None, float | None, str]:
    """Return the bounds of a figure that is printed without any: by its spread, or by the word before it."""
    if (spread := finding.get("spread")) is not None:
        return value - spread, value + spread, "sd" if finding.get("interval") == "sd" else "spread"
    match finding.get("qualifier"):
        case "lessThan" | "upTo":
            return None, value, "open"
        case "greaterThan" | "atLeast":
            return value, None, "open"
        case _:
            return None, None, "point"
