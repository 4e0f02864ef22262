"""The way to one service: requests by their path, lists page after page, and what the service says went wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

#: What a parameter of a request may be; None leaves it out, several mean any of them.
Value = str | int | Sequence[str] | None
_PAGE = 500  # items a request: the most that the service gives


class ServiceProblem(Exception):  # noqa: N818 (named as RFC 9457 does)
    """What the service says went wrong: HTTP status, the page that explains the kind of problem, title and detail."""

    def __init__(self, status: int, title: str, detail: str, type_: str = "about:blank") -> None:
        self.status, self.title, self.detail, self.type = status, title, detail, type_
        super().__init__(f"{title}: {detail}")


class Connection:
    """Asks one service; raises ServiceProblem for what it refuses, requests' own errors when it cannot be reached."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout
        self._session = requests.Session()

    def read(self, path: str, parameters: Mapping[str, Value]) -> dict[str, Any]:
        """Return the answer of an operation of the REST API."""
        # Requests leaves out what is None.
        answer = self._session.get(f"{self._url}/api/v1/{path}", params=dict(parameters), timeout=self._timeout)
        body: dict[str, Any] = _check(answer).json()
        return body

    def items(self, path: str, parameters: Mapping[str, Value]) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page after page."""
        page = self.read(path, {"limit": _PAGE, **parameters})
        yield from page["items"]
        while "next" in page:
            page = _check(self._session.get(page["next"], timeout=self._timeout)).json()
            yield from page["items"]

    def select(self, query: str) -> bytes:
        """Return the answer to a SELECT as SPARQL JSON results."""
        accept = {"Accept": "application/sparql-results+json"}
        return _check(
            self._session.post(f"{self._url}/sparql", {"query": query}, headers=accept, timeout=self._timeout)
        ).content


def _check(answer: requests.Response) -> requests.Response:
    if answer.ok:
        return answer
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        body = answer.json()
        raise ServiceProblem(answer.status_code, body["title"], body["detail"], body["type"])
    raise ServiceProblem(answer.status_code, "The answer is not of this service", answer.reason)
