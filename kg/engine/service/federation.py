"""SERVICE: patterns that another endpoint evaluates (SPARQL 1.1 Federated Query).

The engine itself calls nobody. Before it evaluates a query, each SERVICE clause is sent to its endpoint, and its
solutions take the clause's place as inline data: a SERVICE clause is evaluated on its own and joined, which is what
inline data are. What stands before the clause is evaluated first, so that only what can be joined is asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pyoxigraph as ox

from kg.engine.base import Call, Query
from kg.engine.functions import functions_of
from kg.engine.service.clause import Clause, number_of_clauses, variables
from kg.errors import QueryError, RefusedError, ServiceError

#: Evaluates the text of a SELECT over the local dataset.
Select = Callable[[str], Any]
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = tuple[Term | None, ...]

#: Requests that one query may cause.
MAX_CALLS = 50
#: Rows of values that are sent along with one request.
BATCH = 200
#: Rows of values beyond which none are sent, and the pattern is asked for as it stands.
MAX_VALUES = 4_000

_BLANK = "urn:x-calcikg:blank:"
#: The function that gives back the blank nodes, which inline data cannot hold and which stand there as IRIs.
RESTORE = ox.NamedNode("urn:x-calcikg:restore")
_FORMATS = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}


def restore(term: Term) -> Term:
    """Return the blank node that an IRI stands for, and any other term as it is."""
    if isinstance(term, ox.NamedNode) and _stands_for_blank(term):
        return ox.BlankNode(term.value.removeprefix(_BLANK))
    return term


def federate(query: Query, select: Select, call: Call | None) -> Query:
    """Return the query with every SERVICE clause replaced by its solutions.

    Raises ServiceError when an endpoint cannot be asked, unless the clause is SILENT; QuerySyntaxError (or the engine's
    SyntaxError) when the query does not parse; RefusedError when it would cause too many requests, or may cause none.
    """
    number = number_of_clauses(query.text)
    if not number:
        return query
    if call is None:
        raise RefusedError("SERVICE is not allowed here: KG_SERVICE_ALLOW names no endpoint")
    if number > MAX_CALLS:
        raise RefusedError(f"the query has {number} SERVICE clauses; {MAX_CALLS} are allowed")
    _check_syntax(query)
    calls = count(1)

    def ask(endpoint: str, text: str) -> _Table:
        if (number := next(calls)) > MAX_CALLS:
            raise RefusedError(f"the query would send more than {MAX_CALLS} requests to other endpoints")
        return _read(*call(endpoint, text), number)

    text = query.text
    while (clause := Clause.first(text)) is not None:
        solutions = _Evaluation(clause, query.base, select, ask).solutions()
        text = text[: clause.start] + solutions + text[clause.end :]
    return replace(query, text=text)


def _check_syntax(query: Query) -> None:
    """Have the engine read the query with its SERVICE clauses as plain groups, each at its place in the text."""
    text = query.text
    while (clause := Clause.first(text)) is not None:
        brace = clause.body_start - 1
        blank = "".join("\n" if letter == "\n" else " " for letter in text[clause.start : brace])
        text = text[: clause.start] + blank + text[brace:]
    with suppress(RuntimeError):  # it parses; that it cannot be evaluated is told when it is
        ox.Store().query(text, base_iri=query.base, custom_aggregate_functions=functions_of(text)[1])


@dataclass(frozen=True)
class _Table:
    """Solutions: the names of the variables, and a term or nothing for each in each row."""

    variables: tuple[str, ...]
    rows: Sequence[Row]

    @classmethod
    def of(cls, solutions: ox.QuerySolutions) -> "_Table":
        names = tuple(variable.value for variable in solutions.variables)
        return cls(names, [tuple(row[name] for name in names) for row in solutions])

    def values(self) -> str:
        """Return the table as inline data."""
        head = " ".join(f"?{name}" for name in self.variables)
        rows = (" ".join("UNDEF" if term is None else str(term) for term in row) for row in self.rows)
        return f"VALUES ({head}) {{ {' '.join(f'({row})' for row in rows)} }}"


@dataclass(frozen=True)
class _Evaluation:
    """Asks for the solutions of one clause."""

    clause: Clause
    base: str | None
    select: Select
    ask: Callable[[str, str], _Table]

    def solutions(self) -> str:
        """Return the solutions as a group that takes the clause's place."""
        try:
            return _group(list(self._tables()))
        except ServiceError:
            if self.clause.silent:
                return "{ }"  # one solution that binds nothing (SPARQL 1.1 Federated Query, section 2.3)
            raise

    def _tables(self) -> Iterator[_Table]:
        before, named = self.clause.before(), self.clause.endpoint
        shared = sorted(self.clause.certain() & variables(before))
        if named.lastgroup != "variable":
            endpoint = self._select(f"SELECT ({named[0]} AS ?endpoint) {{}}").rows[0][0]
            yield from self._batches(endpoint, self._values(before, shared))
            return
        variable = named[0][1:]
        if variable not in variables(before):
            raise QueryError(f"the endpoint {named[0]} has no value before the SERVICE clause; bind it there")
        found = self._select(f"SELECT DISTINCT {named[0]} {self.clause.dataset} WHERE {{ {before} }}")
        for (endpoint,) in found.rows:
            here = f"{before} VALUES {named[0]} {{ {endpoint or 'UNDEF'} }}"
            for table in self._batches(endpoint, self._values(here, shared)):
                if variable not in table.variables:
                    yield _Table((*table.variables, variable), [(*row, endpoint) for row in table.rows])
                else:
                    yield table

    def _batches(self, endpoint: Term | None, values: _Table) -> Iterator[_Table]:
        """Ask an endpoint for the pattern, joined with rows of values."""
        if not isinstance(endpoint, ox.NamedNode):
            raise QueryError(f"the endpoint {self.clause.endpoint[0]} is not bound to an IRI")
        prologue = (f"BASE <{self.base}>\n" if self.base else "") + self.clause.prologue
        if not values.variables:
            yield self.ask(endpoint.value, f"{prologue}SELECT * WHERE {{{self.clause.body}\n}}")
        elif not values.rows:
            yield values  # nothing can be joined, so nobody is asked
        else:
            for start in range(0, len(values.rows), BATCH):
                data = _Table(values.variables, values.rows[start : start + BATCH]).values()
                text = f"{prologue}SELECT * WHERE {{ {data} {{{self.clause.body}\n}} }}"
                yield self.ask(endpoint.value, text)

    def _values(self, before: str, shared: Sequence[str]) -> _Table:
        """Return the combinations of values that shared variables have before the clause.

        Left out are variables that a solution leaves open, or binds to a blank node, which means nothing elsewhere;
        and all of them when there are too many combinations to send.
        """
        nothing = _Table((), ())
        if not shared:
            return nothing
        names = " ".join(f"?{name}" for name in shared)
        table = self._select(
            f"SELECT DISTINCT {names} {self.clause.dataset} WHERE {{ {before} }} LIMIT {MAX_VALUES + 1}"
        )
        if len(table.rows) > MAX_VALUES:
            return nothing
        kept = [place for place in range(len(shared)) if all(_can_be_sent(row[place]) for row in table.rows)]
        rows = dict.fromkeys(tuple(row[place] for place in kept) for row in table.rows)
        return _Table(tuple(shared[place] for place in kept), list(rows))

    def _select(self, text: str) -> _Table:
        return _Table.of(self.select(self.clause.prologue + text))


def _can_be_sent(term: Term | None) -> bool:
    return isinstance(term, ox.NamedNode | ox.Literal) and not _stands_for_blank(term)


def _stands_for_blank(term: Term | None) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith(_BLANK)


def _read(name: str, answer: bytes, number: int) -> _Table:
    """Read an endpoint's answer; its blank nodes are written as IRIs that no other answer has."""
    try:
        results = ox.parse_query_results(answer, format=_FORMATS[name])
        if not isinstance(results, ox.QuerySolutions):
            raise ServiceError("an endpoint called by SERVICE answered with a truth value where a table is due")
        table = _Table.of(results)
    except (SyntaxError, ValueError, OSError):
        raise ServiceError("the answer of an endpoint called by SERVICE cannot be read") from None
    return _Table(table.variables, [tuple(_write(term, number) for term in row) for row in table.rows])


def _write(term: Term | None, number: int) -> Term | None:
    return ox.NamedNode(f"{_BLANK}s{number}x{term.value}") if isinstance(term, ox.BlankNode) else term


def _group(tables: Sequence[_Table]) -> str:
    """Return solutions as a group of inline data in which blank nodes are given back."""
    names = tuple(dict.fromkeys(name for table in tables for name in table.variables))
    rows: list[Row] = []
    for table in tables:
        places = {name: place for place, name in enumerate(table.variables)}
        rows += [tuple(row[places[name]] if name in places else None for name in names) for row in table.rows]
    blank = {place for row in rows for place, term in enumerate(row) if _stands_for_blank(term)}
    if not blank:
        return f"{{ {_Table(names, rows).values()} }}"
    unused = "_" * (1 + max(map(len, names)))  # longer than any name, so none of them
    written = tuple(f"{unused}{place}" if place in blank else name for place, name in enumerate(names))
    selected = (
        f"({RESTORE}(?{write}) AS ?{name})" if write != name else f"?{name}"
        for name, write in zip(names, written, strict=True)
    )
    return f"{{ SELECT {' '.join(selected)} WHERE {{ {_Table(written, rows).values()} }} }}"
