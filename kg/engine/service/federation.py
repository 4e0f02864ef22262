"""SERVICE: patterns that another endpoint evaluates (SPARQL 1.1 Federated Query).

The engine itself sends no requests. Before it evaluates a query, each SERVICE clause is sent to its endpoint and
replaced by the solutions as inline data: both are evaluated on their own and joined. What comes before the clause is
evaluated first, so that only solutions that can be joined are requested.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeGuard

import pyoxigraph as ox

from kg.engine.base import Query, ServiceClient
from kg.engine.functions import Functions, Term, functions_of
from kg.engine.service.clause import Clause, number_of_clauses, variables
from kg.engine.tokens import read_head
from kg.errors import QueryError, RefusedError, ServiceError

#: Evaluates the text of a query over the local dataset.
Evaluate = Callable[[str], Any]
Row = tuple[Term | None, ...]

#: Requests that one query may cause.
MAX_REQUESTS = 50
#: Rows of values sent along with one request.
BATCH = 200
#: Rows of values beyond which none are sent, and the pattern is requested as it stands.
MAX_VALUES = 4_000

_BLANK = "urn:x-calcikg:blank:"
_RESTORE = ox.NamedNode("urn:x-calcikg:restore")
_FORMATS = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}


def _restore(term: Any) -> Any:
    """Return the blank node that an IRI stands for, also within a triple term, and any other term as it is."""
    if isinstance(term, ox.Triple):
        return ox.Triple(_restore(term.subject), term.predicate, _restore(term.object))
    return ox.BlankNode(term.value.removeprefix(_BLANK)) if _is_blank(term) else term


#: What a rewritten query calls: inline data cannot contain blank nodes, so that IRIs stand for them.
FUNCTIONS: Functions = {_RESTORE: _restore}


def federate(query: Query, evaluate: Evaluate, service: ServiceClient | None) -> str:
    """Return the text of a query with every SERVICE clause replaced by its solutions.

    Raises ServiceError when an endpoint does not answer, unless the clause is SILENT; QuerySyntaxError (or the engine's
    SyntaxError) when the query does not parse; RefusedError when it causes too many requests, or none are allowed.
    """
    text, number = query.text, number_of_clauses(query.text)
    if service is None:
        raise RefusedError("SERVICE is not allowed here: KG_SERVICE_ALLOW names no endpoint")
    if number > MAX_REQUESTS:
        raise RefusedError(f"the query has {number} SERVICE clauses; {MAX_REQUESTS} are allowed")
    _check_syntax(query)
    numbers = count(1)

    def request(endpoint: str, text: str) -> _Table:
        if (number := next(numbers)) > MAX_REQUESTS:
            raise RefusedError(f"the query would send more than {MAX_REQUESTS} requests to other endpoints")
        return _read(*service(endpoint, text), number)

    while (clause := Clause.first(text)) is not None:
        start, end = clause.span
        text = text[:start] + _Evaluation(clause, query.base, evaluate, request).solutions() + text[end:]
    return text


def _check_syntax(query: Query) -> None:
    """Have the engine parse the query with its SERVICE clauses as plain groups, each at its place in the text."""
    text = query.text
    while (clause := Clause.first(text)) is not None:
        start, brace = clause.span[0], clause.tokens[clause.opening].start()
        blank = "".join("\n" if letter == "\n" else " " for letter in text[start:brace])
        text = text[:start] + blank + text[brace:]
    with suppress(RuntimeError):  # it parses; whether it can be evaluated will turn out
        ox.Store().query(text, base_iri=query.base, custom_aggregate_functions=functions_of(text)[1])


@dataclass(frozen=True)
class _Table:
    """Solutions: the names of the variables, and a term or None for each in each row."""

    variables: tuple[str, ...]
    rows: Sequence[Row]

    def values(self) -> str:
        """Return the table as inline data."""
        head = " ".join(f"?{name}" for name in self.variables)
        rows = (" ".join("UNDEF" if term is None else _write(term) for term in row) for row in self.rows)
        return f"VALUES ({head}) {{ {' '.join(f'({row})' for row in rows)} }}"


def _write(term: Term) -> str:
    """Write a term as SPARQL does; triple terms are in brackets (SPARQL 1.2, TripleTerm)."""
    return f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)


def _table(solutions: ox.QuerySolutions) -> _Table:
    names = tuple(variable.value for variable in solutions.variables)
    return _Table(names, [tuple(row[name] for name in names) for row in solutions])


class _Evaluation:
    """Requests the solutions of one clause."""

    def __init__(
        self, clause: Clause, base: str | None, evaluate: Evaluate, request: Callable[[str, str], _Table]
    ) -> None:
        head = read_head(clause.text)
        self._clause, self._evaluate, self._request = clause, evaluate, request
        self._prologue = f"{head.prologue}\n"
        self._base = f"BASE <{base}>\n" if base else ""
        clauses = [*(f"FROM {graph}" for graph in head.default), *(f"FROM NAMED {graph}" for graph in head.named)]
        self._dataset = " ".join(clauses)

    def solutions(self) -> str:
        """Return the solutions as a group to put in the clause's place."""
        try:
            return _group(list(self._tables()))
        except ServiceError:
            if self._clause.silent:
                return "{ }"  # one solution that binds nothing (SPARQL 1.1 Federated Query, section 2.3)
            raise

    def _tables(self) -> Iterator[_Table]:
        before, named = self._clause.before(), self._clause.endpoint
        shared = sorted(self._clause.certain() & variables(before))
        if named.lastgroup != "variable":
            endpoint = self._select(f"SELECT ({named[0]} AS ?endpoint) {{}}").rows[0][0]
            yield from self._batches(endpoint, self._values(before, shared))
            return
        variable = named[0][1:]
        if variable not in variables(before):
            raise QueryError(f"the endpoint {named[0]} has no value before the SERVICE clause; bind it there")
        for (endpoint,) in self._select(f"SELECT DISTINCT {named[0]} {self._dataset} WHERE {{ {before} }}").rows:
            here = f"{before} VALUES {named[0]} {{ {endpoint or 'UNDEF'} }}"
            for table in self._batches(endpoint, self._values(here, shared)):
                if variable in table.variables:
                    yield table
                else:
                    yield _Table((*table.variables, variable), [(*row, endpoint) for row in table.rows])

    def _batches(self, endpoint: Term | None, values: _Table) -> Iterator[_Table]:
        """Request the pattern from an endpoint, joined with rows of values."""
        if not isinstance(endpoint, ox.NamedNode):
            raise QueryError(f"the endpoint {self._clause.endpoint[0]} is not bound to an IRI")
        select, group = f"{self._base}{self._prologue}SELECT * WHERE", f"{{{self._clause.body}\n}}"
        if not values.variables:
            yield self._request(endpoint.value, f"{select} {group}")
        elif not values.rows:
            yield values  # nothing can be joined, so no request is needed
        else:
            for start in range(0, len(values.rows), BATCH):
                data = _Table(values.variables, values.rows[start : start + BATCH]).values()
                yield self._request(endpoint.value, f"{select} {{ {data} {group} }}")

    def _values(self, before: str, shared: Sequence[str]) -> _Table:
        """Return the combinations of values that shared variables have before the clause.

        Variables are left out that a solution leaves unbound, or binds to a blank node, which means nothing elsewhere;
        and all of them when there are too many combinations to send.
        """
        if not shared:
            return _Table((), ())
        names = " ".join(f"?{name}" for name in shared)
        limit = MAX_VALUES + 1
        table = self._select(f"SELECT DISTINCT {names} {self._dataset} WHERE {{ {before} }} LIMIT {limit}")
        if len(table.rows) == limit:
            return _Table((), ())
        columns = [index for index in range(len(shared)) if all(_can_be_sent(row[index]) for row in table.rows)]
        rows = dict.fromkeys(tuple(row[index] for index in columns) for row in table.rows)
        return _Table(tuple(shared[index] for index in columns), list(rows))

    def _select(self, text: str) -> _Table:
        return _table(self._evaluate(self._prologue + text))


def _can_be_sent(term: Term | None) -> bool:
    return isinstance(term, ox.NamedNode | ox.Literal) and not _is_blank(term)


def _is_blank(term: Term | None) -> TypeGuard[ox.NamedNode]:
    """Tell whether a term is an IRI that stands for a blank node."""
    return isinstance(term, ox.NamedNode) and term.value.startswith(_BLANK)


def _has_blank(term: Any) -> bool:
    """Tell whether a term is, or contains, an IRI that stands for a blank node."""
    if isinstance(term, ox.Triple):
        return _has_blank(term.subject) or _has_blank(term.object)
    return _is_blank(term)


def _read(name: str, answer: bytes, number: int) -> _Table:
    """Read an endpoint's answer; its blank nodes become IRIs that no other answer has."""
    try:
        results = ox.parse_query_results(answer, format=_FORMATS[name])
        if not isinstance(results, ox.QuerySolutions):
            raise ServiceError("a SERVICE endpoint answered with a truth value where a table is due")
        table = _table(results)
    except (SyntaxError, ValueError, OSError):
        raise ServiceError("the answer of a SERVICE endpoint cannot be read") from None

    def name_blank(term: Any) -> Any:
        if isinstance(term, ox.Triple):
            return ox.Triple(name_blank(term.subject), term.predicate, name_blank(term.object))
        return ox.NamedNode(f"{_BLANK}s{number}x{term.value}") if isinstance(term, ox.BlankNode) else term

    return _Table(table.variables, [tuple(map(name_blank, row)) for row in table.rows])


def _group(tables: Sequence[_Table]) -> str:
    """Return solutions as a group of inline data, with the blank nodes restored."""
    names = tuple(dict.fromkeys(name for table in tables for name in table.variables))
    rows = [
        tuple(map(dict(zip(table.variables, row, strict=True)).get, names)) for table in tables for row in table.rows
    ]
    blank = {index for row in rows for index, term in enumerate(row) if _has_blank(term)}
    if not blank:
        return f"{{ {_Table(names, rows).values()} }}"
    unused = "_" * (1 + max(map(len, names)))  # longer than any name, so none of them
    written = tuple(f"{unused}{index}" if index in blank else name for index, name in enumerate(names))
    selected = (
        f"({_RESTORE}(?{alias}) AS ?{name})" if alias != name else f"?{name}"
        for name, alias in zip(names, written, strict=True)
    )
    return f"{{ SELECT {' '.join(selected)} WHERE {{ {_Table(written, rows).values()} }} }}"
