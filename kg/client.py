"""A client for the REST API and the SPARQL endpoint of a calcikg service: typed records, and tables as data frames.

    >>> from kg.client import Client
    >>> client = Client("http://127.0.0.1:8080")  # doctest: +SKIP
    >>> client.findings(about="treatment/topical-sodium-thiosulfate")  # doctest: +SKIP

It needs pandas and requests: ``pip install calcikg[client]``.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import pandas as pd
import requests
from pydantic import BaseModel

from kg.read.models import Comparison, Entity, Finding, Question, Reference, Source

_Model = TypeVar("_Model", bound=BaseModel)
Filter = str | int | Sequence[str] | None
_PAGE = 500  # items a request


class ServiceProblem(Exception):  # noqa: N818 (named as RFC 9457 does)
    """What the service says went wrong: its title and its detail."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail
        super().__init__(f"{title}: {detail}")


class Client:
    """Asks one service.

    Every method raises ServiceProblem for what the service refuses, and requests' own errors when it cannot be reached.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", timeout: float = 60) -> None:
        """Ask the service at an address; ``timeout`` is in seconds, for each request."""
        self._url, self._timeout = url.rstrip("/"), timeout
        self._session = requests.Session()

    def entity(self, id_: str) -> Entity:
        """Return an entity by its id, such as ``treatment/colchicine``."""
        return self._read(Entity, f"entities/{id_}")

    def finding(self, id_: str) -> Finding:
        """Return a finding by its id, such as ``finding/debulking-2021-30``."""
        return self._read(Finding, f"findings/{id_.removeprefix('finding/')}")

    def source(self, id_: str) -> Source:
        """Return a source by its id, such as ``source/debulking-2021``."""
        return self._read(Source, f"sources/{id_.removeprefix('source/')}")

    def question(self, id_: str, **chosen: Filter) -> Question:
        """Return a competency question with its answer now, asked of other entities if some are chosen."""
        return self._read(Question, f"questions/{id_.removeprefix('question/')}", **chosen)

    def compare(self, *treatments: str, outcome: str | None = None) -> Comparison:
        """Return treatments side by side."""
        return self._read(Comparison, "compare", treatment=treatments, outcome=outcome)

    def entities(self, type_: str | None = None) -> pd.DataFrame:
        """Return entities as a table: id, type, label, IRI."""
        references = [Reference.model_validate(item) for item in self._list("entities", type=type_)]
        return pd.DataFrame(map(Reference.model_dump, references), columns=list(Reference.model_fields)).set_index("id")

    def findings(self, **filters: Filter) -> pd.DataFrame:
        """Return the findings that fit every filter of the API, one a row: figures with unit and bounds, and citation.

        Filters: ``kind subject object about source population site measure direction max_level``.
        """
        rows = [_row(Finding.model_validate(item)) for item in self._list("findings", **filters)]
        return pd.DataFrame(rows, columns=_COLUMNS).set_index("id").astype(dict.fromkeys(_WHOLE, "Int64"))

    def sparql(self, query: str) -> pd.DataFrame:
        """Return the answer to a SELECT as a table; numbers become numbers, what is unbound is missing."""
        answer = self._session.post(
            f"{self._url}/sparql", {"query": query}, headers={"Accept": "text/csv"}, timeout=self._timeout
        )
        _check(answer)
        return pd.read_csv(io.BytesIO(answer.content))

    def _list(self, path: str, **filters: Filter) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page after page."""
        page = self._get(path, limit=_PAGE, **filters)
        yield from page["items"]
        while "next" in page:
            page = _check(self._session.get(page["next"], timeout=self._timeout)).json()
            yield from page["items"]

    def _read(self, model: type[_Model], path: str, **parameters: Filter) -> _Model:
        return model.model_validate(self._get(path, **parameters))

    def _get(self, path: str, **parameters: Filter) -> dict[str, Any]:
        given = {name: value for name, value in parameters.items() if value is not None}
        answer = self._session.get(f"{self._url}/api/v1/{path}", params=given, timeout=self._timeout)
        body: dict[str, Any] = _check(answer).json()
        return body


_COLUMNS = [
    "id", "kind", "subject", "predicate", "object", "negated", "direction", "measure", "value", "lower", "upper",
    "interval", "unit", "numerator", "denominator", "population", "size", "site", "evidence_level", "statement",
    "citation", "section",
]  # fmt: skip


_WHOLE = ("numerator", "denominator", "size")  # whole numbers, even where some are missing


def _row(finding: Finding) -> dict[str, object]:
    plain = ("id", "kind", "predicate", "direction", "measure", "value", "lower", "upper", "interval", "unit")
    return {
        **{name: getattr(finding, name) for name in (*plain, "numerator", "denominator", "statement")},
        "subject": finding.subject.label,
        "object": finding.object.label if finding.object else None,
        "negated": bool(finding.negated),
        "population": finding.population.label if finding.population else None,
        "size": finding.population.size if finding.population else None,
        "site": ", ".join(site.label for site in finding.site) or None,
        "evidence_level": finding.evidence_level.rank,
        "citation": _citation(finding),
        "section": finding.locator.section,
    }


def _citation(finding: Finding) -> str:
    source = finding.source
    place = f"https://doi.org/{source.doi}" if source.doi else source.url
    return ". ".join(part for part in (source.label, str(source.year) if source.year else "", place) if part)


def _check(answer: requests.Response) -> requests.Response:
    if answer.ok:
        return answer
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        body = answer.json()
        raise ServiceProblem(answer.status_code, body["title"], body["detail"])
    answer.raise_for_status()
    raise ServiceProblem(answer.status_code, "The service answered otherwise than expected", answer.reason)
