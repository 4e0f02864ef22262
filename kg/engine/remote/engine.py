"""The engine behind the seam: asks another machine for one release, and answers as the snapshot would."""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO

import pyoxigraph as ox

from kg.engine.base import FORMATS, Answer, Engine, Format, Query
from kg.engine.embedded import Buffer, Results, choose, serialise
from kg.engine.http import Bounds, Credentials
from kg.engine.isolated import Limits
from kg.engine.remote.local import compute
from kg.engine.remote.protocol import JSON, N_TRIPLES, Protocol
from kg.engine.remote.releases import ISSUED, NAMED_GRAPH, RELEASES, release_iri
from kg.engine.remote.results import read_results, read_triples
from kg.engine.remote.rewrite import Release, dataset_of, prepare
from kg.engine.tokens import has_keyword
from kg.errors import EngineUnavailableError, QueryError, RefusedError, TimeLimitError, UnsupportedError

#: Seconds for which it holds that the engine has the release; `kg publish` waits longer before it removes one.
LEASE = 20.0
_NOBODY = Credentials()


@dataclass(frozen=True)
class Form:
    """What the answer to a query is: a table with these variables, a truth value, or a graph."""

    kind: str
    variables: tuple[str, ...] = ()


class RemoteEngine(Engine):
    """Asks a release of an engine.

    A query is parsed by ``local``, an engine over nothing, before it is sent: so its errors are those of the project,
    and nothing is sent that could be something other than a query. What no other engine has, the statistics functions,
    ``local`` computes from the solutions of the rest; of an engine with ``only_triples`` it answers the whole query.
    """

    def __init__(
        self, endpoint: str, version: str, local: Engine, limits: Limits, credentials: Credentials = _NOBODY
    ) -> None:
        """Ask the release of that version at an endpoint."""
        self._protocol = Protocol(endpoint, credentials)
        self._version, self._local, self._limits = version, local, limits
        self.missing = (*local.missing, "an end of queries that a remote engine still runs")
        self._release, self._until = Release(version, ()), -math.inf
        self._form = lru_cache(1000)(self._read_form)

    def check(self) -> Release:
        """Return the release. Raises EngineUnavailableError when the engine does not answer, or does not hold it."""
        if time.monotonic() > self._until:
            begun = time.monotonic()
            graphs = read_graphs(self._protocol, self._version)
            if not graphs:
                where = self._protocol.endpoint
                raise EngineUnavailableError(
                    f"{where} does not hold release {self._version}; run `kg publish --to {where}`"
                )
            self._release, self._until = Release(self._version, graphs), begun + LEASE
        return self._release

    def check_own(self) -> None:
        """Raise UnsupportedError for an engine that is not asked for pages, REST and exports."""
        if self._protocol.system.only_sparql:
            raise UnsupportedError(
                f"{self._protocol.system.name} is asked for triples and nothing else, which takes too long for pages, "
                "REST and exports: it serves /sparql alone"
            )

    def answer(self, query: Query, formats: Sequence[Format], disconnected: Callable[[], bool] | None = None) -> Answer:
        """Answer a query, always whole (see [kg.engine.base.Engine][]); raises EngineUnavailableError besides."""
        bounds = Bounds(time.monotonic() + self._limits.seconds, self._limits.answer, disconnected)
        if has_keyword(query.text, "SERVICE"):
            raise RefusedError("SERVICE is not allowed here: a remote engine answers, and it may not call another")
        form = self._form(replace(query, graph=None))
        choose(form.kind, formats)
        release = self.check()
        try:
            if self._protocol.system.only_triples:
                query = self._with_quads(query, release, bounds)
                if query.quads is not None:
                    return self._local.answer(query, formats, disconnected)
            results = self._evaluate(query, form, release, bounds)
            buffer = Buffer()
            serialise(results, formats, buffer, query.graph)
        except TimeLimitError:
            seconds = f"{self._limits.seconds:g}"
            raise TimeLimitError(f"the query took longer than the {seconds} seconds allowed") from None
        except SyntaxError as error:
            raise EngineUnavailableError(f"the answer of the engine cannot be read: {error}") from None
        except (ValueError, RuntimeError) as error:
            raise QueryError(f"the query cannot be evaluated: {error}") from None
        return Answer(buffer.format, (buffer.getvalue(),))

    def _evaluate(self, query: Query, form: Form, release: Release, bounds: Bounds) -> Results:
        def request(part: Query) -> Results:
            asked = form if part is query else self._form(part)
            return self._request(part, asked, release, bounds)

        computed = compute(query, request, self._local)
        return request(query) if computed is None else computed

    def _request(self, query: Query, form: Form, release: Release, bounds: Bounds) -> Results:
        prepared, faithful = prepare(query, release), self._protocol.system.faithful
        accept = N_TRIPLES if form.kind == "graph" else JSON
        body = self._protocol.ask(prepared.text, accept, bounds, (prepared.default,), prepared.named)
        if form.kind == "graph":
            return read_triples(body, faithful=faithful)
        return read_results(body, form.variables, faithful=faithful)

    def _with_quads(self, query: Query, release: Release, bounds: Bounds) -> Query:
        """Return a query with the quads of the release that its answer depends on; without, when it can be sent.

        What reads queries for that is imported by the first one, as few engines need it.
        """
        from kg.engine.remote.needed import find_quads
        from kg.engine.remote.tree import is_plain, parse, with_whole_iris

        tree = parse(query.text, query.base)
        if is_plain(tree):
            return replace(query, text=with_whole_iris(query.text, query.base), base=None)
        default, named = dataset_of(query, release)
        name = default[0] if len(default) == 1 else release_iri(release.version)

        def ask(text: str, variables: Sequence[str]) -> ox.QuerySolutions:
            part = Query(text, default_graphs=default, named_graphs=named)
            found = self._request(part, Form("results", tuple(variables)), release, bounds)
            assert isinstance(found, ox.QuerySolutions)
            return found

        buffer = BytesIO()
        ox.serialize(find_quads(tree, ask, ox.NamedNode(name)), buffer, format=ox.RdfFormat.N_QUADS)
        return replace(query, default_graphs=(name,), named_graphs=named, quads=buffer.getvalue().decode())

    def _read_form(self, query: Query) -> Form:
        """Have a query parsed: it is answered over nothing. Raises what is wrong with it."""
        answer = self._local.answer(replace(query, named_graphs=None, default_graphs=None), _PARSED)
        if answer.format.kind == "graph":
            return Form("graph")
        return Form("results", tuple(json.loads(answer.read())["head"].get("vars", ())))


_PARSED = FORMATS["json"], FORMATS["nt"]


def read_graphs(protocol: Protocol, version: str) -> tuple[str, ...]:
    """Return the named graphs of a release, by the names of the snapshot; none unless it is whole."""
    rows = protocol.select(
        f"SELECT ?graph WHERE {{ GRAPH <{RELEASES}> {{ <{release_iri(version)}> <{NAMED_GRAPH}> ?graph ; "
        f"<{ISSUED}> ?when }} }}"
    )
    return tuple(sorted(row["graph"] for row in rows))
