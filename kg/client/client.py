"""Every operation of the REST API as a method, and SPARQL."""

from collections.abc import Sequence
from typing import Literal, TypedDict, TypeVar, Unpack

import networkx as nx
import pandas as pd
from pydantic import BaseModel

from kg.client import tables
from kg.client.answers import read_answer, to_table
from kg.client.connection import Connection, Value
from kg.client.network import to_network
from kg.read.models import (
    Comparison,
    Direction,
    Disagreement,
    Entity,
    EvidenceMap,
    Finding,
    Gap,
    Graph,
    Hit,
    Kind,
    Path,
    Paths,
    Question,
    QuestionReference,
    Reference,
    Source,
    Stats,
)

_Model = TypeVar("_Model", bound=BaseModel)
_Some = str | Sequence[str]
_Aspect = Literal["outcome", "complication", "site", "subtype"]


class FindingFilters(TypedDict, total=False):
    """Which findings: those that fit every filter; of several values any. Entities are given by their ids."""

    kind: Kind | Sequence[Kind]
    subject: _Some
    object: _Some
    about: _Some
    source: _Some
    population: _Some
    site: _Some
    measure: _Some
    direction: Direction | Sequence[Direction]
    max_level: int


class DisagreementFilters(TypedDict, total=False):
    """Which disagreements: those that fit every filter; ``kind`` is ``disagreement`` or ``apparent``."""

    kind: _Some
    about: _Some
    finding: _Some
    reason: _Some
    status: _Some


class Client:
    """Asks one service.

    Every method raises ServiceProblem for what the service refuses, and requests' own errors when it cannot be reached.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", timeout: float = 60) -> None:
        """Ask the service at an address; ``timeout`` is in seconds, for each request."""
        self._service = Connection(url, timeout)

    def entity(self, id_: str) -> Entity:
        """Return an entity by its id, such as ``treatment/colchicine``."""
        return self._read(Entity, f"entities/{id_}")

    def finding(self, id_: str) -> Finding:
        """Return a finding by its id, such as ``finding/debulking-2021-30``."""
        return self._read(Finding, f"findings/{id_.removeprefix('finding/')}")

    def source(self, id_: str) -> Source:
        """Return a source by its id, such as ``source/debulking-2021``, or a study that a source cites."""
        return self._read(Source, f"sources/{id_.removeprefix('source/').removeprefix('study/')}")

    def disagreement(self, id_: str) -> Disagreement:
        """Return a disagreement with its sides by its id, such as ``disagreement/infection-after-surgery``."""
        return self._read(Disagreement, f"disagreements/{id_.removeprefix('disagreement/')}")

    def question(self, id_: str, **chosen: _Some) -> Question:
        """Return a competency question with its answer now, asked of other entities if some are chosen."""
        return self._read(Question, f"questions/{id_.removeprefix('question/')}", **chosen)

    def compare(self, *treatments: str, outcome: str | None = None) -> Comparison:
        """Return treatments side by side."""
        return self._read(Comparison, "compare", treatment=treatments, outcome=outcome)

    def paths(self, start: str, end: str, max_length: int = 4, limit: int = 10) -> list[Path]:
        """Return what joins two entities, the shortest first; each step names the findings behind it."""
        between = {"from": start, "to": end}
        return self._read(Paths, "paths", **between, max_length=max_length, limit=limit).paths

    def stats(self) -> Stats:
        """Return what the dataset holds, and its version."""
        return self._read(Stats, "stats")

    def graph(self, center: str, depth: int = 1, types: _Some | None = None) -> "nx.MultiDiGraph[str]":
        """Return what lies within some steps of an entity: nodes by id, edges by relation with the ids of findings."""
        return to_network(self._read(Graph, "graph", center=center, depth=depth, types=types))

    def search(self, name: str, type_: _Some | None = None, limit: int = 20) -> pd.DataFrame:
        """Return what has a name like this as a table, by id, the best first; ``limit`` is 500 at most."""
        page = self._service.read("search", {"q": name, "type": type_, "limit": limit})
        return tables.hits(Hit.model_validate(item, extra="ignore") for item in page["items"])

    def entities(self, type_: _Some | None = None, q: str | None = None) -> pd.DataFrame:
        """Return entities as a table, by id: of one class or several, subclasses taken in; with a name like ``q``."""
        return tables.entities(self._list(Reference, "entities", type=type_, q=q))

    def findings(self, **filters: Unpack[FindingFilters]) -> pd.DataFrame:
        """Return findings as a table, by id: figures as printed with unit and bounds, and citation.

        ``exact_lower`` and ``exact_upper`` are computed, in per cent: the 95 % interval of numerator and denominator.
        """
        return tables.findings(self._list(Finding, "findings", **filters))

    def sources(self) -> pd.DataFrame:
        """Return the sources as a table, by id, each with its whole citation."""
        return tables.sources(self._list(Source, "sources"))

    def disagreements(self, **filters: Unpack[DisagreementFilters]) -> pd.DataFrame:
        """Return disagreements as a table: a row for each finding of each side."""
        return tables.disagreements(self._list(Disagreement, "disagreements", **filters))

    def evidence_map(self, by: _Aspect = "outcome") -> pd.DataFrame:
        """Return every treatment against every outcome, complication, site or subtype as a table; 0 findings: a gap."""
        return tables.evidence_map(self._read(EvidenceMap, "evidence-map", by=by))

    def gaps(self, by: _Aspect | None = None, treatment: _Some | None = None) -> pd.DataFrame:
        """Return what is unstudied, or studied at the lowest evidence level only, as a table; surprising gaps first."""
        return tables.gaps(self._list(Gap, "gaps", by=by, treatment=treatment))

    def questions(self) -> pd.DataFrame:
        """Return the competency questions as a table, by id."""
        return tables.questions(self._list(QuestionReference, "questions"))

    def answer(self, id_: str, **chosen: _Some) -> pd.DataFrame:
        """Return the answer to a competency question as a table, asked of other entities if some are chosen."""
        question = self.question(id_, **chosen)
        return to_table(question.columns, question.rows)

    def sparql(self, query: str) -> pd.DataFrame:
        """Return the answer to a SELECT as a table: numbers as numbers by their datatypes, what is unbound missing.

        Raises ValueError for an ASK.
        """
        return read_answer(self._service.select(query))

    def _list(self, model: type[_Model], path: str, **filters: Value) -> list[_Model]:
        # Keys that a newer service adds are passed over.
        return [model.model_validate(item, extra="ignore") for item in self._service.items(path, filters)]

    def _read(self, model: type[_Model], path: str, **parameters: Value) -> _Model:
        return model.model_validate(self._service.read(path, parameters), extra="ignore")
