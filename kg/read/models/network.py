"""The entities as a network, and the dataset in numbers."""

from pydantic import ConfigDict, Field

from kg.read.models.references import Direction, EvidenceLevel, Kind, Number, Reference, Shape


class Relation(Shape):
    """A direct relation in the network; one without IRI and findings is an axiom: a hierarchy of the ontology."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: Reference = Field(alias="from")
    predicate: str
    to: Reference
    iri: str | None = None
    findings: list[str] = Field([], description="ids of the findings behind it")
    best_level: EvidenceLevel | None = None
    directions: list[Direction] = Field([])


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
