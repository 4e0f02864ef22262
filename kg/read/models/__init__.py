"""The shapes of the REST API (contract, section 7) as models: they describe its answers, and clients read by them.

A key without a value is left out of an answer: that is what a default means here.
"""

from kg.read.models.evidence import Cell, Comparison, Disagreement, EvidenceMap, Gap, MapCell, Row, Side
from kg.read.models.explanation import Explanation, Statement, TripleTerm
from kg.read.models.network import Central, Community, Graph, Network, Node, Path, Paths, Relation, Stats
from kg.read.models.questions import Question, QuestionParameter, QuestionReference, Snippets
from kg.read.models.records import (
    Bounds,
    Edge,
    Entity,
    ExactInterval,
    Finding,
    Hit,
    Locator,
    Mapping,
    MappingRow,
    Source,
)
from kg.read.models.references import (
    DIRECTIONS,
    KINDS,
    Direction,
    EvidenceLevel,
    Kind,
    Number,
    PopulationReference,
    Reference,
    Shape,
    Term,
    WorkReference,
)

__all__ = [
    "DIRECTIONS",
    "KINDS",
    "Bounds",
    "Cell",
    "Central",
    "Community",
    "Comparison",
    "Direction",
    "Disagreement",
    "Edge",
    "Entity",
    "EvidenceLevel",
    "EvidenceMap",
    "ExactInterval",
    "Explanation",
    "Finding",
    "Gap",
    "Graph",
    "Hit",
    "Kind",
    "Locator",
    "MapCell",
    "Mapping",
    "MappingRow",
    "Network",
    "Node",
    "Number",
    "Path",
    "Paths",
    "PopulationReference",
    "Question",
    "QuestionParameter",
    "QuestionReference",
    "Reference",
    "Relation",
    "Row",
    "Shape",
    "Side",
    "Snippets",
    "Source",
    "Statement",
    "Stats",
    "Term",
    "TripleTerm",
    "WorkReference",
]
