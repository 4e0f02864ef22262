"""The shapes of the REST API (contract, section 7) as models: they describe its answers, and clients read by them.

A key without a value is left out of an answer: that is what a default means here.
"""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "adverse-effect", "association", "case-event", "complication", "definition", "diagnostic", "indication",
    "mechanism", "outcome", "preparation", "prevalence", "prognosis", "recovery", "site", "treatment",
]  # fmt: skip
Direction = Literal[
    "improved", "worsened", "resolved", "unchanged", "increased", "decreased", "noDifference", "notReported"
]
KINDS: tuple[str, ...] = get_args(Kind)
DIRECTIONS: tuple[str, ...] = get_args(Direction)

#: A number as a source prints it, or as it was computed.
Number = int | float


class Shape(BaseModel):
    """What all shapes share: no key may stand in an answer that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reference(Shape):
    """An entity, by what is needed to name it and to find it."""

    id: str = Field(description="TYPE/SLUG, as in addresses and on the command line", examples=["treatment/colchicine"])
    iri: str = Field(description="Canonical IRI", examples=["https://w3id.org/calcikg/id/treatment/colchicine"])
    type: str = Field(description="Class, without its prefix", examples=["DrugTreatment"])
    label: str = Field(examples=["colchicine"])


class PopulationReference(Reference):
    """A population, with the number of people in it where the source gives it."""

    size: int | None = None


class WorkReference(Reference):
    """A source or study, with what is needed to cite it."""

    year: int | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


class EvidenceLevel(Shape):
    """An evidence level (OCEBM 2011): 1 is the best, 5 is opinion."""

    id: str
    iri: str
    label: str
    rank: int = Field(ge=1, le=5)


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
    site: list[Reference] = []
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
    relays: list[Reference] = []
    event_date: str | None = None
    follows_event: list[Reference] = []
    note: str | None = None
    disagreements: list[Reference] = Field([], description="Disagreements, real and apparent, that it takes part in")
    source: WorkReference
    locator: Locator


class Mapping(Shape):
    """What an entity is called in another vocabulary (SSSOM)."""

    id: str = Field(examples=["MAXO:0001573"])
    iri: str
    label: str | None = None
    predicate: str = Field(examples=["skos:exactMatch"])
    justification: str
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
    directions: list[Direction] = []


class Entity(Reference):
    """An entity whole."""

    synonyms: list[str] = []
    definition: str | None = None
    description: str | None = None
    note: str | None = None
    size: int | None = Field(None, description="Of a population: the people in it")
    diseases: list[Reference] = []
    subtype_of: list[Reference] = []
    subtypes: list[Reference] = []
    part_of: list[Reference] = []
    parts: list[Reference] = []
    mappings: list[Mapping] = []
    edges: list[Edge] = []
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
    centres: list[str] = []
    primary_outcome: list[Reference] = []
    secondary_outcome: list[Reference] = []
    keywords: list[str] = []
    mesh_headings: list[str] = []
    cites: list[Reference] = []
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


class Term(Shape):
    """A term of a controlled vocabulary of the ontology."""

    id: str
    label: str


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


class Relation(Shape):
    """A direct relation in the network; one without IRI and findings is an axiom: a hierarchy of the ontology."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: Reference = Field(alias="from")
    predicate: str
    to: Reference
    iri: str | None = None
    findings: list[str] = Field([], description="ids of the findings behind it")
    best_level: EvidenceLevel | None = None
    directions: list[Direction] = []


class Node(Reference):
    """An entity, and how many steps it is away."""

    distance: int = Field(ge=0)


class Graph(Shape):
    """What lies around an entity."""

    center: Reference
    nodes: list[Node]
    edges: list[Relation]


class Path(Shape):
    """A way from one entity to another; each step has every relation between the two."""

    length: int = Field(ge=0)
    nodes: list[Reference]
    steps: list[list[Relation]]


class Paths(Shape):
    """Ways from one entity to another, the shortest first."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: Reference = Field(alias="from")
    to: Reference
    paths: list[Path]


class Central(Reference):
    """An entity, and how far it is in the middle."""

    value: Number


class Community(Shape):
    """Entities that are joined to each other more than to the rest; those with most relations."""

    size: int
    members: list[Reference]


class Network(Shape):
    """Figures of the network of direct relations."""

    entities: int
    relations: int
    components: int
    degree: list[Central]
    betweenness: list[Central]
    communities: list[Community]


class Stats(Shape):
    """What the dataset holds."""

    version: str = Field(description="Name of the snapshot, made from its content")
    counts: dict[str, int]
    graphs: dict[str, int] = Field(description="Triples in each named graph")
    kinds: dict[Kind, int] = Field(description="Findings of each kind")
    levels: dict[str, int] = Field(description="Findings of each evidence level")
    network: Network


class MapCell(Shape):
    """What was found of one treatment on one aspect; without findings, a gap."""

    treatment: str = Field(description="id of the treatment")
    aspect: str = Field(description="id of the outcome, complication, adverse effect, site or subtype")
    findings: list[str] = Field(description="ids of the findings on it, or on kinds and parts of it")
    directions: dict[str, int] = {}
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
    directions: dict[str, int] = {}
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


class QuestionParameter(Shape):
    """What a question is asked of: a variable of its SPARQL, and the entities that stand for it now."""

    name: str
    types: list[str] = Field(description="Types of entity that make sense: those of the entities that stand there")
    values: list[Reference]


class QuestionReference(Shape):
    """A competency question."""

    id: str = Field(examples=["question/infection-after-calcinosis-surgery"])
    iri: str
    words: str
    asker: str = Field(description="Who asks it")
    kind: str = Field(description="What it takes to answer it")
    parameters: list[QuestionParameter] = []


class Snippets(Shape):
    """The question as text to paste elsewhere."""

    curl: str
    python: str
    r: str


class Question(QuestionReference):
    """A competency question with its SPARQL and its answer now."""

    read_in: str = Field(description="Where the documents answer it")
    sparql: str
    columns: list[str]
    rows: list[list[Number | bool | str | None]]
    snippets: Snippets
