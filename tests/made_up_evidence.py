"""A small dataset whose three sources count one complication in different people; what is pooled has a rating.

Two ids of it are retired, one of which another takes the place of.
"""

from typing import Any

from kg.build.dataset import Inputs

#: People with an infection, and all people, by source.
COUNTS = {"one": (3, 30), "two": (8, 40), "three": (2, 25)}
RATING: dict[str, Any] = {
    "id": "rating/infection-after-excision",
    "type": "CertaintyRating",
    "label": "infection after excision",
    "questionSubject": "treatment/excision",
    "questionPredicate": "hasComplication",
    "questionObject": "complication/infection",
    "rating": "veryLow",
    "curator": "Ada Made-Up",
    "orcid": "0000-0002-1825-0097",
    "ratedOn": "2026-11-30",
    "rationale": "Three small series without a comparison group, and their results are far apart.",
}
_RETIRED = """
[[entities]]
id = "treatment/cutting"
deprecated = true
replacedBy = ["treatment/excision"]

[[entities]]
id = "treatment/bleeding"
deprecated = true
"""


def change(inputs: Inputs) -> Inputs:
    """Put this evidence in the place of the source of the small dataset."""
    record = (inputs.seeds / "series.toml").read_text(encoding="utf-8")
    (inputs.seeds / "series.toml").unlink()
    for name, (numerator, denominator) in COUNTS.items():
        text = record.replace("series-", f"{name}-").replace("source/series", f"source/{name}")
        text = text.replace('label = "series"', f'label = "{name}"').replace("site = [", "# site = [")
        text = text.replace("numerator = 4", f"numerator = {numerator}").replace("value = 10\n", "")
        text = text.replace("denominator = 40", f"denominator = {denominator}").replace(
            'direction = "noDifference"', ""
        )
        text = text.replace("Infection was as frequent after excision as without it.", "Infection followed excision.")
        if name == "two":
            text = text.replace("caseSeries", "cohort")
        (inputs.seeds / f"{name}.toml").write_text(text, encoding="utf-8")
    keys = "".join(f'{key} = "{value}"\n' for key, value in RATING.items())
    (inputs.seeds / "ratings.toml").write_text(f"[[entities]]\n{keys}", encoding="utf-8")
    (inputs.seeds / "retired.toml").write_text(_RETIRED, encoding="utf-8")
    return inputs
