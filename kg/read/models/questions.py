"""The competency questions."""

from pydantic import Field

from kg.read.models.references import Number, Reference, Shape


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
    parameters: list[QuestionParameter] = Field([])


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
