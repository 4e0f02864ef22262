"""What was pooled of the findings on a treatment, with its analyses of sensitivity, and what was not, and why."""

from collections import defaultdict

from kg.engine import Value
from kg.prefixes import ID
from kg.queries import read_query
from kg.read.entities import Written, first, without_nothing
from kg.read.labels import Json, Labels, local

_FIGURES = {
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
}


def read_pooled(labels: Labels, treatment: str) -> list[Json]:
    """Return the pooled proportions on a treatment and its kinds; proportions and I² are in per cent."""
    wholes: defaultdict[str, defaultdict[str, defaultdict[str, list[Value]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in labels.engine.select(read_query("read/pooled", treatment=treatment)):
        wholes[row["pooled"]][row["analysis"]][local(row["property"])].append(row["value"])
    return [
        {
            **_question(labels, written := analyses[whole]),
            **_result(written),
            "sensitivity": [
                _result(part)
                | without_nothing(
                    {
                        "without": next((str(one).removeprefix(ID) for one in part.get("omits", ())), None),
                        "at_level": next((labels.level(one) for one in part.get("atLevel", ())), None),
                    }
                )
                for name, part in sorted(analyses.items())
                if name != whole
            ],
        }
        for whole, analyses in sorted(wholes.items())
    ]


def read_refusals(labels: Labels, treatment: str) -> list[Json]:
    """Return the questions on a treatment and its kinds that nothing was pooled for, with the reasons in words."""
    refusals: dict[str, Json] = {}
    for row in labels.engine.select(read_query("read/refusals", treatment=treatment)):
        question: Json = {
            "subject": labels.reference(row["subject"]),
            "predicate": local(row["predicate"]),
            "object": labels.reference(row["object"]),
            "direction": local(row["direction"]) if "direction" in row else None,
        }
        refusal = refusals.setdefault(row["refusal"], without_nothing(question) | {"reasons": []})
        reasons = refusal["reasons"]
        assert isinstance(reasons, list)
        reasons.append({"id": local(row["reason"]), "meaning": row["meaning"]})
    return list(refusals.values())


def _question(labels: Labels, written: Written) -> Json:
    direction = first(written, "questionDirection")
    return without_nothing(
        {
            "subject": labels.reference(written["questionSubject"][0]),
            "predicate": local(written["questionPredicate"][0]),
            "object": labels.reference(written["questionObject"][0]),
            "direction": None if direction is None else local(direction),
        }
    )


def _result(written: Written) -> Json:
    return without_nothing(
        {
            **{key: first(written, name) for key, name in _FIGURES.items()},
            "inputs": sorted(str(one).removeprefix(ID) for one in written.get("input", ())),
        }
    )
