"""The shapes of what the tools answer, beside their text: each figure has the IRI of its finding and its source."""

from typing import Any

from pydantic import BaseModel, Field


class Shape(BaseModel):
    """A part of an answer."""


class Named(Shape):
    """Something with an id and an IRI."""

    id: str = Field(description="What tools take, such as treatment/colchicine")
    iri: str
    label: str
    type: str = Field(default="", description="Its class")


class Source(Named):
    """A document that was read."""

    year: int | None = None
    url: str | None = None


class Finding(Shape):
    """What one source says on one question."""

    id: str
    iri: str
    statement: str
    figure: str = Field(default="", description="The figure, with interval and counts where the source has them")
    level: int = Field(description="Evidence level of the study: 1 is the best, 5 is opinion")
    verdict: str = Field(default="", description="What the result says of a treatment, in words")
    population: str = Field(default="", description="Who was studied")
    people: int | None = Field(default=None, description="Size of that population")
    directness: str = Field(
        default="", description="direct, mixed or indirect: whether the people have systemic sclerosis"
    )
    source: Source


class Behind(Shape):
    """A finding that a row rests on, and its source."""

    iri: str
    source: str
    source_iri: str


class Row(Shape):
    """What all findings on one question say together."""

    iri: str
    label: str
    sentence: str
    studies: int
    people: int | None = None
    best_level: int | None = Field(default=None, description="Absent where there is no result")
    certainty: list[str] = Field(
        default=[], description="Signals on how certain this is that are beyond a threshold; no grade"
    )
    behind: list[Behind] = Field(description="The findings that its figures and results are from, the first of them")
    results: int = Field(description="Number of all results behind it")


class Hits(Shape):
    """Entities that have a name, and how many findings are about all of those that the text names."""

    total: int
    hits: list[Named]
    findings: int | None = Field(
        default=None, description="Number of findings about all the entities that the text names"
    )
    filters: dict[str, str] = Field(default={}, description="Arguments of list_findings that select these")
    nearest: list[dict[str, Any]] = Field(
        default=[], description="Where there are none: filters that some findings fit"
    )


class Evidence(Shape):
    """The evidence on an entity: rows of the summary of findings, then findings, the best first."""

    entity: Named
    total: int = Field(description="Number of all findings about it")
    apart: int = Field(description="Number of those on people with other diseases or in mixed groups, which come last")
    rows: list[Row] = Field(default=[], description="Of a treatment: a row for each outcome and harm")
    row_count: int = 0
    findings: list[Finding]


class Findings(Shape):
    """A part of a list of findings, in the order of their ids."""

    total: int
    findings: list[Finding]
    nearest: list[dict[str, Any]] = Field(
        default=[], description="Where there are none: filters that some findings fit"
    )


class Cell(Shape):
    """What there is on one treatment and one outcome."""

    treatment: str
    findings: list[Finding]
    total: int = Field(description="Number of all of these")
    elsewhere: int = Field(description="Number of findings on people with other diseases")


class ComparedRow(Shape):
    """One outcome, harm or disease, and what is known of each treatment."""

    outcome: Named
    relation: str
    sentence: str
    cells: list[Cell]


class Comparison(Shape):
    """Treatments side by side; unlike measures are never blended, and no study compared them unless it says so."""

    treatments: list[Named]
    total: int = Field(description="Number of all rows")
    rows: list[ComparedRow]


class Pooled(Shape):
    """A pooled result with its interval."""

    id: str
    iri: str
    sentence: str
    studies: list[Finding]
    omitted: int = Field(description="Number of findings that answer the question, too, and were left out")
    certainty: list[str] = Field(default=[], description="Signals beyond a threshold; no grade")


class PooledResults(Shape):
    """Pooled results, those of most studies first."""

    total: int
    results: list[Pooled]


class Side(Shape):
    """An answer that some findings give."""

    label: str
    findings: list[Finding]


class Disagreement(Shape):
    """Findings that answer one question differently, and why."""

    id: str
    iri: str
    question: str
    apparent: bool = Field(description="Whether they answer different questions on a closer look")
    reasons: list[str]
    judgement: str = ""
    sides: list[Side]


class Disagreements(Shape):
    """A part of a list of disagreements."""

    total: int
    disagreements: list[Disagreement]


class Gap(Shape):
    """A treatment and an aspect of which these sources report no result."""

    iri: str
    treatment: Named
    aspect: Named
    reason: str
    people: int = Field(description="People with systemic sclerosis whom the aspect is known to concern")


class Gaps(Shape):
    """Gaps of the evidence map, those that concern most people first."""

    total: int
    gaps: list[Gap]


class Citation(Shape):
    """How to cite a finding or a source."""

    text: str
    iri: str
    finding: Finding | None = None
    source: Source
    doi: str | None = None
    pmid: str | None = None
    read_from: list[str] = Field(default=[], description="What was read of the source")


class QuestionReference(Shape):
    """A question of the library."""

    slug: str
    words: str
    parameters: dict[str, list[str]] = Field(
        default={}, description="Ids of entities that others can take the place of"
    )


class Questions(Shape):
    """Questions of the library that have some words."""

    total: int
    questions: list[QuestionReference]


class Answer(Shape):
    """The answer to a question of the library: a sentence, and the rows of its query."""

    question: QuestionReference
    sentence: str = ""
    in_short: list[Row] = Field(default=[], description="Rows of the summary of findings that answer it")
    columns: list[str]
    rows: list[list[Any]]
    total: int = Field(description="Number of all rows")
    sparql: str


class Table(Shape):
    """The answer to a SPARQL query."""

    columns: list[str]
    rows: list[list[str | None]]
    total: int = Field(description="Number of all rows")
    triples: str = Field(default="", description="Turtle, for CONSTRUCT and DESCRIBE")
