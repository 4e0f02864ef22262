"""The summary of findings: a row for each question, on a treatment, on prevalence or on what goes with calcinosis."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.engine import Row
from kg.prefixes import ID, ONTOLOGY, contract
from kg.queries import Parameter
from kg.read.certainty import read_profiles, read_ratings_of
from kg.read.entities import Properties, first
from kg.read.labels import Json, Labels, drop_empty, local
from kg.rounding import rounded

#: The tables by their names in addresses.
TABLES = {
    "treatment": "treatmentSummary",
    "prevalence": "prevalenceSummary",
    "risk-factors": "riskFactorSummary",
}
#: Measures that are named beside a figure; a share is told by its unit.
_MEASURES = {"oddsRatio": "odds ratio", "hazardRatio": "hazard ratio", "riskRatio": "risk ratio"}
#: The domains of certainty in which a pooled result says more than its findings do.
_OF_MEANS = ("inconsistency", "imprecision")
_NUMBERS = {
    "studies": "studyCount",
    "results": "inputCount",
    "favourable": "favourableCount",
    "no_difference": "nullResultCount",
    "unfavourable": "unfavourableCount",
    "undecided": "undecidedCount",
    "opinions": "opinionCount",
    "without_result": "withoutResultCount",
    "elsewhere": "elsewhereCount",
}

#: The levels of a row; one with aims and hypotheses alone has none.
_LEVELS = {"best_level": "bestEvidenceLevel", "worst_level": "worstEvidenceLevel"}


def read_summary(labels: Labels, table: str, subject: str | None = None) -> list[Json]:
    """Return the rows of a table by its name, all or those on a subject, in their order.

    ``figures`` are the lowest and the highest of those that count the same thing and are not pooled, ``pooled`` the
    pooled results of the question. ``certainty`` has the signals of the results by domain, and no grade.
    """
    given: dict[str, Parameter] = {"table": ONTOLOGY + TABLES[table]}
    if subject:
        given["subject"] = subject
    return sorted(_read(labels, given), key=lambda one: (one["place"], one["iri"]))


def read_summary_rows(labels: Labels, iris: Sequence[str]) -> list[Json]:
    """Return those rows of some IRIs that there are, in the order of the IRIs."""
    return sorted(_read(labels, {"row": iris}), key=lambda one: iris.index(one["iri"])) if iris else []


def _read(labels: Labels, given: Mapping[str, Parameter]) -> list[Json]:
    rows: defaultdict[str, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for one in labels.select("read/summary", **given):
        rows[one["row"]][contract(one["property"]).rpartition(":")[2]].append(one["value"])
    if not rows:
        return []
    iris = sorted(rows)
    parts = {
        "pooled": _by_row(_pooled(labels, one) for one in labels.select("read/summary-pooled", row=iris)),
        "figures": _by_row(_figures(labels, iris)),
        "certainty": read_profiles(labels, iris),
        "ratings": read_ratings_of(labels, iris),
    }
    shaped = [
        _row(labels, iri, properties) | {name: found.get(iri, []) for name, found in parts.items()}
        for iri, properties in rows.items()
    ]
    means = read_profiles(labels, sorted({mean["iri"] for one in shaped for mean in one["pooled"]}))
    for one in shaped:
        for mean in one["pooled"]:
            _add_signals(one["certainty"], means.get(mean["iri"], []))
        one["effect"] = [*map(_mean_in_short, one["pooled"]), *map(_figures_in_short, one["figures"])]
    return shaped


def _add_signals(domains: Sequence[Json], of_mean: Sequence[Json]) -> None:
    """Add to the signals of a row those that only pooled results have: how far studies differ, how precise it is."""
    further = {domain["domain"]: domain["signals"] for domain in of_mean if domain["domain"] in _OF_MEANS}
    for domain in domains:
        domain["signals"] += further.get(domain["domain"], [])


def summarised(labels: Labels) -> dict[str, list[Json]]:
    """Return the subjects of each table by its name, with their numbers of rows and of rows with a result."""
    names = {ONTOLOGY + term: name for name, term in TABLES.items()}
    found: dict[str, list[Json]] = {name: [] for name in TABLES}
    for one in labels.select("read/summary-tables"):
        counts = {"rows": one["rows"], "with_results": one["withResults"]}
        found[names[one["table"]]].append(labels.reference(one["subject"]) | counts)
    return found


def _row(labels: Labels, iri: str, properties: Properties) -> Json:
    subject, predicate, object_ = (first(properties, f"question{end}") for end in ("Subject", "Predicate", "Object"))
    domain = first(properties, "outcomeDomain")
    return drop_empty(
        {
            "iri": iri,
            "label": first(properties, "label"),
            "sentence": first(properties, "plainWords"),
            "table": next(name for name, term in TABLES.items() if term == local(first(properties, "inSummary"))),
            "place": first(properties, "place"),
            "domain": domain and labels.terms[domain],
            "subject": labels.reference(subject),
            "predicate": local(predicate),
            "object": labels.reference(object_),
            "people": first(properties, "peopleCount"),
            "at_least": first(properties, "peopleAtLeast"),
            **{key: first(properties, name) for key, name in _NUMBERS.items()},
            **{key: labels.level(level) for key, name in _LEVELS.items() if (level := first(properties, name))},
        }
    ) | {
        "findings": sorted(one.removeprefix(ID) for one in properties.get("input", ())),
        "considered": sorted(one.removeprefix(ID) for one in properties.get("considers", ())),
        "other_figures": sorted(one.removeprefix(ID) for one in properties.get("otherFigure", ())),
    }


def _pooled(labels: Labels, row: Row) -> Json:
    keys = ("estimate", "lower", "upper", "unit", "studies", "people")
    return drop_empty(
        {
            "row": row["row"],
            **labels.reference(row["pooled"]),
            "measure": local(row["measure"]),
            "direction": row.get("direction") and local(row["direction"]),
            **{key: row.get(key) for key in keys},
            "prediction_lower": row.get("predictionLower"),
            "prediction_upper": row.get("predictionUpper"),
        }
    )


def _figures(labels: Labels, iris: Sequence[str]) -> list[Json]:
    """Return figures side by side: of each the lowest and the highest, and why they are not pooled."""
    said: defaultdict[str, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for one in labels.select("read/summary-reasons", row=iris):
        said[one["figures"]][local(one["property"])].append(one["value"])
    found: dict[str, Json] = {}
    for one in labels.select("read/summary-figures", row=iris):
        properties = said[one["figures"]]
        common = [labels.terms.get(term, term) for term in properties["inCommon"]] + properties["inCommonInWords"]
        shaped = {
            "row": one["row"],
            "iri": one["figures"],
            "measure": local(one["measure"]),
            "direction": one.get("direction") and local(one["direction"]),
            "in_common": common,
            "studies": one["studies"],
            "reasons": [local(reason) for reason in properties["because"]],
        }
        found.setdefault(one["figures"], drop_empty(shaped))[one["end"]] = _figure(labels, one)
    return list(found.values())


def _figure(labels: Labels, row: Row) -> Json:
    """Return the figure of one study."""
    keys = ("estimate", "lower", "upper", "unit", "events", "total")
    return drop_empty(
        {
            **{key: row.get(key) for key in keys},
            "from_share": row["share"] or None,
            "finding": row["finding"].removeprefix(ID),
        }
    )


def _mean_in_short(mean: Json) -> str:
    """Return a pooled result in a line, with what tells it from others of the row."""
    details = mean["label"].partition(" (")[2].removesuffix(")")
    what = ", ".join(filter(None, [mean.get("direction"), _MEASURES.get(mean["measure"], ""), details]))
    people = f" of {mean['people']:,} people" if "people" in mean else ""
    further = ""
    if "prediction_lower" in mean:
        lower, upper = (rounded(mean[f"prediction_{end}"], mean.get("unit", "")) for end in ("lower", "upper"))
        further = f"; a further study may find {lower} to {upper}"
    return f"Pooled{what and f' ({what})'}: {_interval(mean)}, {mean['studies']} studies{people}{further}"


def _figures_in_short(figures: Json) -> str:
    """Return figures side by side in a line."""
    measure = _MEASURES.get(figures["measure"], "")
    others = [word for word in figures.get("in_common", ()) if word not in ("proportion", measure)]
    what = ", ".join(filter(None, [measure, *others, figures.get("direction")])) or "proportion"
    what = what[:1].upper() + what[1:]
    if figures["studies"] == 1:
        return f"{what}: {_one(figures['lowest'])}, 1 study"
    return f"{what}: {_one(figures['lowest'])} to {_one(figures['highest'])}, {figures['studies']} studies, not pooled"


def _one(figure: Json) -> str:
    if "events" not in figure:
        return _interval(figure)
    return f"{'about ' if 'from_share' in figure else ''}{figure['events']} of {figure['total']} ({_interval(figure)})"


def _interval(figure: Json) -> str:
    """Return an estimate with its bounds."""
    unit = figure.get("unit", "")
    estimate, lower, upper = (rounded(figure[key], unit) for key in ("estimate", "lower", "upper"))
    unit = unit if unit != "1" else ""
    return f"{estimate} {unit}".rstrip() + f" [{lower} to {upper}]"


def _by_row(parts: Iterable[Json]) -> dict[str, list[Json]]:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for part in parts:
        found[part.pop("row")].append(part)
    return dict(found)
