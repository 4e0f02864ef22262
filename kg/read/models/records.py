"""Findings, entities and sources whole, and what search finds."""

from typing import Literal

from pydantic import ConfigDict, Field

from kg.read.models.references import (
    Direction,
    EvidenceLevel,
    Kind,
    Number,
    PopulationReference,
    Reference,
    Shape,
    WorkReference,
)


class Bounds(Shape):
    """A figure before treatment."""

    value: Number | None = None
    lower: Number | None = None
    upper: Number | None = None


class ExactInterval(Shape):
    """The exact (Clopper-Pearson) interval that was computed of numerator and denominator, in per cent."""

    estimate: Number
    lower: Number
    upper: Number
    level: Number = Field(description="Confidence level, in per cent")


class Locator(Shape):
    """A passage of a source: its section, its number of words, and the SHA-256 of the normalised words."""

    section: str
    words: int = Field(ge=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Finding(Shape):
    """One reported result, with its figures as printed, its population, evidence level and place in the source."""

    id: str
    iri: str
    kind: Kind
    statement: str = Field(description="One sentence in the project's own words")
    subject: Reference
    predicate: str
    object: Reference | None = None
    negated: bool | None = Field(None, description="true: the source denies the relation, or did not observe it")
    population: PopulationReference | None = None
    site: list[Reference] = Field([])
    laterality: str | None = None
    measure: str | None = None
    instrument: str | None = None
    value: Number | None = Field(None, description="As printed: 15 with unit %, not 0.15")
    lower: Number | None = None
    upper: Number | None = None
    interval: str | None = Field(
        None, description="What the bounds are, when the source names it: range, iqr, ci95, sd"
    )
    spread: Number | None = Field(None, description="A figure printed after ± whose kind the source does not name")
    unit: str | None = Field(None, description="UCUM code")
    baseline: Bounds | None = None
    numerator: int | None = None
    denominator: int | None = None
    exact_interval: ExactInterval | None = None
    sample_size: int | None = None
    p_value: Number | None = None
    reported: str | None = Field(None, description="The figure as printed")
    direction: Direction | None = None
    timepoint: str | None = None
    comparator: str | None = None
    dose: str | None = None
    route: str | None = None
    condition: str | None = None
    qualifier: str | None = None
    certainty: str | None = Field(None, description="How firmly the source puts it; absent when flatly stated")
    study_design: str
    evidence_level: EvidenceLevel
    relays: list[Reference] = Field([])
    event_date: str | None = None
    follows_event: list[Reference] = Field([])
    note: str | None = None
    disagreements: list[Reference] = Field([], description="Disagreements, real and apparent, that it takes part in")
    source: WorkReference
    locator: Locator
    verified: str | None = Field(
        None,
        description="The day on which its passage and each of its figures were found in a text of its source;"
        " absent when it was not verified, or has changed since",
        pattern=r"^\d{4}-\d\d-\d\d$",
        examples=["2026-11-21"],
    )


class Mapping(Shape):
    """What an entity is called in another vocabulary (SSSOM)."""

    id: str = Field(examples=["MAXO:0001573"])
    iri: str
    label: str | None = None
    predicate: str = Field(examples=["skos:exactMatch"])
    justification: str
    comment: str | None = None


class MappingRow(Shape):
    """A mapping, or that no term was found, in the columns of SSSOM; identifiers are CURIEs."""

    subject_id: str = Field(examples=["ckgid:disease/systemic-sclerosis"])
    subject_label: str | None = None
    predicate_id: str = Field(examples=["skos:exactMatch"])
    object_id: str = Field(description="sssom:NoTermFound: our files hold no term", examples=["MONDO:0005100"])
    object_label: str | None = None
    mapping_justification: str
    mapping_date: str | None = None
    comment: str | None = None


class Edge(Shape):
    """A direct relation between two entities, gathered from the findings that affirm it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    iri: str
    from_: Reference = Field(alias="from")
    predicate: str
    to: Reference
    findings: int = Field(ge=1, description="How many findings support it")
    best_level: EvidenceLevel
    directions: list[Direction] = Field([])


class Entity(Reference):
    """An entity whole."""

    synonyms: list[str] = Field([])
    definition: str | None = None
    description: str | None = None
    note: str | None = None
    size: int | None = Field(None, description="Of a population: the people in it")
    diseases: list[Reference] = Field([])
    subtype_of: list[Reference] = Field([])
    subtypes: list[Reference] = Field([])
    part_of: list[Reference] = Field([])
    parts: list[Reference] = Field([])
    mappings: list[Mapping] = Field([])
    edges: list[Edge] = Field([])
    findings: dict[Kind, int] = Field(
        {}, description="How many findings of each kind are about it or what lies below it"
    )
    disagreements: list[Reference] = Field([], description="Disagreements, real and apparent, of findings about it")
    source: Reference | None = None


class Source(Reference):
    """A source document, or a study that one cites."""

    title: str | None = None
    authors: str | None = None
    container: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    published: str | None = None
    epub: str | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    affiliation: str | None = None
    study_design: str | None = None
    claimed_level: str | None = Field(None, description="The evidence level that the source itself claims")
    aim: str | None = None
    stated_hypothesis: str | None = None
    study_period_start: str | None = None
    study_period_end: str | None = None
    centres: list[str] = Field([])
    primary_outcome: list[Reference] = Field([])
    secondary_outcome: list[Reference] = Field([])
    keywords: list[str] = Field([])
    mesh_headings: list[str] = Field([])
    cites: list[Reference] = Field([])
    description: str | None = None
    note: str | None = None
    findings: int | None = None


class Hit(Reference):
    """Something found by name: by which of its names, and how well the name fits."""

    external: bool = Field(description="true: a term of an ontology that stands beside the graph")
    match: Literal["exact", "prefix", "word", "fuzzy"]
    name: str = Field(description="The name that fits")
    role: str = Field(description="What the name is to it: label, synonym, id, or how a term of that name is mapped")
    term: str | None = Field(None, description="IRI of the mapped term, when the name is its")
