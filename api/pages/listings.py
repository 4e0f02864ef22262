"""What the list of one kind of things shows: its rows, in groups where the kind has some."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from api.data.resources import functions, of_kind
from api.http.serving import labels
from api.pages import wording
from kg.read.disagreements import find_disagreements, read_disagreements
from kg.read.entities import read_overview, read_sources
from kg.read.labels import Json
from kg.read.questions import questions

#: Rows by the heading of their group; a list that has no groups has one without a heading.
Groups = Mapping[str, list[Json]]

#: The classes whose entities have findings about them, by the first part of the ids.
_CLASSES = {
    "disease": "Disease",
    "subtype": "DiseaseSubtype",
    "autoantibody": "Autoantibody",
    "site": "AnatomicalSite",
    "treatment": "Treatment",
    "outcome": "Outcome",
    "complication": "Complication",
    "adverse-effect": "AdverseEffect",
    "risk-factor": "RiskFactor",
    "indication": "Indication",
    "diagnostic": "Diagnostic",
    "phenotype": "Phenotype",
}


def groups(kind: str) -> Groups:
    """Return the rows of a list."""
    if kind in _CLASSES:
        rows = read_overview(labels(), [_CLASSES[kind]])
        return _by(rows, lambda row: wording.class_plural(row["type"])) if kind == "treatment" else {"": rows}
    readers: dict[str, Callable[[], Groups]] = {
        "disagreement": _disagreements,
        "question": _questions,
        "function": lambda: {"": list(functions().values())},
        "source": lambda: {"": _newest_first(kind)},
        "study": lambda: {"": _newest_first(kind)},
        "population": lambda: {"": [{**one, "size": labels().sizes.get(str(one["iri"]))} for one in of_kind(kind)]},
    }
    return readers.get(kind, lambda: {"": of_kind(kind)})()


def _disagreements() -> Groups:
    found = read_disagreements(labels(), find_disagreements(labels(), {}))
    found.sort(key=lambda one: str(one["label"]).lower())
    real = [one for one in found if one["type"] == "Disagreement"]
    return {
        "Where sources differ": real,
        "What only looks like a disagreement": [one for one in found if one not in real],
    }


def _questions() -> Groups:
    rows: Iterable[Json] = (
        {"id": f"question/{one.slug}", "label": one.words, "note": one.notes["kind"], "asker": one.notes["asker"]}
        for one in questions().values()
    )
    return _by(rows, lambda row: f"As a {row['asker']} may ask")


def _newest_first(kind: str) -> list[Json]:
    rows: list[Any] = read_sources(labels(), [str(one["iri"]) for one in of_kind(kind)])
    return sorted(rows, key=lambda one: (-one.get("year", 0), one["label"].lower()))


def _by(rows: Iterable[Json], group: Callable[[Any], str]) -> Groups:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for row in rows:
        found[group(row)].append(row)
    return dict(sorted(found.items()))
