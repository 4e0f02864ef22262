"""What names something: the references that all shapes are built from."""

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


class Term(Shape):
    """A term of a controlled vocabulary of the ontology."""

    id: str
    label: str
