"""Asks an engine by the SPARQL protocol: a query with its dataset in, the body of the answer out."""

import re
import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from kg.engine.base import read_rows
from kg.engine.http import Bounds, Credentials, HttpClient, Reply
from kg.engine.remote.systems import System, recognise
from kg.errors import EngineUnavailableError, SizeLimitError, TimeLimitError, UnsupportedError

JSON, N_TRIPLES = "application/sparql-results+json", "application/n-triples"
_FORM = "application/x-www-form-urlencoded"
_HEADERS = {"User-Agent": "calcikg (+https://w3id.org/calcikg/)", "Accept-Encoding": "identity"}
_SHORT = 10.0  # seconds for a question of our own
#: What says that an answer was cut off (Virtuoso).
_CUT = ("X-SPARQL-MaxRows", "X-SQL-State")
_SPENT = re.compile(r"S1T00|estimated execution time|[Tt]imed? ?out")
#: How Virtuoso says that it cannot take a query, among what it calls a failure of its own.
_NOT_TAKEN = re.compile(r"Error (?:SP|SQ|SR|RDF|22|FA|[A-Z]{2}\d{3})|compiler|transitive start")


class Protocol:
    """One endpoint for queries."""

    def __init__(self, endpoint: str, credentials: Credentials) -> None:
        self.endpoint = endpoint
        self.http = HttpClient(endpoint, credentials)

    @cached_property
    def system(self) -> System:
        """Which engine it is, by its answer to a small query. Raises EngineUnavailableError."""
        reply = self._send("ASK {}", JSON, (), (), Bounds(time.monotonic() + _SHORT))
        check(reply, self.endpoint)
        return recognise(reply.headers.get("Server", ""), self.endpoint)

    def ask(
        self, text: str, accept: str, bounds: Bounds, default: Sequence[str] = (), named: Sequence[str] = ()
    ) -> bytes:
        """Return the answer to a query in a format. Raises UnsupportedError, EngineUnavailableError, TimeLimitError."""
        reply = self._send(text, accept, default, named, bounds)
        check(reply, self.endpoint, self.system.name)
        if any(reply.headers.get(header) for header in _CUT):
            raise SizeLimitError(
                f"{self.system.name} cuts answers off after {reply.headers.get(_CUT[0], 'some')} rows; its "
                "administrator can raise that (ResultSetMaxRows in virtuoso.ini)"
            )
        return reply.body

    def select(self, text: str) -> list[dict[str, Any]]:
        """Return the solutions of a small query of our own."""
        return read_rows(self.ask(text, JSON, Bounds(time.monotonic() + _SHORT)))

    def _send(self, text: str, accept: str, default: Sequence[str], named: Sequence[str], bounds: Bounds) -> Reply:
        fields = [("query", text), *(("default-graph-uri", iri) for iri in default)]
        body = urlencode([*fields, *(("named-graph-uri", iri) for iri in named)]).encode()
        return self.http.send(
            "POST", self.endpoint, body, {**_HEADERS, "Accept": accept, "Content-Type": _FORM}, bounds
        )


def check(reply: Reply, endpoint: str, name: str = "the engine") -> None:
    """Raise what a reply that is no success means."""
    if 200 <= reply.status < 300:
        return
    said = " ".join(reply.body[:2000].decode(errors="replace").split("\n\n")[0].split())[:300]
    where = urlsplit(endpoint).netloc.rpartition("@")[2]
    if reply.status in (401, 403):
        raise EngineUnavailableError(
            f"{name} at {where} asks for other credentials; set KG_ENGINE_USER and KG_ENGINE_PASSWORD"
        )
    if _SPENT.search(said):
        raise TimeLimitError(f"{name} stopped at its time limit: {said}")
    if reply.status in (400, 501) or (reply.status == 500 and _NOT_TAKEN.search(said)):
        raise UnsupportedError(f"{name} cannot answer this query, which is valid SPARQL: {said}")
    raise EngineUnavailableError(f"{name} at {where} answered with status {reply.status}: {said}")
