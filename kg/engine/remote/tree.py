"""The syntax tree of a query, by rdflib, for finding out which triples it reads.

Its parser alone is used: its translation into algebra loses filters of an EXISTS within an EXISTS (7.6).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import pyoxigraph as ox
from rdflib import URIRef, Variable
from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translatePath, translatePName, traverse, triples
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.sparql import Prologue

from kg.engine.remote.brackets import Edits, Tokens
from kg.engine.remote.rewrite import OURS
from kg.engine.tokens import read_head
from kg.errors import UnsupportedError

#: A pattern of a triple; its predicate may be a path.
Triple = tuple[Any, Any, Any]

#: Characters of a query that is read: rdflib takes some milliseconds for a hundred.
MAX_TEXT = 50_000
#: A numeric escape stands for its character before anything else is read (SPARQL 1.1, section 19.2).
_ESCAPE = re.compile(r"\\[uU]")
#: What an expression is wrapped in when it has one operand.
_WRAPPERS = frozenset(
    f"{name}Expression" for name in ("ConditionalOr", "ConditionalAnd", "Relational", "Additive", "Multiplicative")
)


@lru_cache(500)
def parse(text: str, base: str | None) -> Any:
    """Return the syntax tree of a query. Raises UnsupportedError for what rdflib cannot read, such as SPARQL 1.2."""
    if len(text) > MAX_TEXT:
        raise UnsupportedError(f"over this engine a query can have {MAX_TEXT:,} characters at most")
    if _ESCAPE.search(text) or OURS in text:
        raise UnsupportedError(rf"over this engine a query can have no \u escape and no name with {OURS} in it")
    try:
        tree = parseQuery(with_whole_iris(text, base))[1]
        terms = traverse(tree, visitPost=partial(translatePName, prologue=Prologue()))
        return traverse(terms, visitPost=translatePath)
    except Exception as error:  # rdflib raises what its parts raise
        raise UnsupportedError(f"the triples that this query reads cannot be found: {error}") from None


def with_whole_iris(text: str, base: str | None) -> str:
    """Return a query without prologue, its IRIs in full as the embedded engine resolves them.

    >>> with_whole_iris("PREFIX : <urn:x:> BASE <http://a/b/> SELECT * { ?s :p <../c> ; a :q. }", None)
    'SELECT * { ?s <urn:x:p> <http://a/c> ; a <urn:x:q>. }'
    """
    prologue = read_head(text).prologue
    found, edits, start = Tokens(text), Edits(text), len(prologue)
    edits.replace(0, start, "")
    places = []
    for token in found.all:
        if token.start() >= start and token.lastgroup in ("iri", "name"):
            written = token[0].rstrip(".") if token.lastgroup == "name" else token[0]
            places.append((token.start(), token.start() + len(written), written))
    turtle = prologue + "".join(f"\n<urn:x> <urn:x> {written} ." for _, _, written in places)
    for (first, last, _), quad in zip(places, ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=base), strict=True):
        edits.replace(first, last, str(quad.object))
    return edits.apply()


def triples_of(block: Any) -> list[Triple]:
    """Return the triples of a block."""
    return [*triples(block.triples)]


def exists_in(expression: Any) -> Iterator[Any]:
    """Yield the groups of EXISTS in an expression or in several."""
    if isinstance(expression, Mapping):
        if getattr(expression, "name", "") in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            yield expression["graph"]
        else:
            for inner in expression.values():
                yield from exists_in(inner)
    elif isinstance(expression, Sequence) and not isinstance(expression, str):
        for inner in expression:
            yield from exists_in(inner)


def has_aggregate(expression: Any) -> bool:
    """Tell whether an expression, or one of several, has an aggregate."""
    if isinstance(expression, Mapping):
        name = getattr(expression, "name", "")
        return name.startswith("Aggregate_") or any(map(has_aggregate, expression.values()))
    return isinstance(expression, Sequence) and not isinstance(expression, str) and any(map(has_aggregate, expression))


def unwrap(expression: Any) -> Any:
    """Return an expression without what it is wrapped in when it has one operand."""
    while getattr(expression, "name", "") in _WRAPPERS and not expression.other:
        expression = expression.expr
    return expression


def equal_to(expression: Any) -> Iterator[tuple[Variable, URIRef]]:
    """Yield variables that have to equal an IRI for an expression to hold, and that IRI."""
    expression = unwrap(expression)
    name = getattr(expression, "name", "")
    if name == "ConditionalAndExpression":
        for one in (expression.expr, *expression.other):
            yield from equal_to(one)
    elif name == "RelationalExpression" and expression.op == "=":
        sides = unwrap(expression.expr), unwrap(expression.other)
        for one, other in (sides, sides[::-1]):
            if isinstance(one, Variable) and isinstance(other, URIRef):
                yield one, other


def inline_values(data: Any) -> dict[Variable, frozenset[URIRef]]:
    """Return the values of the variables to which inline data give IRIs, and nothing else."""
    names, rows = data.var or [], data.value or []
    rows = [row if isinstance(row, Sequence) and not isinstance(row, str) else [row] for row in rows]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    return {
        name: frozenset(column)
        for name, column in columns.items()
        if all(isinstance(value, URIRef) for value in column)
    }


def is_plain(query: Any) -> bool:
    """Tell whether a query asks for the solutions of plain triples, or counts them, as any engine answers rightly.

    It compares no literals, and does nothing with solutions but leave out variables, count them, and stop.
    """
    if query.name not in ("SelectQuery", "AskQuery") or query.having or query.orderby or query.valuesClause:
        return False
    parts = query.where.part or []
    if len(parts) == 1 and parts[0].name == "GraphGraphPattern":
        parts = parts[0].graph.part or []
    if query.where.name == "SubSelect" or not parts or any(part.name != "TriplesBlock" for part in parts):
        return False
    found = [triple for part in parts for triple in triples_of(part)]
    has_variables = any(isinstance(term, Variable) for triple in found for term in triple)
    return has_variables and _has_plain_head(query) and _joins_no_literals(found)


def _has_plain_head(query: Any) -> bool:
    keys = query.groupby.condition if query.groupby else []
    for item in query.projection or []:
        counted = unwrap(item.expr) if item.evar else None
        if counted is not None and not (
            getattr(counted, "name", "") == "Aggregate_Count" and counted.vars == "*" and not counted.distinct
        ):
            return False
    return not query.modifier and all(isinstance(key, Variable) for key in keys)


def _joins_no_literals(found: Sequence[Triple]) -> bool:
    objects = [object_ for _, _, object_ in found if not isinstance(object_, URIRef)]
    return len(objects) == len({*objects}) and all(
        not isinstance(predicate, Path)
        and isinstance(object_, URIRef | Variable)
        and (isinstance(object_, URIRef) or object_ not in (subject, predicate))
        for subject, predicate, object_ in found
    )
