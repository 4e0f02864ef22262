"""Finds the triples that the answer to a query depends on, so that the query can be answered over them elsewhere.

An answer depends on nothing but the triples that match one of the query's triple patterns. Only those that can be part
of a solution are asked for. What is *known* of variables are values such that a solution which gives one of these
variables another value does not count. Each function here that reads a part of a query keeps this promise: over the
triples found, and any others of the dataset, that part has the same solutions that agree with what is known as over the
whole dataset. It returns what it *found*: values of variables that each of these solutions has.

- What one part of a join has found is known to the others, and what is known to a join is known to its parts.
- To OPTIONAL and MINUS, only what was found before them in their group is known. A solution of theirs takes the place
  of one without it, or removes one, before it meets what is outside.
- A branch of UNION knows what its group does; it has found what all branches have.
- EXISTS knows what its group has found.
- A subselect knows of the variables that it selects; with LIMIT or groups, it needs all its solutions.
"""

from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox
from rdflib import URIRef

from kg.engine.remote.patterns import Ask, Known, Patterns, both
from kg.engine.remote.tree import equal_to, exists_in, has_aggregate, inline_values, triples_of, unwrap
from kg.errors import UnsupportedError


def find_quads(query: Any, ask: Ask, default: ox.NamedNode) -> set[ox.Quad]:
    """Return quads that the answer to a query depends on, by its syntax tree; ``default`` has its default graph.

    Raises UnsupportedError for a query with what is not known here, SizeLimitError for one that needs too much.
    """
    patterns = Patterns(ask, default)
    if query.name == "DescribeQuery":
        if query.where or not all(isinstance(term, URIRef) for term in query.var):
            raise UnsupportedError("over this engine, DESCRIBE is answered for IRIs only; use CONSTRUCT for others")
        patterns.describe(query.var)
    else:
        _Walk(patterns).read_select(query, None, {})
    return patterns.quads


class _Walk:
    """The way through the groups of a query."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns

    def read_select(self, query: Any, graph: Any, known: Known) -> Known:
        """Read a query or subselect."""
        items, order = query.projection or [], query.orderby
        grouped = bool(query.groupby) or has_aggregate([items, query.having, order])
        selected = {item.var for item in items if item.var}
        mine = {name: known[name] for name in known if name in selected or not items}
        if grouped or query.limitoffset:
            mine = {}
        if query.valuesClause and not grouped:
            mine = both(mine, _values(query.valuesClause))
        found = self._read_group(query.where, graph, mine) if query.where else {}
        for pattern in exists_in([items, query.groupby, query.having, order]):
            self._read_group(pattern, graph, {} if grouped else found)
        return {} if grouped else {name: found[name] for name in found if name in selected or not items}

    def _read_group(self, group: Any, graph: Any, known: Known) -> Known:
        """Read a group in braces."""
        if group.name == "SubSelect":
            return self.read_select(group, graph, known)
        parts = group.part or []
        filters = [part.expr for part in parts if part.name == "Filter"]
        parts = [part for part in parts if part.name != "Filter"]
        for condition in filters:
            for name, iri in equal_to(condition):
                known = both(known, {name: frozenset({f"<{iri}>"})})
        for part in parts:
            if part.name == "InlineData":
                known = both(known, _values(part))
        found: Known = {}
        for at, part in enumerate(parts):
            if part.name == "TriplesBlock" and at and parts[at - 1].name == "TriplesBlock":
                continue  # read with the one before, as blank nodes may be in both
            found = both(found, self._read_part(parts[at:], graph, known, found))
        for pattern in exists_in(filters):
            self._read_group(pattern, graph, found)
        return found

    def _read_part(self, parts: Sequence[Any], graph: Any, known: Known, found: Known) -> Known:
        """Read the first of some parts of a group, with what is known outside of it and was found before in it."""
        part, here = parts[0], both(known, found)
        match part.name:
            case "TriplesBlock":
                last = next((at for at, one in enumerate(parts) if one.name != "TriplesBlock"), len(parts))
                triples = [triple for block in parts[:last] for triple in triples_of(block)]
                return self._patterns.read_triples(triples, graph, here)
            case "OptionalGraphPattern" | "MinusGraphPattern":
                self._read_group(part.graph, graph, found)
                return {}
            case "GroupOrUnionGraphPattern":
                first, *others = (self._read_group(branch, graph, here) for branch in part.graph)
                for other in others:
                    first = {name: first[name] | other[name] for name in first.keys() & other.keys()}
                return first
            case "GraphGraphPattern":
                return self._read_group(part.graph, part.term, here)
            case "InlineData":
                return _values(part)
            case "Bind":
                for pattern in exists_in(part.expr):
                    self._read_group(pattern, graph, found)
                value = unwrap(part.expr)
                return {part.var: frozenset({f"<{value}>"})} if isinstance(value, URIRef) else {}
            case name:
                raise UnsupportedError(f"{name} is not answered over this engine")


def _values(data: Any) -> Known:
    return {name: frozenset(f"<{iri}>" for iri in iris) for name, iris in inline_values(data).items()}
