"""The rows of a changelog: what is named, what changed, and pooled results that are not what they were, and why."""

from dataclasses import dataclass

#: Why an estimate is another, in words.
WHY = {
    "refused": "not pooled now",
    "refusedBefore": "not pooled before",
    "studyAdded": "study added",
    "studyLeftOut": "study left out",
    "studyCorrected": "figures of a study corrected",
    "method": "another method",
    "formula": "another formula",
    "software": "another version of the software",
    "unexplained": "studies, formula and versions of the software are the same",
}


@dataclass(frozen=True, order=True)
class Named:
    """A record by its id, such as ``finding/debulking-2021-30``, with its statement or label."""

    id: str
    name: str


@dataclass(frozen=True, order=True)
class Changed:
    """A property of a record whose values differ; empty where there was, or is, no value."""

    id: str
    name: str
    property: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Mapped:
    """A mapping of an entity: relation and term, or ``sssom:NoTermFound`` without a relation."""

    id: str
    term: str
    predicate: str = ""


@dataclass(frozen=True)
class Estimate:
    """A pooled result: the mean, its confidence interval, and the prediction interval if there is one.

    All in ``unit``: % for proportions, 1 for ratios, else that of the means that were compared.
    """

    estimate: float
    lower: float
    upper: float
    prediction_lower: float | None
    prediction_upper: float | None
    unit: str
    studies: int
    method: str

    def in_words(self, digits: int) -> str:
        """Return it as people read it, with so many digits."""
        unit = "" if self.unit == "1" else f" {self.unit}".rstrip()
        number = f".{digits}g"
        bounds = f"95 % confidence interval {self.lower:{number}} to {self.upper:{number}}{unit}"
        if self.prediction_lower is not None:
            bounds += (
                f", prediction interval {self.prediction_lower:{number}} to {self.prediction_upper:{number}}{unit}"
            )
        return f"{self.estimate:{number}}{unit} ({bounds}; {self.studies} studies)"


@dataclass(frozen=True, order=True)
class Why:
    """Why an estimate is another: the kind (`WHY`), the finding that it is about, what was before, and what is now."""

    kind: str
    finding: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """Return it as people read it."""
        change = " -> ".join(filter(None, (self.before, self.after)))
        return ": ".join(filter(None, (WHY[self.kind], self.finding, change)))


@dataclass(frozen=True)
class Reestimated:
    """A pooled result before and after, None where there is none; ``id_before`` where it had another id."""

    id: str
    name: str
    before: Estimate | None
    after: Estimate | None
    why: tuple[Why, ...]
    id_before: str = ""

    @property
    def in_words(self) -> tuple[str, str]:
        """What it was and what it is, with as many digits as tell them apart, of which studies can tell three."""
        for digits in (3, 4, 5, 6) if self.before != self.after else (3,):
            before, after = (one.in_words(digits) if one else "not pooled" for one in (self.before, self.after))
            if before != after:
                break
        return before, after
