"""Models of the answers, which describe them in OpenAPI.

A key without a value is left out of an answer: that is what a default means here.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: A number as a source prints it, or as it was computed.
Number = int | float


class Shape(BaseModel):
    """Base of the models: a key that is not described is an error."""

    # They are only described, and not before somebody asks for that: at the start of a service it would take its time.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Reference(Shape):
    """A reference to an entity."""

    id: str = Field(description="TYPE/SLUG, as in addresses and on the command line", examples=["treatment/colchicine"])
    iri: str = Field(description="Canonical IRI", examples=["https://w3id.org/calcikg/id/treatment/colchicine"])
    type: str = Field(description="Class, without its prefix", examples=["DrugTreatment"])
    label: str = Field(examples=["colchicine"])


class EvidenceLevel(Shape):
    """An evidence level (OCEBM 2011): 1 is the best, 5 is opinion."""

    id: str
    iri: str
    label: str
    rank: int = Field(ge=1, le=5)


class Term(Shape):
    """A term of a controlled vocabulary of the ontology."""

    id: str
    iri: str | None = None
    label: str


class Finding(Shape):
    """One reported result. Its keys are those of the ontology: the description of the API lists them."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Mapping(Shape):
    """The term of another vocabulary that an entity is mapped to (SSSOM)."""

    id: str = Field(examples=["MAXO:0001573"])
    iri: str
    label: str | None = None
    predicate: str = Field(examples=["skos:exactMatch"])
    justification: str
    comment: str | None = None


class MappingRow(Shape):
    """A mapping in the columns of SSSOM, or a search that found no term; identifiers are CURIEs."""

    subject_id: str = Field(examples=["ckgid:disease/systemic-sclerosis"])
    subject_label: str | None = None
    predicate_id: str = Field(examples=["skos:exactMatch"])
    object_id: str = Field(description="sssom:NoTermFound: no term was found", examples=["MONDO:0005100"])
    object_label: str | None = None
    mapping_justification: str
    mapping_date: str | None = None
    comment: str | None = None


class Quantity(Shape):
    """A figure with its bounds and unit, as printed."""

    value: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    numerator: int | None = None
    denominator: int | None = None
    unit: str | None = None
    qualifier: str | None = None
    statistic: str | None = None


class Edge(Shape):
    """A relation between two entities in one direction, gathered from the findings that support it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    iri: str
    from_: Reference = Field(alias="from")
    predicate: str
    to: Reference
    direction: str | None = Field(None, description="Which way its findings point")
    directness: str | None = Field(
        None, description="mixed or indirect, where the people of its findings do not all have systemic sclerosis"
    )
    standing: str = Field(description="How far the best of its findings bears it out; only stated makes a plain triple")
    findings: int = Field(ge=1, description="Number of findings that support it")
    results: int = Field(
        ge=0, description="Number of independent results that they report; an aim or a hypothesis is none"
    )
    sources: int = Field(ge=1, description="Number of documents that report them")
    people: int | None = Field(None, description="People in their populations, each counted once")
    best_level: EvidenceLevel | None = Field(None, description="Of its results; absent where there is none")


class Entity(Reference):
    """An entity with all that is recorded of it."""

    synonyms: list[str] = Field([])
    definition: str | None = None
    description: str | None = None
    note: str | None = None
    size: int | None = Field(None, description="Of a population: the people in it")
    limbs: int | None = Field(None, description="Of a population: the limbs observed")
    women: Quantity | None = Field(None, description="Of a population: how many are women")
    men: Quantity | None = Field(None, description="Of a population: how many are men")
    aged: Quantity | None = Field(None, description="Of a population: how old the people are")
    diseases: list[Reference] = Field([], description="Of a population: what everyone in it has")
    comorbidities: list[Reference] = Field([], description="Of a population: what all have, and no finding is about")
    includes_diseases: list[Reference] = Field([], description="Of a population: what some people in it have")
    countries: list[Term] = Field([], description="Of a population: where its people were recruited or treated")
    shares_people_with: list[Reference] = Field(
        [], description="Populations that include, or may include, some of its people"
    )
    subtype_of: list[Reference] = Field([])
    subtypes: list[Reference] = Field([])
    part_of: list[Reference] = Field([])
    parts: list[Reference] = Field([])
    mappings: list[Mapping] = Field([])
    edges: list[Edge] = Field([])
    findings: dict[str, int] = Field(
        {}, description="Number of findings of each kind about it and the entities below it"
    )
    disagreements: list[Reference] = Field(
        [], description="Disagreements of findings about it: the first 200 real and the first 200 apparent ones"
    )
    disagreement_counts: dict[str, int] = Field({}, description="Number of all disagreements of each kind")
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
    pmcid: str | None = None
    trial_number: str | None = Field(None, description="Identifier in ClinicalTrials.gov")
    url: str | None = None
    affiliation: str | None = None
    study_design: str | None = None
    design_feature: list[str] = Field([], description="What the study says of its conduct, such as retrospective")
    read_from: str | None = Field(None, description="How much of it the records were read from, such as wholeAbstract")
    read_at: list[str] = Field([], description="Address of the page that was read, where it is another than url")
    reports_study: list[Reference] = Field([], description="The study that it and another source report")
    scope: list[Reference] = Field([], description="What its unqualified statements are about")
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
    """A search hit: the name that matches, and how well."""

    external: bool = Field(description="true: a term of another ontology")
    match: Literal["exact", "prefix", "word", "fuzzy"]
    name: str = Field(description="The name that matches")
    role: str = Field(description="What kind of name it is: label, synonym, id, or how a term of that name is mapped")
    term: str | None = Field(None, description="IRI of the mapped term, if the name is of that term")


class Choice(Shape):
    """Filters of findings, and how many findings fit them all."""

    filters: dict[str, Reference] = Field(description="By the name of the filter, as `/findings` takes it, its entity")
    findings: int = Field(ge=0)


class Combination(Choice):
    """Findings about all the entities that a text names."""

    nearest: list[Choice] = Field([], description="What some findings are about, where none is about all")
    others: list[str] = Field([], description="Words, and entities, that are not among the filters")


class Side(Shape):
    """One of the differing answers, with the findings that give it."""

    label: str
    findings: list[Finding]


class Disagreement(Reference):
    """Findings that answer one question differently, or only appear to (type ``ApparentDisagreement``)."""

    question: str
    sides: list[Side]
    reasons: list[Term]
    status: Literal["open", "explained"] | None = Field(None, description="Of a real disagreement")
    description: str


class MapCell(Shape):
    """The findings on one treatment and one aspect; without findings anywhere, a gap."""

    treatment: str = Field(description="id of the treatment")
    aspect: str = Field(description="id of the outcome, complication, adverse effect, site or subtype")
    findings: list[str] = Field(description="ids of the findings on it, or on kinds and parts of it")
    elsewhere: list[str] = Field([], description="ids of findings in other diseases or mixed groups, counted nowhere")
    directions: dict[str, int] = Field({})
    verdicts: dict[str, int] = Field({}, description="Number of findings with each verdict; some have none")
    best_level: int | None = Field(None, ge=1, le=5)
    largest_population: int | None = Field(None, description="People in the largest population; never a sum")


class EvidenceMap(Shape):
    """The findings on every treatment and every aspect."""

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
    reason: Literal["unstudied", "opinionOnly", "notBrokenDown"]
    people: int = Field(description="People with systemic sclerosis whom the aspect is known to concern, each once")
    people_basis: Literal["countedPeople", "studiedPeople"] | None = Field(
        None,
        description="People in whom it was counted, or people in the groups of findings about it; none known if absent",
    )
    like_treatments: int = Field(description="Treatments of the same class with better findings on the aspect")
    expected: Number = Field(description="Number of findings if treatments and aspects were independent")


class PooledStudy(Shape):
    """A finding that was pooled, with its figure and interval, and the counts or the effect that were computed with."""

    id: str = Field(description="id of the finding")
    source: Reference
    year: int | None = None
    basis: Literal["counts", "shares", "interval", "p-value", "means"] = Field(
        description="What the figure comes from; shares: counts that are not printed, but follow from a printed share"
    )
    estimate: Number
    lower: Number
    upper: Number
    people: int | None = None
    events: int | None = Field(None, ge=0, description="How many had the result")
    total: int | None = Field(None, ge=1, description="Out of how many")
    effect: Number | None = Field(None, description="Logarithm of the ratio, or the difference")
    error: Number | None = Field(None, description="Standard error of the effect")


class _Estimate(Shape):
    """A mean with its bounds, in its unit."""

    method: str = Field(description="Method of the ontology, such as binomialNormal")
    measure: str = Field(description="share, oddsRatio, hazardRatio, riskRatio or difference")
    unit: str | None = Field(None, description="% for proportions, 1 for ratios, else a UCUM code")
    people: int | None = Field(None, description="People of all studies together, where each study reports them")
    estimate: Number
    lower: Number
    upper: Number
    level: Number = Field(description="Confidence level")
    prediction_lower: Number | None = Field(None, description="Prediction interval of a further study")
    prediction_upper: Number | None = None
    tau_squared: Number = Field(description="Variance between studies of logits, logarithms of ratios or differences")
    i_squared: Number = Field(description="Share of the variance that is between studies")
    q: Number | None = Field(None, description="Cochran's Q")
    formula: str


class SensitivityAnalysis(_Estimate):
    """The same from a part of the studies, or by another model."""

    iri: str
    studies: int
    without: str | None = Field(None, description="id of the finding left out")
    at_level: EvidenceLevel | None = None
    of_design: str | None = Field(None, description="Only studies of this design")
    in_subtype: Reference | None = Field(None, description="Only people with this subtype")
    in_region: Term | None = Field(None, description="Only people from this region of the world")
    printed_only: bool | None = Field(
        None, description="Only findings whose sources print both counts, or the interval"
    )


class CertaintySignal(Shape):
    """A figure that bears on how certain the evidence is; no grade."""

    iri: str
    kind: str = Field(examples=["heterogeneity"])
    label: str = Field(description="What the figure is")
    words: str = Field(description="The signal in plain words")
    value: Number
    threshold: Number | None = Field(None, description="Figure that the value is held against")
    unit: str = Field(description="UCUM code; 1 for plain numbers")
    marked: bool = Field(description="Whether the figure is beyond the conventional threshold that the rule states")
    rule: str = Field(description="What the figure is, and when it is marked")
    findings: list[str] = Field([], description="ids of the findings behind it")


class CertaintyDomain(Shape):
    """One of the five domains of GRADE, with its signals."""

    domain: Literal["riskOfBias", "inconsistency", "indirectness", "imprecision", "smallStudyEffects"]
    label: str
    signals: list[CertaintySignal]


class CertaintyRating(Reference):
    """The grade that a named person gave to the evidence on a question; never computed."""

    subject: Reference
    predicate: str
    object: Reference
    direction: str | None = None
    rating: Literal["high", "moderate", "low", "veryLow"]
    rating_label: str
    curator: str
    orcid: str | None = None
    date: str
    rationale: str


class PoolingReason(Shape):
    """A reason not to pool."""

    id: str = Field(description="Term of the ontology", examples=["samePopulation"])
    meaning: str


class OmittedFinding(Shape):
    """A finding that answers the question of a pooled result and was left out."""

    id: str = Field(description="id of the finding")
    source: Reference
    year: int | None = None
    reasons: list[PoolingReason]
    overlaps_with: list[str] = Field(description="ids of findings that were pooled, and may rest on the same people")


class PooledResult(_Estimate):
    """A pooled proportion, ratio or difference: the question, what its findings have in common, studies and result."""

    id: str
    iri: str
    type: Literal["PooledProportion", "PooledRatio", "PooledDifference"]
    label: str
    sentence: str = Field(description="The result in plain words")
    subject: Reference
    predicate: str
    object: Reference
    direction: str | None = None
    in_common: list[str] = Field(description="Quantity, site, instrument and circumstances, in words")
    computed_with: list[str] = Field(description="Programs and their versions", examples=[["calcikg 0.1.0"]])
    studies: list[PooledStudy]
    sensitivity: list[SensitivityAnalysis]
    omitted: list[OmittedFinding] = Field(description="What else answers the question, and why it was left out")
    certainty: list[CertaintyDomain] = Field([], description="Certainty profile: signals by domain, and no grade")
    ratings: list[CertaintyRating] = Field([], description="Grades that curators recorded for the question, if any")
    study_count: int | None = Field(None, description="Number of all studies, where a list has only the best of them")
    omitted_count: int | None = Field(None, description="Number of all that were left out, where a list has only some")


class SummaryFigure(Shape):
    """A figure of one study, with its interval of 95 %."""

    finding: str = Field(description="id of the finding")
    estimate: Number
    lower: Number
    upper: Number
    unit: str | None = Field(None, description="% for proportions, 1 for ratios, else a UCUM code")
    events: int | None = Field(None, ge=0)
    total: int | None = Field(None, ge=1)
    from_share: bool | None = Field(None, description="The count is not printed, but follows from a printed share")


class SummaryFigures(Shape):
    """Figures that count the same thing and are not pooled: the lowest and the highest."""

    iri: str
    measure: str
    direction: str | None = None
    in_common: list[str] = Field([], description="What they count, in words")
    studies: int
    reasons: list[str] = Field([], description="Why they are not pooled")
    lowest: SummaryFigure
    highest: SummaryFigure


class SummaryMean(Reference):
    """A pooled result on the question of a row."""

    measure: str
    direction: str | None = None
    studies: int
    people: int | None = None
    estimate: Number
    lower: Number
    upper: Number
    unit: str | None = None
    prediction_lower: Number | None = None
    prediction_upper: Number | None = None


class SummaryRow(Shape):
    """A row of the summary of findings: what all findings on one question say together. It grades nothing."""

    iri: str
    label: str
    sentence: str = Field(description="The row in plain words")
    table: Literal["treatment", "prevalence", "risk-factors"]
    place: int = Field(ge=1, description="Place in its table")
    domain: str | None = Field(None, description="Domain of the outcome, such as pain and symptoms")
    subject: Reference
    predicate: str
    object: Reference
    studies: int = Field(description="Studies that the results come from; a document and what it relays count once")
    people: int | None = Field(
        None, description="People of the results, each counted once; absent when no result reports them"
    )
    at_least: bool | None = Field(None, description="There may be more people than counted")
    results: int = Field(description="Results: findings that are neither opinion nor without a result")
    favourable: int = Field(description="Results for the treatment, or that report a harm, association or prevalence")
    no_difference: int
    unfavourable: int = Field(description="Results against it")
    undecided: int = Field(description="Results of unclear benefit")
    opinions: int = Field(description="Statements of opinion without a study behind them")
    without_result: int = Field(description="Aims, hypotheses, benefits not shown so far, results not given")
    elsewhere: int = Field(description="Findings in other diseases or mixed groups, counted nowhere else")
    best_level: EvidenceLevel | None = Field(None, description="Absent where there are aims and hypotheses alone")
    worst_level: EvidenceLevel | None = None
    effect: list[str] = Field(description="The figures in short: what was pooled, and what is shown side by side")
    pooled: list[SummaryMean]
    figures: list[SummaryFigures]
    certainty: list[CertaintyDomain] = Field(description="Signals by domain, and no grade")
    ratings: list[CertaintyRating] = Field(description="Grades that curators recorded for the question, if any")
    findings: list[str] = Field(description="ids of the results")
    considered: list[str] = Field(description="ids of all findings on the question")
    other_figures: list[str] = Field(description="ids of the results whose figure cannot be compared with others")


class Cell(Shape):
    """The findings on one treatment and one outcome."""

    treatment: Reference
    findings: list[Finding]
    elsewhere: list[Finding] = Field([], description="In other diseases or mixed groups; counted nowhere")
    total: int | None = Field(None, description="Number of all findings, where those of the best levels alone are here")
    total_elsewhere: int | None = Field(None, description="The same of those in other diseases or mixed groups")
    directions: dict[str, int] = Field({})
    best_level: EvidenceLevel | None = None


class Row(Shape):
    """One outcome, for each treatment."""

    relation: str
    outcome: Reference
    cells: list[Cell]
    sentence: str = Field(description="The row in plain words")


class Comparison(Shape):
    """Treatments side by side."""

    treatments: list[Reference]
    rows: list[Row]


class Relation(Shape):
    """A direct relation in the network; one without IRI and findings is an axiom: a hierarchy of the ontology."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: Reference = Field(alias="from")
    predicate: str
    to: Reference
    iri: str | None = None
    direction: str | None = Field(None, description="Which way its findings point")
    directness: str | None = Field(
        None, description="mixed or indirect, where the people of its findings do not all have systemic sclerosis"
    )
    standing: str | None = Field(None, description="How far the best of its findings bears it out")
    findings: list[str] = Field([], description="ids of the findings behind it")
    results: int | None = Field(None, description="Number of independent results that they report")
    sources: int | None = Field(None, description="Number of documents that report them")
    people: int | None = Field(None, description="People in their populations, each counted once")
    best_level: EvidenceLevel | None = None


class Node(Reference):
    """An entity and its number of steps from the center."""

    distance: int = Field(ge=0)


class Graph(Shape):
    """The entities near an entity, and their relations."""

    center: Reference
    nodes: list[Node]
    edges: list[Relation]


class Path(Shape):
    """A path from one entity to another; each step has every relation between the two."""

    length: int = Field(ge=0)
    nodes: list[Reference]
    steps: list[list[Relation]]


class Paths(Shape):
    """Paths from one entity to another, the shortest first."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: Reference = Field(alias="from")
    to: Reference
    paths: list[Path]


class Central(Reference):
    """An entity and its centrality."""

    value: Number


class Community(Shape):
    """Entities with more relations to each other than to others; ``members`` are those with the most relations."""

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
    """The dataset in numbers."""

    version: str = Field(description="Name of the snapshot, made from its content")
    counts: dict[str, int]
    graphs: dict[str, int] = Field(description="Triples in each named graph")
    kinds: dict[str, int] = Field(description="Findings of each kind")
    levels: dict[str, int] = Field(description="Findings of each evidence level")
    network: Network


class TripleTerm(Shape):
    """A term of a triple: an IRI with its short form and label, or the value of a literal."""

    id: str | None = Field(None, description="TYPE/SLUG, or a CURIE")
    iri: str | None = None
    label: str | None = None
    value: str | None = None
    datatype: str | None = Field(None, examples=["xsd:integer"])


class Statement(Shape):
    """A triple."""

    subject: TripleTerm
    predicate: TripleTerm
    object: TripleTerm


class Explanation(Shape):
    """Why a triple is in the graph: where it was asserted, how it was computed, or from what it follows."""

    origin: Literal["asserted", "inferred", "computed"]
    triple: Statement
    graphs: list[str] = Field(description="The graphs that contain it, without their prefix; source/SLUG is a source")
    rule: str | None = Field(
        None, description="A file of ontology/rules, or a rule of OWL 2 RL", examples=["prp-spo2", "20-evidence-level"]
    )
    meaning: str | None = Field(None, description="The rule in words")
    axiom: str | None = Field(None, description="The axiom that a rule of OWL uses, in functional syntax")
    premises: list["Explanation"] = Field([], description="What the rule was applied to, each explained in turn")
    findings: list[Reference] = Field([], description="Every finding behind an edge or a computed figure")
    formula: str | None = None


class QuestionParameter(Shape):
    """A parameter of a question: a variable of its SPARQL, and its current values."""

    name: str
    types: list[str] = Field(description="Types of the current values; entities of these types make sense")
    values: list[Reference]


class QuestionReference(Shape):
    """A competency question."""

    id: str = Field(examples=["question/infection-after-calcinosis-surgery"])
    iri: str
    words: str
    asker: str = Field(description="Who asks it")
    kind: str = Field(description="What answering it needs, such as a comparison")
    parameters: list[QuestionParameter] = Field([])


class Snippets(Shape):
    """The question as text to paste elsewhere."""

    curl: str
    python: str
    r: str


class Question(QuestionReference):
    """A competency question with its SPARQL and its answer now."""

    read_in: str = Field(description="Where the documents answer it")
    in_short: list[SummaryRow] = Field(description="Rows of the summary of findings that answer it in a sentence each")
    sparql: str
    columns: list[str]
    rows: list[list[Number | bool | str | None]]
    snippets: Snippets
