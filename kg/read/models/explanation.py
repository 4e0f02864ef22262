"""Why a triple holds."""

from typing import Literal

from pydantic import Field

from kg.read.models.references import Reference, Shape


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
    """Why a triple holds: where it was asserted, how it was computed, or from what it follows."""

    origin: Literal["asserted", "inferred", "computed"]
    triple: Statement
    graphs: list[str] = Field(description="The graphs that hold it, without their prefix; source/SLUG is a source")
    rule: str | None = Field(
        None, description="A file of ontology/rules, or a rule of OWL 2 RL", examples=["prp-spo2", "20-evidence-level"]
    )
    meaning: str | None = Field(None, description="The rule in words")
    axiom: str | None = Field(None, description="The axiom that a rule of OWL uses, in functional syntax")
    premises: list["Explanation"] = Field([], description="What the rule was applied to, each with its own reason")
    findings: list[Reference] = Field([], description="Every finding that an edge, or what was computed, rests on")
    formula: str | None = None
