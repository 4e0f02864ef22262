"""What sources say beside and against each other: disagreements, the evidence map, comparisons."""

from typing import Literal

from pydantic import Field

from kg.read.models.records import Finding
from kg.read.models.references import EvidenceLevel, Number, Reference, Shape, Term


class Side(Shape):
    """One of the answers that are set against each other, with the findings that give it."""

    label: str
    findings: list[Finding]


class Disagreement(Reference):
    """Findings that answer one question differently, or only seem to (type ``ApparentDisagreement``)."""

    question: str
    sides: list[Side]
    reasons: list[Term]
    status: Literal["open", "explained"] | None = Field(None, description="Of a real disagreement")
    description: str


class MapCell(Shape):
    """What was found of one treatment on one aspect; without findings, a gap."""

    treatment: str = Field(description="id of the treatment")
    aspect: str = Field(description="id of the outcome, complication, adverse effect, site or subtype")
    findings: list[str] = Field(description="ids of the findings on it, or on kinds and parts of it")
    directions: dict[str, int] = Field({})
    best_level: int | None = Field(None, ge=1, le=5)
    largest_population: int | None = Field(None, description="People in the largest population; never a sum")


class EvidenceMap(Shape):
    """What was found of each treatment on each aspect."""

    by: str
    treatments: list[Reference]
    aspects: list[Reference]
    cells: list[MapCell]
    filled: int
    empty: int


class Gap(Shape):
    """A cell of the evidence map that has no finding, or none above the lowest evidence level."""

    iri: str
    treatment: Reference
    aspect: Reference
    findings: int
    reason: Literal["unstudied", "opinionOnly"]
    expected: Number = Field(description="Findings it would have, were they spread independently")


class Cell(Shape):
    """What was found of one treatment on one outcome."""

    treatment: Reference
    findings: list[Finding]
    directions: dict[str, int] = Field({})
    best_level: EvidenceLevel | None = None


class Row(Shape):
    """One outcome, side by side for each treatment."""

    relation: str
    outcome: Reference
    cells: list[Cell]
    sentence: str = Field(description="The row in plain words")


class Comparison(Shape):
    """Treatments side by side."""

    treatments: list[Reference]
    rows: list[Row]
